/** What somebody is asked who must say how a base wants its pixels. */
import { preprocessings } from '../protocol/index.js';
import type { Translate } from './translate.js';

export interface PreprocessingChoice {
  /** Undefined: a mean and a deviation that are to be written. */
  readonly value: (typeof preprocessings)[number] | undefined;
  readonly label: string;
  readonly detail: string;
}

/** In the order of how likely each is where nothing is known. @param grey of one channel: the means of colours are none of it. */
export function preprocessingChoicesOf(t: Translate, grey: boolean): PreprocessingChoice[] {
  const colours: readonly PreprocessingChoice[] = [
    {
      value: 'torch',
      label: t('Mean and deviation of ImageNet'),
      detail: t('torch: what comes from PyTorch, and DenseNet'),
    },
    {
      value: 'caffe',
      label: t('Minus the mean of ImageNet, blue first'),
      detail: t('caffe: ResNet and VGG of Keras'),
    },
  ];
  return [
    {
      value: 'unit',
      label: t('From 0 to 1'),
      detail: t('unit: whoever trained it divided the pixels by 255 before'),
    },
    {
      value: 'tf',
      label: t('From −1 to 1'),
      detail: t('tf: MobileNet, Inception, Xception and NASNet of Keras'),
    },
    {
      value: 'none',
      label: t('From 0 to 255'),
      detail: t('none: it took the pixels as they are, or scales them itself'),
    },
    ...(grey ? [] : colours),
    {
      value: undefined,
      label: t('Another mean and deviation…'),
      detail: t('mean=…,std=…: of pixels from 0 to 255, or as PyTorch has them from 0 to 1'),
    },
  ];
}
