import { open } from 'node:fs/promises';

import { GraftError, messageOf } from '../../../common/errors.js';
import { describeWriteError } from '../../../common/files.js';
import type { Part } from './part.js';

export interface ReceiveOptions {
  readonly onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds in which a kilobyte for each second must arrive. Default 30 s. */
  readonly stallMs?: number | undefined;
  /** Default 1 GB: the largest of the definitions' files has 103 MB. */
  readonly maxBytes?: number | undefined;
  /** Whether a part may be continued whose version is not known, because the whole is compared with a published hash. */
  readonly hasHash: boolean;
}

const mostRedirects = 5;
const leastPerMs = 1;

/**
 * Downloads a file into a part, or what is missing of it. What comes back may still be anything: it is looked at afterwards.
 *
 * @throws GraftError when the server cannot be reached, answers with something else, or breaks off: what has arrived stays.
 * @throws the signal's reason.
 */
export async function receive(url: string, part: Part, options: ReceiveOptions): Promise<void> {
  const { stallMs = 30_000, signal } = options;
  signal?.throwIfAborted();
  const stalled = new AbortController();
  const transfer = new Transfer(url, part, options, AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]));
  let [bytes, time] = [0, performance.now()];
  const watch = setInterval(() => {
    const [now, ms] = [transfer.received, performance.now() - time];
    // A process that was busy, or asleep, could not take what arrived.
    if (now - bytes < stallMs * leastPerMs && ms < 1.5 * stallMs) stalled.abort();
    [bytes, time] = [now, performance.now()];
  }, stallMs);
  try {
    await transfer.run();
  } catch (error) {
    signal?.throwIfAborted();
    if (!stalled.signal.aborted) throw error;
    throw new GraftError(
      `The download of ${url} stands still: in ${stallMs / 1_000} s next to nothing arrived, ${transfer.received} bytes in all.`,
      { action: 'Check the network and start it again: it continues where it stopped.', cause: error },
    );
  } finally {
    clearInterval(watch);
  }
}

class Transfer {
  received = 0;

  constructor(
    private readonly url: string,
    private readonly part: Part,
    private readonly options: ReceiveOptions,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<void> {
    const have = await this.#toContinue();
    const known = await this.part.source();
    if (have > 0 && have === known?.total) return;
    const { validator } = known ?? {};
    const response = await this.#request(have > 0 ? { range: `bytes=${have}-`, ...ifRange(validator) } : {});
    if (have > 0 && response.status === 206 && continues(response, have, known?.total)) {
      await this.#store(response, have);
      return;
    }
    if (have === 0 || response.status === 200) {
      await this.#store(response, 0);
      return;
    }
    // The part is of another version of the file, or longer than it (416).
    await response.body?.cancel();
    await this.#store(await this.#request({}), 0);
  }

  async #toContinue(): Promise<number> {
    const known = await this.part.source();
    const isKnown = known?.url === this.url && (known.validator !== undefined || this.options.hasHash);
    return isKnown ? await this.part.size() : 0;
  }

  async #request(headers: Readonly<Record<string, string>>): Promise<Response> {
    let target = new URL(this.url);
    for (let redirects = 0; ; redirects++) {
      const response = await this.#fetch(target, headers);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) return response;
      await response.body?.cancel();
      const next = URL.canParse(location, target.href) ? new URL(location, target) : undefined;
      // Only the addresses of definitions are asked: what leads elsewhere is a login page, or worse.
      if (next?.origin !== target.origin || redirects === mostRedirects) {
        throw new GraftError(`${this.url} leads to another address: ${location.slice(0, 200)}.`, {
          action: 'Does this network want you to log in first? Open a page in the browser; then try again.',
        });
      }
      target = next;
    }
  }

  async #fetch(target: URL, headers: Readonly<Record<string, string>>): Promise<Response> {
    try {
      return await fetch(target.href, {
        // Bytes as they are in the file: a compressed answer has no ranges and another length.
        headers: { ...headers, 'accept-encoding': 'identity' },
        redirect: 'manual',
        signal: this.signal,
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new GraftError(`${this.url} cannot be reached: ${messageOf(cause)}.`, {
        action: 'Check the network; or download the file elsewhere and give its path as weights.',
        cause: error,
      });
    }
  }

  /** Writes the answer's bytes behind the `from` that are there. */
  async #store(response: Response, from: number): Promise<void> {
    const { url, part } = this;
    const { maxBytes = 1e9, onProgress } = this.options;
    const { body, headers } = response;
    try {
      this.#checkAnswer(response, from);
    } catch (error) {
      await body?.cancel();
      throw error;
    }
    const length = Number(headers.get('content-length') ?? NaN);
    const total = Number.isSafeInteger(length) ? from + length : undefined;
    const tooLarge = (bytes: number) =>
      new GraftError(`${url} sends ${bytes} bytes, more than such a file can have (${maxBytes}).`, {
        action: 'Check the network: it is not the file that was asked for.',
      });
    if (total !== undefined && total > maxBytes) {
      await body?.cancel();
      throw tooLarge(total);
    }
    if (from === 0) await part.begin({ url, validator: validatorOf(headers), total });
    let done = from;
    try {
      const content = await open(part.file, from > 0 ? 'a' : 'wx');
      try {
        // A chunk is written before the next one is taken: what was counted is there, whenever it ends.
        for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
          if (done + chunk.length > maxBytes) throw tooLarge(done + chunk.length);
          await content.writeFile(chunk);
          done += chunk.length;
          this.received += chunk.length;
          onProgress?.(done, total);
        }
      } finally {
        await content.close();
      }
    } catch (error) {
      if (error instanceof GraftError) {
        await part.clear();
        throw error;
      }
      const described = describeWriteError(part.file, error);
      if (described !== error) throw described;
      throw this.#brokeOff(`${done} bytes: ${messageOf(error)}`, error);
    }
    if (total !== undefined && done !== total) throw this.#brokeOff(`${done} of ${total} bytes`);
  }

  #brokeOff(what: string, cause?: unknown): GraftError {
    return new GraftError(`The download of ${this.url} broke off after ${what}.`, {
      action: 'Start it again: it continues where it stopped.',
      cause,
    });
  }

  #checkAnswer({ status, statusText, headers }: Response, from: number): void {
    if (status !== (from > 0 ? 206 : 200)) {
      throw new GraftError(`${this.url} answered ${status} ${statusText}`.trimEnd(), {
        action: 'Try again later; or give the path of the file as weights.',
      });
    }
    const type = headers.get('content-type') ?? '';
    if (/^\s*text\/html/i.test(type)) {
      throw new GraftError(`${this.url} answered with a web page (${type}) instead of the file.`, {
        action: 'Does this network want you to log in first? Open a page in the browser; then try again.',
      });
    }
    const encoding = headers.get('content-encoding') ?? 'identity';
    if (encoding !== 'identity') {
      throw new GraftError(`${this.url} answered in the encoding ${encoding}, which nobody asked for.`, {
        action: 'Something on the way changes the file: try another network, or give the path of the file as weights.',
      });
    }
  }
}

/** A weak ETag does not promise the same bytes, so no range is asked for by it. */
function validatorOf(headers: Headers): string | undefined {
  const tag = headers.get('etag');
  return tag !== null && !tag.startsWith('W/') ? tag : (headers.get('last-modified') ?? undefined);
}

function ifRange(validator: string | undefined): Readonly<Record<string, string>> {
  return validator === undefined ? {} : { 'if-range': validator };
}

/** Whether a partial answer begins where the part ends, and belongs to a file of the same length. */
function continues({ headers }: Response, have: number, total: number | undefined): boolean {
  const [, first, last, length] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  if (Number(first) !== have) return false;
  if (length === '*' || length === undefined) return length === '*';
  return Number(last) + 1 === Number(length) && (total === undefined || total === Number(length));
}
