/** Owns when dicts inside dicts are a trie: every key is one character, or marks the end of a word. */

import { formatValue } from "../format";
import type { HeapObject, Lookup } from "../heap";
import { markAt, NO_MARKS } from "../marks";
import { NO_NOTE, noteAt } from "../notes";
import { FIT, type Fit, type Scene, type Subject } from "../structure";
import { isRef, refId, type Value } from "../values";
import {
  MAX_NODES,
  moreLinks,
  moreNodes,
  type Net,
  type NetLink,
  type NetNode,
  NO_NET,
  NO_NODE,
} from "./net";
import { Forest } from "./window";

const MAX_DEPTH = 64;
const MAX_DICTS = 6000;
const TEXT = 10;
/** What a trie keeps at the end of a word: a flag, a count. */
const MAX_ENDS = 2;

interface Branch {
  readonly object: HeapObject;
  readonly letter: string;
  readonly key: string;
  readonly parent: number;
}

export function fitDictTrie({ object }: Subject, scene: Scene): Fit<Net> | null {
  if (object?.kind !== "dict") return null;
  const branches = branchesOf(object, scene.lookup);
  if (!branches || branches.length < 2) return null;
  return {
    score: FIT.use,
    model: () => netOf(branches, scene),
    absorbed: () => branches.slice(1).map(({ object: { id } }) => id),
  };
}

/** One dict per prefix, the root first; null where something else is in them. */
function branchesOf(root: HeapObject, lookup: Lookup): Branch[] | null {
  const branches: Branch[] = [{ object: root, letter: "", key: "", parent: 0 }];
  const seen = new Set([root.id]);
  const depth = new Map([[root.id, 0]]);
  const letters = new Set<string>();
  const ends = new Set<string>();
  for (let i = 0; i < branches.length; i++) {
    const { object } = branches[i] as Branch;
    for (const [key, [name, value]] of object.entries) {
      const below = isRef(value) ? lookup(refId(value)) : undefined;
      const letter = typeof name !== "number" && name.kind === "str" ? name.text : null;
      if (below?.kind !== "dict") {
        if (below && below.kind !== "tuple") return null;
        // Anything that is no branch marks an end; a dict of plain values is no trie.
        if (letter !== null && letter.length > 1 && !/^\W|^_|^(end|word|leaf)/i.test(letter)) return null;
        ends.add(key);
        continue;
      }
      const level = (depth.get(object.id) as number) + 1;
      if (letter === null || Array.from(letter).length !== 1 || level > MAX_DEPTH) return null;
      if (seen.has(below.id) || branches.length > MAX_DICTS) return null;
      seen.add(below.id);
      letters.add(key);
      depth.set(below.id, level);
      branches.push({ object: below, letter, key, parent: object.id });
    }
  }
  // An end has a key of its own; weights of edges, say, stand under the keys of vertices.
  return [...ends].some((key) => letters.has(key)) || ends.size > MAX_ENDS ? null : branches;
}

function netOf(branches: readonly Branch[], scene: Scene): Net {
  const links = branches
    .slice(1)
    .map(({ object, letter, parent }) => ({ from: String(parent), to: String(object.id), name: letter }));
  const forest = new Forest(
    branches.map(({ object }) => String(object.id)),
    links,
  );
  const wanted = [...scene.touched.objects.keys(), ...scene.focus]
    .map(String)
    .filter((id) => forest.parent.has(id));
  const { shown, more } = forest.window(wanted, MAX_NODES);
  const nodes = branches.filter(({ object }) => shown.has(String(object.id)));
  return {
    ...NO_NET,
    layout: "tree",
    nodes: [...nodes.map((branch) => nodeOf(branch, scene)), ...moreNodes(more)],
    links: [
      ...nodes.flatMap((branch) => (shown.has(String(branch.parent)) ? [linkOf(branch, scene)] : [])),
      ...moreLinks(more),
    ],
    kind: "dict",
    objects: branches.map(({ object: { id } }) => id),
  };
}

function linkOf({ object, letter, key, parent }: Branch, { touched }: Scene): NetLink {
  const marks = touched.objects.get(parent) ?? NO_MARKS;
  return {
    id: `${parent}.${key}`,
    from: String(parent),
    to: String(object.id),
    object: parent,
    place: key,
    name: letter,
    label: "",
    mark: markAt(marks, key),
    minor: false,
  };
}

function nodeOf({ object, letter }: Branch, scene: Scene): NetNode {
  const ends = [...object.entries].filter(([, [, value]]) => !isBranch(value, scene.lookup));
  const marks = scene.touched.objects.get(object.id) ?? NO_MARKS;
  const mark = ends.map(([key]) => markAt(marks, key)).find((found) => found !== "") ?? "";
  // A flag is told by the ring; what else an end holds is written out.
  const told = ends.flatMap(([, [, value]]) =>
    typeof value === "number" && !isRef(value) && (value & 3) === 3
      ? []
      : [formatValue(value, scene.lookup, TEXT)],
  );
  return {
    ...NO_NODE,
    id: String(object.id),
    object: object.id,
    lines: [letter || "·", ...told.slice(0, 1)],
    mark,
    labels: (scene.labels.get(object.id) ?? []).slice(0, 3),
    ring: ends.length > 0,
    note: scene.notes.size ? noteAt(scene.notes, object.id, "", 0) : NO_NOTE,
  };
}

function isBranch(value: Value, lookup: Lookup): boolean {
  return isRef(value) && lookup(refId(value))?.kind === "dict";
}
