/**
 * Owns a map from positive ids to values that can be copied at once: copies share what is the same in both, and each
 * makes its own of what it changes. A trie of 32 branches, as deep as its largest id asks for.
 */

const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

interface Node<T> {
  /** Who may change this node in place. */
  readonly owner: object;
  readonly slots: (Node<T> | T | undefined)[];
}

export class IdMap<T> {
  private owner = {};
  private root: Node<T> = { owner: this.owner, slots: [] };
  private levels = 1;
  /** Nodes made so far: the price of not changing those of a copy. */
  made = 0;

  get(id: number): T | undefined {
    let shift = BITS * (this.levels - 1);
    // Twice, since a shift by more than 31 shifts by less.
    if ((id >>> shift) >>> BITS !== 0) return undefined;
    let node: Node<T> | undefined = this.root;
    for (; shift > 0; shift -= BITS) {
      node = node.slots[(id >>> shift) & MASK] as Node<T> | undefined;
      if (node === undefined) return undefined;
    }
    return node.slots[id & MASK] as T | undefined;
  }

  set(id: number, value: T): void {
    while ((id >>> (BITS * (this.levels - 1))) >>> BITS !== 0) {
      this.root = this.node([this.root]);
      this.levels++;
    }
    let node = this.owned(this.root);
    this.root = node;
    for (let shift = BITS * (this.levels - 1); shift > 0; shift -= BITS) {
      const at = (id >>> shift) & MASK;
      const below = node.slots[at] as Node<T> | undefined;
      const mine: Node<T> = below === undefined ? this.node([]) : this.owned(below);
      node.slots[at] = mine;
      node = mine;
    }
    node.slots[id & MASK] = value;
  }

  /** A copy; neither sees what is set in the other from now on. */
  copy(): IdMap<T> {
    const copy = new IdMap<T>();
    copy.root = this.root;
    copy.levels = this.levels;
    this.owner = {};
    return copy;
  }

  private node(slots: (Node<T> | T | undefined)[]): Node<T> {
    this.made++;
    return { owner: this.owner, slots };
  }

  private owned(node: Node<T>): Node<T> {
    return node.owner === this.owner ? node : this.node(node.slots.slice());
  }
}
