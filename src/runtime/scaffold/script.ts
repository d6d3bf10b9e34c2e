import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import type { Technique } from '../../protocol/index.js';
import { packageFolder } from '../package-folder.js';
import { summarizeImages, type DataLayout, type TableColumns } from '../data/index.js';
import { visible } from '../../words/index.js';
import { GraftError } from '../errors.js';
import { writeAtomic } from '../files.js';
import { describeBase, quote, type BaseSource } from './base-source.js';

/** What a script says about its data besides where they are. */
export interface DataOptions {
  /** Of a table. */
  readonly columns?: TableColumns;
  /** The fraction that is kept for a test. */
  readonly test?: number;
  /** A regular expression for what the names of pictures of one group have in common. */
  readonly group?: string;
}

export interface ScriptOptions {
  readonly technique: Technique;
  /** Labelled pictures. */
  readonly data: string;
  readonly dataOptions?: DataOptions;
  /** Name of an application, or a model file. */
  readonly base: string;
  readonly freezeUpTo?: string | undefined;
  /** Relative to the workspace. */
  readonly out: string;
  readonly workspace: string;
  /** The script's: its paths are relative to it. Default: the workspace. */
  readonly folder?: string | undefined;
  readonly overwrite: boolean;
}

const templates: Record<Technique, string> = {
  'fine-tuning': 'fine-tune.ts',
  'feature-extraction': 'feature-extraction.ts',
};

/** What differs in data, base or technique is another model, in a folder of its own. */
const suffixes: Record<Technique, string> = { 'fine-tuning': 'fine-tune', 'feature-extraction': 'features' };
const slug = (label: string) =>
  label
    .toLowerCase()
    .replace(/\.(h5|hdf5|keras|json)$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'base';

/** The text of a training script. @throws GraftError for data or a base that is not there. */
export async function scriptText({
  technique,
  data,
  dataOptions = {},
  base,
  freezeUpTo,
  workspace,
  folder = workspace,
}: Omit<ScriptOptions, 'out' | 'overwrite'>): Promise<string> {
  const relative = (file: string) => {
    const whole = path.resolve(workspace, file);
    const isOutside = path.relative(workspace, whole).startsWith('..');
    return (isOutside ? whole : path.relative(folder, whole)).split(path.sep).join('/');
  };
  const { layout, classes, ownValidation } = await summarizeImages(path.resolve(workspace, data), dataOptions);
  const pictures = classes.reduce((sum, { count }) => sum + count, 0);
  const source = await describeBase(base, freezeUpTo, relative);
  const template = await readFile(path.join(packageFolder(), 'templates', templates[technique]), 'utf8');
  const text = fill(template, layout, source, relative(data), relative, technique).replace(
    /(?<=^ {2}epochs: )12(?=,)/m,
    String(fineTuningEpochs(pictures)),
  );
  return withDataOptions(ownValidation ? text.replace(/\bvalidation: 0\.2,\s+/, '') : text, dataOptions);
}

/** After the seed of the data, in its way: all in one line, or each in its own. */
function withDataOptions(text: string, { columns, test, group }: DataOptions): string {
  const roles: Record<string, string | number | undefined> = { ...columns };
  const named = Object.entries(roles).flatMap(([role, column]) =>
    column === undefined ? [] : [`${role}: ${typeof column === 'number' ? column : quote(column)}`],
  );
  const added = [
    ...(test === undefined ? [] : [`test: ${test}`]),
    ...(named.length === 0 ? [] : [`columns: { ${named.join(', ')} }`]),
    ...(group === undefined ? [] : [`group: ${quote(group)}`]),
  ];
  if (added.length === 0) return text;
  return text.replace(/seed: 7(,\n)?/, (seed, ownLine?: string) =>
    ownLine === undefined ? [seed, ...added].join(', ') : `${seed}${added.map((one) => `  ${one},\n`).join('')}`,
  );
}

/**
 * Fine-tuning is done after about three hundred steps, so that the more pictures there are, the fewer epochs it takes. Below five,
 * the learning rate would fall too fast to follow.
 */
function fineTuningEpochs(pictures: number): number {
  const stepsPerEpoch = Math.ceil((0.8 * pictures) / 32);
  return Math.min(12, Math.max(5, Math.round(300 / stepsPerEpoch)));
}

/** Writes a training script. Returns its path. */
export async function writeScript(options: ScriptOptions): Promise<string> {
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
  await writeAtomic(file, await scriptText({ ...options, folder: path.dirname(file) }));
  return file;
}

/** The templates are scripts for the sample; what differs is replaced. A replacement that finds nothing is a mistake of ours. */
function fill(
  template: string,
  layout: DataLayout,
  base: BaseSource,
  data: string,
  relative: (file: string) => string,
  technique: Technique,
): string {
  const reader = { folder: 'imageFolder', split: 'imageFolder', csv: 'imageCsv', idx: 'imageIdx' }[layout.kind];
  const name = path.posix.basename(data).replace(/\.csv$|-?(images|labels).*ubyte(\.gz)?$/i, '') || 'model';
  // Functions: in a text, `$&` and the like would be taken for parts of the template.
  const replacements: [RegExp, (found: string) => string][] = [
    [
      /sapling on |sapling as /,
      (sapling) =>
        base.label.startsWith('sapling')
          ? sapling
          : `${visible(base.label)} ${template.includes('sapling as') ? 'as' : 'on'} `,
    ],
    // In a comment, which ends where a line does.
    [/(?<=^\/\/.*)sample\/garden/m, () => visible(data)],
    [/imageFolder\('sample\/garden'/, () => `${reader}(${sourceOf(layout, relative)}`],
    [/\bimageFolder(?=[^()]*from 'graftjs')/, () => reader],
    [/\[128, 128\]/, () => `[${base.size.join(', ')}]`],
    [/applications\.sapling\(\)/, () => base.expression],
    [/'models\/garden'/, () => quote(relative(`models/${name}-${slug(base.label)}-${suffixes[technique]}`))],
  ];
  if (base.imports === 'loadBase') replacements.push([/\bapplications, (?=.* from 'graftjs')/, () => '']);
  if (template.includes('freeze(base')) replacements.push([/'conv4_block1_out'/, () => quote(base.freezeUpTo)]);
  const text = replacements.reduce((result, [pattern, replacement]) => {
    if (!pattern.test(result)) throw new Error(`The template lacks ${pattern.source}`);
    return result.replace(pattern, replacement);
  }, template);
  return base.imports === 'loadBase' ? sortedImports(text, 'loadBase') : text;
}

function sortedImports(text: string, added: string): string {
  return text.replace(/import \{ (.*) \} from 'graftjs'/, (_, names: string) => {
    const sorted = [...names.split(', '), added].sort((a, b) => a.localeCompare(b, 'en'));
    return `import { ${sorted.join(', ')} } from 'graftjs'`;
  });
}

function sourceOf(layout: DataLayout, relative: (file: string) => string): string {
  switch (layout.kind) {
    case 'folder':
      return quote(relative(layout.directory));
    case 'split': {
      const { train, validation, test } = layout;
      const parts = Object.entries({ train, validation, test }).flatMap(([side, folder]) =>
        folder === undefined ? [] : [`${side}: ${quote(relative(folder))}`],
      );
      return `{ ${parts.join(', ')} }`;
    }
    case 'csv':
      return quote(relative(layout.file));
    case 'idx':
      return `{ images: ${quote(relative(layout.images))}, labels: ${quote(relative(layout.labels))} }`;
  }
}
