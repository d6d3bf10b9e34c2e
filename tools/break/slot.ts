import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { damage, formatNamed, type Damage } from './case.js';
import { makeWorkspace } from './originals.js';
import { isFault } from './report.js';
import type { Format } from './types.js';
import { judge, saidIn, type Expected, type Judged } from './verdict.js';
import { WorkerProcess } from './worker-process.js';

export type Result = Damage & Judged & { readonly ms: number; readonly repeat?: string };

/** What a case needs to be tried again. */
interface SavedCase extends Damage {
  readonly expected: Expected;
  /** Where the workspace has to lie: a run and the picture index know their own path. */
  readonly workspace: string;
}

const hangMs = 20_000;

/**
 * One place at which cases are tried, one after the other: a workspace that is made once, and for each case put where it was made,
 * whole but for one file.
 */
export class Slot {
  readonly #worker = new WorkerProcess();
  readonly #expected = new Map<string, Expected>();
  readonly #workspace: string;
  readonly #original: string;
  /** Files that are not as they were made; undefined: nobody knows which. */
  #changed: readonly string[] | undefined;

  constructor(
    folder: string,
    private readonly failures: string,
  ) {
    this.#workspace = path.join(folder, 'workspace');
    this.#original = path.join(folder, 'original');
  }

  async open(data: string): Promise<void> {
    await makeWorkspace(this.#workspace, data);
    renameSync(this.#workspace, this.#original);
  }

  async try(seed: number, index: number, among: readonly Format[]): Promise<Result> {
    const { damage: done, files } = damage(this.#original, seed, index, among);
    const format = formatNamed(done.format);
    const expected = await this.#expect(format);
    this.#restore();
    for (const [file, bytes] of files) writeFileSync(path.join(this.#workspace, file), bytes);
    const saved = path.join(this.failures, `${index}-${format.name.replaceAll(' ', '-')}`);
    const keep = () => {
      cpSync(this.#workspace, path.join(saved, 'workspace'), { recursive: true, preserveTimestamps: true });
    };
    if (format.readsOnly !== true) keep();
    this.#changed = format.readsOnly === true ? [...files.keys()] : undefined;
    const { judged, ms } = await this.#judge(format, expected);
    if (!isFault({ ...done, ...judged })) {
      rmSync(saved, { recursive: true, force: true });
      return { ...done, ...judged, ms };
    }
    if (format.readsOnly === true) keep();
    const toRepeat: SavedCase = { ...done, expected, workspace: this.#workspace };
    writeFileSync(path.join(saved, 'case.json'), JSON.stringify(toRepeat));
    return { ...done, ...judged, ms, repeat: `node tools/break.mjs --only ${saved}` };
  }

  /** A case that was kept, where it was tried. */
  static async repeat(saved: string): Promise<Result> {
    const { expected, workspace, ...done } = JSON.parse(
      readFileSync(path.join(saved, 'case.json'), 'utf8'),
    ) as SavedCase;
    const slot = new Slot(path.dirname(workspace), '');
    slot.#restoreAll(path.join(saved, 'workspace'));
    try {
      const { judged, ms } = await slot.#judge(formatNamed(done.format), expected);
      return { ...done, ...judged, ms };
    } finally {
      slot.close();
    }
  }

  close(): void {
    this.#worker.end();
  }

  async #judge(format: Format, expected: Expected): Promise<{ judged: Judged; ms: number }> {
    const request = { workspace: this.#workspace, steps: format.steps };
    // Where the machine is slow, the whole files take long too.
    const ended = await this.#worker.run(request, Math.max(hangMs, 10 * expected.ms));
    return { judged: judge(format, this.#workspace, ended, expected), ms: ended.ms };
  }

  /** What the whole files give: twice the same, or nothing could be compared with it. */
  async #expect(format: Format): Promise<Expected> {
    const known = this.#expected.get(format.name);
    if (known !== undefined) return known;
    const results: Expected[] = [];
    for (let i = 0; i < 2; i++) {
      this.#restore();
      this.#changed = format.readsOnly === true ? [] : undefined;
      const ended = await this.#worker.run({ workspace: this.#workspace, steps: format.steps }, 300_000);
      if (ended.kind !== 'reply' || ended.outcomes.some(({ code }) => code !== 0))
        throw new Error(`The whole files of ${format.name} give ${JSON.stringify(ended).slice(0, 2000)}`);
      const result = format.result(this.#workspace, ended.outcomes);
      if (result.trim() === '') throw new Error(`The whole files of ${format.name} give nothing.`);
      results.push({ result, said: saidIn(ended.outcomes), ms: ended.ms });
    }
    const [first, second] = results;
    if (first === undefined || first.result !== second?.result)
      throw new Error(`${format.name} gives two results: ${first?.result ?? ''}\n${second?.result ?? ''}`);
    this.#expected.set(format.name, second);
    return second;
  }

  /** Puts the whole files where the last case left others. */
  #restore(): void {
    if (this.#changed === undefined) this.#restoreAll(this.#original);
    else for (const file of this.#changed) cpSync(path.join(this.#original, file), path.join(this.#workspace, file));
    this.#changed = [];
  }

  #restoreAll(original: string): void {
    // A training whose case has ended may still be writing its last line.
    rmSync(this.#workspace, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    mkdirSync(path.dirname(this.#workspace), { recursive: true });
    cpSync(original, this.#workspace, { recursive: true, preserveTimestamps: true });
  }
}
