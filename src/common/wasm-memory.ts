/** Node's types leave WebAssembly to the browser's. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow: (this: Memory, pages: number) => number;
}

/** Holds all WebAssembly of this thread to `limit()` bytes: what is over it fails, like any memory that there is not. */
export function limitMemory(limit: () => number): void {
  const { prototype } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } }).WebAssembly
    .Memory;
  const { grow } = prototype;
  prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * 65_536 > limit()) throw new RangeError('more memory than it may take');
    return grow.call(this, pages);
  };
}
