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

/** What killed processes have left: files of a workspace that are not whole, and everything in their folder for temporary files. */
export function leftIn(workspace: string, temporary: string): string[] {
  const unfinished = readdirSync(workspace, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.tmp'));
  const others = readdirSync(temporary, { recursive: true, withFileTypes: true }).filter(
    (entry) => !entry.isDirectory(),
  );
  return [...unfinished, ...others.map(({ name }) => name)];
}
