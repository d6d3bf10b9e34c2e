import {
  kerases,
  matches,
  modes,
  stepMatches,
  type FormatResult,
  type GradientDifference,
  type Kind,
  type Measured,
  type Versions,
} from './results.js';

const columns = ['model.h5', 'model.keras', 'tfjs/model.json', 'base.keras'] as const;

const power = (value: number) => (value === 0 ? '0' : value.toExponential(1).replace('e-', 'e−'));

/** All that was measured, as Markdown. */
export function table(measured: readonly Measured[], all: Readonly<Record<Kind, readonly string[]>>): string {
  const sorted = (['keras', 'tf_keras'] as const).flatMap((keras) =>
    all[keras].flatMap((name) => measured.filter((one) => one.keras === keras && one.name === name)),
  );
  const exceptions = sorted.flatMap(exceptionsOf);
  const countOf = (...kinds: Exception['from'][]) =>
    new Set(exceptions.flatMap(({ of, from }) => (kinds.includes(from) ? [of] : []))).size;
  const dates = sorted.map(({ date }) => date).sort();
  const versions: Versions = sorted.at(-1)?.versions ?? {};
  const missing = (['keras', 'tf_keras'] as const).flatMap((keras) => {
    const names = all[keras].filter((name) => !sorted.some((one) => one.keras === keras && one.name === name));
    return names.length === 0 ? [] : [`${kerases[keras]}: ${names.join(', ')}`];
  });
  const sizes = [...new Set(sorted.map(({ size }) => size))].sort((a, b) => a - b);
  return `${[
    '# The applications of Keras in Graft',
    '',
    `Written by \`node tools/bench.mjs zoo\` (${[...new Set([dates[0], dates.at(-1)])].join(' to ')}; ${Object.entries(
      versions,
    )
      .map(([name, version]) => `${name} ${version}`)
      .join(
        ', ',
      )}). ${sorted.length} networks of ${all.keras.length + all.tf_keras.length}, with made-up weights, statistics`,
    `learnt from four made-up pictures of ${sizes.join(' or ')} pixels, which it shows to Keras and to Graft.`,
    '',
    'A file: the larger of the differences of the classes and of the features before the classifier, relative to the largest value. Without top:',
    'features of the network as Keras makes it without a classifier, `.keras`. Step: the gradient of one step in which the last third of the layers',
    'train, BatchNormalization in inference or in training; the largest of all weights, each relative to its largest, in brackets the one in',
    "the middle. Keras's own: the same between its float32 and its float64; a ReLU whose input changes its sign in the last digit makes",
    'a gradient jump in both. A number matches that is at most 1e−4, or at most three times Keras’s own; others are **bold**. Spread: how far the',
    'features of the pictures are apart on average, relative to the largest; and how many classes the pictures are in.',
    '',
    `${sorted.length - countOf('graft', 'jump')} of ${sorted.length} match in every file that could be made, and in both steps; ${countOf('jump')} have a gradient that jumps as far in Keras itself.`,
    ...(exceptions.length === 0
      ? []
      : ['', '## Exceptions', '', ...exceptions.map(({ of, why }) => `- ${of}: ${why}`)]),
    ...(missing.length === 0 ? [] : ['', '## Not measured', '', ...missing.map((line) => `- ${line}`)]),
    ...(['keras', 'tf_keras'] as const).flatMap((keras) =>
      part(
        keras,
        sorted.filter((one) => one.keras === keras),
      ),
    ),
  ].join('\n')}\n`;
}

function part(keras: Kind, measured: readonly Measured[]): string[] {
  return [
    '',
    `## ${kerases[keras]}`,
    '',
    "| | parameters | `.h5` | `.keras` | `model.json` | without top | Keras's own | step, inference | Keras's own | step, training | Keras's own | spread |",
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...measured.map((one) => `| ${row(one).join(' | ')} |`),
  ];
}

function row({ name, facts, outcome }: Measured): string[] {
  if (facts === undefined || outcome === undefined) return [name];
  const own = Math.max(facts.float64.features, facts.float64.probabilities);
  const gradients = modes.flatMap((mode) => {
    const step = outcome.steps[mode];
    const keras = facts.float64[mode];
    const of = ({ largest, middle }: typeof keras) => `${power(largest)} (${power(middle)})`;
    const right = !('problem' in step) && stepMatches(step, keras);
    return ['problem' in step ? '**–**' : right ? of(step) : `**${of(step)}**`, of(keras)];
  });
  return [
    name,
    `${(facts.parameters / 1e6).toFixed(1)} M`,
    ...columns.map((file) => {
      const format = outcome.formats.find((one) => one.file === file);
      if (format === undefined) return '–';
      const value = power(Math.max(...differencesOf(format)));
      return format.problem !== undefined ? '**–**' : isRight(format, facts.float64) ? value : `**${value}**`;
    }),
    power(own),
    ...gradients,
    `${(100 * facts.spread).toFixed(0)} %, ${facts.classes}`,
  ];
}

const differencesOf = ({ features, probabilities }: FormatResult) =>
  [features, probabilities].filter((value) => value !== undefined);

function isRight(format: FormatResult, own: Readonly<Record<'features' | 'probabilities', number>>): boolean {
  return (['features', 'probabilities'] as const).every(
    (key) => format[key] === undefined || matches(format[key], own[key]),
  );
}

interface Exception {
  readonly of: string;
  readonly why: string;
  /** Graft's numbers, or a refusal; a gradient that jumps in Keras too; or what Graft has no part in. */
  readonly from: 'graft' | 'jump' | 'other';
}

function exceptionsOf({ keras, name, problem, facts, converter, outcome }: Measured): Exception[] {
  const of = `${name} (${kerases[keras]})`;
  if (facts === undefined || outcome === undefined)
    return [{ of, why: problem ?? 'it was not measured', from: 'other' }];
  const found: Exception[] = [];
  const add = (from: Exception['from'], why: string) => found.push({ of, why, from });
  if (!facts.finite || facts.spread < 0.01 || facts.classes === 1)
    add('other', 'its outputs are hardly different from picture to picture, so that they say little');
  if (converter !== undefined) add('other', `there is no model.json: ${converter}`);
  for (const format of outcome.formats) {
    const { file } = format;
    const read =
      format.inKeras === undefined
        ? ''
        : typeof format.inKeras === 'string'
          ? ` (Keras cannot read it either: ${format.inKeras})`
          : ` (Keras reads it back to ${power(format.inKeras)})`;
    if (format.problem !== undefined) add('graft', `${file}: ${format.problem}${read}`);
    else if (!isRight(format, facts.float64))
      add('graft', `${file}: ${differencesOf(format).map(power).join(' and ')}`);
  }
  for (const mode of modes) {
    const step = outcome.steps[mode];
    if ('problem' in step) add('graft', `step in ${mode}: ${step.problem}`);
    else if (!stepMatches(step, facts.float64[mode])) {
      const { moved } = step;
      const own = moved && `; Keras's own gradient moves by ${inWords(moved)} where each weight does in its last digit`;
      // Where it jumps as far, what a ReLU takes is next to zero: neither is wrong.
      const from = moved !== undefined && stepMatches(step, moved) ? 'jump' : 'graft';
      add(from, `step in ${mode}: ${inWords(step)}${own ?? ''}`);
    }
  }
  return found;
}

const inWords = ({ largest, middle }: GradientDifference) => `${power(largest)}, in the middle ${power(middle)}`;
