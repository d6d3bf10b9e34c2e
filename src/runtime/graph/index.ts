export { fromLayers, UnsupportedLayer } from './from-layers.js';
export type { Graph } from './ir.js';
export { prefixModel, prefixRunner, restRunner, type PrefixRunner, type RestRunner } from './prefix-runner.js';
export { changes, isNoisy, layersOf, programOf, runProgram, shapeOf, trainingLayers, type Program } from './program.js';
export { encodeModel } from './protobuf.js';
export { restOf, splitPrefix, type Split } from './split.js';
