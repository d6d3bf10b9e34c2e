import { GraftError } from '../../../common/errors.js';
import { registerFunction } from '../../layers/index.js';
import { isNumbers, type Shape } from '../../layers/define.js';
import type { Numbers } from '../../layers/index.js';
import { activationOf, plainNumber } from './activations.js';
import { fieldsOf, type Call, type Dialect, type Fields, type Layer } from './network.js';

/** What a layer's numbers do not depend on: how it was made and trained. */
const withoutEffect =
  /^(name|trainable|dtype|batch_input_shape|batch_shape|input_shape|input_dtype|sparse|ragged|optional|seed|rng_type|synchronized|autocast|activity_regularizer|.*_(initializer|regularizer|constraint))$/;

const floatPolicies: ReadonlySet<unknown> = new Set([
  'float16',
  'bfloat16',
  'float32',
  'float64',
  'mixed_float16',
  'mixed_bfloat16',
]);

export const withoutTraining = 'Build the model in Python without that argument, load its weights, and save it again.';

/** A layer of a file, its configuration read key by key. What nobody has read when it is done is refused: never taken for a default. */
export class LayerReader {
  readonly #read = new Set<string>();

  constructor(
    private readonly file: string,
    readonly layer: Layer,
    readonly dialect: Dialect,
    readonly call: Call,
    /** Of the tensors that it takes, in their order. */
    readonly inputs: readonly Shape[],
  ) {}

  get config(): Fields {
    return this.layer.config;
  }

  raw(key: string): unknown {
    this.#read.add(key);
    return this.config[key] ?? undefined;
  }

  number(key: string, otherwise: number): number {
    return this.optionalNumber(key) ?? otherwise;
  }

  optionalNumber(key: string): number | undefined {
    const plain = plainNumber(this.raw(key));
    if (plain === undefined || (typeof plain === 'number' && Number.isFinite(plain))) return plain;
    throw this.refuse(key);
  }

  /** A number, or lists of them in lists, which NumPy may have written. */
  numbers(key: string): Numbers | undefined {
    const value = this.raw(key);
    const { class_name: className, config } = fieldsOf(value);
    const plain = plainNumber(className === '__numpy__' ? config : value);
    if (plain === undefined || isNumbers(plain)) return plain as Numbers | undefined;
    throw this.refuse(key);
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.raw(key) ?? otherwise;
    if (typeof value !== 'boolean') throw this.refuse(key);
    return value;
  }

  oneOf<T extends string>(key: string, values: readonly T[], otherwise: T): T {
    const value = this.raw(key) ?? otherwise;
    const found = values.find((entry) => entry === value);
    if (found === undefined) throw this.refuse(key);
    return found;
  }

  /** [height, width], also from one number. */
  pair(key: string, otherwise?: readonly [number, number]): [number, number] {
    const value = this.raw(key) ?? otherwise;
    const [a, b] = (typeof value === 'number' ? [value, value] : Array.isArray(value) ? value : []) as unknown[];
    if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) throw this.refuse(key);
    return [Number(a), Number(b)];
  }

  whole(key: string, otherwise?: number): number {
    const value = this.raw(key) ?? otherwise;
    if (!Number.isSafeInteger(value)) throw this.refuse(key);
    return Number(value);
  }

  /** Whole numbers, also from one. */
  wholes(key: string, otherwise?: readonly number[]): number[] {
    const value = [this.raw(key) ?? otherwise].flat() as unknown[];
    if (!value.every((entry) => Number.isSafeInteger(entry))) throw this.refuse(key);
    return value.map(Number);
  }

  /** Axes of the only input, from the batch on and not negative. */
  axes(key: string, otherwise: readonly number[]): number[] {
    const rank = this.input.length;
    return this.wholes(key, otherwise).map((axis) => {
      const positive = axis < 0 ? axis + rank : axis;
      if (positive < 1 || positive >= rank) throw this.refuse(key);
      return positive;
    });
  }

  /** The activation as TensorFlow.js calls it, known to it. */
  activation(key = 'activation'): string {
    const fn = activationOf(this.raw(key), this.dialect);
    if (fn === undefined) throw this.refuse(key);
    return registerFunction(fn);
  }

  /** Keys that change nothing here. */
  ignore(...keys: string[]): void {
    for (const key of keys) this.#read.add(key);
  }

  /** @throws unless the key is absent, null, or one of the values. */
  must(key: string, ...values: unknown[]): void {
    const value = this.raw(key);
    if (value !== undefined && !values.some((entry) => JSON.stringify(entry) === JSON.stringify(value)))
      throw this.refuse(key);
  }

  get input(): Shape {
    return this.inputs[0] ?? [];
  }

  /** Sizes of the input after the batch. @throws where one is not known. */
  sizes(): number[] {
    return this.input.slice(1).map((size) => {
      if (size === null) throw this.problem('takes pictures of a size that is not known');
      return size;
    });
  }

  /** @throws for what was not read, and for numbers that are not floating-point ones. */
  finish(): void {
    const policy = policyName(this.config['dtype']);
    if (policy !== undefined && !floatPolicies.has(policy))
      throw new GraftError(
        `${this.#where()} computes with ${policy}: it is quantised, and only floating-point numbers can be trained.`,
        { action: 'Save the model as it was before it was quantised.' },
      );
    for (const [key, value] of Object.entries(this.config)) {
      if (value === null || this.#read.has(key) || withoutEffect.test(key)) continue;
      throw this.refuse(key);
    }
    const training = this.call.kwargs['training'];
    if (training === true && /Dropout|Noise|BatchNorm|StochasticDepth/.test(this.layer.className))
      throw this.problem('is applied with training=True, so that it never gives the same twice', withoutTraining);
  }

  refuse(key: string): GraftError {
    return this.problem(`has ${key} ${shown(this.config[key])}, which is not known here`);
  }

  problem(
    what: string,
    action = 'Replace that layer in Keras by layers that Graft knows, and save the model again.',
  ): GraftError {
    return new GraftError(`${this.#where()} ${what}.`, { action });
  }

  #where(): string {
    return `${this.file}: the layer "${this.layer.name}" (${this.layer.className})`;
  }
}

function policyName(dtype: unknown): string | undefined {
  if (dtype === undefined || dtype === null) return undefined;
  if (typeof dtype === 'string') return dtype;
  const { config } = dtype as { config?: { name?: unknown; mode?: unknown } };
  const name = config?.name ?? config?.mode;
  return typeof name === 'string' ? name : JSON.stringify(dtype);
}

function shown(value: unknown): string {
  const text = value === undefined ? '(none)' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
