/** Owns what linked objects are drawn as: a list, a tree, a trie or a graph, with what is written on each node. */

import { formatValue } from "../format";
import { type HeapObject, isSequence } from "../heap";
import { type Mark, markAt, markOf, NO_MARKS } from "../marks";
import { NO_NOTE, type Note, noteAt } from "../notes";
import { FIT, type Fit, type Scene, type Subject } from "../structure";
import { FALSE, isRef, NONE, refId, TRUE, type Value } from "../values";
import { BACK, type Family, type Link, linksOf, spanningForest } from "./family";
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
import { Forest, type More } from "./window";

const FIELD_TEXT = 12;
const MAX_FIELDS = 5;
const MAX_LABELS = 3;

/** What a family's links make. */
interface Shape {
  /** Attributes that lead on. */
  readonly forward: readonly string[];
  readonly backward: readonly string[];
  /** Links that make the shape, and those that lead back. */
  readonly main: readonly Link[];
  readonly back: readonly Link[];
  readonly tree: readonly Link[];
  /** Links by which it is no tree. */
  readonly extra: readonly Link[];
  /** Whether no container stands between. */
  readonly direct: boolean;
  readonly forest: Forest;
}

const shapes = new WeakMap<Family, Shape>();

function shapeOf(family: Family, scene: Scene): Shape {
  let shape = shapes.get(family);
  if (!shape) {
    shape = readShape(family, scene);
    shapes.set(family, shape);
  }
  return shape;
}

function readShape({ objects, names }: Family, { lookup }: Scene): Shape {
  const inside = new Set(objects.map(({ id }) => id));
  const all = objects.flatMap((object) => linksOf(object, names, inside, lookup));
  const forward = names.filter((name) => !BACK.test(name));
  const onward = wayOn(objects[0], names, all);
  const useful = onward ? [onward] : forward.length ? forward : names;
  const main = all.filter(({ attribute }) => useful.includes(attribute));
  const back = all.filter(({ attribute }) => !useful.includes(attribute));
  const { tree, extra } = spanningForest(inside, main);
  const plain = tree.map(({ from, to, attribute }) => ({
    from: String(from),
    to: String(to),
    name: attribute,
  }));
  const forest = new Forest(
    objects.map(({ id }) => String(id)),
    plain,
  );
  return {
    forward: useful,
    backward: names.filter((name) => !useful.includes(name)),
    main,
    back,
    tree,
    extra,
    direct: main.every(({ through }) => through === 0),
    forest,
  };
}

/** Links that may lack their way back while a doubly linked list is being changed. */
const IN_FLUX = 2;

/** Of two attributes of which one always leads back where the other came from, the one that leads on; else null. */
function wayOn(
  first: HeapObject | undefined,
  names: readonly string[],
  links: readonly Link[],
): string | null {
  const [a, b] = names;
  if (!first || names.length !== 2 || a === undefined || b === undefined || links.length < 2) return null;
  const ways = new Set(links.map(({ from, to, attribute }) => `${from} ${attribute} ${to}`));
  const lost = links.filter(
    ({ from, to, attribute, through }) => through || !ways.has(`${to} ${attribute === a ? b : a} ${from}`),
  );
  if (lost.length > Math.min(IN_FLUX, links.length - 2)) return null;
  if (BACK.test(a) || BACK.test(b)) return BACK.test(a) ? b : a;
  return targetOf(first, a) === null ? b : a;
}

/** A list: one attribute leads on. */
export function fitList({ family }: Subject, scene: Scene): Fit<Net> | null {
  if (!family) return null;
  const shape = shapeOf(family, scene);
  if (shape.forward.length !== 1 || !shape.direct) return null;
  return fit(FIT.shape + 0.5, () => chainNet(family, shape, scene), family, scene);
}

/** A tree: next to all links make a forest. */
export function fitTree({ family }: Subject, scene: Scene): Fit<Net> | null {
  if (!family) return null;
  const shape = shapeOf(family, scene);
  const binary = shape.direct && shape.forward.length === 2;
  // While a tree is being turned, a node may have two parents for a moment.
  const strays = Math.max(binary ? 2 : 0, family.objects.length >> 4);
  const isTree = shape.extra.length <= strays;
  const score = isTree ? FIT.shape : FIT.possible;
  return fit(score, () => treeNet(family, shape, scene, binary), family, scene);
}

/** A tree in which every link is a character. */
export function fitTrie({ family }: Subject, scene: Scene): Fit<Net> | null {
  if (!family) return null;
  const shape = shapeOf(family, scene);
  if (shape.direct || shape.extra.length > 0 || shape.main.length === 0) return null;
  if (!shape.main.every(({ label, through }) => through && Array.from(label).length === 1)) return null;
  return fit(FIT.use, () => trieNet(family, shape, scene), family, scene);
}

/** Any graph of objects. */
export function fitGraph({ family }: Subject, scene: Scene): Fit<Net> | null {
  if (!family) return null;
  const shape = shapeOf(family, scene);
  return fit(FIT.plain, () => graphNet(family, shape, scene), family, scene);
}

function fit(score: number, model: () => Net, family: Family, scene: Scene): Fit<Net> {
  return {
    score,
    model,
    // The containers between nodes are drawn as links.
    absorbed: function* () {
      yield* family.objects.map(({ id }) => id);
      const { main, back } = shapeOf(family, scene);
      for (const { through } of main) if (through) yield through;
      for (const { through } of back) if (through) yield through;
      yield* emptyContainers(family, scene);
    },
  };
}

/** Containers in linking attributes that lead nowhere yet. */
function* emptyContainers(family: Family, { lookup }: Scene): Generator<number> {
  for (const { entries } of family.objects) {
    for (const name of family.names) {
      const value = entries.get(name)?.[1];
      const object = value !== undefined && isRef(value) ? lookup(refId(value)) : undefined;
      if (object && object.kind !== "object" && (object.length === 0 || isSequence(object))) yield object.id;
    }
  }
}

function chainNet(family: Family, shape: Shape, scene: Scene): Net {
  const [attribute] = shape.forward as [string];
  const { nodes, more, inside } = choose(family, shape, scene);
  const boxes = nodes.map((object) => {
    const leads = shape.forest.children.has(String(object.id)) || targetOf(object, attribute) !== null;
    const port = { leads, mark: markOfField(object.id, attribute, scene) };
    return { ...nodeOf(object, family, scene), shape: "box" as const, port };
  });
  return {
    ...NO_NET,
    layout: "chain",
    nodes: [...boxes, ...moreNodes(more)],
    links: [
      ...linksIn(shape.main, inside, scene, false),
      ...moreLinks(more),
      ...linksIn(shape.back, inside, scene, true),
    ],
    kind: kindOf(family),
    objects: family.objects.map(({ id }) => id),
  };
}

function targetOf(object: HeapObject, attribute: string): number | null {
  const value = object.entries.get(attribute)?.[1];
  return value !== undefined && isRef(value) ? refId(value) : null;
}

function treeNet(family: Family, shape: Shape, scene: Scene, binary: boolean): Net {
  const { nodes, more, inside } = choose(family, shape, scene);
  const named = shape.main.some(({ name, label }) => name !== "" && label !== "");
  // A way back along a link of the tree says nothing new, unless the step touches it.
  const parents = new Map(shape.tree.map(({ from, to }) => [to, from]));
  const back = shape.back.filter(
    (link) => parents.get(link.from) !== link.to || markOfField(link.from, link.attribute, scene) !== "",
  );
  const links = linksIn(shape.tree, inside, scene, false);
  return {
    ...NO_NET,
    layout: "tree",
    nodes: [...nodes.map((object) => nodeOf(object, family, scene)), ...moreNodes(more)],
    links: [
      ...links.map((link) => (named ? link : { ...link, label: "" })),
      ...moreLinks(more),
      ...linksIn([...shape.extra, ...back], inside, scene, true),
    ],
    sides: binary ? [shape.forward[0] as string, shape.forward[1] as string] : null,
    kind: kindOf(family),
    objects: family.objects.map(({ id }) => id),
  };
}

function trieNet(family: Family, shape: Shape, scene: Scene): Net {
  const net = treeNet(family, shape, scene, false);
  const letters = new Map(shape.tree.map(({ to, label }) => [String(to), label]));
  const objects = new Map(family.objects.map((object) => [String(object.id), object]));
  const nodes = net.nodes.map((node): NetNode => {
    const object = objects.get(node.id);
    if (!object) return node;
    const fields = fieldsOf(object, family);
    const flags = fields.filter(([, value]) => value === TRUE);
    // A letter that repeats the way here says nothing new.
    const letter = letters.get(node.id) ?? "·";
    const told = fields
      .filter(([, value]) => value !== TRUE && value !== FALSE && value !== NONE)
      .map(([, value]) => plainText(value, scene))
      .filter((text) => text !== letter && text !== "");
    return { ...node, lines: [letter, ...told.slice(0, 2)], ring: flags.length > 0 };
  });
  return { ...net, nodes, links: net.links.map((link) => ({ ...link, label: "" })) };
}

function plainText(value: Value, { lookup }: Scene): string {
  return typeof value !== "number" && value.kind === "str"
    ? value.text.slice(0, FIELD_TEXT)
    : formatValue(value, lookup, FIELD_TEXT, 1);
}

function graphNet(family: Family, shape: Shape, scene: Scene): Net {
  const all = [...shape.main, ...shape.back];
  const { nodes, inside } = choose(family, shape, scene);
  const pairs = new Set(all.map(({ from, to }) => `${from} ${to}`));
  const mutual = all.length > 0 && all.every(({ from, to }) => pairs.has(`${to} ${from}`));
  const single = new Set(all.map(({ attribute }) => attribute)).size === 1;
  const kept = mutual ? all.filter(({ from, to }) => from <= to) : all;
  const links = linksIn(kept, inside, scene, false);
  return {
    ...NO_NET,
    layout: mutual ? "free" : "layers",
    directed: !mutual,
    nodes: nodes.map((object) => nodeOf(object, family, scene)),
    links: links.map((link) => (single && link.label === link.name ? { ...link, label: "" } : link)),
    elided: family.objects.length - nodes.length,
    kind: kindOf(family),
    objects: family.objects.map(({ id }) => id),
  };
}

function kindOf({ types }: Family): string {
  return [...types].join(", ");
}

/** The nodes to draw, and what stands for the others. */
function choose(
  { objects }: Family,
  { forest }: Shape,
  { focus, touched }: Scene,
): { nodes: readonly HeapObject[]; more: readonly More[]; inside: ReadonlySet<number> } {
  if (objects.length <= MAX_NODES)
    return { nodes: objects, more: [], inside: new Set(objects.map(({ id }) => id)) };
  const known = new Set(forest.ids);
  // What was touched comes before what is only named.
  const wanted = [...touched.objects.keys(), ...focus].map(String).filter((id) => known.has(id));
  const { shown, more } = forest.window([...new Set(wanted)], MAX_NODES);
  const nodes = objects.filter(({ id }) => shown.has(String(id)));
  return { nodes, more, inside: new Set(nodes.map(({ id }) => id)) };
}

function linksIn(
  links: readonly Link[],
  inside: ReadonlySet<number>,
  scene: Scene,
  minor: boolean,
): NetLink[] {
  const drawn: NetLink[] = [];
  for (const link of links) {
    if (!inside.has(link.from) || !inside.has(link.to)) continue;
    drawn.push({
      id: `${link.from}.${link.attribute}.${link.name}`,
      from: String(link.from),
      to: String(link.to),
      object: link.from,
      place: link.attribute,
      name: link.attribute,
      label: link.label,
      mark: markOfLink(link, scene),
      minor,
    });
  }
  return drawn;
}

function markOfLink({ from, attribute, through, name }: Link, scene: Scene): Mark {
  const own = markOfField(from, attribute, scene);
  if (!through) return own;
  const marks = scene.touched.objects.get(through);
  return marks ? markAt(marks, name) : "";
}

function markOfField(id: number, name: string, { touched }: Scene): Mark {
  const marks = touched.objects.get(id);
  return marks ? markAt(marks, name) : "";
}

/** Attributes that are no links. */
function fieldsOf(object: HeapObject, { names }: Family): (readonly [string, Value])[] {
  const fields: (readonly [string, Value])[] = [];
  for (const [name, [, value]] of object.entries)
    if (!names.includes(name) || (!isRef(value) && value !== NONE)) fields.push([name, value]);
  return fields;
}

function nodeOf(object: HeapObject, family: Family, scene: Scene): NetNode {
  const fields = fieldsOf(object, family);
  const { reads, writes } = scene.touched.objects.get(object.id) ?? NO_MARKS;
  const touched = reads.size > 0 || writes.size > 0;
  const mark = touched
    ? markOf(
        fields.some(([name]) => reads.has(name)),
        fields.some(([name]) => writes.has(name)),
      )
    : "";
  const lines = linesOf(object, fields, scene);
  return {
    ...NO_NODE,
    id: String(object.id),
    object: object.id,
    lines,
    fields: fields.map(([name]) => name),
    mark,
    labels: (scene.labels.get(object.id) ?? []).slice(0, MAX_LABELS),
    shape: lines.length > 1 ? "box" : "round",
    note: noteOf(object, fields, scene),
  };
}

/** What is said about a node: of itself, or by the value it shows. */
export function noteOf(
  object: HeapObject,
  fields: readonly (readonly [string, Value])[],
  { notes }: Scene,
): Readonly<Note> {
  if (notes.size === 0) return NO_NOTE;
  const own = notes.get(object.id);
  if (own) return own;
  for (const [name, value] of fields) {
    const note = noteAt(notes, object.id, name, value);
    if (note !== NO_NOTE) return note;
  }
  return NO_NOTE;
}

/** A node's own values: alone it stands without its name, several are told by name. */
function linesOf(
  object: HeapObject,
  fields: readonly (readonly [string, Value])[],
  { lookup }: Scene,
): string[] {
  const [only] = fields;
  if (!only) return [object.type];
  const text = (value: Value) => formatValue(value, lookup, FIELD_TEXT, 1);
  // A lone flag says nothing as "True": its name does, where it is set.
  if (fields.length === 1 && (only[1] === TRUE || only[1] === FALSE))
    return [only[1] === TRUE ? only[0] : ""];
  if (fields.length === 1) return [text(only[1])];
  return fields.slice(0, MAX_FIELDS).map(([name, value]) => `${name}: ${text(value)}`);
}
