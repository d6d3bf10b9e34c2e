import { existsSync } from 'node:fs';
import path from 'node:path';

import type { RunInfo } from '../../protocol/index.js';

/** What a training was started with: its script and its data. Says once when one disappears while it goes on. */
export class Inputs {
  readonly #watched = new Map<string, () => void>();

  constructor(
    private readonly info: Pick<RunInfo, 'script' | 'workspace'>,
    private readonly warn: (message: string, action: string) => void,
  ) {
    this.#watch(info.script, () => {
      const message = `${path.basename(info.script)} was deleted. The training goes on: it has read the script.`;
      this.warn(message, 'Put it back before you resume this run: resuming runs the script again.');
    });
  }

  /** @param data its folder or file, as the script names it. */
  add(data: string): void {
    this.#watch(data, () => {
      const message = `The data ${data} was deleted. The training goes on with what it keeps in its cache.`;
      this.warn(message, 'Put it back before you resume this run or train again.');
    });
  }

  look(): void {
    for (const [file, tell] of this.#watched) {
      if (existsSync(file)) continue;
      this.#watched.delete(file);
      tell();
    }
  }

  #watch(file: string, tell: () => void): void {
    const whole = path.resolve(this.info.workspace, file);
    if (existsSync(whole)) this.#watched.set(whole, tell);
  }
}
