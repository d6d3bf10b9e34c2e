import type { BaseInfo } from '../bases/base.js';
import type { TakingModel } from '../data/taking-model.js';
import { keepSpeed } from '../bases/speeds.js';
import type { Runner } from '../engines/types.js';

/** Batches that say how fast a base is: fewer of them would be its warming up. */
const enough = 2;

/** Measures how long a base takes for a picture, in one part or in several that follow each other. */
export class BaseClock {
  readonly #parts: number[][] = [];

  /** @param now in milliseconds. */
  constructor(private readonly now = () => performance.now()) {}

  /** The same runner; its time counts. Its first batch does not: there it is compared, and gets its memory. */
  timed(runner: Runner): Runner {
    const seconds: number[] = [];
    this.#parts.push(seconds);
    let isFirst = true;
    return {
      run: async (inputs) => {
        const began = this.now();
        const outputs = await runner.run(inputs);
        const pictures = Object.values(inputs)[0]?.shape[0] ?? 1;
        if (!isFirst) seconds.push((this.now() - began) / 1000 / pictures);
        isFirst = false;
        return outputs;
      },
      dispose: () => runner.dispose(),
    };
  }

  /** The median of each part's batches. Undefined when a part did not run, or hardly. */
  secondsPerPicture(parts: number): number | undefined {
    if (this.#parts.length !== parts || this.#parts.some(({ length }) => length < enough)) return undefined;
    return this.#parts.reduce((sum, seconds) => sum + median(seconds), 0);
  }

  /** Writes down what was measured, if it was. */
  async keep(model: TakingModel, info: BaseInfo, parts: number): Promise<void> {
    const [, height, width, channels] = model.inputs[0]?.shape ?? [];
    const seconds = this.secondsPerPicture(parts);
    if (seconds === undefined || typeof height !== 'number' || typeof width !== 'number' || channels !== 3) return;
    await keepSpeed(info.name, [height, width], seconds);
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
