// The texts of the editor and its panel, for translators: `node tools/l10n.mjs` writes l10n/bundle.l10n.json from the calls of
// `t('…')` in the code. With --check it writes nothing, and fails when that file is not up to date, or when something that a
// user reads does not go through `t`. Another repository folder may follow.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const folders = ['src/extension', 'src/words', 'webview'];
/** Names, of things and of keys: the same in every language. */
const names = new Set(['Graft', 'Home', 'End', 'Enter']);

const check = process.argv.includes('--check');
const root =
  process.argv.slice(2).find((word) => !word.startsWith('--')) ??
  path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bundle = path.join(root, 'l10n/bundle.l10n.json');
const { texts, missed } = findTexts(root);
if (check) {
  const there = existsSync(bundle) ? Object.keys(JSON.parse(readFileSync(bundle, 'utf8'))) : [];
  const differences = [
    ...texts.filter((text) => !there.includes(text)).map((text) => `not in l10n/bundle.l10n.json: "${text}"`),
    ...there.filter((text) => !texts.includes(text)).map((text) => `in l10n/bundle.l10n.json, but not used: "${text}"`),
  ];
  if (differences.length > 0) missed.push(...differences, 'Run npm run l10n.');
} else {
  mkdirSync(path.dirname(bundle), { recursive: true });
  writeFileSync(bundle, `${JSON.stringify(Object.fromEntries(texts.map((text) => [text, text])), null, 2)}\n`);
}
for (const line of missed) console.error(line);
console.log(`${texts.length} texts`);
process.exit(missed.length === 0 ? 0 : 1);

/** Every text, and every place where one is missed, of the source files below a folder. */
function findTexts(root) {
  const texts = new Set();
  const missed = [];
  for (const file of folders.flatMap((folder) => sourceFiles(path.join(root, folder)))) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node) => {
      if (isTranslation(node)) {
        const [first, ...values] = node.arguments;
        if (ts.isStringLiteralLike(first)) texts.add(first.text);
        else note(first, 'is not one literal text');
        values.forEach(visit);
        return;
      }
      if (isUnseen(node)) return;
      const text = textOf(node);
      if (text !== undefined && (ts.isJsxText(node) ? /[A-Za-z]{2}/.test(text) : isProse(text)))
        note(node, `"${text.trim()}" does not go through t(…)`);
      ts.forEachChild(node, visit);
    };
    const note = (node, what) => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      missed.push(`${path.relative(root, file)}:${line + 1}: ${what}`);
    };
    visit(source);
  }
  return { texts: [...texts].sort(), missed };
}

/** A call of `t` or of something's `t`. */
function isTranslation(node) {
  if (!ts.isCallExpression(node) || node.arguments.length === 0) return false;
  const { expression } = node;
  return (ts.isPropertyAccessExpression(expression) ? expression.name : expression).getText() === 't';
}

/** What no user reads: imports, types, names of styles, code as text, the log, and errors that only a mistake of ours throws. */
function isUnseen(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return true;
  if (ts.isJsxAttribute(node)) return node.name.getText() === 'class';
  if (ts.isTaggedTemplateExpression(node)) return node.tag.getText() === 'String.raw';
  if (ts.isNewExpression(node)) return node.expression.getText() === 'Error' && ts.isThrowStatement(node.parent);
  return ts.isCallExpression(node) && /(^|\.)log\.(info|warn|error)$|\.log$/.test(node.expression.getText());
}

function textOf(node) {
  if (ts.isStringLiteralLike(node) || ts.isJsxText(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join('{}');
  return undefined;
}

/** Whether a text is made of words for people: two of them, or one that begins with a capital. */
function isProse(text) {
  const words = text.replaceAll(/<[^>]*>/g, ' ').trim();
  // Nor is a style sheet or a program.
  if (names.has(words) || words.includes('var(--vscode-') || words.includes('=>')) return false;
  return /[A-Za-z]{2,}[,.:]? [A-Za-z]{2,}/.test(words) || /^[^A-Za-z]*[A-Z][a-z]+[^A-Za-z]*$/.test(words);
}

function sourceFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => path.join(folder, name));
}
