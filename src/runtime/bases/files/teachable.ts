import { existsSync } from 'node:fs';
import path from 'node:path';

import { GraftError } from '../../../common/errors.js';
import { readJsonFile } from '../../../common/read-file.js';
import type { tf } from '../../tf.js';

/** What Teachable Machine says of a model of pictures that it has exported. */
export interface TeachableInfo {
  /** The classes' names, in the order of the outputs. */
  readonly labels: readonly string[];
  /** A side of the pictures, in pixels. */
  readonly imageSize?: number;
}

const maxBytes = 16e6;
const mostNames = 8;

/**
 * The metadata.json beside a model.json, where Teachable Machine wrote it; undefined for any other file. One that is damaged says nothing: the
 * model is none the worse for it.
 */
export async function readTeachable(file: string): Promise<TeachableInfo | undefined> {
  const metadata = path.join(path.dirname(file), 'metadata.json');
  if (path.basename(file) !== 'model.json' || !existsSync(metadata)) return undefined;
  const value = await readJsonFile(metadata, maxBytes).catch((error: unknown) => {
    if (error instanceof GraftError) return undefined;
    throw error;
  });
  const { packageName, tmVersion, labels, imageSize } = (value ?? {}) as Record<string, unknown>;
  const isItsOwn =
    typeof packageName === 'string' ? packageName.startsWith('@teachablemachine/') : typeof tmVersion === 'string';
  if (!isItsOwn || !Array.isArray(labels) || !labels.every((label) => typeof label === 'string')) return undefined;
  return { labels, ...(Number.isSafeInteger(imageSize) ? { imageSize: Number(imageSize) } : {}) };
}

/** What the outputs of a whole model stand for, where Teachable Machine has a name for each. */
export function classesOf({ labels }: TeachableInfo, { outputs }: tf.LayersModel): readonly string[] | undefined {
  return outputs.length === 1 && outputs[0]?.shape.at(-1) === labels.length ? labels : undefined;
}

/** On one line: the first of many. */
export function labelsText(labels: readonly string[]): string {
  return [...labels.slice(0, mostNames), ...(labels.length > mostNames ? ['…'] : [])].join(', ');
}
