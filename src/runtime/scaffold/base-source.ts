import path from 'node:path';

import { functionNames } from '../bases/build/application.js';
import { plainName } from '../bases/build/assign.js';
import { readH5 } from '../bases/files/h5-file.js';
import { registry, type ApplicationName } from '../bases/definitions/registry.js';
import { builders, isApplicationName, resolveBase } from '../bases/resolve.js';
import { visible } from '../../words/index.js';
import { GraftError, nearest } from '../errors.js';
import { defaultFreezePoint } from '../graph/freeze-points.js';

/** A base as a script writes it. */
export interface BaseSource {
  readonly label: string;
  /** TypeScript, to be awaited. */
  readonly expression: string;
  /** What it imports from graftjs. */
  readonly imports: 'applications' | 'loadBase';
  readonly size: readonly [number, number];
  readonly freezeUpTo: string;
}

/** A layer that only this architecture has. */
const signatures: Partial<Record<ApplicationName, string>> = {
  squeezenet: 'fire2_squeeze1x1',
  resnet50: 'conv4_block6_3_conv',
  'mobilenet-v2': 'block_16_project',
};

/**
 * Finds out how a script gets a base: by name, from a model file, or from a file of weights whose architecture it knows.
 *
 * @param relative how the script writes the path of a file.
 * @throws GraftError for an unknown name, or a layer that the base does not have.
 */
export async function describeBase(
  base: string,
  freezeUpTo: string | undefined,
  relative: (file: string) => string,
): Promise<BaseSource> {
  const weightsOf = isApplicationName(base) ? undefined : await architectureOf(base);
  const name = isApplicationName(base) ? base : weightsOf;
  if (name === undefined) {
    const model = await resolveBase(base);
    const [, height, width] = model.inputs[0]?.shape ?? [];
    const point =
      checked(
        freezeUpTo,
        model.layers.map((layer) => layer.name),
        base,
      ) ??
      defaultFreezePoint(model) ??
      model.layers.at(-1)?.name ??
      '';
    const label =
      path.basename(base) === 'model.json' ? path.basename(path.dirname(path.resolve(base))) : path.basename(base);
    return {
      label,
      expression: `loadBase(${quote(relative(base))})`,
      imports: 'loadBase',
      size: [Number(height), Number(width)],
      freezeUpTo: point,
    };
  }
  const { label, size, freezePoints } = registry[name];
  const shape = `inputShape: [${size.join(', ')}, 3]`;
  const weights = weightsOf === undefined ? "'imagenet'" : quote(relative(base));
  if (name === 'squeezenet' && weightsOf === undefined) {
    throw new GraftError('squeezenet: there is no address for its ImageNet weights.', {
      action: 'Give the path of its .h5 file as base.',
    });
  }
  const expression =
    name === 'sapling'
      ? 'applications.sapling()'
      : `applications.${functionNames[name]}({ weights: ${weights}, includeTop: false, ${shape} })`;
  // The names are known only to the network itself; without weights it is quick to build.
  const layers = async () =>
    (await builders[name]({ weights: null, includeTop: false })).layers.map((layer) => layer.name);
  const point = freezeUpTo === undefined ? undefined : checked(freezeUpTo, await layers(), name);
  return { label, expression, imports: 'applications', size, freezeUpTo: point ?? freezePoints.at(-3) ?? '' };
}

/** The architecture that a file of weights alone belongs to; undefined for a whole model. */
export async function architectureOf(file: string): Promise<ApplicationName | undefined> {
  if (!/\.(h5|hdf5)$/i.test(file)) return undefined;
  const { config, layers } = await readH5(file);
  if (config !== undefined) return undefined;
  const names = new Set(layers.map(({ layer }) => plainName(layer)));
  const found = Object.entries(signatures).find(([, layer]) => names.has(layer))?.[0];
  if (found === undefined || !isApplicationName(found)) {
    throw new GraftError(`${file} holds weights alone, of an architecture that Graft does not know.`, {
      action: 'Save the whole model, with its layers.',
    });
  }
  return found;
}

function checked(layer: string | undefined, names: readonly string[], base: string): string | undefined {
  if (layer === undefined || names.includes(layer)) return layer;
  const guess = nearest(layer, names);
  throw new GraftError(`${base} has no layer "${layer}".`, {
    action: guess === undefined ? 'Leave --freeze-up-to out for a default.' : `Did you mean "${guess}"?`,
  });
}

/** A text as a script writes it, on one line and with nothing in it that is not seen. */
export function quote(text: string): string {
  return `'${visible(text.replaceAll('\\', '\\\\').replaceAll("'", "\\'"))}'`;
}
