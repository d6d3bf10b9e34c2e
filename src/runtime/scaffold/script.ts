import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import type { Kind, Task, Technique } from '../../protocol/index.js';
import { templateName } from '../../words/index.js';
import { baseFileExtensions } from '../bases/files/model-files.js';
import { summarizeData, type DataSummary, type TableColumns } from '../data/index.js';
import { GraftError } from '../../common/errors.js';
import { writeAtomic } from '../../common/files.js';
import { packageFolder } from '../../common/package-folder.js';
import { baseInScript, type BaseInScript, type BaseWishes } from './base-in-script.js';
import type { SavedBase } from '../bases/base.js';
import { code, identifier, inComment, literal, object, ownCode, type Code } from './code.js';
import { imagesInScript } from './images-in-script.js';
import { fillTemplate } from './template.js';

/** What a script says about its data besides where they are. */
export interface DataOptions {
  /** Of a table. */
  readonly columns?: TableColumns;
  /** The fraction that is kept for a test. */
  readonly test?: number;
  /** A regular expression for what the names of examples of one group have in common. */
  readonly group?: string;
}

interface ScriptOptions extends BaseWishes {
  readonly technique: Technique;
  /** Labelled examples. */
  readonly data: string;
  /** What is learnt. Default: what the labels are likeliest for. */
  readonly task?: Task | undefined;
  readonly dataOptions?: DataOptions;
  /** Name of an application, or a model file. */
  readonly base: string;
  /** Relative to the workspace. */
  readonly out: string;
  readonly workspace: string;
  /** The script's: its paths are relative to it. Default: the workspace. */
  readonly folder?: string | undefined;
  readonly overwrite: boolean;
}

/** What differs in data, base or technique is another model, in a folder of its own. */
const suffixes: Record<Technique, string> = { 'fine-tuning': 'fine-tune', 'feature-extraction': 'features' };
function slug(label: string): string {
  const name = label.toLowerCase();
  const extension = baseFileExtensions.find((one) => name.endsWith(one)) ?? '';
  const stem = name.slice(0, name.length - extension.length);
  return stem.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'base';
}

/** The text of a training script. @throws GraftError for data or a base that is not there. */
export async function scriptText(options: Omit<ScriptOptions, 'out' | 'overwrite'>): Promise<string> {
  return (await scriptOf(options)).text;
}

/** And how it gets its base. */
async function scriptOf({
  technique,
  data,
  task: asked,
  dataOptions = {},
  base,
  freezeUpTo,
  preprocessing,
  size,
  workspace,
  folder = workspace,
}: Omit<ScriptOptions, 'out' | 'overwrite'>): Promise<{ readonly text: string; readonly base: BaseInScript }> {
  const relative = (file: string) => {
    const whole = path.resolve(workspace, file);
    const isOutside = path.relative(workspace, whole).startsWith('..');
    return (isOutside ? whole : path.relative(folder, whole)).split(path.sep).join('/');
  };
  const summary = await summarizeData(path.resolve(workspace, data), {
    ...dataOptions,
    ...(asked === undefined ? {} : { task: asked }),
  });
  const { kind, task, count, ownValidation } = summary;
  const source = await baseInScript(base, { freezeUpTo, preprocessing, size }, relative);
  const kept = technique === 'fine-tuning' ? namesKept(source.saved, summary) : [];
  const template = await readFile(path.join(packageFolder(), 'templates', templateName(kind, technique, task)), 'utf8');
  const reading = dataInScript[kind](summary, source, relative);
  const name = path.posix.basename(relative(data)).replace(/\.csv$|-?(images|labels).*ubyte(\.gz)?$/i, '') || 'model';
  const text = fillTemplate(template, {
    base: inComment`${source.label}`,
    data: inComment`${relative(data)}`,
    imports: (own) =>
      importsOf(kept.length > 0 ? [...own, ownCode('warmStart')] : own, {
        ...reading.imports,
        applications: source.imports,
      }),
    ...slotsOf(summary, technique),
    ...reading.slots,
    // Data with a validation set split none off.
    options: (own) => [
      ...own.filter(({ text }) => !(ownValidation && text.startsWith('validation:'))),
      ...optionsOf(dataOptions),
      ...reading.options,
    ],
    expression: source.expression,
    model: literal(relative(`models/${name}-${slug(source.label)}-${suffixes[technique]}`)),
    ...(technique === 'fine-tuning'
      ? { layer: literal(source.freezeUpTo), epochs: literal(fineTuningEpochs(count)), warmStart: warmStartOf(kept) }
      : {}),
  });
  return { text, base: source };
}

/** How data of each kind are read. */
const dataInScript = { image: imagesInScript } satisfies Readonly<Record<Kind, unknown>>;

/** What the templates of a task have and those of others have not. */
function slotsOf({ task, classes, numbers = [] }: DataSummary, technique: Technique): Readonly<Record<string, Code>> {
  if (task === 'classification') return {};
  if (task === 'multi-label') return { names: inComment`${classes.map(({ name }) => name).join(', ')}` };
  const names = inComment`${numbers.map(({ name }) => name).join(', ')}`;
  return { names, ...(technique === 'fine-tuning' ? { units: literal(numbers.length) } : {}) };
}

/** What a saved base knows that is to be learnt again: of the same task, by name. */
function namesKept(saved: SavedBase | undefined, { task, classes, numbers = [] }: DataSummary): readonly string[] {
  if (saved?.head === undefined || (saved.task ?? 'classification') !== task) return [];
  const names = (task === 'regression' ? numbers : classes).map(({ name }) => name);
  return saved.classes.filter((name) => names.includes(name));
}

function warmStartOf(kept: readonly string[]): Code {
  if (kept.length === 0) return code``;
  return code`\nawait warmStart(model, data); // The new last layer starts from what the base knows of ${inComment`${kept.join(', ')}`}.`;
}

/** The template's own imports in order, some replaced by others. */
function importsOf(own: readonly Code[], replaced: Readonly<Record<string, string>>): Code[] {
  const names = own.map(({ text }) => replaced[text] ?? text);
  return names.sort((a, b) => a.localeCompare(b, 'en')).map(identifier);
}

function optionsOf({ columns, test, group }: DataOptions): Code[] {
  return [
    ...(test === undefined ? [] : [code`test: ${literal(test)}`]),
    ...(columns === undefined ? [] : [code`columns: ${object({ ...columns })}`]),
    ...(group === undefined ? [] : [code`group: ${group}`]),
  ];
}

/**
 * Fine-tuning is done after about three hundred steps, so that the more examples there are, the fewer epochs it takes. Below five,
 * the learning rate would fall too fast to follow.
 */
function fineTuningEpochs(examples: number): number {
  const stepsPerEpoch = Math.ceil((0.8 * examples) / 32);
  return Math.min(12, Math.max(5, Math.round(300 / stepsPerEpoch)));
}

/** Writes a training script. Returns its path, and how it gets its base. */
export async function writeScript(
  options: ScriptOptions,
): Promise<{ readonly file: string; readonly base: BaseInScript }> {
  const { out, workspace, overwrite } = options;
  const file = path.resolve(workspace, out);
  const entry = await stat(file).catch(() => undefined);
  if (entry?.isDirectory() === true) {
    throw new GraftError(`${out} is a folder, not a name for a script.`, {
      action: `Name a file in it: --out ${path.join(out, 'train.ts')}`,
    });
  }
  if (!/\.[cm]?ts$/i.test(out)) {
    throw new GraftError(`${out} is not a name for a script, which is a TypeScript file.`, {
      action: `End it with .ts: --out ${out.replace(/\.\w+$/, '')}.ts`,
    });
  }
  if (entry !== undefined && !overwrite) {
    throw new GraftError(`${out} is there already.`, { action: 'Choose another name with --out, or delete it.' });
  }
  const { text, base } = await scriptOf({ ...options, folder: path.dirname(file) });
  await writeAtomic(file, text);
  return { file, base };
}
