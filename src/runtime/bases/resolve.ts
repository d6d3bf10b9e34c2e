import { existsSync } from 'node:fs';

import { GraftError, nearest } from '../errors.js';
import type { tf } from '../tf.js';
import type { ApplicationOptions } from './build/application.js';
import { loadBase } from './load-base.js';
import { mobileNetV2 } from './definitions/mobilenet-v2.js';
import { registry, type ApplicationName } from './definitions/registry.js';
import { resNet50 } from './definitions/resnet50.js';
import { sapling } from './definitions/sapling.js';
import { squeezeNet } from './definitions/squeezenet.js';

/** The functions of `applications` by the names that the command line and the pickers use. */
export const builders: Readonly<Record<ApplicationName, (options: ApplicationOptions) => Promise<tf.LayersModel>>> = {
  sapling: ({ inputShape }) => sapling(inputShape === undefined ? {} : { inputShape }),
  'mobilenet-v2': mobileNetV2,
  resnet50: resNet50,
  squeezenet: squeezeNet,
};

export function isApplicationName(name: string): name is ApplicationName {
  return name in registry;
}

/**
 * A base by the name of an application or by the path of a model file, without a classifier.
 *
 * @throws GraftError for a name that is neither; the nearest one is suggested.
 */
export async function resolveBase(name: string): Promise<tf.LayersModel> {
  if (isApplicationName(name)) return await builders[name]({ includeTop: false });
  if (existsSync(name)) return await loadBase(name);
  const guess = nearest(name, Object.keys(registry));
  throw new GraftError(`"${name}" is neither a base that Graft knows nor a file.`, {
    action:
      guess === undefined
        ? `Use one of ${Object.keys(registry).join(', ')}, or the path of a model.json, .h5 or .keras.`
        : `Did you mean ${guess}?`,
  });
}
