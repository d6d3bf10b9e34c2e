import path from 'node:path';

import { decodeFile, decodeMany, thumbnail, viewCount, viewKey, type ViewSpec } from './decode.js';
import { findData } from './detect.js';
import type { Item } from '../example.js';
import type { DataKind } from '../kind.js';
import { PictureIndex } from './picture-index.js';
import { channelsOf, channelTransform } from '../preprocessing.js';
import { listPictures } from './scan.js';
import { lookAtStrangers } from './strangers.js';
import type { ImageSource } from './form.js';
import { imageWords } from '../words.js';

/** Pictures: [height, width, 3], RGB, 8 bit. A data set of them is such a form, and so is a model that was trained on one. */
type ImageForm = Pick<ViewSpec, 'size' | 'resize'> & Partial<ViewSpec>;

export const imageKind: DataKind<ImageForm, ImageSource> = {
  name: 'image',
  words: imageWords,
  find: findData,
  inputs: ({ size }, preprocessing, model) => [
    {
      ...{ name: 'pixels', type: 'uint8', shape: [...size, 3] },
      channels: channelTransform(preprocessing, model === undefined ? 3 : channelsOf(model)),
    },
  ],
  formKey: ({ size, resize, augment = {} }) => [size, resize, augment],
  modelForm: ({ size, resize }) => ({ size, resize }),
  readerFor: ([height, width]) => `imageFolder(…, { size: [${String(height)}, ${String(width)}] })`,
  views({ augment, seed = 0, ...form }) {
    const spec: ViewSpec = { ...form, augment, seed };
    return {
      count: viewCount(spec),
      random: augment !== undefined,
      key: (example, view) => viewKey(spec, example, view),
      async *read(items) {
        // They are examples of this kind.
        for await (const result of decodeMany(items as Iterable<Item<ImageSource>>, spec)) {
          if ('error' in result) yield result;
          else yield { index: result.index, tensors: pixelsOf(result.pixels, spec) };
        }
      },
      clear: () => spec.decoded?.clear(),
      distrust: (folder) => PictureIndex.forget(folder),
    };
  },
  readFile: async (file, form) => pixelsOf(await decodeFile(file, form), form),
  async list(folder) {
    const others: string[] = [];
    const files = await listPictures(folder, [], undefined, others);
    return [...files, ...(await lookAtStrangers(others)).pictures];
  },
  sourceOf(directory, id) {
    const [, name, index] = /^(.*)#(\d+)$/.exec(id) ?? [];
    return name === undefined
      ? { kind: 'file', path: path.resolve(directory, id) }
      : { kind: 'idx', path: path.resolve(directory, name), index: Number(index) };
  },
  fileSource: (file) => ({ kind: 'file', path: file }),
  show: thumbnail,
};

function pixelsOf(data: Uint8Array, { size }: Pick<ImageForm, 'size'>) {
  return { pixels: { data, shape: [...size, 3] } };
}
