/** graftjs: transfer learning for Node. What training scripts import. */
export { tf } from './tf.js';
