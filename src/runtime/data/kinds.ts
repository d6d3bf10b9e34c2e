import type { Kind } from '../../protocol/index.js';
import { imageKind } from './image/kind.js';
import type { DataKind } from './kind.js';

/** The kinds of data, by the name in `graft.json`. */
export const dataKinds = { image: imageKind } as const satisfies Readonly<Record<Kind, DataKind>>;

/** The kind of a model: one that does not say it is of pictures. */
export function kindOf({ kind }: { readonly kind?: DataKind }): DataKind {
  return kind ?? imageKind;
}
