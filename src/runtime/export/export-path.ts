import path from 'node:path';

/** Where an export of a saved model goes if nobody says otherwise: where it is seen, and named after the model or its run. */
export function exportPath(model: string, to: 'onnx' | 'tfjs', parent: string): string {
  const resolved = path.resolve(model);
  const folder = path.basename(resolved) === 'model.json' ? path.dirname(resolved) : resolved;
  const inRun = path.basename(folder) === 'model' && path.basename(path.dirname(path.dirname(folder))) === 'runs';
  const name = path.basename(inRun ? path.dirname(folder) : folder);
  return path.join(parent, 'exports', `${name}${to === 'onnx' ? '.onnx' : '-tfjs'}`);
}
