export { fromLayers, UnsupportedLayer } from './from-layers.js';
export type { Graph } from './ir.js';
export { prefixModel, prefixRunner, type PrefixRunner } from './prefix-runner.js';
export { isNoisy, isTrainable, layersOf, programOf, runProgram, shapeOf, type Program } from './program.js';
export { encodeModel } from './protobuf.js';
export { splitPrefix, type Split } from './split.js';
