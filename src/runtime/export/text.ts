import { GraftError } from '../../common/errors.js';
import { dataKinds } from '../data/index.js';
import type { TextForm } from '../data/text/form.js';
import type { Tokenizer } from '../data/text/tokenizer.js';
import { inputsOf } from '../graph/inputs.js';
import { taskOf } from '../tasks/index.js';
import { exampleText } from './examples.js';
import type { CheckExample, ExportKind } from './export-kind.js';

/**
 * Texts. An ONNX file is given the ids of tokens, `ids`, [N, tokens], int32, one length in a batch; beside it are the files of the tokenizer
 * that makes them, and where that is a `tokenizer.json`, programs that use it.
 */
export const textExport: ExportKind<TextForm> = {
  metadata(trained) {
    const tokenizer = tokenizerOf(trained);
    return {
      ...(tokenizer.longest === Infinity ? {} : { longest: tokenizer.longest }),
      tokenizer: tokenizer.hash,
      order: 'tokens of one text, special ones included, cut at the longest; nothing is filled up',
    };
  },
  checkExamples: (trained) => texts.map((text) => exampleOf(text, tokenizerOf(trained))),
  onnxInputs(builder, trained) {
    const ids = builder.input('ids', ['N', 'ids_1'], 'int32');
    return inputsOf(dataKinds.text, trained, trained.preprocessing, trained.model).map(({ nodes }) =>
      nodes(builder, ids),
    );
  },
  async onnxFiles(trained, name) {
    const tokenizer = tokenizerOf(trained);
    const stem = name.replace(/\.onnx$/i, '');
    const { 'tokenizer.json': json } = tokenizer.files;
    if (json === undefined)
      return Object.fromEntries(
        Object.entries(tokenizer.files).map(([file, content]) => [`.${file}`, content] as const),
      );
    const task = taskOf(trained).name;
    return {
      '.tokenizer.json': json,
      '.example.py': await exampleText('text', 'example.py', task, {
        '"model.onnx"': name,
        '"tokenizer.json"': `${stem}.tokenizer.json`,
      }),
      '.example.mjs': await exampleText('text', 'example.mjs', task, {
        "'model.onnx'": name,
        "'tokenizer.json'": `${stem}.tokenizer.json`,
        "['classes']": trained.classes,
        ...(trained.thresholds === undefined ? {} : { "['thresholds']": trained.thresholds }),
        // JSON knows no infinity.
        "'longest'": Number.isFinite(tokenizer.longest) ? tokenizer.longest : Number.MAX_SAFE_INTEGER,
        "'after'": tokensAfter(tokenizer),
      }),
    };
  },
  plainInput() {
    throw new GraftError('A model of texts takes tokens, and TensorFlow.js has nothing that makes them.', {
      action: 'Export it as ONNX (--to onnx), with its tokenizer: it runs in the browser too (onnxruntime-web).',
    });
  },
  plainFiles: () => Promise.resolve({}),
};

/** Short and long ones, with what tokenizers stumble over. */
const texts = [
  'a',
  'The roses arrived in good order, thank you!',
  'Ünïcode, “quotes” & 1,234.50 €; naïve café 日本語 🌱',
  'When will my order be here? '.repeat(40),
];

function exampleOf(text: string, tokenizer: Tokenizer): CheckExample {
  const { ids } = tokenizer.encode(text);
  const tensors = { ids: { data: ids, shape: [1, ids.length] } };
  return { given: tensors, tensors };
}

/** Special tokens that follow a text. */
function tokensAfter(tokenizer: Tokenizer): number {
  const [alone, one] = [tokenizer.encode('').ids, tokenizer.encode('a').ids];
  const before = alone.findIndex((id, i) => id !== one[i]);
  return before === -1 ? 0 : alone.length - before;
}

function tokenizerOf({ tokenizer }: TextForm): Tokenizer {
  if (tokenizer === undefined) throw new Error('A model of texts has a tokenizer.');
  return tokenizer;
}
