import { convolutionRules } from './convolution.js';
import { elementwiseRules } from './elementwise.js';
import { normalizationRules } from './normalization.js';
import { poolingRules } from './pooling.js';
import type { Rules } from './rule.js';
import { shapeRules } from './shapes.js';

/** The gradient of each operator. */
export const rules: Rules = {
  ...elementwiseRules,
  ...convolutionRules,
  ...poolingRules,
  ...normalizationRules,
  ...shapeRules,
};
