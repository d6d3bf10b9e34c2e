import { isStatistics, type TokenStatistic } from '../../layers/tokens.js';
import { binary } from '../ir.js';
import { LayerConfig, single, UnsupportedLayer, type Lowering } from './context.js';

/** Bytes from 0 on have an operator for everything; the numbers are from −127 on. */
const zero = 128;

const operators: Readonly<Record<TokenStatistic, string>> = { mean: 'ReduceMean', max: 'ReduceMax', min: 'ReduceMin' };

export const tokenLayers: Record<string, Lowering> = {
  /** The table stays bytes: only the rows of a batch become numbers. */
  TokenVectors: (layer, inputs, { builder }) => {
    const ids = single(layer, inputs);
    const [table, scale] = layer.weights;
    if (table === undefined || scale === undefined) throw new UnsupportedLayer(layer, 'no vectors');
    const numbers = table.read().dataSync();
    const bytes = Uint8Array.from(numbers, (value) => value + zero);
    if (numbers.some((value, i) => bytes[i] !== value + zero))
      throw new UnsupportedLayer(layer, 'vectors that are no whole numbers from −127 to 127');
    const [vocabulary = 0, units = 0] = table.shape.map(Number);
    const rows = builder.op('Cast', [ids], { to: 7 }, ids.shape, 'int64');
    const shape = [...ids.shape, units];
    const packed = builder.constant(bytes, [vocabulary, units], 'w');
    const taken = builder.op('Gather', [packed, rows], { axis: 0 }, shape, 'uint8');
    const whole = binary(builder, 'Sub', builder.op('Cast', [taken], { to: 1 }, shape), builder.scalar(zero));
    const scales = builder.constant(Float32Array.from(scale.read().dataSync()), [vocabulary, 1], 'w');
    return binary(builder, 'Mul', whole, builder.op('Gather', [scales, rows], { axis: 0 }, [...ids.shape, 1]));
  },
  TokenPooling: (layer, inputs, { builder }) => {
    const x = single(layer, inputs);
    const of = new LayerConfig(layer).raw('of');
    if (!isStatistics(of)) throw new UnsupportedLayer(layer, 'statistics that are not known');
    const [n = 'N', , units = 1] = x.shape;
    const parts = (of as readonly TokenStatistic[]).map((name) =>
      builder.op(operators[name], [x, builder.int64([1])], { keepdims: 0 }, [n, units]),
    );
    return builder.op('Concat', parts, { axis: 1 }, [n, parts.length * Number(units)]);
  },
};
