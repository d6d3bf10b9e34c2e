import { present } from '../../../common/errors.js';
import { binary, type GraphBuilder, type Value } from '../ir.js';
import { NoGradient, reduceTo, type Rule, type RuleContext, type Rules } from './rule.js';

/** dx = dy · f'(x), with f' written in x and y. */
const unary =
  (derivative: (b: GraphBuilder, x: Value, y: Value, context: RuleContext) => Value): Rule =>
  (context) => {
    const { builder, inputs, outputs, dy } = context;
    return [
      binary(builder, 'Mul', dy, derivative(builder, present(inputs[0], 'x'), present(outputs[0], 'y'), context)),
    ];
  };

/** 1 where the condition holds, else 0. */
function indicator(b: GraphBuilder, condition: Value): Value {
  return b.op('Cast', [condition], { to: 1 }, condition.shape);
}

function compare(b: GraphBuilder, op: 'Greater' | 'Less' | 'Equal', x: Value, y: Value): Value {
  return b.op(op, [x, y], {}, x.shape, 'bool');
}

function attribute({ node }: RuleContext, name: string, otherwise: number): number {
  const value = node.attributes[name];
  return typeof value === 'object' && 'float' in value ? value.float : otherwise;
}

const softmax: Rule = ({ builder: b, node, outputs, dy }) => {
  // dx = (dy − Σ dy·y) · y along the axis.
  const y = present(outputs[0], 'y');
  const axis = Number(node.attributes['axis'] ?? -1);
  const positive = axis < 0 ? axis + y.shape.length : axis;
  const shape = y.shape.map((size, i) => (i === positive ? 1 : size));
  const sum = b.op('ReduceSum', [binary(b, 'Mul', dy, y), b.int64([positive])], { keepdims: 1 }, shape);
  return [binary(b, 'Mul', binary(b, 'Sub', dy, sum), y)];
};

export const elementwiseRules: Rules = {
  Identity: ({ dy }) => [dy],
  Add: ({ builder, inputs, dy }) => inputs.map((x) => x && reduceTo(builder, dy, x.shape)),
  Sub: ({ builder, inputs: [a, b], dy }) => [
    a && reduceTo(builder, dy, a.shape),
    b && reduceTo(builder, builder.op('Neg', [dy], {}, dy.shape), b.shape),
  ],
  Mul: ({ builder, inputs: [a, b], dy, wants }) => [
    a && b && wants(0) ? reduceTo(builder, binary(builder, 'Mul', dy, b), a.shape) : undefined,
    a && b && wants(1) ? reduceTo(builder, binary(builder, 'Mul', dy, a), b.shape) : undefined,
  ],
  Div: ({ builder, inputs: [a, b], outputs: [y], dy, wants }) => [
    a && b && wants(0) ? reduceTo(builder, binary(builder, 'Div', dy, b), a.shape) : undefined,
    b && y && wants(1)
      ? reduceTo(
          builder,
          builder.op('Neg', [binary(builder, 'Div', binary(builder, 'Mul', dy, y), b)], {}, y.shape),
          b.shape,
        )
      : undefined,
  ],
  // A product with 0 or 1: ONNX Runtime's Where takes many times as long.
  Relu: ({ builder: b, outputs: [y], dy }) => [
    y && binary(b, 'Mul', dy, indicator(b, compare(b, 'Greater', y, b.scalar(0)))),
  ],
  Clip: ({ builder: b, inputs: [, low, high], outputs: [y], dy }) => {
    if (y === undefined || low === undefined || high === undefined) return [];
    const inside = b.op('And', [compare(b, 'Greater', y, low), compare(b, 'Less', y, high)], {}, y.shape, 'bool');
    return [binary(b, 'Mul', dy, indicator(b, inside))];
  },
  LeakyRelu: unary((b, x, _, context) =>
    b.op(
      'Where',
      [compare(b, 'Greater', x, b.scalar(0)), b.scalar(1), b.scalar(attribute(context, 'alpha', 0.01))],
      {},
      x.shape,
    ),
  ),
  // x > 0: 1, else y + α.
  Elu: unary((b, x, y, context) =>
    b.op(
      'Where',
      [
        compare(b, 'Greater', x, b.scalar(0)),
        b.scalar(1),
        binary(b, 'Add', y, b.scalar(attribute(context, 'alpha', 1))),
      ],
      {},
      x.shape,
    ),
  ),
  // γ for x > 0, else y + γα.
  Selu: unary((b, x, y) =>
    b.op(
      'Where',
      [
        compare(b, 'Greater', x, b.scalar(0)),
        b.scalar(1.0507009873554805),
        binary(b, 'Add', y, b.scalar(1.0507009873554805 * 1.6732632423543772)),
      ],
      {},
      x.shape,
    ),
  ),
  // y (1 − y)
  Sigmoid: unary((b, _, y) => binary(b, 'Mul', y, binary(b, 'Sub', b.scalar(1), y))),
  // 1 − y²
  Tanh: unary((b, _, y) => binary(b, 'Sub', b.scalar(1), binary(b, 'Mul', y, y))),
  Softplus: unary((b, x) => b.op('Sigmoid', [x], {}, x.shape)),
  // 1 / (1 + |x|)²
  Softsign: unary((b, x) => {
    const root = binary(b, 'Add', b.op('Abs', [x], {}, x.shape), b.scalar(1));
    return b.op('Reciprocal', [binary(b, 'Mul', root, root)], {}, x.shape);
  }),
  HardSigmoid: unary((b, _, y, context) => {
    const inside = b.op(
      'And',
      [compare(b, 'Greater', y, b.scalar(0)), compare(b, 'Less', y, b.scalar(1))],
      {},
      y.shape,
      'bool',
    );
    return binary(b, 'Mul', indicator(b, inside), b.scalar(attribute(context, 'alpha', 0.2)));
  }),
  // 2/√π · exp(−x²)
  Erf: unary((b, x) => {
    const square = binary(b, 'Mul', x, x);
    return binary(
      b,
      'Mul',
      b.op('Exp', [b.op('Neg', [square], {}, x.shape)], {}, x.shape),
      b.scalar(2 / Math.sqrt(Math.PI)),
    );
  }),
  // 0 or 1: it has no slope.
  Cast: () => [],
  Abs: unary((b, x) => b.op('Sign', [x], {}, x.shape)),
  Log: unary((b, x) => b.op('Reciprocal', [x], {}, x.shape)),
  // −1/x²
  Reciprocal: unary((b, _, y) => b.op('Neg', [binary(b, 'Mul', y, y)], {}, y.shape)),
  // n · x^(n − 1), for a constant n
  Pow: (context) => {
    const { builder: b, inputs, dy } = context;
    const [x, exponent] = inputs;
    const [n] = b.initializers.get(exponent?.name ?? '')?.data ?? [];
    if (x === undefined || n === undefined) throw new NoGradient('a power of two values has no gradient');
    const slope = b.op('Pow', [x, b.scalar(Number(n) - 1)], {}, x.shape);
    return [binary(b, 'Mul', dy, binary(b, 'Mul', slope, b.scalar(Number(n))))];
  },
  // dx = dy − softmax(x) Σ dy
  LogSoftmax: ({ builder: b, node, outputs, dy }) => {
    const y = present(outputs[0], 'y');
    const axis = Number(node.attributes['axis'] ?? -1);
    const positive = axis < 0 ? axis + y.shape.length : axis;
    const shape = y.shape.map((size, i) => (i === positive ? 1 : size));
    const sum = b.op('ReduceSum', [dy, b.int64([positive])], { keepdims: 1 }, shape);
    return [binary(b, 'Sub', dy, binary(b, 'Mul', b.op('Exp', [y], {}, y.shape), sum))];
  },
  Neg: ({ builder, dy }) => [builder.op('Neg', [dy], {}, dy.shape)],
  Exp: unary((_, __, y) => y),
  // ½ / y
  Sqrt: unary((b, _, y) => binary(b, 'Div', b.scalar(0.5), y)),
  Max: ({ builder: b, inputs: [x, z], outputs: [y], dy, wants }) =>
    [x, z].map((input, i) =>
      input && y && wants(i)
        ? reduceTo(b, binary(b, 'Mul', dy, indicator(b, compare(b, 'Equal', y, input))), input.shape)
        : undefined,
    ),
  Min: ({ builder: b, inputs: [x, z], outputs: [y], dy, wants }) =>
    [x, z].map((input, i) =>
      input && y && wants(i)
        ? reduceTo(b, binary(b, 'Mul', dy, indicator(b, compare(b, 'Equal', y, input))), input.shape)
        : undefined,
    ),
  Softmax: softmax,
  // Y = XW + b: dX = dY Wᵀ, dW = Xᵀ dY, db = Σ dY.
  Gemm: ({ builder: b, inputs: [x, w, bias], dy, wants }) => {
    if (x === undefined || w === undefined) return [];
    return [
      wants(0) ? b.op('Gemm', [dy, w], { transB: 1 }, x.shape) : undefined,
      wants(1) ? b.op('Gemm', [x, dy], { transA: 1 }, w.shape) : undefined,
      bias && reduceTo(b, dy, bias.shape),
    ];
  },
  MatMul: ({ builder: b, inputs: [x, w], dy, wants }) => {
    if (x === undefined || w === undefined) return [];
    const dx = () => {
      const shape = [...dy.shape.slice(0, -1), x.shape.at(-1) ?? 1];
      return reduceTo(b, b.op('com.microsoft.FusedMatMul', [dy, w], { transB: 1 }, shape), x.shape);
    };
    const dw = () => {
      const shape = [...dy.shape.slice(0, -2), x.shape.at(-1) ?? 1, dy.shape.at(-1) ?? 1];
      return reduceTo(b, b.op('com.microsoft.FusedMatMul', [x, dy], { transA: 1 }, shape), w.shape);
    };
    return [wants(0) ? dx() : undefined, wants(1) ? dw() : undefined];
  },
};
