import { readFileSync, watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * When to kill: some time after a line of the event log, or right when a file begins to be written.
 * `span` is about how long what begins then takes, in milliseconds.
 */
export type Moment = { readonly name: string; readonly span: number } & (
  { readonly after: RegExp } | { readonly writing: RegExp; readonly folder: string } | { readonly start: true }
);

/** One for each thing that a training does; each is as likely as any other. */
export const moments: readonly Moment[] = [
  { name: 'start', start: true, span: 700 },
  { name: 'scanning', after: /"phase":"read","state":"started"/, span: 150 },
  { name: 'prefix', after: /"phase":"prefix","state":"started"/, span: 500 },
  { name: 'head stage', after: /"type":"stage","stage":"head"/, span: 700 },
  { name: 'fine-tune', after: /"type":"stage","stage":"fine-tune"/, span: 2500 },
  { name: 'checkpoint write', writing: /\.safetensors\..*tmp$/, folder: 'checkpoints', span: 6 },
  { name: 'evaluation', after: /"phase":"evaluate","state":"started"/, span: 20 },
  { name: 'model write', after: /"phase":"save","state":"started"/, span: 40 },
  { name: 'report write', writing: /^report\.json\..*tmp$/, folder: '.', span: 4 },
];

/**
 * Resolves when the moment has come, `share` of its span later. Lines that were in the log before do not count.
 *
 * @param signal ends the wait: it then resolves too.
 */
export async function waitFor(moment: Moment, run: string, share: number, signal: AbortSignal): Promise<void> {
  if ('after' in moment) await lineOf(path.join(run, 'events.ndjson'), moment.after, signal);
  if ('writing' in moment) await fileIn(path.join(run, moment.folder), moment.writing, signal);
  await sleep(share * moment.span, undefined, { signal }).catch(() => undefined);
}

async function lineOf(log: string, pattern: RegExp, signal: AbortSignal): Promise<void> {
  const before = textOf(log).length;
  while (!signal.aborted && !pattern.test(textOf(log).slice(before))) await sleep(3);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function fileIn(folder: string, pattern: RegExp, signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  await new Promise<void>((resolve) => {
    const settle = () => {
      watcher.close();
      resolve();
    };
    const watcher = watch(folder, (_, name) => {
      if (name !== null && pattern.test(name)) settle();
    });
    if (signal.aborted) settle();
    else signal.addEventListener('abort', settle, { once: true });
  });
}
