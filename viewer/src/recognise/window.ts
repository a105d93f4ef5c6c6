/**
 * Owns which part of a large forest is drawn: the top, what must be seen with the way to it and what is near, and
 * one stand-in for each part that is left out, with how much is in it.
 */

/** A node that stands for what is left out. */
export interface More {
  readonly id: string;
  /** The drawn node it hangs from. */
  readonly from: string;
  /** The link that leads into what is left out. */
  readonly name: string;
  readonly count: number;
  /** Drawn nodes that hang from what is left out. */
  readonly to: readonly string[];
}

export interface Window {
  readonly shown: ReadonlySet<string>;
  readonly more: readonly More[];
}

interface ForestLink {
  readonly from: string;
  readonly to: string;
  readonly name: string;
}

/** Of the way to a node that must be seen, so many are drawn. */
const WAY = 12;
const NEAR = 8;

export class Forest {
  readonly children = new Map<string, ForestLink[]>();
  readonly parent = new Map<string, ForestLink>();
  private sizes: Map<string, number> | null = null;

  constructor(
    readonly ids: readonly string[],
    links: readonly ForestLink[],
  ) {
    for (const link of links) {
      const mine = this.children.get(link.from);
      if (mine) mine.push(link);
      else this.children.set(link.from, [link]);
      this.parent.set(link.to, link);
    }
  }

  get roots(): string[] {
    return this.ids.filter((id) => !this.parent.has(id));
  }

  /** Nodes in the subtree of each node. */
  sizeOf(id: string): number {
    this.sizes ??= this.measure();
    return this.sizes.get(id) ?? 1;
  }

  private measure(): Map<string, number> {
    const order: string[] = this.roots;
    for (let i = 0; i < order.length; i++)
      for (const { to } of this.children.get(order[i] as string) ?? []) order.push(to);
    const sizes = new Map<string, number>();
    for (let i = order.length - 1; i >= 0; i--) {
      const id = order[i] as string;
      let size = 1;
      for (const { to } of this.children.get(id) ?? []) size += sizes.get(to) ?? 1;
      sizes.set(id, size);
    }
    return sizes;
  }

  /** The part to draw: all where it has at most `room` nodes. */
  window(focus: readonly string[], room: number): Window {
    if (this.ids.length <= room) return { shown: new Set(this.ids), more: [] };
    const shown = new Set<string>();
    const top = Math.floor(room / 2);
    this.spread(this.roots, shown, top);
    for (const id of focus) {
      if (shown.size >= room - NEAR) break;
      let at: string | undefined = id;
      for (let i = 0; i < WAY && at !== undefined && !shown.has(at); i++) {
        shown.add(at);
        at = this.parent.get(at)?.from;
      }
      this.spread([id], shown, Math.min(room, shown.size + NEAR));
    }
    return { shown, more: this.leftOut(shown) };
  }

  private spread(from: readonly string[], shown: Set<string>, room: number): void {
    const queue = from.slice();
    for (let i = 0; i < queue.length && shown.size < room; i++) {
      shown.add(queue[i] as string);
      for (const { to } of this.children.get(queue[i] as string) ?? []) queue.push(to);
    }
  }

  private leftOut(shown: ReadonlySet<string>): More[] {
    const more = new Map<string, { from: string; name: string; count: number; to: string[] }>();
    // Nodes that hang from what is left out, by the branch that leads to them.
    const hanging = new Map<string, string[]>();
    for (const id of shown) {
      let link = this.parent.get(id);
      if (!link || shown.has(link.from)) continue;
      while (link && !shown.has(link.from)) link = this.parent.get(link.from);
      if (link) hanging.set(link.to, [...(hanging.get(link.to) ?? []), id]);
    }
    for (const from of shown) {
      for (const { to, name } of this.children.get(from) ?? []) {
        if (shown.has(to)) continue;
        const below = hanging.get(to) ?? [];
        const count = this.sizeOf(to) - below.reduce((n, id) => n + this.sizeOf(id), 0);
        // Many branches of one node that lead nowhere drawn are told together.
        const key = below.length ? `more ${to}` : `more ${from}`;
        const entry = more.get(key) ?? { from, name, count: 0, to: [] };
        more.set(key, { ...entry, count: entry.count + count, to: [...entry.to, ...below] });
      }
    }
    return [...more].map(([id, entry]) => ({ id, ...entry }));
  }
}
