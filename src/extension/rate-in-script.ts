const rate =
  /\blearningRate\s*:\s*(?:\w+\(\s*\{[^{}]*?\bpeak\s*:\s*)?(\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)/gi;

/** Where a script names its learning rate: the number itself, or the peak of a schedule. Undefined where that is not once. */
export function rateInScript(text: string): { readonly start: number; readonly end: number } | undefined {
  const [found, another] = [...text.matchAll(rate)];
  if (found === undefined || another !== undefined) return undefined;
  const end = found.index + found[0].length;
  return { start: end - (found[1]?.length ?? 0), end };
}

/** As scripts write it: `2.1e-3`. */
export function rateLiteral(value: number): string {
  return value.toExponential(1).replace('.0e', 'e');
}
