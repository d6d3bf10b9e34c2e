/** Keras's `correct_pad`: so that a kernel with a stride of 2 sees even sizes as PyTorch does. */
export function correctPad(
  { shape }: { readonly shape: readonly (number | null)[] },
  kernel: number,
): [[number, number], [number, number]] {
  const half = Math.floor(kernel / 2);
  const along = (size: number | null | undefined): [number, number] => [half - 1 + (Number(size) % 2), half];
  return [along(shape[1]), along(shape[2])];
}

/** The nearest multiple of 8, never more than 10 % smaller. */
export function divisible(value: number): number {
  const rounded = Math.max(8, Math.floor((value + 4) / 8) * 8);
  return rounded < 0.9 * value ? rounded + 8 : rounded;
}
