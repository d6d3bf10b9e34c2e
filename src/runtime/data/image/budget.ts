/**
 * Bytes that work going on at the same time may take together. Whoever asks first is served first; who asks for more than there is
 * at all waits until nothing else goes on, and works alone.
 */
export class Budget {
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly begin: () => void }[] = [];

  constructor(private readonly total: number) {
    this.#free = total;
  }

  async spend<T>(wanted: number, work: () => Promise<T>): Promise<T> {
    const bytes = Math.min(wanted, this.total);
    await new Promise<void>((begin) => {
      this.#waiting.push({ bytes, begin });
      this.#serve();
    });
    try {
      return await work();
    } finally {
      this.#free += bytes;
      this.#serve();
    }
  }

  #serve(): void {
    for (let first = this.#waiting[0]; first !== undefined && first.bytes <= this.#free; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= first.bytes;
      first.begin();
    }
  }
}
