import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { launchTraining } from '../../src/runs/launchers/local.js';
import { randomFrom, type Random } from '../break/random.js';
import { moments, waitFor, type Moment } from './moment.js';
import { differences, leftIn, resultOf, type TrainingResult } from './result.js';

/** What was built, beside this tool's own folder. */
const built = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const most = 3;

export interface Trial {
  /** Where it was killed, one after the other; `too late` where it had ended before. */
  readonly kills: readonly string[];
  readonly differences: readonly string[];
  readonly left: readonly string[];
  /** What the last resume said, where it did not end well. */
  readonly error: string;
}

/** A workspace for one training after the other, each from nothing. */
export class Place {
  readonly #workspace: string;
  readonly #run: string;
  readonly #temporary: string;

  constructor(
    folder: string,
    private readonly script: string,
  ) {
    this.#workspace = path.join(folder, 'workspace');
    this.#run = path.join(this.#workspace, '.graft', 'runs', 'trial');
    this.#temporary = path.join(folder, 'temporary');
  }

  async uninterrupted(): Promise<TrainingResult> {
    this.#clear();
    const { error } = await this.#finish();
    const result = resultOf(this.#run);
    if (result === undefined) throw new Error(`The training without a kill failed: ${error}`);
    return result;
  }

  async try(random: Random, expected: TrainingResult): Promise<Trial> {
    this.#clear();
    const kills: string[] = [];
    do {
      const moment = randomFrom(random, moments);
      kills.push((await this.#kill(moment, random.between(0, 1))) ? moment.name : `too late for ${moment.name}`);
    } while (kills.length < most && random.below(5) < 2);
    const { error } = await this.#finish();
    return {
      kills,
      differences: differences(expected, resultOf(this.#run)),
      left: leftIn(this.#workspace, this.#temporary),
      error,
    };
  }

  /** Starts the training, or goes on with it, and kills it. False where it had ended before. */
  async #kill(moment: Moment, share: number): Promise<boolean> {
    const { pid, ended } = launchTraining({
      program: built('../train.js'),
      node: process.execPath,
      folder: this.#run,
      script: path.join(this.#workspace, 'train.ts'),
      workspace: this.#workspace,
      engine: 'auto',
      resume: existsSync(path.join(this.#run, 'run.json')),
      environment: this.#environment,
    });
    const over = new AbortController();
    const end = ended.then(({ signal }) => {
      over.abort();
      return signal === 'SIGKILL';
    });
    await waitFor(moment, this.#run, share, over.signal);
    // Its own process group, which it leads: as long as it has not ended, the number is its own.
    if (!over.signal.aborted && pid !== undefined) process.kill(-pid, 'SIGKILL');
    return await end;
  }

  /** To the end, by the command line. One that was killed before it had said that it is a run is started again. */
  async #finish(): Promise<{ code: number | null; error: string }> {
    const words = existsSync(path.join(this.#run, 'run.json'))
      ? ['resume', 'trial']
      : ['train', 'train.ts', '--run-dir', this.#run];
    const child = spawn(process.execPath, [built('../cli.js'), ...words], {
      cwd: this.#workspace,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...this.#environment },
    });
    let error = '';
    child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
    return await new Promise((resolve) => {
      child.once('close', (code) => {
        resolve({ code, error });
      });
    });
  }

  /** Nothing of it goes where others put theirs. */
  get #environment(): Record<string, string> {
    return { TMPDIR: this.#temporary, XDG_RUNTIME_DIR: this.#temporary };
  }

  #clear(): void {
    for (const folder of [this.#workspace, this.#temporary]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    writeFileSync(path.join(this.#workspace, 'train.ts'), this.script);
  }
}
