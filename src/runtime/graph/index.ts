export { forwardGraph, UnsupportedLayer } from './from-layers.js';
export { inputsOf, tapInputs, tapName, type ProgramInput } from './inputs.js';
export type { Graph } from './ir.js';
export {
  changes,
  isNoisy,
  layersOf,
  programOf,
  runProgram,
  shapeOf,
  sizesOf,
  trainingLayers,
  UnknownSize,
  type Program,
} from './program.js';
export { encodeModel } from './protobuf.js';
export { continuationOf, splitPrefix } from './split.js';
