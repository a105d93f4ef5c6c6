/**
 * Owns which objects belong together as nodes: families of types that refer to each other, the attributes that link
 * them, and the links. By shape alone; what an attribute is called only decides between left and right, on and back.
 */

import { type HeapObject, isSet, type Lookup } from "../heap";
import { refersTo } from "../reach";
import { isRef, isSmallInt, NONE, refId, type Value } from "../values";

export interface Link {
  readonly from: number;
  readonly to: number;
  /** The attribute that holds the target, or the container with the target. */
  readonly attribute: string;
  /** Tells the links of one attribute apart: the key in the container. */
  readonly name: string;
  /** What to write on it: the key in a dict, nothing for a position in a list, else the attribute. */
  readonly label: string;
  /** The container between, or 0. */
  readonly through: number;
}

/** Linked objects of one kind. */
export interface Family {
  readonly key: string;
  readonly types: ReadonlySet<string>;
  readonly objects: readonly HeapObject[];
  /** Attributes that link them, left before right. */
  readonly names: readonly string[];
}

export const BACK =
  /^_*(prev|previous|back|backward|before|prior|parent|up|father|mother|owner)(_?(node|ptr|link))?_*$/i;
const FORWARD = /^_*(next|nxt|next_?node|after|rest|cdr|succ|successor|link|following)_*$/i;
const LEFT = /left|^_*l(o|c|child)?_*$|smaller|less|lower|^_*(no|false)_*$/i;
const RIGHT = /right|^_*r(c|child)?_*$|larger|greater|higher|^_*(yes|true)_*$/i;

/** Whether an attribute name alone says that it links (so that a lone node with None there is a node). */
function isLinkName(name: string): boolean {
  let known = linkNameCache.get(name);
  if (known === undefined) {
    if (linkNameCache.size > 10_000) linkNameCache.clear();
    known =
      FORWARD.test(name) || /^_*(left|right)(_?child)?_*$/i.test(name) || /^_*prev(ious)?_*$/i.test(name);
    linkNameCache.set(name, known);
  }
  return known;
}

const linkNameCache = new Map<string, boolean>();

interface Target {
  readonly to: HeapObject;
  readonly key: string;
  readonly label: string | null;
  readonly through: number;
}

/** Where a container's members are, by its version: which of them lead to objects does not depend on those. */
const members = new WeakMap<HeapObject, readonly (readonly [id: number, key: string, label: string])[]>();

function membersOf(container: HeapObject): readonly (readonly [number, string, string])[] {
  let found = members.get(container);
  if (found) return found;
  const list: [number, string, string][] = [];
  const letters = container.items.length === 26;
  container.items.forEach((item, i) => {
    if (isRef(item)) list.push([refId(item), String(i), letters ? String.fromCharCode(97 + i) : ""]);
  });
  for (const [key, [first, second]] of container.entries)
    if (isRef(second)) list.push([refId(second), key, isSet(container) ? "" : keyText(first, key)]);
  found = list;
  members.set(container, found);
  return found;
}

function keyText(key: Value, fallback: string): string {
  if (typeof key !== "number") return key.text;
  return isSmallInt(key) ? String(key >> 2) : fallback;
}

/** A container with more members than this holds data, not links. */
const MAX_MEMBERS = 4000;

/** Objects an attribute's value leads to: itself, or what a container holds. */
function targets(value: Value, lookup: Lookup): readonly Target[] {
  const object = isRef(value) ? lookup(refId(value)) : undefined;
  if (!object) return [];
  if (object.kind === "object") return [{ to: object, key: "", label: null, through: 0 }];
  if (object.length > MAX_MEMBERS || !refersTo(object, "object", lookup)) return [];
  const found: Target[] = [];
  for (const [id, key, label] of membersOf(object)) {
    const to = lookup(id);
    if (to?.kind === "object") found.push({ to, key, label, through: object.id });
  }
  return found;
}

/** The families among the objects that were reached. */
export function familiesOf(reached: Iterable<HeapObject>, lookup: Lookup): Family[] {
  const objects = [...reached].filter(({ kind }) => kind === "object");
  if (objects.length === 0) return [];
  const leads = new Map<string, Map<string, Set<string>>>();
  const seen = new Set<string>();
  for (const object of objects) {
    const known = signatures.get(object);
    if (known !== undefined && seen.has(known)) continue;
    const signature = collect(object, leads, lookup);
    if (signature !== null) {
      seen.add(signature);
      signatures.set(object, signature);
    }
  }
  const families: Family[] = [];
  for (const types of circles(leads)) {
    const mine = objects.filter((object) => types.has(object.type));
    const key = `t${[...types].sort().join()}`;
    families.push({ key, types, objects: mine, names: linkNames(types, leads) });
  }
  return families;
}

/** What `collect` found, by version of the object, where that depends on nothing else: an id keeps its type. */
const signatures = new WeakMap<HeapObject, string>();

/** Notes which types each attribute of an object's type leads to; says so in a word where no container is between. */
function collect(
  object: HeapObject,
  leads: Map<string, Map<string, Set<string>>>,
  lookup: Lookup,
): string | null {
  let signature: string | null = object.type;
  let attributes = leads.get(object.type);
  if (!attributes) {
    attributes = new Map();
    leads.set(object.type, attributes);
  }
  for (const [name, [, value]] of object.entries) {
    if (typeof value !== "number") continue;
    const ref = isRef(value);
    if (!ref && !(value === NONE && isLinkName(name))) continue;
    let to = attributes.get(name);
    if (!to) {
      to = new Set();
      attributes.set(name, to);
    }
    const found = ref ? targets(value, lookup) : [];
    if (!ref) to.add(object.type);
    for (const target of found) to.add(target.to.type);
    const direct = !ref || found[0]?.through === 0;
    signature = direct && signature !== null ? `${signature} ${name}:${found[0]?.to.type ?? ""}` : null;
  }
  return signature;
}

/** Sets of types whose objects refer to each other in a circle of types: `Node -> Node`, `Vertex -> Edge -> Vertex`. */
function circles(leads: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>): Set<string>[] {
  const next = (type: string) => [...(leads.get(type)?.values() ?? [])].flatMap((types) => [...types]);
  const closure = new Map<string, Set<string>>();
  for (const type of leads.keys()) {
    const seen = new Set<string>();
    const queue = next(type);
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      queue.push(...next(at));
    }
    closure.set(type, seen);
  }
  const families: Set<string>[] = [];
  for (const [type, all] of closure) {
    if (!all.has(type) || families.some((family) => family.has(type))) continue;
    families.push(new Set([type, ...[...all].filter((other) => closure.get(other)?.has(type))]));
  }
  return families;
}

/** Attributes that link members of the family, left before right. */
function linkNames(
  types: ReadonlySet<string>,
  leads: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>,
): readonly string[] {
  const names = new Set<string>();
  for (const type of types)
    for (const [name, to] of leads.get(type) ?? [])
      if ([...to].some((other) => types.has(other))) names.add(name);
  const rank = (name: string) => (LEFT.test(name) && !RIGHT.test(name) ? 0 : RIGHT.test(name) ? 2 : 1);
  const sorted = [...names].sort((a, b) => rank(a) - rank(b));
  // The same names are the same list, so that what was read with them can be found again.
  const key = sorted.join();
  const known = interned.get(key) ?? sorted;
  if (interned.size > 1000) interned.clear();
  interned.set(key, known);
  return known;
}

const interned = new Map<string, readonly string[]>();

/** Links by version of the object, where no container is between. */
const direct = new WeakMap<HeapObject, { names: readonly string[]; links: readonly Link[] }>();

/** The links of one object that lead to objects in `inside`. */
export function linksOf(
  object: HeapObject,
  names: readonly string[],
  inside: { has(id: number): boolean },
  lookup: Lookup,
): readonly Link[] {
  const known = direct.get(object);
  const links = known?.names === names ? known.links : readLinks(object, names, lookup);
  return links.every(({ to }) => inside.has(to)) ? links : links.filter(({ to }) => inside.has(to));
}

function readLinks(object: HeapObject, names: readonly string[], lookup: Lookup): readonly Link[] {
  const links: Link[] = [];
  let isDirect = true;
  for (const attribute of names) {
    const value = object.entries.get(attribute)?.[1];
    if (value === undefined || !isRef(value)) continue;
    const found = targets(value, lookup);
    if (found[0]?.through !== 0) isDirect = false;
    for (const { to, key, label, through } of found)
      links.push({ from: object.id, to: to.id, attribute, name: key, label: label ?? attribute, through });
  }
  if (isDirect) direct.set(object, { names, links });
  return links;
}

/** Splits links into a forest (each node has one parent, no circles) and the rest. Earlier links win. */
export function spanningForest<N, L extends { readonly from: N; readonly to: N }>(
  members: Iterable<N>,
  links: readonly L[],
): { tree: L[]; extra: L[] } {
  const root = new Map<N, N>();
  for (const id of members) root.set(id, id);
  const find = (id: N): N => {
    let at = id;
    for (let up = root.get(at) as N; up !== at; up = root.get(at) as N) {
      root.set(at, root.get(up) as N);
      at = up;
    }
    return at;
  };
  const hasParent = new Set<N>();
  const tree: L[] = [];
  const extra: L[] = [];
  for (const link of links) {
    const [above, below] = [find(link.from), find(link.to)];
    if (hasParent.has(link.to) || above === below) {
      extra.push(link);
      continue;
    }
    hasParent.add(link.to);
    root.set(below, above);
    tree.push(link);
  }
  return { tree, extra };
}
