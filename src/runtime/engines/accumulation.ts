/** A gradient per parameter name. */
export type Gradients = ReadonlyMap<string, Float32Array>;

/**
 * Gradient accumulation: the gradients of several batches become that of one batch of all their examples, which is their
 * mean, weighted by each batch's sum of loss weights.
 */
export class Accumulation {
  readonly #sums = new Map<string, Float32Array>();
  /** Sum of loss weights in `#sums`; 0: it holds nothing. */
  #total = 0;

  /**
   * @param weight the batch's sum of loss weights.
   * @param more whether another batch belongs to the same step.
   * @returns the gradients to step with, valid until the next call; undefined while more are to come.
   */
  add(gradients: Gradients, weight: number, more: boolean): Gradients | undefined {
    if (!more && this.#total === 0) return gradients;
    for (const [name, gradient] of gradients) this.#add(name, gradient, weight);
    this.#total += weight;
    if (more) return undefined;
    for (const sum of this.#sums.values()) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) / this.#total;
    this.#total = 0;
    return this.#sums;
  }

  #add(name: string, gradient: Float32Array, weight: number): void {
    const sum = this.#sums.get(name) ?? new Float32Array(gradient.length);
    this.#sums.set(name, sum);
    if (this.#total === 0) for (let i = 0; i < sum.length; i++) sum[i] = weight * (gradient[i] ?? 0);
    else for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + weight * (gradient[i] ?? 0);
  }
}
