/** Pre-trained models, as in `keras.applications`: the bases that Graft knows by name, a line each. */
export { mobileNetV2 } from './mobilenet-v2.js';
export { resNet50 } from './resnet50.js';
export { sapling } from './sapling.js';
export { squeezeNet } from './squeezenet.js';
