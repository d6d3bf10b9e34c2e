/** Things that belong together, by pairs that do (union–find). */
export class Union<T> {
  readonly #parents = new Map<T, T>();

  join(a: T, b: T): void {
    const [one, other] = [this.#root(a), this.#root(b)];
    this.#parents.set(one, one);
    this.#parents.set(other, one);
  }

  together(a: T, b: T): boolean {
    return a === b || this.#root(a) === this.#root(b);
  }

  /** Two or more each, in the order in which they were joined. */
  groups(): T[][] {
    const groups = new Map<T, T[]>();
    for (const item of this.#parents.keys()) {
      const root = this.#root(item);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [item]);
      else group.push(item);
    }
    return [...groups.values()];
  }

  #root(item: T): T {
    let root = item;
    for (
      let parent = this.#parents.get(root);
      parent !== undefined && parent !== root;
      parent = this.#parents.get(root)
    )
      root = parent;
    // The way is shorter for the next one.
    if (root !== item) this.#parents.set(item, root);
    return root;
  }
}
