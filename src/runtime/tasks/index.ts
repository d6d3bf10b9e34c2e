import type { Task } from '../../protocol/index.js';
import { classification } from './classification.js';
import { multiLabel } from './multi-label.js';
import { regression } from './regression.js';
import type { TaskDefinition } from './task.js';

export type { Outputs, TaskDefinition } from './task.js';

export const taskDefinitions: Readonly<Record<Task, TaskDefinition>> = {
  classification,
  'multi-label': multiLabel,
  regression,
};

/** The task of a model: one that does not say it tells classes apart. */
export function taskOf({ task = 'classification' }: { readonly task?: Task }): TaskDefinition {
  return taskDefinitions[task];
}
