/** A function's value and gradient. The gradient belongs to the caller. */
export type Objective = (x: Float64Array) => Promise<{ value: number; gradient: Float64Array }>;

interface LbfgsOptions {
  readonly maxIterations?: number;
  /** Stops when no component of the gradient is larger. Default 1e-4. */
  readonly tolerance?: number;
}

const memory = 10;

/** Minimises a smooth function by L-BFGS (Liu and Nocedal 1989) with a backtracking line search. */
export async function lbfgs(
  objective: Objective,
  start: Float64Array,
  { maxIterations = 200, tolerance = 1e-4 }: LbfgsOptions = {},
): Promise<Float64Array> {
  let x = start;
  let { value, gradient } = await objective(x);
  const history: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (gradient.every((g) => Math.abs(g) <= tolerance)) break;
    const direction = descent(gradient, history);
    const slope = dot(direction, gradient);
    let step = iteration === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let accepted = false;
    for (let attempt = 0; attempt < 25 && !accepted; attempt++, step /= 2) {
      const candidate = x.map((xi, i) => xi + step * (direction[i] ?? 0));
      const next = await objective(candidate);
      if (!(next.value <= value + 1e-4 * step * slope)) continue;
      const s = candidate.map((c, i) => c - (x[i] ?? 0));
      const y = next.gradient.map((g, i) => g - (gradient[i] ?? 0));
      const curvature = dot(s, y);
      if (curvature > 1e-12) history.push({ s, y, rho: 1 / curvature });
      if (history.length > memory) history.shift();
      ({ value, gradient } = next);
      x = candidate;
      accepted = true;
    }
    // No step downhill is left at this precision.
    if (!accepted) break;
  }
  return x;
}

/** −H·g by the two-loop recursion. */
function descent(
  gradient: Float64Array,
  history: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (const { s, y, rho } of [...history].reverse()) {
    const alpha = rho * dot(s, q);
    alphas.push(alpha);
    axpy(q, -alpha, y);
  }
  const last = history.at(-1);
  if (last !== undefined) scale(q, dot(last.s, last.y) / dot(last.y, last.y));
  for (const { s, y, rho } of history) axpy(q, (alphas.pop() ?? 0) - rho * dot(y, q), s);
  return q;
}

/** In four sums: one alone would wait for each addition before it. */
function dot(a: Float64Array, b: Float64Array): number {
  let [s, t, u, v] = [0, 0, 0, 0];
  const whole = a.length - (a.length % 4);
  for (let i = 0; i < whole; i += 4) {
    s += (a[i] ?? 0) * (b[i] ?? 0);
    t += (a[i + 1] ?? 0) * (b[i + 1] ?? 0);
    u += (a[i + 2] ?? 0) * (b[i + 2] ?? 0);
    v += (a[i + 3] ?? 0) * (b[i + 3] ?? 0);
  }
  for (let i = whole; i < a.length; i++) s += (a[i] ?? 0) * (b[i] ?? 0);
  return s + t + u + v;
}

function axpy(target: Float64Array, factor: number, x: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + factor * (x[i] ?? 0);
}

function scale(target: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) * factor;
}
