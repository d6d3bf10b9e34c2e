import type { BaseInScript } from './base-in-script.js';
import { code, identifier, literal, object, type Code } from './code.js';
import type { DataInScript, Relative } from './data-in-script.js';
import type { DataLayout, ImageSummary } from '../data/index.js';

/** How a script reads pictures: in the size of its base. */
export function imagesInScript(
  { layout, task }: ImageSummary,
  { size, saved }: BaseInScript,
  relative: Relative,
): DataInScript {
  const reader = readers[layout.kind];
  return {
    imports: { imageFolder: reader },
    slots: {
      // Labels and numbers are read from tables alone.
      ...(task === 'classification' ? { reader: identifier(reader) } : {}),
      source: sourceOf(layout, relative),
      size: literal(size),
    },
    options: saved === undefined || saved.resize === 'crop' ? [] : [code`resize: ${saved.resize}`],
  };
}

const readers = {
  folder: 'imageFolder',
  split: 'imageFolder',
  csv: 'imageCsv',
  idx: 'imageIdx',
} as const satisfies Record<DataLayout['kind'], string>;

function sourceOf(layout: DataLayout, relative: Relative): Code {
  switch (layout.kind) {
    case 'folder':
      return literal(relative(layout.directory));
    case 'split': {
      const { train, validation, test } = layout;
      const written = (folder: string | undefined) => (folder === undefined ? undefined : relative(folder));
      return object({ train: relative(train), validation: written(validation), test: written(test) });
    }
    case 'csv':
      return literal(relative(layout.file));
    case 'idx':
      return object({ images: relative(layout.images), labels: relative(layout.labels) });
  }
}
