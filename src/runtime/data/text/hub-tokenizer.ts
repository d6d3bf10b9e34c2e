import { Tokenizer as HubModel } from '@huggingface/tokenizers';

import { isPlainObject } from '../../../common/check-options.js';
import { GraftError, messageOf } from '../../../common/errors.js';
import { sha256 } from '../../../common/hash.js';
import { parseJson } from '../../../common/read-file.js';
import { longestOf, lengthFile } from './longest.js';
import type { Tokenizer, Tokens } from './tokenizer.js';

/** The files of a tokenizer as a hub has them, by name. Others than these are ignored. */
export type TokenizerFiles = Readonly<Record<string, string | Uint8Array>>;

/** What a hub's tokenizer is besides: what its base must have rows for. */
export interface HubTokenizer extends Tokenizer {
  /** The largest id that it can give. */
  readonly largest: number;
}

/** Far more characters than so many tokens have in any language: what follows them is not looked at. */
const charactersAtMost = (longest: number) => Math.min(1 << 20, Math.max(1 << 16, 64 * longest));

/** Different words that are remembered; then all are forgotten. */
const wordsAtMost = 100_000;

/**
 * A tokenizer of Hugging Face's `tokenizers`: WordPiece, BPE or Unigram, in its `tokenizer.json`. Ids are those that the Rust library gives,
 * truncated so that the special tokens stay at their ends.
 *
 * @param files `tokenizer.json`; beside it, where they are there, `tokenizer_config.json`, `sentence_bert_config.json` and `config.json`,
 *   which say how many tokens the base takes.
 * @param where the files are, as errors name it.
 * @throws GraftError for a `tokenizer.json` that is missing, damaged, or of a kind that is not known.
 */
export function hubTokenizer(files: TokenizerFiles, where = 'The tokenizer'): HubTokenizer {
  const json = read(files, 'tokenizer.json', where);
  if (json === undefined)
    throw new GraftError(`${where} has no tokenizer.json.`, {
      action: 'Copy it from where the model came from: without it nobody knows which numbers its words have.',
    });
  const config = read(files, 'tokenizer_config.json', where) ?? {};
  const { model, largest } = modelOf(json, config, where);
  const longest = longestOf({
    sentence: read(files, 'sentence_bert_config.json', where),
    tokenizer: config,
    model: read(files, 'config.json', where),
  });
  const { before, after } = specialTokens(model, where);
  const room = longest - before.length - after.length;
  if (room < 1) throw damaged(where, `${longest} tokens at most leave no room for a text`);
  const kept = {
    'tokenizer.json': textOf(files['tokenizer.json']),
    'tokenizer_config.json': JSON.stringify(config),
    ...lengthFile(longest),
  };
  const idsOf = byWords(json) ? rememberedWords(model) : (text: string) => idsIn(model, text);
  const body = (text: string): { ids: readonly number[]; truncated: boolean } => {
    const most = charactersAtMost(longest);
    const ids = idsOf(wellFormed(text.length > most ? text.slice(0, most) : text), room + 1);
    return { ids: ids.slice(0, room), truncated: ids.length > room || text.length > most };
  };
  const inBytes = typeOf(json['decoder']) === 'ByteLevel';
  return {
    hash: sha256(...Object.entries(kept).flat()),
    longest,
    largest,
    files: kept,
    encode(text): Tokens {
      const { ids, truncated } = body(text);
      return { ids: Int32Array.from([...before, ...ids, ...after]), truncated };
    },
    tokens: (text) =>
      body(text).ids.map((id) =>
        inBytes ? model.decode([id], { clean_up_tokenization_spaces: false }) : (model.id_to_token(id) ?? ''),
      ),
  };
}

/** What is in the text, without special tokens. @param enough so many may be all that are given. */
type IdsOf = (text: string, enough: number) => readonly number[];

function idsIn(model: HubModel, text: string): number[] {
  return model.encode(text, { add_special_tokens: false }).ids.filter(Number.isInteger);
}

/**
 * Where white space always ends a token, each word is looked up once: most words of a text were in others. The library's own normalizer asks
 * several regular expressions about each character.
 */
function rememberedWords(model: HubModel): IdsOf {
  const known = new Map<string, readonly number[]>();
  return (text, enough) => {
    const ids: number[] = [];
    for (const word of text.split(/[ \t\r\n]+/)) {
      let found = known.get(word);
      if (found === undefined) {
        found = word === '' ? [] : idsIn(model, word);
        if (known.size >= wordsAtMost) known.clear();
        if (word.length <= 64) known.set(word, found);
      }
      for (const id of found) ids.push(id);
      if (ids.length >= enough) break;
    }
    return ids;
  };
}

/** Whether it is BERT's, which begins anew after white space; an added token that holds some could be seen in the whole text alone. */
function byWords(json: Readonly<Record<string, unknown>>): boolean {
  const added = Array.isArray(json['added_tokens']) ? (json['added_tokens'] as readonly unknown[]) : [];
  const isPlain = (token: unknown) =>
    isPlainObject(token) &&
    token['lstrip'] !== true &&
    token['rstrip'] !== true &&
    !/\s/.test(String(token['content']));
  return (
    typeOf(json['normalizer']) === 'BertNormalizer' &&
    typeOf(json['pre_tokenizer']) === 'BertPreTokenizer' &&
    typeOf(json['model']) === 'WordPiece' &&
    added.every(isPlain)
  );
}

/** What stands before and after each text: found by one that has a token. */
function specialTokens(model: HubModel, where: string): { before: readonly number[]; after: readonly number[] } {
  const all = model.encode('a').ids;
  const bare = idsIn(model, 'a');
  const at = all.findIndex((_: number, i: number) => bare.every((id, k) => all[i + k] === id));
  if (bare.length === 0 || at === -1) throw damaged(where, 'it has no token for the letter a');
  return { before: all.slice(0, at), after: all.slice(at + bare.length) };
}

function modelOf(
  json: Readonly<Record<string, unknown>>,
  config: object,
  where: string,
): { readonly model: HubModel; readonly largest: number } {
  const kind = typeOf(json['model']);
  if (!['WordPiece', 'BPE', 'Unigram'].includes(kind))
    throw damaged(
      where,
      kind === '' ? 'it holds no model' : `its model is a ${kind}; WordPiece, BPE and Unigram are known`,
    );
  // Before anything has a place for each: the library's list is as long as the largest id.
  const largest = largestId(json);
  if (largest === undefined) throw damaged(where, 'it has no list of tokens with whole numbers');
  const absent = { decoder: null, post_processor: null, pre_tokenizer: null, normalizer: null };
  try {
    return { model: new HubModel({ ...absent, ...json }, config), largest };
  } catch (error) {
    throw damaged(where, messageOf(error), error);
  }
}

/** Undefined where ids are no small whole numbers. */
function largestId({ model, added_tokens: added }: Readonly<Record<string, unknown>>): number | undefined {
  const vocabulary = isPlainObject(model) ? model['vocab'] : undefined;
  if (typeof vocabulary !== 'object' || vocabulary === null || !Array.isArray(added)) return undefined;
  // A Unigram's tokens are numbered by their places.
  const ids: unknown[] = Array.isArray(vocabulary) ? [vocabulary.length - 1] : Object.values(vocabulary);
  for (const token of added as readonly unknown[]) ids.push(isPlainObject(token) ? token['id'] : undefined);
  let largest = -1;
  for (const id of ids) {
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0 || id > 1e7) return undefined;
    largest = Math.max(largest, id);
  }
  return largest === -1 ? undefined : largest;
}

function damaged(where: string, why: string, cause?: unknown): GraftError {
  return new GraftError(`${where}: tokenizer.json cannot be used: ${why}.`, {
    action: 'Copy it again from where the model came from.',
    cause,
  });
}

function read(files: TokenizerFiles, name: string, where: string): Record<string, unknown> | undefined {
  const content = files[name];
  if (content === undefined) return undefined;
  const value = parseJson(textOf(content), `${where}: ${name}`);
  if (isPlainObject(value)) return value;
  throw new GraftError(`${where}: ${name} is not what a tokenizer has there: it is no object.`, {
    action: 'Copy it again from where the model came from.',
  });
}

const textOf = (content: string | Uint8Array | undefined) =>
  typeof content === 'string' ? content : Buffer.from(content ?? []).toString('utf8');

/** `type` of a part; WordPiece files of old have none. */
function typeOf(part: unknown): string {
  if (!isPlainObject(part)) return '';
  if (typeof part['type'] === 'string') return part['type'];
  return 'continuing_subword_prefix' in part && 'max_input_chars_per_word' in part ? 'WordPiece' : '';
}

/** Halves of surrogate pairs become U+FFFD, as in every text that was written as UTF-8. */
const wellFormed = (text: string) =>
  text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
