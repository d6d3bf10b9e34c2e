import { GraftError } from '../../common/errors.js';
import { fileHash } from '../../common/hash.js';
import type { FloatTensor, NamedTensors, Tensor } from '../../common/tensor.js';
import { tapInputs, tapName, type Program, type ProgramInput } from '../graph/index.js';
import { encoderSettings, type OnnxEncoderSettings, type Pooling } from '../layers/encoder.js';
import { openSession, type Session } from './session.js';
import type { Engine, Refusal, Ready, Runner } from './types.js';

/** A program that begins with an encoder: that one, and what follows it. */
interface Encoded {
  readonly settings: OnnxEncoderSettings;
  /** What follows takes the encoder's output. */
  readonly rest: Program;
}

/** Undefined where the program has no encoder. @returns a refusal where it is not what takes the input. */
export function encoderOf(program: Program): Encoded | Refusal | undefined {
  const steps = program.steps.filter(({ layer }) => layer.getClassName() === 'OnnxEncoder');
  const [step] = steps;
  if (step === undefined) return undefined;
  const [input, output] = [step.inputs[0], step.outputs[0]];
  if (steps.length > 1 || program.inputs.length !== 1 || input !== program.inputs[0] || output === undefined)
    return { refusal: `the layer ${step.layer.name} (OnnxEncoder): not the first one` };
  const rest = { ...program, inputs: [output], steps: program.steps.filter((one) => one !== step) };
  // Its configuration is its settings, beside the name.
  return { settings: encoderSettings(step.layer.getConfig() as unknown as OnnxEncoderSettings), rest };
}

/** The encoder as it is, then the rest on an engine. */
export function compileEncoded(
  { settings, rest }: Encoded,
  inputs: readonly ProgramInput[],
  compile: Engine['compile'],
): Ready<Runner> | Refusal {
  const given = inputs[0]?.name ?? '';
  const after = rest.steps.length === 0 ? undefined : compile(rest, tapInputs(rest));
  if (after?.refusal !== undefined) return after;
  return {
    async open() {
      const encoder = await openEncoder(settings);
      const next = await after?.open();
      return {
        async run(tensors: NamedTensors) {
          const ids = tensors[given];
          if (ids === undefined) throw new Error('An encoder takes ids.');
          const features = await encoder.run(ids);
          return next === undefined ? rest.outputs.map(() => features) : await next.run({ [tapName(0)]: features });
        },
        async dispose() {
          await Promise.all([encoder.dispose(), next?.dispose()]);
        },
      };
    },
  };
}

interface Encoder {
  /** Ids [N, length] → [N, units]. */
  run(ids: Tensor): Promise<FloatTensor>;
  dispose(): Promise<void>;
}

/** @throws GraftError where the file is not there, or not the one that it was. */
export async function openEncoder(settings: OnnxEncoderSettings): Promise<Encoder> {
  const { file, hash, output, pooling, normalize } = settings;
  if ((await fileHash(file)) !== hash)
    throw new GraftError(`${file} is not the encoder that this model was made with: its content differs.`, {
      action: 'Put the one back that was there, or make the model again.',
    });
  const session = await openSession(file);
  return {
    async run(ids) {
      const outputs = await session.run(feeds(session, ids));
      // TensorFlow.js writes last_hidden_state as lastHiddenState where it reads a model.
      const plain = (name: string) => name.replaceAll('_', '').toLowerCase();
      const states = Object.entries(outputs).find(([name]) => plain(name) === plain(output))?.[1];
      if (states?.shape.length !== 3) throw new Error(`${output} is no state of tokens.`);
      const pooled = pool({ data: states.data as Float32Array, shape: states.shape }, pooling);
      if (normalize) toUnit(pooled);
      return pooled;
    },
    dispose: () => session.release(),
  };
}

/** All tokens are looked at: texts of one length are together, and nothing is filled up. */
function feeds({ inputNames }: Session, { data, shape }: Tensor): NamedTensors {
  const of = (value: (i: number) => number) => ({
    data: BigInt64Array.from({ length: data.length }, (_, i) => BigInt(value(i))),
    shape,
  });
  const known: Readonly<Record<string, () => Tensor>> = {
    input_ids: () => of((i) => Number(data[i])),
    attention_mask: () => of(() => 1),
    token_type_ids: () => of(() => 0),
  };
  return Object.fromEntries(inputNames.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]()]])));
}

/** The names of inputs that are known. */
export const encoderInputs: ReadonlySet<string> = new Set(['input_ids', 'attention_mask', 'token_type_ids']);

/** [N, length, units] → [N, units]. */
function pool({ data, shape }: FloatTensor, pooling: Pooling): FloatTensor {
  const [n = 0, length = 0, units = 0] = shape;
  const result = new Float32Array(n * units);
  const sums = new Float64Array(units);
  for (let row = 0; row < n; row++) {
    const start = row * length * units;
    if (pooling === 'cls') {
      result.set(data.subarray(start, start + units), row * units);
      continue;
    }
    sums.fill(pooling === 'max' ? -Infinity : 0);
    for (let at = start, end = start + length * units; at < end; at += units)
      for (let unit = 0; unit < units; unit++) {
        const [value, so] = [data[at + unit] ?? NaN, sums[unit] ?? NaN];
        sums[unit] = pooling === 'max' ? Math.max(so, value) : so + value / length;
      }
    result.set(sums, row * units);
  }
  return { data: result, shape: [n, units] };
}

/** Each row to length 1, in place. */
function toUnit({ data, shape: [, units = 1] }: FloatTensor): void {
  for (let start = 0; start < data.length; start += units) {
    const row = data.subarray(start, start + units);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) for (let i = 0; i < units; i++) row[i] = (row[i] ?? 0) / length;
  }
}
