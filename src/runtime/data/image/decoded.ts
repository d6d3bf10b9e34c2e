/**
 * Pictures that were decoded before they are needed, [height, width, 3] each: whoever needs one takes it, and what is over the budget is
 * decoded again.
 */
export class DecodedPictures {
  readonly #pictures = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(private readonly budget: number) {}

  keep(hash: string, pixels: Uint8Array): void {
    if (this.#bytes + pixels.length > this.budget || this.#pictures.has(hash)) return;
    this.#pictures.set(hash, pixels);
    this.#bytes += pixels.length;
  }

  look(hash: string): Uint8Array | undefined {
    return this.#pictures.get(hash);
  }

  clear(): void {
    this.#pictures.clear();
    this.#bytes = 0;
  }

  /** Hands a picture over: it is not kept any longer. */
  take(hash: string): Uint8Array | undefined {
    const pixels = this.#pictures.get(hash);
    if (pixels === undefined) return undefined;
    this.#pictures.delete(hash);
    this.#bytes -= pixels.length;
    return pixels;
  }
}
