/** Owns trees that live in a list: a binary heap (children by arithmetic) and union-find's forest (parents by index). */

import { formatValue } from "../format";
import { elementAt, type HeapObject, isSequence } from "../heap";
import { type Mark, markAt, NO_MARKS } from "../marks";
import { NO_NOTE, noteAt } from "../notes";
import { FIT, type Fit, type Scene, type Subject } from "../structure";
import { asIndex, isRef, isSmallInt, keyOf, type Value } from "../values";
import { moreLinks, moreNodes, type Net, type NetLink, type NetNode, NO_LINK, NO_NET, NO_NODE } from "./net";
import { isHeapUse } from "./sequence";
import { Forest } from "./window";

export interface IndexedTreeModel {
  readonly object: HeapObject;
  readonly net: Net;
}

const TEXT = 10;
const MAX_HEAP = 63;
const MAX_SETS = 90;
/** A longer list is no forest to be looked at. */
const MAX_ELEMENTS = 20_000;

const VARIABLE = "[A-Za-z_]\\w*";
/** `2 * i + 1`, `i * 2 + 1`, `(i << 1) + 1`, `2 * (i + 1) - 1`. */
const CHILD = new RegExp(
  `\\b2 ?\\* ?${VARIABLE} ?\\+ ?[12]\\b|\\b${VARIABLE} ?\\* ?2 ?\\+ ?[12]\\b|\\(${VARIABLE} ?<< ?1\\) ?[+|] ?[12]`,
);
/** `2 * i`, `i * 2` alone, as in heaps that begin at 1. */
const EVEN_CHILD = new RegExp(`\\b2 ?\\* ?${VARIABLE}\\b(?! ?\\+)|\\b${VARIABLE} ?\\* ?2\\b(?! ?\\+)`);
/** `(i - 1) // 2`, `(i - 1) >> 1`. */
const PARENT = new RegExp(`\\(${VARIABLE} ?- ?1\\) ?(?:// ?2|>> ?1)`);
const ODD_PARENT = new RegExp(`\\b${VARIABLE} ?// ?2\\b|\\b${VARIABLE} ?>> ?1\\b`);
const SECOND = /[+|] ?2\b/;

/** Used through `heapq`, or indexed by code that computes children and parents. */
export function fitHeap({ object }: Subject, scene: Scene): Fit<IndexedTreeModel> | null {
  if (!object || (object.kind !== "list" && object.kind !== "array")) return null;
  const { calls, bases } = scene.usage.of(object.id);
  const computed = () => [...bases.values()].some((codes) => [...codes].some(saysHeap));
  const used = isHeapUse(calls) || (computed() && !holdsContainers(object, scene));
  return {
    score: used ? FIT.use + 0.5 : FIT.possible,
    model: () => ({ object, net: heapNet(object, scene) }),
  };
}

/** Whether a code's arithmetic is that of a tree in a list. */
export function saysHeap(code: string): boolean {
  const child = CHILD.exec(code);
  const both = child !== null && SECOND.test(code) && /\+ ?1\b|\| ?1\b/.test(code);
  if (PARENT.test(code)) return child !== null || /\bwhile\b/.test(code);
  return (
    both || (EVEN_CHILD.test(code) && child !== null) || (EVEN_CHILD.test(code) && ODD_PARENT.test(code))
  );
}

/** Lists in a list are rows, whatever arithmetic is around; tuples may be what a queue of one's own holds. */
function holdsContainers(object: HeapObject, { lookup }: Scene): boolean {
  const first = object.items.find(isRef);
  const kind = first === undefined ? undefined : lookup((first as number) >> 2)?.kind;
  return kind === "list" || kind === "dict" || kind === "set";
}

/** Where a heap begins: at 1 where the first place is only kept free. */
export function heapStart(object: HeapObject, scene: Scene): number {
  const codes = [...scene.usage.of(object.id).bases.values()].flatMap((set) => [...set]);
  const fromOne = codes.some((code) => !PARENT.test(code) && EVEN_CHILD.test(code) && ODD_PARENT.test(code));
  return fromOne && !codes.some((code) => SECOND.test(code)) ? 1 : 0;
}

function heapNet(object: HeapObject, scene: Scene): Net {
  const start = heapStart(object, scene);
  const parentOf = (i: number) => (start === 1 ? i >> 1 : (i - 1) >> 1);
  const { length } = object;
  const indices = heapWindow(object, start, parentOf, scene);
  const shown = new Set(indices);
  const nodes = indices.map((i) => elementNode(object, i, scene));
  const links = indices
    .filter((i) => i > start && shown.has(parentOf(i)))
    .map((i) => {
      const name = (i - start) % 2 === 1 ? "left" : "right";
      return treeLink(parentOf(i), i, name);
    });
  return {
    ...NO_NET,
    layout: "tree",
    nodes,
    links,
    sides: ["left", "right"],
    directed: false,
    elided: Math.max(0, length - start - indices.length),
    kind: object.type,
    objects: [object.id],
  };
}

/** All elements, or the first levels and what the step touched with the way up. */
function heapWindow(
  object: HeapObject,
  start: number,
  parentOf: (i: number) => number,
  { touched }: Scene,
): number[] {
  const { length } = object;
  const room = length - start <= MAX_HEAP ? length : 31 + start;
  const shown = new Set<number>();
  for (let i = start; i < Math.min(length, room); i++) shown.add(i);
  const marks = touched.objects.get(object.id) ?? NO_MARKS;
  for (const text of [...marks.writes, ...marks.reads].slice(0, 6)) {
    let i = Number(text);
    for (; i >= start && i < length && !shown.has(i); i = parentOf(i)) shown.add(i);
  }
  return [...shown].sort((a, b) => a - b);
}

function treeLink(from: number | string, to: number | string, name: string, mark: Mark = ""): NetLink {
  return {
    ...NO_LINK,
    id: `${from}-${to}`,
    from: String(from),
    to: String(to),
    name,
    mark,
  };
}

function elementNode(object: HeapObject, i: number, { touched, lookup, notes }: Scene): NetNode {
  const value = elementAt(object, i);
  return {
    ...NO_NODE,
    id: String(i),
    lines: [formatValue(value, lookup, TEXT, 1)],
    mark: markAt(touched.objects.get(object.id) ?? NO_MARKS, String(i)),
    note: notes.size ? noteAt(notes, object.id, String(i), value) : NO_NOTE,
  };
}

/** A list or dict in which every element leads to another until one leads to itself, and the code follows it. */
export function fitSets({ object }: Subject, scene: Scene): Fit<IndexedTreeModel> | null {
  if (!object || object.length === 0 || object.length > MAX_ELEMENTS) return null;
  if (object.kind !== "list" && object.kind !== "dict" && object.kind !== "array") return null;
  const parents = parentsOf(object);
  if (!parents) return null;
  return {
    score: follows(object, scene) ? FIT.use + 0.5 : 0.5,
    model: () => ({ object, net: setsNet(object, parents, scene) }),
  };
}

interface Parent {
  /** The element that names it: a position or a key. */
  readonly name: Value;
  /** Where it leads; its own place for a root. */
  readonly to: string;
}

const forests = new WeakMap<HeapObject, ReadonlyMap<string, Parent> | null>();

/** Where each place leads; null where that is no forest. */
function parentsOf(object: HeapObject): ReadonlyMap<string, Parent> | null {
  let known = forests.get(object);
  if (known === undefined) {
    known = readParents(object);
    forests.set(object, known);
  }
  return known;
}

function readParents(object: HeapObject): ReadonlyMap<string, Parent> | null {
  const parents = new Map<string, Parent>();
  const entries: (readonly [string, Value, Value])[] = isSequence(object)
    ? object.items.map((value, i) => [String(i), i << 2, value])
    : [...object.entries].map(([key, [name, value]]) => [key, name, value]);
  for (const [place, name, value] of entries) {
    if (isRef(value) || (isSequence(object) && !isSmallInt(value))) return null;
    const n = asIndex(value);
    const root = isSequence(object) && n !== null && n < 0;
    parents.set(place, { name, to: root ? place : isSequence(object) ? String(n) : keyOf(value) });
  }
  for (const { to } of parents.values()) if (!parents.has(to)) return null;
  // Whoever is followed far enough must come to rest.
  const rests = new Set<string>();
  for (const start of parents.keys()) {
    const way: string[] = [];
    const onWay = new Set<string>();
    let at = start;
    while (!rests.has(at)) {
      if (onWay.has(at)) return null;
      way.push(at);
      onWay.add(at);
      const { to } = parents.get(at) as Parent;
      if (to === at) break;
      at = to;
    }
    for (const place of way) rests.add(place);
  }
  return parents;
}

/**
 * Whether the code goes from an element to the element it names, until one names itself: `x = parent[x]`, `parent[parent[x]]`,
 * `find(parent[x])`, or in two steps (`up = parent[x]`, `x = up`).
 */
function follows(object: HeapObject, { usage }: Scene): boolean {
  for (const [base, codes] of usage.of(object.id).bases) {
    const name = base.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const step = new RegExp(
      `\\b(\\w+)(?:, ?\\w+)? ?= ?(?:\\w+, ?)?${name}\\[\\1\\]|${name}\\[${name}\\[|\\w+\\((?:\\w+, ?)?${name}\\[\\w+\\]`,
    );
    const stop = new RegExp(
      `${name}\\[(\\w+)\\] ?[!=]= ?\\1\\b|\\b(\\w+) ?[!=]= ?${name}\\[\\2\\]|${name}\\[\\w+\\] ?(?:>=|<) ?0`,
    );
    const twice = new RegExp(`\\b(\\w+) ?= ?${name}\\[(\\w+)\\][^]*\\b\\2 ?= ?\\1\\b`);
    for (const code of codes) {
      if (step.test(code) && stop.test(code)) return true;
      const [, up, at] = twice.exec(code) ?? [];
      if (up && new RegExp(`\\b(?:${up} ?[!=]= ?${at}|${at} ?[!=]= ?${up})\\b`).test(code)) return true;
    }
  }
  return false;
}

function setsNet(object: HeapObject, parents: ReadonlyMap<string, Parent>, scene: Scene): Net {
  const links = [...parents]
    .filter(([place, { to }]) => to !== place)
    .map(([place, { to }]) => ({ from: to, to: place, name: "" }));
  const forest = new Forest([...parents.keys()], links);
  const marks = scene.touched.objects.get(object.id) ?? NO_MARKS;
  const wanted = [...marks.writes, ...marks.reads].filter((place) => parents.has(place));
  const { shown, more } = forest.window(wanted, MAX_SETS);
  const pointers = scene.names.keysInto(object);
  const nodes = [...parents]
    .filter(([place]) => shown.has(place))
    .map(([place, parent]): NetNode => {
      const labels = pointers.filter(({ value }) => keyOf(value) === keyOf(parent.name));
      return {
        ...NO_NODE,
        id: place,
        lines: [plain(parent.name, scene)],
        mark: markAt(marks, place),
        labels,
        ring: parent.to === place,
        note: scene.notes.size ? noteAt(scene.notes, object.id, place, parent.name) : NO_NOTE,
      };
    });
  return {
    ...NO_NET,
    layout: "tree",
    nodes: [...nodes, ...moreNodes(more)],
    links: [
      ...links
        .filter(({ from, to }) => shown.has(from) && shown.has(to))
        .map(({ from, to }) => treeLink(from, to, "", markAt(marks, to))),
      ...moreLinks(more),
    ],
    upward: true,
    kind: object.type,
    objects: [object.id],
  };
}

function plain(name: Value, { lookup }: Scene): string {
  return typeof name !== "number" && name.kind === "str"
    ? name.text.slice(0, TEXT)
    : formatValue(name, lookup, TEXT);
}
