import type { BaseDefinition, BaseFacts } from './definition.js';
import * as applications from './definitions/index.js';

/**
 * The bases that Graft knows by name, family by family, the smaller ones of each first: those first that work offline, those last that
 * need a file of the user's.
 */
export const knownBases: readonly BaseDefinition[] = Object.values(applications)
  .flatMap(({ definitions }): readonly BaseDefinition[] => definitions)
  .sort(
    (a, b) =>
      effort(a) - effort(b) || (a.family === b.family ? a.parameters - b.parameters : a.family < b.family ? -1 : 1),
  );

/** What is used where nobody chose. */
export const defaultBase = knownBases[0]?.name ?? '';

export function knownBase(name: string): BaseDefinition | undefined {
  return knownBases.find((base) => base.name === name);
}

/** The layer up to which a base is frozen where nobody chose: about two thirds of it. */
export function defaultFreezePoint({ freezePoints }: BaseFacts): string {
  return freezePoints.at(-3)?.[0] ?? '';
}

function effort({ weights }: BaseFacts): number {
  return weights === 'bundled' ? 0 : weights.notop === undefined ? 2 : 1;
}
