import path from 'node:path';

import type { Prediction } from '../../protocol/index.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { textsInColumn } from '../data/text/column.js';
import { textExtensions } from '../data/text/extensions.js';
import { readText } from '../data/text/read-text.js';
import { shownTexts } from '../data/text/shown.js';
import type { OpenModel } from './open-model.js';
import { checkTexts, predictTextsWith, type AskedText } from './predict-texts.js';

/** Of a table that somebody tries a model on, so many texts are answered. */
export const mostOfTable = 200;

/** What somebody tries a model on: texts that were typed, and files: a text in each, or a table of texts. */
interface Tried {
  readonly texts: readonly string[];
  readonly files: readonly string[];
}

/**
 * Says what texts are, each with the tokens that the model was given of its beginning. A file that cannot be read has an `error` in the place
 * of an answer.
 *
 * @throws GraftError for a model of something else.
 */
export async function predictTried(
  model: OpenModel,
  { texts, files }: Tried,
  signal?: AbortSignal,
): Promise<readonly Prediction[]> {
  checkTexts(model, 'What is tried');
  const predictions: Prediction[] = [];
  const ask = async (asked: readonly AskedText[]) => {
    for await (const one of predictTextsWith(model, asked)) {
      signal?.throwIfAborted();
      predictions.push(shownWith(one, model));
    }
  };
  await ask(texts.map((text) => ({ name: '', text })));
  for (const file of files) {
    try {
      await ask(await textsOf(file));
    } catch (error) {
      signal?.throwIfAborted();
      predictions.push({
        file,
        error: error instanceof GraftError ? `${error.message} ${error.action}` : messageOf(error),
      });
    }
  }
  return predictions;
}

async function textsOf(file: string): Promise<readonly AskedText[]> {
  if (textExtensions.has(path.extname(file).toLowerCase()))
    return [{ name: path.basename(file), text: await readText(file) }];
  return (await textsInColumn(file)).slice(0, mostOfTable);
}

function shownWith(prediction: Prediction, { trained }: OpenModel): Prediction {
  const { text } = prediction;
  if (text === undefined || !('tokenizer' in trained) || trained.tokenizer === undefined) return prediction;
  return { ...prediction, ...shownTexts(text, trained.tokenizer) };
}
