/**
 * Owns recognition of linked objects: which objects are nodes, which attributes link them,
 * and whether the links make chains, trees or any graph.
 */

import { type HeapObject, isSet, type Lookup } from "./heap";
import { isRef, isSmallInt, NONE, refId, type Value } from "./values";

export interface Link {
  readonly from: number;
  readonly to: number;
  /** The attribute that holds the target, or the container with the target. */
  readonly attribute: string;
  /** Tells the links of one attribute apart: the key in the container. */
  readonly name: string;
  /** What to write on it: the key in a dict, nothing for a position in a list, else the attribute. */
  readonly label: string;
}

export interface LinkedNode {
  readonly object: HeapObject;
  /** Attributes that are not links, by name. */
  readonly fields: readonly (readonly [string, Value])[];
  /** Linking attributes in drawing order, with where they lead (null: nowhere). */
  readonly slots: readonly (readonly [string, number | null])[];
}

export interface Linked {
  readonly kind: "linked";
  readonly key: string;
  readonly shape: "chain" | "tree" | "graph";
  /** For a chain: the attribute that leads on, and the one that leads back, if there is one. */
  readonly forward: string;
  readonly backward: string;
  readonly nodes: readonly LinkedNode[];
  /** Links that make the shape. In a tree every node has at most one of them coming in. */
  readonly links: readonly Link[];
  /** Other links, drawn without moving the shape. */
  readonly extra: readonly Link[];
  /** Whether a tree's first and second attribute mean left and right. */
  readonly binary: boolean;
  readonly members: readonly number[];
  /** Containers drawn as links. */
  readonly absorbed: readonly number[];
  /** Object by which the figure takes its place among the others. */
  readonly first: number;
  /** Nodes that were left out because there are too many. */
  readonly elided: number;
}

/** Nodes drawn in one figure. */
export const MAX_NODES = 120;
/** Of a node that must be seen, so many objects that lead to it are drawn too. */
const LEADING = 24;

const BACK =
  /^_*(prev|previous|back|backward|before|prior|parent|up|father|mother|owner)(_?(node|ptr|link))?_*$/i;
const FORWARD = /^_*(next|nxt|next_?node|after|rest|cdr|succ|successor|link|following)_*$/i;
const LEFT = /left|^_*l(o|c|child)?_*$|smaller|less|lower|^_*(no|false)_*$/i;
const RIGHT = /right|^_*r(c|child)?_*$|larger|greater|higher|^_*(yes|true)_*$/i;

type Reached = ReadonlyMap<number, { readonly object: HeapObject }>;

/** Whether an attribute name alone says that it links (so that a lone node with None there is a node). */
function isLinkName(name: string): boolean {
  let known = linkNameCache.get(name);
  if (known === undefined) {
    if (linkNameCache.size > 10_000) linkNameCache.clear();
    known = saysLink(name);
    linkNameCache.set(name, known);
  }
  return known;
}

const linkNameCache = new Map<string, boolean>();

function saysLink(name: string): boolean {
  return FORWARD.test(name) || /^_*(left|right)(_?child)?_*$/i.test(name) || /^_*prev(ious)?_*$/i.test(name);
}

/** The linked figures among the reached objects: one per family of node types. */
export function linkedFigures(reached: Reached, focus: ReadonlySet<number>, lookup: Lookup): Linked[] {
  const objects = [...reached.values()].map(({ object }) => object).filter(({ kind }) => kind === "object");
  const families = nodeFamilies(objects, lookup);
  const figures: Linked[] = [];
  for (const types of families) {
    const members = objects.filter((object) => types.has(object.type));
    if (members.length) figures.push(figureOf(members, types, focus, lookup));
  }
  return figures;
}

/** Objects an attribute's value leads to: itself, or what a container holds. */
function targets(value: Value, lookup: Lookup): { to: HeapObject; key: string; label: string | null }[] {
  const object = isRef(value) ? lookup(refId(value)) : undefined;
  if (!object) return [];
  if (object.kind === "object") return [{ to: object, key: "", label: null }];
  const found: { to: HeapObject; key: string; label: string }[] = [];
  const add = (item: Value, key: string, label: string) => {
    const to = isRef(item) ? lookup(refId(item)) : undefined;
    if (to?.kind === "object") found.push({ to, key, label });
  };
  object.items.forEach((item, i) => {
    add(item, String(i), "");
  });
  for (const [key, [first, second]] of object.entries) {
    add(second, key, isSet(object) ? "" : typeof first === "number" ? keyText(first, key) : first.text);
  }
  return found;
}

function keyText(key: number, fallback: string): string {
  return isSmallInt(key) ? String(key >> 2) : fallback;
}

/** Sets of types whose objects refer to each other in a circle of types: `Node -> Node`, `Vertex -> Edge -> Vertex`. */
function nodeFamilies(objects: readonly HeapObject[], lookup: Lookup): Set<string>[] {
  const leads = new Map<string, Set<string>>();
  for (const object of objects) {
    const to = leads.get(object.type) ?? new Set<string>();
    leads.set(object.type, to);
    for (const [name, [, value]] of object.entries) {
      if (isRef(value)) for (const target of targets(value, lookup)) to.add(target.to.type);
      else if (value === NONE && isLinkName(name)) to.add(object.type);
    }
  }
  const reaches = (from: string): Set<string> => {
    const seen = new Set<string>();
    const queue = [...(leads.get(from) ?? [])];
    for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
      if (!seen.has(type)) {
        seen.add(type);
        queue.push(...(leads.get(type) ?? []));
      }
    }
    return seen;
  };
  const closure = new Map([...leads.keys()].map((type) => [type, reaches(type)]));
  const families: Set<string>[] = [];
  for (const [type, all] of closure) {
    if (!all.has(type) || families.some((family) => family.has(type))) continue;
    families.push(new Set([type, ...[...all].filter((other) => closure.get(other)?.has(type))]));
  }
  return families;
}

/** The nodes to draw where there are too many: those in focus, what leads to them, and the first ones. */
function select(
  all: readonly HeapObject[],
  names: readonly string[],
  focus: ReadonlySet<number>,
  lookup: Lookup,
): HeapObject[] {
  if (all.length <= MAX_NODES) return all.slice();
  const everything = new Set(all.map(({ id }) => id));
  const leader = new Map<number, number>();
  for (const object of all) {
    for (const { from, to } of linksOf(object, names, everything, lookup))
      if (!leader.has(to)) leader.set(to, from);
  }
  const chosen = new Set<number>();
  for (const id of focus) {
    let at: number | undefined = everything.has(id) ? id : undefined;
    for (let i = 0; i < LEADING && at !== undefined && chosen.size < MAX_NODES; i++) {
      chosen.add(at);
      at = leader.get(at);
    }
  }
  for (const { id } of all) {
    if (chosen.size >= MAX_NODES) break;
    chosen.add(id);
  }
  return all.filter(({ id }) => chosen.has(id));
}

function figureOf(
  all: readonly HeapObject[],
  types: ReadonlySet<string>,
  focus: ReadonlySet<number>,
  lookup: Lookup,
): Linked {
  const names = linkNames(all, types, lookup);
  const members = select(all, names, focus, lookup);
  const inside = new Set(members.map(({ id }) => id));
  const absorbed = new Set<number>();
  const nodes = members.map((object) => nodeOf(object, names, lookup, absorbed));
  const links = nodes.flatMap(({ object }) => linksOf(object, names, inside, lookup));
  const forward = names.filter((name) => !BACK.test(name));
  const useful = forward.length ? forward : names;
  const main = links.filter((link) => useful.includes(link.attribute));
  const back = links.filter((link) => !useful.includes(link.attribute));
  const direct = main.every((link) => link.name === "");
  const common = {
    kind: "linked" as const,
    key: `t${[...types].sort().join()}`,
    forward: "",
    backward: "",
    binary: false,
    nodes,
    members: members.map(({ id }) => id),
    absorbed: [...absorbed],
    first: (members[0] as HeapObject).id,
    elided: all.length - members.length,
  };
  if (useful.length === 1 && direct) {
    const backward = names.find((name) => BACK.test(name) && name !== useful[0]) ?? "";
    return { ...common, shape: "chain", forward: useful[0] as string, backward, links: main, extra: back };
  }
  const split = spanningForest(common.members, main);
  const isTree = split.extra.length <= Math.max(useful.length === 2 ? 2 : 0, members.length >> 4);
  if (isTree)
    return {
      ...common,
      shape: "tree",
      binary: direct && useful.length === 2,
      links: split.tree,
      extra: split.extra,
    };
  return { ...common, shape: "graph", links: main, extra: back };
}

/** Attributes that link members of the family, left before right. */
function linkNames(objects: readonly HeapObject[], types: ReadonlySet<string>, lookup: Lookup): string[] {
  const names = new Set<string>();
  for (const object of objects) {
    for (const [name, [, value]] of object.entries) {
      if (names.has(name)) continue;
      const leadsInside = isRef(value) && targets(value, lookup).some(({ to }) => types.has(to.type));
      if (leadsInside || (value === NONE && isLinkName(name))) names.add(name);
    }
  }
  const rank = (name: string) => (LEFT.test(name) && !RIGHT.test(name) ? 0 : RIGHT.test(name) ? 2 : 1);
  return [...names].sort((a, b) => rank(a) - rank(b));
}

function nodeOf(
  object: HeapObject,
  names: readonly string[],
  lookup: Lookup,
  absorbed: Set<number>,
): LinkedNode {
  const fields: [string, Value][] = [];
  const slots: [string, number | null][] = [];
  for (const name of names) {
    const value = object.entries.get(name)?.[1];
    if (value === undefined) continue;
    const found = isRef(value) ? lookup(refId(value)) : undefined;
    if (value === NONE || found?.kind === "object") slots.push([name, found?.id ?? null]);
    else if (found && targets(value, lookup).length) absorbed.add(found.id);
    else if (!found) fields.push([name, value]);
    else absorbed.add(found.id);
  }
  for (const [name, [, value]] of object.entries) if (!names.includes(name)) fields.push([name, value]);
  return { object, fields, slots };
}

function linksOf(
  object: HeapObject,
  names: readonly string[],
  inside: ReadonlySet<number>,
  lookup: Lookup,
): Link[] {
  const links: Link[] = [];
  for (const attribute of names) {
    const value = object.entries.get(attribute)?.[1];
    if (value === undefined || !isRef(value)) continue;
    for (const { to, key, label } of targets(value, lookup)) {
      if (!inside.has(to.id)) continue;
      links.push({ from: object.id, to: to.id, attribute, name: key, label: label ?? attribute });
    }
  }
  return links;
}

/** Splits links into a forest (each node has one parent, no circles) and the rest. Earlier links win. */
function spanningForest(members: readonly number[], links: readonly Link[]): { tree: Link[]; extra: Link[] } {
  const root = new Map(members.map((id) => [id, id]));
  const find = (id: number): number => {
    let at = id;
    while (root.get(at) !== at) at = root.get(at) as number;
    return at;
  };
  const hasParent = new Set<number>();
  const tree: Link[] = [];
  const extra: Link[] = [];
  for (const link of links) {
    if (hasParent.has(link.to) || find(link.to) === find(link.from)) {
      extra.push(link);
      continue;
    }
    hasParent.add(link.to);
    root.set(link.to, find(link.from));
    tree.push(link);
  }
  return { tree, extra };
}
