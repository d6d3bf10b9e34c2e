import type { Program } from '../../graph/program.js';
import type { BaseDefinition } from '../definition.js';
import { knownBases } from '../known.js';
import type { Decision } from './decision.js';

/** So many ends of blocks in their places are no accident. */
const enough = 3;

/**
 * Whether it is one of the networks that Graft has by name, whatever their weights: the ends of its blocks are called the same, with as many
 * layers between them. What follows may be missing.
 */
export function byDefinition(program: Program): Decision | undefined {
  const before = new Map<string, number>();
  let weighted = 0;
  for (const { layer } of program.steps) {
    // What the user has put before the network.
    if (layer.weights.length > 0 && layer.getClassName() !== 'Normalization') weighted++;
    before.set(layer.name, weighted);
  }
  const matches = knownBases
    // Whatever scales its pixels itself shows that in its layers.
    .filter(({ preprocessing }) => preprocessing !== 'none')
    .map((base) => ({ base, ends: endsInPlace(base, before) }))
    .filter(({ ends }) => ends >= enough);
  const most = Math.max(...matches.map(({ ends }) => ends));
  const best = matches.filter(({ ends }) => ends === most).map(({ base }) => base);
  const [first, ...others] = best;
  if (first === undefined || others.some(({ preprocessing }) => preprocessing !== first.preprocessing))
    return undefined;
  // It may be any of a family that differs in width alone, or in what follows.
  const names = others.length === 0 ? [first.label] : [...new Set(best.map(({ family }) => family))];
  return { preprocessing: first.preprocessing, why: `Its layers are those of ${names.join(' or ')}.` };
}

/** How many ends of blocks, from the first on, are there. */
function endsInPlace({ freezePoints }: BaseDefinition, before: ReadonlyMap<string, number>): number {
  const [first] = freezePoints;
  if (first === undefined) return 0;
  const start = before.get(first[0]) ?? NaN;
  const missing = freezePoints.findIndex(([name, frozen]) => (before.get(name) ?? NaN) - start !== frozen - first[1]);
  return missing === -1 ? freezePoints.length : missing;
}
