/**
 * TensorFlow.js, from one place: the same instance everywhere, and the one that scripts get as `tf`.
 */
import * as tf from '@tensorflow/tfjs';

export { tf };
