import type { BaseName } from './weights.js';

/** What is trained, the same for all contestants: batches of 32, AdamW, no augmentation. */
export interface Job {
  readonly id: string;
  readonly title: string;
  readonly kind: 'features' | 'fine-tune' | 'everything';
  readonly base: BaseName;
  /** The last frozen layer. */
  readonly frozen: string;
  readonly epochs: number;
  readonly rate: number;
  /** A second run of this job's script, with another learning rate and whatever the first run left on disk. */
  readonly again?: string;
}

export const batchSize = 32;
export const weightDecay = 1e-4;

const mobileNetV2 = { base: 'mobilenet-v2', frozen: 'out_relu' } as const;

export const jobs: readonly Job[] = [
  { id: 'a', title: 'Feature extraction, MobileNetV2', kind: 'features', ...mobileNetV2, epochs: 10, rate: 1e-3 },
  {
    id: 'b',
    title: 'Feature extraction, ResNet50',
    kind: 'features',
    base: 'resnet50',
    frozen: 'conv5_block3_out',
    epochs: 10,
    rate: 1e-3,
  },
  {
    id: 'c',
    title: 'Fine-tuning, last stage of ResNet50',
    kind: 'fine-tune',
    base: 'resnet50',
    frozen: 'conv4_block6_out',
    epochs: 3,
    rate: 1e-5,
  },
  { id: 'd', title: 'Everything trains, MobileNetV2', kind: 'everything', ...mobileNetV2, epochs: 1, rate: 1e-5 },
  {
    id: 'e',
    title: 'The script of (a) again, another learning rate',
    kind: 'features',
    ...mobileNetV2,
    epochs: 10,
    rate: 3e-3,
    again: 'a',
  },
];

export type Style = 'regression' | 'fit' | 'guide' | 'smart';

export interface Contestant {
  readonly id: string;
  readonly framework: 'Graft' | 'PyTorch' | 'Keras';
  readonly style: Style;
  /** For people. */
  readonly title: string;
  readonly kinds: readonly Job['kind'][];
  readonly compile?: boolean;
}

/** guide: the loop of the peer's own guide, through the whole model in each epoch. smart: frozen layers once, then the rest. */
export const contestants: readonly Contestant[] = [
  { id: 'graft', framework: 'Graft', style: 'regression', title: 'Graft', kinds: ['features'] },
  {
    id: 'graft-fit',
    framework: 'Graft',
    style: 'fit',
    title: 'Graft, fit',
    kinds: ['features', 'fine-tune', 'everything'],
  },
  {
    id: 'torch-guide',
    framework: 'PyTorch',
    style: 'guide',
    title: 'PyTorch, as in its guide',
    kinds: ['features', 'fine-tune', 'everything'],
  },
  {
    id: 'torch-compiled',
    framework: 'PyTorch',
    style: 'guide',
    title: 'PyTorch, torch.compile',
    kinds: ['features', 'fine-tune', 'everything'],
    compile: true,
  },
  {
    id: 'torch-smart',
    framework: 'PyTorch',
    style: 'smart',
    title: 'PyTorch, frozen layers once',
    kinds: ['features', 'fine-tune'],
  },
  {
    id: 'keras-guide',
    framework: 'Keras',
    style: 'guide',
    title: 'Keras, as in its guide',
    kinds: ['features', 'fine-tune', 'everything'],
  },
  {
    id: 'keras-smart',
    framework: 'Keras',
    style: 'smart',
    title: 'Keras, frozen layers once',
    kinds: ['features', 'fine-tune'],
  },
];
