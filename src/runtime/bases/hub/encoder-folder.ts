import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';

import { isPlainObject } from '../../../common/check-options.js';
import { GraftError } from '../../../common/errors.js';
import { readJsonFile } from '../../../common/read-file.js';
import { encoderInputs } from '../../engines/encoder.js';
import { readOnnx } from '../../graph/onnx-file.js';
import type { Pooling } from '../../layers/encoder.js';

/** What a folder says of the encoder in it. */
export interface EncoderFacts {
  /** The folder that the tokenizer is in. */
  readonly folder: string;
  readonly file: string;
  readonly output: string;
  readonly units: number;
  readonly pooling: Pooling;
  /** How that is known, as a sentence. */
  readonly why: string;
  readonly normalize: boolean;
  /** Rows of its table of tokens; undefined where config.json does not say. */
  readonly tokens: number | undefined;
}

/** Where a hub has its ONNX files: the one with all digits, never one of fewer bits that happens to be there. */
const modelFiles = ['onnx/model.onnx', 'model.onnx'];

/** The encoder that a path stands for: a folder as a hub has it, or the ONNX file in one. Undefined where it is none of them. */
export function encoderAt(location: string): { readonly folder: string; readonly file: string } | undefined {
  if (location.toLowerCase().endsWith('.onnx') && existsSync(location)) {
    const folder = path.dirname(location);
    const above = path.basename(folder) === 'onnx' ? path.dirname(folder) : folder;
    return { folder: existsSync(path.join(folder, 'tokenizer.json')) ? folder : above, file: location };
  }
  // A layers model is one, whatever lies beside it.
  if (existsSync(path.join(location, 'model.json'))) return undefined;
  const file = modelFiles.map((name) => path.join(location, name)).find((name) => existsSync(name));
  return file === undefined ? undefined : { folder: location, file };
}

/**
 * Reads what the files of a hub say of an encoder: which output, how its states become one vector, whether that gets length 1.
 *
 * @throws GraftError for a model that is no text encoder, or whose files lie outside its folder.
 */
export async function readEncoder({ folder, file }: { folder: string; file: string }): Promise<EncoderFacts> {
  const { inputs, outputs, external } = await readOnnx(file);
  await checkExternal(file, external);
  const refuse = (why: string) =>
    new GraftError(`${file} is an ONNX model, which cannot be a base: ${why}.`, {
      action: 'Give an encoder of texts as a hub has it: input_ids and attention_mask in, last_hidden_state out.',
    });
  if (!inputs.some(({ name }) => name === 'input_ids')) throw refuse('it takes no input_ids');
  const strange = inputs.find(({ name }) => !encoderInputs.has(name));
  if (strange !== undefined) throw refuse(`it takes ${strange.name}, which is not known`);
  const states = outputs.filter(({ shape }) => shape.length === 3);
  const output = states.find(({ name }) => name === 'last_hidden_state') ?? states[0];
  if (output === undefined) throw refuse('it has no output [texts, tokens, numbers]');
  const config = await jsonIn(folder, 'config.json');
  const units = output.shape[2] ?? config?.['hidden_size'];
  if (typeof units !== 'number' || !Number.isSafeInteger(units) || units < 1 || units > 65_536)
    throw refuse('nothing says how many numbers it makes of a token');
  const modules = await modulesOf(folder);
  const tokens = config?.['vocab_size'];
  return {
    ...{ folder, file, output: output.name, units },
    ...(await poolingOf(folder, modules)),
    normalize: modules.some(({ type }) => type.endsWith('.Normalize')),
    tokens: typeof tokens === 'number' ? tokens : undefined,
  };
}

interface Module {
  readonly type: string;
  readonly path: string;
}

/** What sentence-transformers do one after the other. */
async function modulesOf(folder: string): Promise<readonly Module[]> {
  const file = path.join(folder, 'modules.json');
  const list = existsSync(file) ? await readJsonFile(file) : [];
  return (Array.isArray(list) ? (list as unknown[]) : []).flatMap((entry) =>
    isPlainObject(entry) && typeof entry['type'] === 'string'
      ? [{ type: entry['type'], path: typeof entry['path'] === 'string' ? entry['path'] : '' }]
      : [],
  );
}

const modes: Readonly<Record<string, Pooling>> = {
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_cls_token: 'cls',
  pooling_mode_max_tokens: 'max',
};

async function poolingOf(folder: string, modules: readonly Module[]): Promise<Pick<EncoderFacts, 'pooling' | 'why'>> {
  const module = modules.find(({ type }) => type.endsWith('.Pooling'));
  const name = /^[\w.-]+$/.test(module?.path ?? '') ? (module?.path ?? '') : '1_Pooling';
  const file = `${name}/config.json`;
  const config = await jsonIn(folder, file);
  if (config === undefined)
    return { pooling: 'mean', why: 'Nothing says how its tokens become one vector: their mean is taken.' };
  const on = Object.keys(config).filter((key) => key.startsWith('pooling_mode_') && config[key] === true);
  const named = typeof config['pooling_mode'] === 'string' ? [`pooling_mode_${config['pooling_mode']}_tokens`] : on;
  const [mode = '', ...others] = named;
  const pooling = modes[mode] ?? (mode === 'pooling_mode_cls_tokens' ? 'cls' : undefined);
  if (pooling !== undefined && others.length === 0) return { pooling, why: `${file} says so.` };
  throw new GraftError(`${path.join(folder, file)} asks for ${named.join(' and ') || 'no pooling'}.`, {
    action: 'Mean, cls and max, one of them, are known: take another encoder.',
  });
}

async function jsonIn(folder: string, name: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const file = path.join(folder, name);
  if (!existsSync(file)) return undefined;
  const value = await readJsonFile(file);
  return isPlainObject(value) ? value : undefined;
}

/** @throws GraftError for tensors in files that are not there, or not within the model's folder. */
async function checkExternal(file: string, external: readonly string[]): Promise<void> {
  const folder = await realpath(path.dirname(file));
  for (const name of external) {
    const target = await realpath(path.resolve(folder, name)).catch(() => undefined);
    if (target === undefined)
      throw new GraftError(`${file} has its weights in ${name}, which is not there.`, {
        action: 'Copy that file too, into the same folder.',
      });
    if (!target.startsWith(folder + path.sep))
      throw new GraftError(`${file} has its weights in ${name}, outside its folder.`, {
        action: 'Do not use it: a model reads no files of others.',
      });
  }
}
