import type { Kind } from '../../protocol/index.js';
import { kindOf } from '../data/index.js';
import type { ExportKind } from './export-kind.js';
import { imageExport } from './image.js';
import type { TrainedModel } from './types.js';

const exportKinds = { image: imageExport } as const satisfies Readonly<Record<Kind, ExportKind>>;

export function exportKindOf(trained: Pick<TrainedModel, 'kind'>): ExportKind {
  return exportKinds[kindOf(trained).name];
}
