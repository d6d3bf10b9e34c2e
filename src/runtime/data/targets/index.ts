import type { Task } from '../../../protocol/index.js';
import { classes } from './classes.js';
import { labelSets } from './label-sets.js';
import { numbers } from './numbers.js';
import type { Targets } from './types.js';

export type { Strata, Targets } from './types.js';

export const targets: Readonly<Record<Task, Targets>> = {
  classification: classes,
  'multi-label': labelSets,
  regression: numbers,
};
