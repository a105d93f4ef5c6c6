/** Owns the picture that always can be drawn: every object a box with what it holds, every reference an arrow. */

import { formatValue } from "../format";
import { elementAt, type HeapObject, isAtomic, isSequence, isSet } from "../heap";
import { markAt, NO_MARKS } from "../marks";
import { NO_NOTE } from "../notes";
import { heldBy, isCyclic } from "../reach";
import { FIT, type Fit, type Scene, type Subject } from "../structure";
import type { Value } from "../values";
import { type Net, type NetLink, type NetNode, NO_NET, NO_NODE } from "./net";

const MAX_BOXES = 48;
const MAX_LINES = 8;
const TEXT = 14;

export function fitBoxes({ object, family }: Subject, scene: Scene): Fit<Net> | null {
  if (family) return { score: 0.5, model: () => netOf(family.objects, scene), absorbed: shownIn };
  if (!object) return null;
  const [first] = heldBy(object);
  if (!first) return null;
  const cyclic = isCyclic(object, scene.lookup);
  return {
    score: cyclic && leadsToFamily(object, scene) === false ? FIT.shape + 0.5 : 0.5,
    model: () => netOf([object], scene),
    absorbed: (net) => net.objects.filter((id) => !scene.familyOf.has(id)),
  };
}

function leadsToFamily(object: HeapObject, { familyOf }: Scene): boolean {
  for (const [id] of heldBy(object)) if (familyOf.has(id)) return true;
  return false;
}

function shownIn(net: Net): readonly number[] {
  return net.objects;
}

function netOf(roots: readonly HeapObject[], scene: Scene): Net {
  const shown = new Map<number, HeapObject>();
  const inFocus = roots.filter(({ id }) => scene.focus.has(id));
  const queue = roots.length > MAX_BOXES ? [...inFocus, ...roots] : roots.slice();
  let left = 0;
  for (let i = 0; i < queue.length; i++) {
    const object = queue[i] as HeapObject;
    if (shown.has(object.id)) continue;
    if (shown.size >= MAX_BOXES) {
      left++;
      continue;
    }
    shown.set(object.id, object);
    for (const [id] of heldBy(object)) {
      const held = scene.lookup(id);
      if (held && !isAtomic((id << 2) | 2, scene.lookup)) queue.push(held);
    }
  }
  const objects = [...shown.values()];
  return {
    ...NO_NET,
    layout: "layers",
    nodes: objects.map((object) => boxOf(object, shown, scene)),
    links: objects.flatMap((object) => linksOf(object, shown, scene)),
    elided: left,
    kind: (roots[0] as HeapObject).type,
    objects: [...shown.keys()],
  };
}

function linksOf(object: HeapObject, shown: ReadonlyMap<number, HeapObject>, scene: Scene): NetLink[] {
  const marks = scene.touched.objects.get(object.id) ?? NO_MARKS;
  const links: NetLink[] = [];
  for (const [id, key, first] of heldBy(object)) {
    if (!shown.has(id)) continue;
    const label =
      object.kind === "object" ? key : first === null ? key : formatValue(first, scene.lookup, TEXT);
    links.push({
      id: `${object.id}.${key}`,
      from: String(object.id),
      to: String(id),
      object: object.id,
      place: key,
      name: key,
      label: isSet(object) ? "" : label,
      mark: markAt(marks, key),
      minor: false,
    });
  }
  return links;
}

function boxOf(object: HeapObject, shown: ReadonlyMap<number, HeapObject>, scene: Scene): NetNode {
  const isShown = (value: Value) => typeof value === "number" && (value & 3) === 2 && shown.has(value >> 2);
  const text = (value: Value) => formatValue(value, scene.lookup, TEXT, 1);
  const lines: string[] = [];
  const marks = scene.touched.objects.get(object.id) ?? NO_MARKS;
  let own = false;
  const add = (key: string, line: string) => {
    own ||= marks.reads.has(key) || marks.writes.has(key);
    if (lines.length < MAX_LINES) lines.push(line);
    else lines[MAX_LINES - 1] = "⋯";
  };
  if (isSequence(object)) {
    object.items.forEach((_, i) => {
      const value = elementAt(object, i);
      if (!isShown(value)) add(String(i), `${i}: ${text(value)}`);
    });
  } else {
    for (const [key, [first, value]] of object.entries) {
      if (isShown(value)) continue;
      add(
        key,
        isSet(object) ? text(first) : `${object.kind === "object" ? key : text(first)}: ${text(value)}`,
      );
    }
  }
  return {
    ...NO_NODE,
    id: String(object.id),
    object: object.id,
    lines: [object.type, ...lines],
    mark: own ? (marks.writes.size ? "write" : "read") : "",
    labels: (scene.labels.get(object.id) ?? []).slice(0, 3),
    shape: "box",
    note: scene.notes.get(object.id) ?? NO_NOTE,
  };
}
