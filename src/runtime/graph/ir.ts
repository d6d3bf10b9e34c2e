/** An ONNX graph under construction: plain data, and a builder that knows every value's shape. */
import { typeOf, type TensorType, type TypedData } from '../../common/tensor.js';
import { devices, type Device } from './devices.js';

export type DataType = TensorType | 'bool';

/** `N` is the batch, `H` and `W` a picture's size: decided at run time. */
export type Dim = number | 'N' | 'H' | 'W' | `${string}_${number}`;
export type Shape = readonly Dim[];

export interface Value {
  readonly name: string;
  readonly type: DataType;
  readonly shape: Shape;
}

export interface Initializer extends Value {
  readonly data: TypedData;
}

export type Attribute = number | { readonly float: number } | readonly number[] | string;

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  /** Goes into the file as metadata_props. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Collects nodes in order. Every value gets a name of its own. */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly initializers = new Map<string, Initializer>();
  readonly values = new Map<string, Value>();
  /** Names of values that several layers take, or that are outputs: a fusion must leave them. */
  readonly shared = new Set<string>();
  /** Images that are there in both layouts: [N, C, H, W] → [N, H, W, C], by name. */
  readonly channelsLast = new Map<string, Value>();
  readonly channelsFirst = new Map<string, Value>();
  #count = 0;

  /** @param device where the graph will be computed. */
  constructor(readonly device: Device = devices.cpu) {}

  input(name: string, shape: Shape, type: DataType = 'float32'): Value {
    const value = this.#remember({ name, shape, type });
    this.inputs.push(value);
    return value;
  }

  constant(data: TypedData, shape: readonly number[], hint = 'c'): Value {
    const value = this.#remember({ name: this.#name(hint), shape, type: typeOf(data) });
    this.initializers.set(value.name, { ...value, data });
    return value;
  }

  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), [], 's');
  }

  int64(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], 'i');
  }

  /** A node with one output of the given shape. An empty name stands for an absent optional input. */
  op(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Node['attributes'],
    shape: Shape,
    type: DataType = 'float32',
  ): Value {
    return this.ops(op, inputs, attributes, [{ shape, type }])[0];
  }

  /** A node with several outputs. */
  ops<T extends readonly { shape: Shape; type?: DataType }[]>(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Node['attributes'],
    outputs: readonly [...T],
  ): { [K in keyof T]: Value } {
    const made = outputs.map(({ shape, type = 'float32' }) => this.#remember({ name: this.#name(op), shape, type }));
    this.nodes.push({
      op,
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: made.map(({ name }) => name),
      attributes,
    });
    return made as { [K in keyof T]: Value };
  }

  /** The node that computes a value; undefined for inputs and constants. */
  producer({ name }: Value): Node | undefined {
    return this.nodes.findLast(({ outputs }) => outputs.includes(name));
  }

  /** The finished graph, without what no output needs. Output names are set by Identity nodes, so that any value can be an output. */
  build(outputs: Readonly<Record<string, Value>>, metadata: Graph['metadata'] = {}): Graph {
    const named = Object.entries(outputs).map(([name, value]) => {
      this.nodes.push({ op: 'Identity', inputs: [value.name], outputs: [name], attributes: {} });
      return { ...value, name };
    });
    const needed = new Set(named.map(({ name }) => name));
    const nodes = this.nodes
      .toReversed()
      .filter((node) => {
        const used = node.outputs.some((name) => needed.has(name));
        if (used) for (const name of node.inputs) needed.add(name);
        return used;
      })
      .reverse();
    return {
      inputs: this.inputs,
      outputs: named,
      nodes,
      initializers: [...this.initializers.values()].filter(({ name }) => needed.has(name)),
      metadata,
    };
  }

  #remember(value: Value): Value {
    this.values.set(value.name, value);
    return value;
  }

  #name(hint: string): string {
    return `${hint}_${this.#count++}`;
  }
}

/** NumPy's broadcasting. @throws when the shapes do not fit. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i): Dim => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`[${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    return x === 1 ? y : x;
  });
}

/** Elementwise operator of two values, with broadcasting. */
export function binary(
  builder: GraphBuilder,
  op: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min',
  a: Value,
  b: Value,
): Value {
  return builder.op(op, [a, b], {}, broadcast(a.shape, b.shape));
}

/** Elementwise operator of one value. */
export function unary(
  builder: GraphBuilder,
  op: string,
  x: Value,
  attributes: Record<string, number | { float: number }> = {},
): Value {
  return builder.op(op, [x], attributes, x.shape);
}

/** Reshape to a shape with at most one size that is decided at run time. */
export function reshape(builder: GraphBuilder, value: Value, shape: Shape): Value {
  const target = shape.map((size) => (typeof size === 'number' ? size : -1));
  return builder.op('Reshape', [value, builder.int64(target)], {}, shape);
}

/** The axes in another order. @param perm output axis → input axis. */
export function permute(builder: GraphBuilder, value: Value, perm: readonly number[]): Value {
  const shape = perm.map((axis) => value.shape[axis] ?? 1);
  return builder.op('Transpose', [value], { perm: [...perm] }, shape);
}

/** The last two axes swapped, for a product of matrices. */
export function swapped(builder: GraphBuilder, value: Value): Value {
  const axes = [...value.shape.keys()];
  return permute(builder, value, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
}
