// Writes the sample of texts: sample/letters.csv, letters to a small garden centre, 70 of each of four kinds. Each is put together from a
// grammar (grammar.mjs) by a seed; nobody's letters are involved. Run: node tools/letters/make.mjs [FILE [PER_CLASS [SEED]]]
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { around, classes, words } from './grammar.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const [file = path.join(root, 'sample', 'letters.csv'), perClass = '70', seed = '16'] = process.argv.slice(2);
/** Letters with more of their words in common are too much alike. */
const mostAlike = 0.6;

let state = Number(seed) >>> 0;
/** mulberry32 */
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const pick = (list) => list[Math.floor(random() * list.length)];
const oneOf = (alternatives) => pick(alternatives.split('|'));
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** `{plant}` is a word of the list, `{who+}` with a capital. */
function filled(text) {
  return text.replace(/\{(\w+)(\+?)\}/g, (_, name, plus) => {
    if (name === 'number') return String(1000 + Math.floor(random() * 9000));
    if (name === 'page') return String(3 + Math.floor(random() * 90));
    const word = filled(oneOf(words[name]));
    return plus === '' ? word : capital(word);
  });
}

const sentence = (template) =>
  capital(filled(template.replace(/\(([^()]*)\)/g, (_, alternatives) => oneOf(alternatives))));

function letter(kind) {
  const core = [sentence(pick(classes[kind]))];
  if (random() < 0.3) core.push(sentence(pick(classes[kind])));
  const asides = Array.from({ length: Math.floor(random() * 3) }, () => sentence(pick(around.aside)));
  const parts = random() < 0.6 ? [...asides, ...core] : [...core, ...asides];
  return [filled(oneOf(around.open)), ...parts, filled(oneOf(around.close))].filter((part) => part !== '').join(' ');
}

const wordsOf = (text) => new Set(text.toLowerCase().match(/[a-z]+/g));
function alike(a, b) {
  const common = [...a].filter((word) => b.has(word)).length;
  return common / (a.size + b.size - common);
}

const letters = [];
for (const kind of Object.keys(classes))
  while (letters.filter((one) => one.kind === kind).length < Number(perClass)) {
    const text = letter(kind);
    const set = wordsOf(text);
    if (letters.every((other) => alike(set, other.set) < mostAlike)) letters.push({ kind, text, set });
  }
// As they might have come in.
for (let i = letters.length - 1; i > 0; i--) {
  const j = Math.floor(random() * (i + 1));
  [letters[i], letters[j]] = [letters[j], letters[i]];
}
const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
await writeFile(file, ['text,label', ...letters.map(({ text, kind }) => `${cell(text)},${kind}`), ''].join('\n'));
console.log(`${letters.length} letters in ${path.relative(process.cwd(), file)}`);
