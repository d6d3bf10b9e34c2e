/** `1 picture`, `12 pictures`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The first of some names, each in quotes: a name may hold a comma, or quotes itself. */
export function quotedNames(names: readonly string[], most = 10): string {
  const more = names.length - most;
  return `${names
    .slice(0, most)
    .map((name) => JSON.stringify(name))
    .join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
