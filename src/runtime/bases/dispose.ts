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
 * What `build` makes. Nothing is left of what cannot be built: TensorFlow.js makes its variables one by one, and forgets those that it has
 * made. `build` has to be done when it returns, so that what is new then is its own.
 */
export function buildOrDispose<T>(build: () => T): T {
  const { registeredVariables } = tf.engine().state;
  const before = new Set(Object.keys(registeredVariables));
  let built: T | undefined;
  try {
    tf.tidy(() => {
      built = build();
    });
    return present(built, 'A model');
  } catch (error) {
    tf.dispose(Object.entries(registeredVariables).flatMap(([name, variable]) => (before.has(name) ? [] : [variable])));
    throw error;
  }
}
