import type { Kind, Task, Technique } from '../protocol/index.js';

/** As the command line and the names of files call them. */
export const techniqueWords = {
  'fine-tuning': 'fine-tune',
  'feature-extraction': 'feature-extraction',
} as const satisfies Record<Technique, string>;

/** The name of a new script. @param n from the second on, it is numbered. */
export function scriptName(technique: Technique, n = 1): string {
  return `train-${techniqueWords[technique]}${n === 1 ? '' : `-${n}`}.ts`;
}

/** The file in `templates/`. */
export function templateName(kind: Kind, technique: Technique, task: Task = 'classification'): string {
  return `${kind}/${task === 'classification' ? '' : `${task}-`}${techniqueWords[technique]}.ts`;
}
