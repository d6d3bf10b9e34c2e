import { GraftError } from '../../common/errors.js';
import { defineLayer, isFlag, isText, isWhole } from './define.js';

/** How the states of a text's tokens become one vector. */
export const poolings = ['mean', 'cls', 'max'] as const;
export type Pooling = (typeof poolings)[number];

/** A text encoder in an ONNX file. */
export interface OnnxEncoderSettings {
  /** Its path. */
  readonly file: string;
  /** SHA-256 (hex) of the file. */
  readonly hash: string;
  /** Numbers that it makes of a token. */
  readonly units: number;
  /** The output that has them: [N, length, units]. */
  readonly output: string;
  readonly pooling: Pooling;
  /** Whether the vector of a text gets length 1. */
  readonly normalize: boolean;
}

/** The settings as a configuration has them: TensorFlow.js respells texts in one (`last_hidden_state`, a path), but for hexadecimal digits. */
interface OnnxEncoderConfig extends Omit<OnnxEncoderSettings, 'file' | 'output'> {
  readonly file: string;
  readonly output: string;
}

export const hexOf = (text: string) => Buffer.from(text).toString('hex');
export const fromHex = (hex: string) => Buffer.from(hex, 'hex').toString();

export function encoderConfig({ file, output, ...rest }: OnnxEncoderSettings): Readonly<Record<string, unknown>> {
  return { ...rest, file: hexOf(file), output: hexOf(output) };
}

export function encoderSettings({ file, output, ...rest }: OnnxEncoderConfig): OnnxEncoderSettings {
  return { ...rest, file: fromHex(file), output: fromHex(output) };
}

/** Ids of tokens [N, length] → [N, units]: a model that is run as it is, by ONNX Runtime (`engines/encoder.ts`). It has no weights here. */
export const OnnxEncoder = defineLayer<OnnxEncoderConfig>({
  className: 'OnnxEncoder',
  settings: {
    file: isText,
    hash: isText,
    units: isWhole,
    output: isText,
    pooling: (value) => poolings.some((name) => name === value),
    normalize: isFlag,
  },
  outputShape: ({ units }, [input = []]) => [input[0] ?? null, units],
  call: ({ settings }) => {
    throw new GraftError(`${encoderSettings(settings).file} is an ONNX model, which ONNX Runtime alone computes.`, {
      action: 'Let the layers after it train: its features are computed once, then kept.',
    });
  },
});
