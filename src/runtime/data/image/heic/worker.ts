/**
 * Decodes HEIC pictures, one after the other, in a thread of its own: libheif is a C++ library in WebAssembly; a picture takes it a
 * second, and a crafted one may trap it, or keep it for ever. Whoever started the thread ends it then.
 *
 * new Worker('dist/heic.js'), HeicTask → HeicAnswer
 */
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';

import { limitMemory } from '../../../../common/wasm-memory.js';
import type { HeicAnswer, HeicPixels, HeicTask } from './types.js';

/** What is used of libheif; its own types say `any` of most of it. */
interface Libheif {
  readonly HEAPU8: Uint8Array;
  readonly heif_error_code: { readonly heif_error_Ok: object };
  readonly heif_colorspace: { readonly heif_colorspace_RGB: object };
  readonly heif_chroma: { readonly heif_chroma_interleaved_RGB: object; readonly heif_chroma_interleaved_RGBA: object };
  heif_context_alloc(): object;
  heif_context_read_from_memory(context: object, bytes: Uint8Array): HeifError;
  heif_js_context_get_primary_image_handle(context: object): object;
  heif_image_handle_has_alpha_channel(handle: object): number;
  heif_js_decode_image2(handle: object, colours: object, layout: object): Decoded | HeifError;
  heif_image_release(image: object): void;
  heif_image_handle_release(handle: object): void;
  heif_context_free(context: object): void;
}
interface HeifError {
  readonly code: object;
  readonly message: string;
}
interface Decoded {
  readonly image: object;
  readonly channels: readonly Plane[];
}
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly data: Uint8Array;
}

let allowed = Infinity;
limitMemory(() => allowed);
// Not bundled: it looks for its .wasm file beside itself, and its licence (LGPL) wants it to be replaceable.
const load = createRequire(import.meta.url)('libheif-js/libheif-wasm/libheif.js') as () => Libheif;
const libheif = load();

/** @throws Error with what libheif says. */
function decode(bytes: Uint8Array): HeicPixels {
  const context = libheif.heif_context_alloc();
  try {
    check(libheif.heif_context_read_from_memory(context, bytes));
    // The one that its maker calls the first, where there are several.
    const handle = check(libheif.heif_js_context_get_primary_image_handle(context));
    try {
      const { heif_chroma_interleaved_RGB: rgb, heif_chroma_interleaved_RGBA: rgba } = libheif.heif_chroma;
      const hasAlpha = libheif.heif_image_handle_has_alpha_channel(handle) !== 0;
      // It turns and mirrors the picture as the file says, and makes 8 bits of 10.
      const { image, channels } = check<Decoded>(
        libheif.heif_js_decode_image2(handle, libheif.heif_colorspace.heif_colorspace_RGB, hasAlpha ? rgba : rgb),
      );
      try {
        const [plane] = channels;
        if (plane === undefined) throw new Error('no pixels');
        return withoutPadding(plane, hasAlpha ? 4 : 3);
      } finally {
        libheif.heif_image_release(image);
      }
    } finally {
      libheif.heif_image_handle_release(handle);
    }
  } finally {
    libheif.heif_context_free(context);
  }
}

/** Copies a plane out of the decoder's memory; there its rows end at multiples of some bytes. */
function withoutPadding({ width, height, stride, data }: Plane, channels: 3 | 4): HeicPixels {
  const row = width * channels;
  const pixels = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) pixels.set(data.subarray(y * stride, y * stride + row), y * row);
  return { width, height, channels, pixels };
}

function check<T extends object>(result: T | HeifError): T {
  if ('code' in result && result.code !== libheif.heif_error_code.heif_error_Ok) throw new Error(result.message);
  return result as T;
}

function answerTo({ bytes, memory }: HeicTask): HeicAnswer {
  allowed = memory;
  try {
    return { ...decode(bytes), taken: libheif.HEAPU8.length };
  } catch (error) {
    return { problem: String(error) };
  }
}

parentPort?.on('message', (task: HeicTask) => {
  const answer = answerTo(task);
  parentPort?.postMessage(answer, 'pixels' in answer ? [answer.pixels.buffer as ArrayBuffer] : []);
});
