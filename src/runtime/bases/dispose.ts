import { present } from '../../common/errors.js';
import { tf } from '../tf.js';

/**
 * Frees a model's weights. `LayersModel.dispose` counts references, keeps those of a layer that is applied twice, and throws
 * where two models share layers and the other one went first.
 */
export function disposeModel(model: tf.LayersModel): void {
  for (const variable of variablesOf(model)) variable.dispose();
}

/** Frees what `whole` has and `part`, which was cut out of it, has not. */
export function disposeRest(whole: tf.LayersModel, part: tf.LayersModel): void {
  const kept = new Set(variablesOf(part));
  for (const variable of variablesOf(whole)) if (!kept.has(variable)) variable.dispose();
}

/** The variables themselves: what TensorFlow.js wraps around them throws when it is asked after its disposal. */
function variablesOf(model: tf.LayersModel): tf.Variable[] {
  return model.weights.map((weight) => (weight as unknown as { readonly val: tf.Variable }).val);
}

/**
 * A model from its topology and, where they are given, its weights. Nothing is left of one that cannot be built: TensorFlow.js
 * makes its variables one by one, and forgets those that it has made.
 */
export async function buildOrDispose(
  topology: object,
  weights?: { readonly specs: tf.io.WeightsManifestEntry[]; readonly data: ArrayBuffer },
): Promise<tf.LayersModel> {
  const { registeredVariables } = tf.engine().state;
  const before = new Set(Object.keys(registeredVariables));
  let building: Promise<tf.LayersModel> | undefined;
  // It works until its first await, which comes after the last layer: what is new then is this model's.
  tf.tidy(() => {
    building = tf.models.modelFromJSON({ modelTopology: topology as tf.io.ModelJSON['modelTopology'] });
  });
  const made = Object.entries(registeredVariables).flatMap(([name, variable]) => (before.has(name) ? [] : [variable]));
  try {
    const model = present(await building, 'A model');
    if (weights !== undefined) {
      tf.tidy(() => {
        model.loadWeights(tf.io.decodeWeights(weights.data, weights.specs));
      });
    }
    return model;
  } catch (error) {
    tf.dispose(made);
    throw error;
  }
}
