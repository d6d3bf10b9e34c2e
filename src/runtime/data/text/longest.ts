/** What is said of a text's length: in the files of a hub, each an object or absent. */
interface LengthFiles {
  readonly sentence: Readonly<Record<string, unknown>> | undefined;
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly model: Readonly<Record<string, unknown>> | undefined;
}

/** RoBERTa and its kin have places before the first one, which no text can have. */
const offsets: Readonly<Record<string, number>> = {
  roberta: 2,
  'xlm-roberta': 2,
  camembert: 2,
  mpnet: 2,
  longformer: 2,
};

/** Writers that know no limit write 10³⁰. */
const sensible = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= 1e6;

/**
 * How many tokens a base takes of a text, special ones included: what sentence-transformers were told, else the smaller of what the tokenizer
 * and the model say.
 */
export function longestOf({ sentence, tokenizer, model }: LengthFiles): number {
  const positions = model?.['max_position_embeddings'];
  const places = sensible(positions) ? positions - (offsets[String(model?.['model_type'])] ?? 0) : Infinity;
  const asked = sentence?.['max_seq_length'];
  if (sensible(asked)) return Math.min(asked, places);
  const most = tokenizer['model_max_length'];
  return Math.min(sensible(most) ? most : Infinity, places);
}

/** The file that says the same to whoever reads the tokenizer again. */
export function lengthFile(longest: number): Readonly<Record<string, string>> {
  return longest === Infinity ? {} : { 'sentence_bert_config.json': JSON.stringify({ max_seq_length: longest }) };
}
