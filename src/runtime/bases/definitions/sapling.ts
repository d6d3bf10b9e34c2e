import { bundled } from '../application.js';

/**
 * sapling: Graft's own small base, whose weights come with it. A residual network, 128 × 128 × 3 → 8 × 8 × 512, distilled
 * from MobileNetV2 on pictures made by formulas (tools/sapling). Preprocessing: `tf`.
 *
 * @param options inputShape: [height, width, 3], default [128, 128, 3].
 */
export const sapling = bundled({
  name: 'sapling',
  call: 'sapling',
  label: 'sapling',
  family: 'sapling',
  size: [128, 128],
  preprocessing: 'tf',
  parameters: 1_614_248,
  accuracy: undefined,
  licence: 'MIT',
  weights: 'bundled',
  layers: 30,
  freezePoints: [
    ['conv1_relu', 2],
    ['conv2_block1_out', 8],
    ['conv3_block1_out', 14],
    ['conv3_block2_out', 18],
    ['conv4_block1_out', 24],
    ['conv4_block2_out', 28],
    ['conv5_relu', 30],
  ],
});
