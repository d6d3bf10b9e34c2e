import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { unzipSync, zipSync } from 'fflate';
import * as h5 from 'h5wasm/node';

import { GraftError } from '../../src/common/errors.js';
import { layersModelFiles } from '../../src/runtime/export/saved-model.js';
import { fixtures, tinyModel } from './made-up.js';
import { temporaryFolder } from './pictures.js';

/** A model's configuration as its file holds it; what a test changes of it is its own business. */
export interface Config {
  class_name: string;
  config: { layers: Layer[]; input_layers: unknown[]; output_layers: unknown[] };
}
export interface Layer {
  class_name?: string;
  name?: string;
  config: Record<string, unknown>;
  inbound_nodes?: unknown;
}
type Change = (config: Config) => unknown;

/** What a test writes in place of a configuration. */
export class Text {
  constructor(readonly text: string) {}
}

/** A changed configuration, or what is written in its place. */
function changed(text: string, change: Change): string {
  const config = JSON.parse(text) as Config;
  const result = change(config);
  return result instanceof Text ? result.text : JSON.stringify(config);
}

/** The tiny model in each format, with another topology: a file that `loadBase` takes. */
export const formats: Readonly<Record<string, (change: Change) => Promise<string>>> = {
  'model.json': async (change) => {
    const folder = temporaryFolder();
    const { topology, weights } = await layersModelFiles(tinyModel());
    const manifest = JSON.parse(topology) as { modelTopology: Config };
    const text = changed(JSON.stringify(manifest.modelTopology), change);
    writeFileSync(
      path.join(folder, 'model.json'),
      JSON.stringify(manifest).replace(JSON.stringify(manifest.modelTopology), () => text),
    );
    writeFileSync(path.join(folder, 'weights.bin'), weights);
    return path.join(folder, 'model.json');
  },
  'x.h5': async (change) => {
    const file = path.join(temporaryFolder(), 'x.h5');
    cpSync(path.join(fixtures, 'tiny.h5'), file);
    await editH5(file, (opened) => {
      const text = changed(String(opened.get_attribute('model_config', true)), change);
      opened.delete_attribute('model_config');
      opened.create_attribute('model_config', text);
    });
    return file;
  },
  'x.keras': (change) => {
    const entries = unzipSync(readFileSync(path.join(fixtures, 'tiny.keras')));
    const config = changed(new TextDecoder().decode(entries['config.json']), change);
    return Promise.resolve(kerasFile({ ...entries, 'config.json': new TextEncoder().encode(config) }));
  },
};

export function kerasFile(entries: Record<string, Uint8Array>): string {
  const file = path.join(temporaryFolder(), 'x.keras');
  writeFileSync(file, zipSync(entries, { level: 6 }));
  return file;
}

/** Changes an HDF5 file in its place; a new one where there is none. */
export async function editH5(file: string, edit: (opened: h5.File) => void, mode: 'a' | 'w' = 'a'): Promise<string> {
  await h5.ready;
  const opened = new h5.File(file, mode);
  edit(opened);
  opened.close();
  return file;
}

/** The bytes of the weights in the fixture tiny.keras. */
export function tinyWeights(): Uint8Array {
  return unzipSync(readFileSync(path.join(fixtures, 'tiny.keras')))['model.weights.h5'] ?? new Uint8Array();
}

/** The sentence and action of the GraftError that `work` must end in. */
export async function failure(work: Promise<unknown>, what = 'it'): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(
    error instanceof GraftError,
    `${what}: no GraftError: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
  );
  const text = `${error.message} ${error.action}`;
  assert.doesNotMatch(text, /undefined|\[object |Cannot read prop|is not a function|    at /);
  return text;
}
