import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What a training ends with, but for times. */
export type TrainingResult = Readonly<Record<string, unknown>>;

const parts = ['metrics', 'perClass', 'confusion', 'mistakes', 'skipped', 'hashes', 'history'];

/** Undefined where it has not come to its end. */
export function resultOf(run: string): TrainingResult | undefined {
  const [report, weights] = [path.join(run, 'report.json'), path.join(run, 'model', 'weights.bin')];
  if (!existsSync(report) || !existsSync(weights)) return undefined;
  const found = JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown>;
  const history = (found['history'] as object[]).map((epoch) => ({ ...epoch, ms: 0 }));
  return {
    ...Object.fromEntries(parts.map((part) => [part, found[part]])),
    history,
    weights: createHash('sha256').update(readFileSync(weights)).digest('hex'),
  };
}

/** Names of what is not the same, bit for bit. */
export function differences(expected: TrainingResult, received: TrainingResult | undefined): string[] {
  if (received === undefined) return ['no result'];
  return Object.keys(expected).filter((key) => JSON.stringify(expected[key]) !== JSON.stringify(received[key]));
}

/** Temporary files below `folder`, and sockets in `temporary`, that no process needs any more. */
export function leftIn(folder: string, temporary: string): string[] {
  const files = readdirSync(folder, { recursive: true }).map(String);
  const sockets = readdirSync(temporary, { recursive: true, withFileTypes: true });
  return [
    ...files.filter((file) => file.endsWith('.tmp')),
    ...sockets.filter((entry) => entry.isSocket()).map(({ name }) => name),
  ];
}
