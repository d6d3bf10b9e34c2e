import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
type Reply = { readonly value: unknown } | { readonly error: string };

/** A script that answers requests with bench/zoo/answer.py, in a process that goes on from one to the next. */
export class Answering {
  #child: Child | undefined;
  #lines: AsyncIterator<string> | undefined;
  #lastError = '';
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly python: string,
    private readonly script: string,
  ) {}

  /** One after the other. @throws Error with what the script says, or its last words; the next request starts another process. */
  async ask(...request: readonly unknown[]): Promise<unknown> {
    const answer = this.#last.then(() => this.#ask(request));
    this.#last = answer.catch(() => undefined);
    return await answer;
  }

  async #ask(request: readonly unknown[]): Promise<unknown> {
    const child = (this.#child ??= this.#start());
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines?.next();
    if (line?.done !== false) {
      this.#child = undefined;
      throw new Error(this.#lastError || 'The process ended.');
    }
    const reply = JSON.parse(line.value) as Reply;
    if ('error' in reply) throw new Error(reply.error);
    return reply.value;
  }

  /** When there is nothing more to ask. */
  end(): void {
    this.#child?.stdin.end();
  }

  #start(): Child {
    const child = spawn(this.python, [this.script], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#lastError = '';
    createInterface({ input: child.stderr }).on('line', (line) => (this.#lastError = line));
    // A write to a process that has ended: its output ends too, which says it.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => (this.#lastError = error.message));
    return child;
  }
}
