import { leavesOf, plainName, refsIn, type Layer, type Network } from './network.js';

/** A name for each layer that no other has: its own, else with those of the models that it is in. */
export function uniqueNames(network: Network): Map<Layer, string> {
  const count = new Map<string, number>();
  for (const { name } of leavesOf(network)) count.set(plainName(name), (count.get(plainName(name)) ?? 0) + 1);
  const names = new Map<Layer, string>();
  const used = new Set<string>([...count].flatMap(([name, times]) => (times === 1 ? [name] : [])));
  const visit = (at: Network, path: string): void => {
    for (const part of at.parts) {
      if (part.kind === 'network') {
        visit(part, `${path}${plainName(part.name)}_`);
        continue;
      }
      const own = plainName(part.name);
      let name = count.get(own) === 1 ? own : `${path}${own}`;
      for (let i = 1; count.get(own) !== 1 && used.has(name); i++) name = `${path}${own}_${i}`;
      used.add(name);
      names.set(part, name);
    }
  };
  visit(network, '');
  return names;
}

/** Keras 2 counts what a nested model does within itself as its first application; others begin with 0. */
export function nodeOffsets(network: Network): Map<string, number> {
  const largest = new Map<string, number>();
  const refs = [
    ...network.outputs,
    ...network.parts.flatMap(({ calls }) => refsIn(calls.map(({ args, kwargs }) => [args, kwargs]))),
  ];
  for (const { layer, node } of refs) largest.set(layer, Math.max(largest.get(layer) ?? 0, node));
  return new Map(
    network.parts.flatMap((part) =>
      part.kind === 'network' && (largest.get(part.name) ?? 0) >= part.calls.length ? [[part.name, 1]] : [],
    ),
  );
}
