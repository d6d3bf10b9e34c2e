import type { Kind } from '../../protocol/index.js';
import type { BaseDefinition, BaseFacts, ImageBase } from './definition.js';
import * as applications from './definitions/index.js';

/**
 * The bases that Graft knows by name, family by family, the smaller ones of each first: those first that work offline, those last that
 * need a file of the user's. Bases of pictures come before those of texts.
 */
export const knownBases: readonly BaseDefinition[] = Object.values(applications)
  .flatMap(({ definitions }): readonly BaseDefinition[] => definitions)
  .sort(
    (a, b) =>
      order(a) - order(b) ||
      effort(a) - effort(b) ||
      (a.family === b.family ? a.parameters - b.parameters : a.family < b.family ? -1 : 1),
  );

export const imageBases: readonly ImageBase[] = knownBases.filter((base) => base.kind === 'image');

/** What is used for data of a kind where nobody chose: the first that works offline. */
export function defaultBaseFor(wanted: Kind): string {
  return knownBases.find(({ kind }) => kind === wanted)?.name ?? '';
}

export function knownBase(name: string): BaseDefinition | undefined {
  return knownBases.find((base) => base.name === name);
}

/** The layer up to which a base is frozen where nobody chose: about two thirds of it. */
export function defaultFreezePoint({ freezePoints }: BaseFacts): string {
  return (freezePoints.at(-3) ?? freezePoints.at(-1))?.[0] ?? '';
}

function order({ kind }: BaseFacts): number {
  return kind === 'image' ? 0 : 1;
}

function effort({ weights }: BaseFacts): number {
  return weights === 'bundled' ? 0 : weights.notop === undefined ? 2 : 1;
}
