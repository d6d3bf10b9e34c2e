/** Pre-trained models, as in `keras.applications`: the bases that Graft knows by name, a line for each architecture. */
export { mobileNet } from './mobilenet.js';
export { mobileNetV2 } from './mobilenet-v2.js';
export { mobileNetV3Large, mobileNetV3Small } from './mobilenet-v3.js';
export { resNet50, resNet50V2, resNet101, resNet101V2, resNet152, resNet152V2 } from './resnet.js';
export { sapling } from './sapling.js';
export { squeezeNet } from './squeezenet.js';
export { vgg16, vgg19 } from './vgg.js';
