/** Pre-trained models, as in `keras.applications`: the bases that Graft knows by name, a line for each architecture. */
export { convNeXtSmall, convNeXtTiny } from './convnext.js';
export { denseNet121, denseNet169, denseNet201 } from './densenet.js';
export {
  efficientNetV2B0,
  efficientNetV2B1,
  efficientNetV2B2,
  efficientNetV2B3,
  efficientNetV2S,
} from './efficientnet-v2.js';
export { efficientNetB0, efficientNetB1, efficientNetB2, efficientNetB3 } from './efficientnet.js';
export { inceptionResNetV2 } from './inception-resnet-v2.js';
export { inceptionV3 } from './inception-v3.js';
export { mobileNet } from './mobilenet.js';
export { mobileNetV2 } from './mobilenet-v2.js';
export { mobileNetV3Large, mobileNetV3Small } from './mobilenet-v3.js';
export { nasNetMobile } from './nasnet.js';
export { resNet50, resNet50V2, resNet101, resNet101V2, resNet152, resNet152V2 } from './resnet.js';
export { sapling } from './sapling.js';
export { squeezeNet } from './squeezenet.js';
export { vgg16, vgg19 } from './vgg.js';
export { xception } from './xception.js';
