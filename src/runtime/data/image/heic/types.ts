/** What the thread is given that decodes. */
export interface HeicTask {
  readonly bytes: Uint8Array;
  /** Bytes that the decoder may take, from its thread's beginning on. */
  readonly memory: number;
}

export interface HeicPixels {
  readonly width: number;
  readonly height: number;
  /** RGB, or RGB and alpha. */
  readonly channels: 3 | 4;
  /** 8 bit, [height, width, channels]; upright. */
  readonly pixels: Uint8Array;
}

/** `taken`: bytes that the decoder has taken, which it never gives back. `problem` is what libheif says. */
export type HeicAnswer = (HeicPixels & { readonly taken: number }) | { readonly problem: string };
