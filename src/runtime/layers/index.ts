/** Layers of Keras that TensorFlow.js lacks, or has with other numbers. `graph/lower` has each of them as ONNX. */
export * from './attention.js';
export * from './convolution.js';
export { isOwnLayer } from './define.js';
export { isOfTensorFlow, registerFunction, type NamedFunction } from './functions.js';
export * from './noise.js';
export * from './normalization.js';
export * from './operators.js';
export * from './resample.js';
