import type { OptimizerSpec } from './specs.js';
import type { FloatTensor } from '../../common/tensor.js';
import type { Gradients } from './accumulation.js';
import type { OptimizerState, TrainerOptions } from './types.js';
import { adam, descend, momentum, type Update } from './updates.js';

/** What each optimizer is made of. */
function updatesOf(spec: OptimizerSpec): readonly Update[] {
  switch (spec.kind) {
    case 'adamW':
      return [adam(spec), descend(spec.weightDecay)];
    case 'sgd':
      return [momentum(spec), descend(spec.weightDecay)];
  }
}

/** How many numbers an optimizer remembers for each number of a weight. */
export function slotCount(spec: OptimizerSpec): number {
  return updatesOf(spec).reduce((sum, { slots }) => sum + slots.length, 0);
}

/** So many numbers go through all updates at once: they stay in the processor's cache. */
const stretchLength = 2048;

/** Optimizer steps on plain arrays, in place: float64 within a step, float32 from step to step. */
export class Optimizer {
  #count = 0;
  readonly #updates: readonly Update[];
  /** `<weight>/<slot>`. */
  readonly #slots = new Map<string, FloatTensor>();
  readonly #step = new Float64Array(stretchLength);

  constructor(
    private readonly options: Pick<TrainerOptions, 'optimizer' | 'globalClipnorm' | 'learningRateMultipliers'>,
  ) {
    this.#updates = updatesOf(options.optimizer);
  }

  /**
   * One step of all weights.
   *
   * @param gradients by name of the weight, `<layer>/<number>`.
   * @param change is asked to change each weight, in place.
   */
  step(
    gradients: Gradients,
    learningRate: number,
    change: (name: string, update: (weight: FloatTensor) => void) => void,
  ): void {
    const factor = clipFactor(gradients.values(), this.options.globalClipnorm);
    this.#count++;
    for (const [name, gradient] of gradients) {
      const rate = learningRate * (this.options.learningRateMultipliers?.[name.slice(0, name.lastIndexOf('/'))] ?? 1);
      change(name, (weight) => {
        this.#update(name, weight, gradient, factor, rate);
      });
    }
  }

  #update(name: string, { data, shape }: FloatTensor, gradient: Float32Array, factor: number, rate: number): void {
    const [count, rank] = [this.#count, shape.length];
    const names = this.#updates.flatMap(({ slots }) => slots);
    const whole = names.map((slot) => [slot, this.#slot(`${name}/${slot}`, shape).data] as const);
    for (let start = 0; start < data.length; start += stretchLength) {
      const end = Math.min(start + stretchLength, data.length);
      const stretch = {
        gradient: gradient.subarray(start, end),
        factor,
        step: this.#step,
        weights: data.subarray(start, end),
        slots: Object.fromEntries(whole.map(([slot, values]) => [slot, values.subarray(start, end)])),
        ...{ rate, count, rank },
      };
      for (const { apply } of this.#updates) apply(stretch);
    }
  }

  state(): OptimizerState {
    const slots = new Map([...this.#slots].map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]));
    return { step: this.#count, slots };
  }

  restore({ step, slots }: OptimizerState): void {
    this.#count = step;
    this.#slots.clear();
    for (const [name, { data, shape }] of slots) this.#slots.set(name, { data: data.slice(), shape });
  }

  #slot(name: string, shape: readonly number[]): FloatTensor {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = { data: new Float32Array(shape.reduce((product, size) => product * size, 1)), shape };
      this.#slots.set(name, slot);
    }
    return slot;
  }
}

/** What scales gradients so that the norm of all together is at most `limit`. */
function clipFactor(gradients: Iterable<Float32Array>, limit: number | undefined): number {
  if (limit === undefined) return 1;
  let sum = 0;
  for (const gradient of gradients) for (const value of gradient) sum += value * value;
  const norm = Math.sqrt(sum);
  return norm > limit ? limit / norm : 1;
}
