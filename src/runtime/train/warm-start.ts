import type { Task } from '../../protocol/index.js';
import { baseOf } from '../bases/base.js';
import { pooledHead, writeHead } from '../bases/saved/saved-head.js';
import { checkArgument } from '../../common/check-options.js';
import { GraftError } from '../../common/errors.js';
import { classOf } from '../data/labels.js';
import type { Dataset } from '../data/types.js';
import { currentPurpose, currentRun } from '../run/current.js';
import type { tf } from '../tf.js';
import { dataset, layersModel } from './arguments.js';

/**
 * Gives the last layer of `model` what a model that Graft saved, and that `loadBase` read as its base, had learnt of the classes (labels,
 * numbers) that `data` has too, by name. Those that are new start at random. (scikit-learn: `warm_start`.)
 *
 * @param model a dense layer on the pooled features of the base, as the templates make it.
 * @returns the names whose weights were kept: none for another task, and where the saved model has more than one layer on its features. Why is
 *   in the log.
 * @throws GraftError when the base is none that Graft saved.
 * @example
 * const base = await loadBase('models/flowers');
 * …
 * const model = tf.model({ inputs: base.inputs, outputs: x });
 * await warmStart(model, data);
 */
export async function warmStart<T extends Task>(model: tf.LayersModel, data: Dataset<T>): Promise<readonly string[]> {
  checkArgument('warmStart', 'model', model, layersModel);
  checkArgument('warmStart', 'data', data, dataset);
  const run = await currentRun();
  // There the base has forgotten what it knew, and so has its head.
  if (currentPurpose() === 'from-scratch') return [];
  const base = baseOf(model);
  const saved = base?.info.saved;
  if (base === undefined || saved === undefined)
    throw new GraftError('warmStart: the model stands on no model that Graft saved.', {
      action: "Read one as its base: loadBase('models/flowers'). A base of another kind has no classes to keep.",
    });
  const say = (text: string) => {
    run.emit({ type: 'log', level: 'info', text });
  };
  const fresh = (why: string): readonly [] => {
    say(`The last layer starts at random: ${why}.`);
    return [];
  };
  const { name } = base.info;
  const [old, own] = [saved.head, pooledHead(model, base.model.outputs[0])];
  const { task = 'classification', classes: names } = saved;
  if (task !== data.task) return fresh(`${name} is for ${task}, and the data for ${data.task}`);
  if (old === undefined) return fresh(`that of ${name} is not the only one on its features`);
  if (own === undefined || own.kernel.length / own.units !== old.kernel.length / old.units)
    return fresh(`it does not stand on the pooled features alone, as that of ${name} does`);
  if (own.activation !== old.activation) return fresh(`that of ${name} ends in ${old.activation}`);
  const pairs = data.classes.flatMap((name, to) => {
    const known = data.task === 'regression' ? name : classOf(name, names);
    const from = known === undefined ? -1 : names.indexOf(known);
    return from === -1 ? [] : [{ name, from, to }];
  });
  // One output is the probability of the second of two.
  const isSingle = old.units !== names.length;
  if (
    isSingle
      ? pairs.length < 2 || own.units !== 1 || pairs.some(({ from, to }) => from !== to)
      : own.units === 1 && data.classes.length !== 1
  )
    return fresh(
      `${name} tells ${names.join(' and ')} apart by ${old.units === 1 ? 'one output' : `${old.units} outputs`}`,
    );
  if (pairs.length === 0) return fresh(`${name} knows none of ${listed(data.classes)}`);
  const { kernel, bias, units, scale, offset, dense } = own;
  const [newKernel, newBias] = [kernel.slice(), bias.slice()];
  for (const { from, to } of isSingle ? [{ from: 0, to: 0 }] : pairs) {
    for (let row = 0; row < kernel.length / units; row++)
      newKernel[row * units + to] = (old.kernel[row * old.units + from] ?? 0) / (scale[to] ?? 1);
    newBias[to] = ((old.bias[from] ?? 0) - (offset[to] ?? 0)) / (scale[to] ?? 1);
  }
  writeHead(dense, newKernel, newBias);
  const kept = pairs.map((pair) => pair.name);
  const added = data.classes.filter((one) => !kept.includes(one));
  say(
    `The last layer starts from what ${name} knows of ${listed(kept)}${added.length === 0 ? '' : `; new: ${listed(added)}`}.`,
  );
  return kept;
}

const mostListed = 10;

function listed(names: readonly string[]): string {
  const more = names.length - mostListed;
  return `${names.slice(0, mostListed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
