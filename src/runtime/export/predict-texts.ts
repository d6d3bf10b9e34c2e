import type { Prediction } from '../../protocol/index.js';
import { GraftError } from '../../common/errors.js';
import type { NamedTensors } from '../../common/tensor.js';
import { dataKinds, kindOf, type Item, type TextSource } from '../data/index.js';
import { normalText } from '../data/text/normal-text.js';
import { taskOf } from '../tasks/index.js';
import { openModel, type OpenModel } from './open-model.js';

/** A text that somebody asks about, and how the answer calls it: a line of a table, say. */
export interface AskedText {
  readonly name: string;
  readonly text: string;
}

/** Texts that are given to the model together: those of one length in one batch. */
const together = 256;

/**
 * Says what texts are, in their order. Memory does not grow with their number; an empty one has an `error` instead of an answer.
 *
 * @throws GraftError for a model of something else.
 */
export async function* predictTexts(directory: string, texts: Iterable<AskedText>): AsyncGenerator<Prediction> {
  const model = await openModel(directory);
  try {
    checkTexts(model, directory);
    yield* predictTextsWith(model, texts);
  } finally {
    await model.close();
  }
}

/** The same with a model of texts that is open already. */
export async function* predictTextsWith(model: OpenModel, texts: Iterable<AskedText>): AsyncGenerator<Prediction> {
  let waiting: AskedText[] = [];
  for (const { name, text } of texts) {
    waiting.push({ name, text: normalText(text) });
    if (waiting.length < together) continue;
    yield* await predictTogether(model, waiting);
    waiting = [];
  }
  yield* await predictTogether(model, waiting);
}

/** @throws GraftError for a model of something else. */
export function checkTexts({ trained }: OpenModel, called: string): void {
  const { name, words } = kindOf(trained);
  if (name === 'text') return;
  throw new GraftError(`${called} is a model of ${words.many}, and is asked about texts.`, {
    action: `Give it files of ${words.many}, or take a model that was trained on texts.`,
  });
}

async function predictTogether(
  { trained, predictor }: OpenModel,
  asked: readonly AskedText[],
): Promise<readonly Prediction[]> {
  const said = asked.filter(({ text }) => text !== '');
  const items = said.map(({ name, text }): Item<TextSource> => {
    const source = { path: name, text };
    return { example: { id: name, source, label: 0, hash: '' }, view: 0 };
  });
  const tensors: NamedTensors[] = [];
  for await (const view of dataKinds.text.views(trained).read(items)) if ('tensors' in view) tensors.push(view.tensors);
  const outputs = await predictor.predict(tensors);
  const width = trained.classes.length;
  const answers = new Map(
    said.map((one, i) => [
      one,
      taskOf(trained).say(outputs.subarray(i * width, (i + 1) * width), trained.classes, trained.thresholds),
    ]),
  );
  return asked.map((one): Prediction => {
    const answer = answers.get(one);
    const { name: file, text } = one;
    return answer === undefined
      ? { file, error: `${file === '' ? 'The text' : file} is empty. Give a text.` }
      : { file, text, ...answer };
  });
}
