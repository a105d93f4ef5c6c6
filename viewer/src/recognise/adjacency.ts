/** Owns when containers describe a graph: an adjacency dict, an adjacency list, an adjacency matrix. */

import { formatValue } from "../format";
import { type HeapObject, isSequence, isSet, type Lookup, lookUp } from "../heap";
import { type Mark, markAt, NO_MARKS } from "../marks";
import { NO_NOTE, noteAt } from "../notes";
import { FIT, type Fit, type Scene, type Subject } from "../structure";
import { asIndex, FALSE, isRef, isSmallInt, keyOf, NONE, refId, smallInt, type Value } from "../values";
import { gridRows } from "./grid";
import { MAX_NODES, type Net, type NetLink, type NetNode, NO_NET, NO_NODE } from "./net";

const TEXT = 12;
/** A container with more than this is no picture of a graph. */
const MAX_VERTICES = 4000;

/** One arc as its container tells it. */
interface Arc {
  /** Keys of the vertices. */
  readonly from: string;
  readonly to: string;
  readonly weight: Value | null;
  /** The inner container and the place in it, for marks; 0 where a vertex is its own list. */
  readonly through: number;
  readonly place: string;
}

interface Adjacency {
  readonly object: HeapObject;
  /** Vertices by key: the value that names each. */
  readonly vertices: ReadonlyMap<string, Value>;
  readonly arcs: readonly Arc[];
  readonly inner: readonly number[];
  /** Arcs that lead to something that has no entry of its own. */
  readonly loose: number;
}

export function fitAdjacency({ object }: Subject, scene: Scene): Fit<Net> | null {
  if (!object || object.length > MAX_VERTICES || object.length === 0) return null;
  if (object.kind === "dict") return fitDict(object, scene);
  if (object.kind !== "list" && object.kind !== "tuple") return null;
  return fitMatrix(object, scene) ?? fitLists(object, scene);
}

function fit(score: number, adjacency: Adjacency, scene: Scene): Fit<Net> {
  return { score, model: () => netOf(adjacency, scene), absorbed: () => adjacency.inner };
}

/** `{"A": ["B", "C"], "B": ["C"]}`, `{"A": {"B": 4}}`, `{"A": [("B", 4)]}`. */
function fitDict(object: HeapObject, scene: Scene): Fit<Net> | null {
  const adjacency = readArcs(
    object,
    [...object.entries].map(([key, [name, value]]) => [key, name, value]),
    scene.lookup,
  );
  if (!adjacency || adjacency.vertices.size < 2) return null;
  if (adjacency.arcs.length === 0) return walks(object, scene) ? fit(FIT.use, adjacency, scene) : null;
  const bound = adjacency.arcs.length - adjacency.loose;
  if (bound === 0 && !walks(object, scene)) return null;
  const score =
    adjacency.loose === 0 || walks(object, scene) || bound >= 2 * adjacency.loose ? FIT.shape : FIT.possible;
  return fit(score, adjacency, scene);
}

/** `[[1, 2], [0], [0]]`: a grid, too, but for code that walks from a row's numbers to their rows. */
function fitLists(object: HeapObject, scene: Scene): Fit<Net> | null {
  const adjacency = readArcs(
    object,
    object.items.map((value, i) => [`i${i}`, smallInt(i), value]),
    scene.lookup,
  );
  if (!adjacency || adjacency.loose > 0 || adjacency.vertices.size < 2) return null;
  const used = walks(object, scene);
  if (adjacency.arcs.length === 0 && !used) return null;
  return fit(used ? FIT.use : FIT.possible, adjacency, scene);
}

/** A square of numbers whose rows and columns are the same things. */
function fitMatrix(object: HeapObject, scene: Scene): Fit<Net> | null {
  const rows = gridRows(object, scene.lookup);
  if (!rows || rows.length < 2 || rows.some((row) => row.length !== rows.length)) return null;
  const weighted = rows.some((row) => row.items.some((cell) => weightOf(cell) !== null && !isUnit(cell)));
  if (!rows.every((row) => row.items.every(isNumber))) return null;
  // Inside an adjacency list, a square of small numbers may name vertices, too: the code decides.
  if (walks(object, scene) && !relates(object, scene)) return null;
  const arcs: Arc[] = [];
  rows.forEach((row, r) => {
    row.items.forEach((cell, c) => {
      const weight = weightOf(cell);
      if (weight === null || (weighted && r === c)) return;
      arcs.push({
        from: `i${r}`,
        to: `i${c}`,
        weight: weighted ? weight : null,
        through: row.id,
        place: String(c),
      });
    });
  });
  const vertices = new Map(rows.map((_, i) => [`i${i}`, smallInt(i)]));
  const adjacency = { object, vertices, arcs, inner: rows.map(({ id }) => id), loose: 0 };
  return fit(relates(object, scene) ? FIT.use : FIT.possible, adjacency, scene);
}

function isNumber(value: Value): boolean {
  if (typeof value !== "number") return value.kind === "int" || value.kind === "float";
  return !isRef(value);
}

function isUnit(value: Value): boolean {
  return asIndex(value) === 1;
}

/** The weight of a cell; null where it says that there is no edge. */
function weightOf(value: Value): Value | null {
  if (value === NONE || value === FALSE || asIndex(value) === 0 || asIndex(value) === -1) return null;
  if (typeof value !== "number" && value.kind === "float" && /^-?(inf|nan|0\.0)$/.test(value.text))
    return null;
  return value;
}

function readArcs(
  object: HeapObject,
  rows: readonly (readonly [key: string, name: Value, value: Value])[],
  lookup: Lookup,
): Adjacency | null {
  const vertices = new Map<string, Value>();
  const arcs: Arc[] = [];
  const inner: number[] = [];
  for (const [key, name] of rows) {
    if (isRef(name) && lookup(refId(name))?.kind !== "tuple") return null;
    vertices.set(key, name);
  }
  const own = new Set(vertices.keys());
  let loose = 0;
  for (const [key, , value] of rows) {
    const container = isRef(value) ? lookup(refId(value)) : undefined;
    if (!container || container.kind === "object" || container.length > MAX_VERTICES) return null;
    if (container.kind === "tuple" && object.kind !== "dict") return null;
    inner.push(container.id);
    for (const arc of arcsOf(key, container, lookup, own)) {
      if (!arc) return null;
      if (!own.has(arc.to)) {
        loose++;
        if (object.kind !== "dict") return null;
        vertices.set(arc.to, arc.value);
      }
      arcs.push(arc);
    }
  }
  return { object, vertices, arcs, inner, loose };
}

/** The arcs that one vertex's container tells; null where something in it names no vertex. */
function* arcsOf(
  from: string,
  container: HeapObject,
  lookup: Lookup,
  vertices: ReadonlySet<string>,
): Generator<(Arc & { readonly value: Value }) | null> {
  const through = container.id;
  if (isSequence(container)) {
    for (let i = 0; i < container.items.length; i++) {
      const item = container.items[i] as Value;
      const found = target(item, lookup, vertices);
      yield found && { from, ...found, through, place: String(i) };
    }
    return;
  }
  for (const [place, [key, value]] of container.entries) {
    const found = target(key, lookup, vertices);
    if (found && !isSet(container) && isRef(value)) {
      yield null;
      return;
    }
    yield found && { from, ...found, weight: isSet(container) ? found.weight : value, through, place };
  }
}

/** The vertex an element names: itself, or the part of a pair or triple that is a vertex; what else it has is its weight. */
function target(
  item: Value,
  lookup: Lookup,
  vertices: ReadonlySet<string>,
): { to: string; value: Value; weight: Value | null } | null {
  const object = isRef(item) ? lookup(refId(item)) : undefined;
  if (!isRef(item)) {
    return typeof item !== "number" || isSmallInt(item)
      ? { to: keyOf(item), value: item, weight: null }
      : null;
  }
  if (!object || (object.kind !== "tuple" && object.kind !== "list")) return null;
  const whole = contentOf(object);
  if (object.kind === "tuple" && vertices.has(whole)) return { to: whole, value: item, weight: null };
  if (object.length !== 2 || object.items.some((part) => isRef(part))) return null;
  const [first, second] = object.items as [Value, Value];
  const swapped = !vertices.has(keyOf(first)) && vertices.has(keyOf(second));
  const [to, weight] = swapped ? [second, first] : [first, second];
  return { to: keyOf(to), value: to, weight };
}

/** A tuple's key as the heap's entries have it. */
function contentOf(object: HeapObject): string {
  return `(${object.items.map((item) => keyOf(item)).join(",")})`;
}

/** Whether the code goes from the members of one entry to their entries: `for v in graph[u]: … v …`. */
function walks(object: HeapObject, { usage }: Scene): boolean {
  for (const [base, codes] of usage.of(object.id).bases) {
    const name = quoted(base);
    const step = new RegExp(
      `\\bfor\\s+\\(?\\s*(\\w+)(?:\\s*,\\s*(\\w+))?\\s*\\)?\\s+in\\s+(?:\\w+\\()?${name}(?:\\[[^\\]]+\\]|\\.get\\([^)]*\\)|\\.items\\(\\))`,
      "g",
    );
    for (const code of codes) {
      for (const [, first, second] of code.matchAll(step)) {
        const names = [first, second].filter((n) => n !== undefined).join("|");
        if (names && followed(code, names)) return true;
      }
    }
  }
  return false;
}

/** Whether a variable is looked up, remembered or passed on, as a vertex is. */
function followed(code: string, names: string): boolean {
  return new RegExp(
    `\\[(?:${names})\\]|\\b(?:${names})\\s+(?:not\\s+)?in\\b|(?:append|appendleft|push|put|add)\\(\\(?\\s*(?:${names})\\b|\\b\\w+\\(\\s*(?:${names})\\s*[,)]`,
  ).test(code);
}

/** Whether the code takes rows and columns for the same things: `m[i][k] + m[k][j]`, `m[u][v] and not seen[v]`. */
function relates(object: HeapObject, { usage }: Scene): boolean {
  for (const [base, codes] of usage.of(object.id).bases) {
    if (base.endsWith("[]")) continue;
    const cell = new RegExp(`(?<![\\w.])${quoted(base)}\\[(\\w+)\\]\\[(\\w+)\\]`, "g");
    for (const code of codes) {
      const pairs = [...code.matchAll(cell)].map(([, r, c]) => [r, c] as [string, string]);
      const rows = new Set(pairs.map(([r]) => r));
      if (pairs.some(([r, c]) => r !== c && rows.has(c))) return true;
      const vertex = pairs.some(([r, c]) => {
        const pushed = new RegExp(`(?:append|appendleft|push|put)\\(\\(?\\s*${c}\\s*[,)]`).test(code);
        const beside = [...code.matchAll(new RegExp(`([\\w.]+)\\[${c}\\]`, "g"))].map(([, b]) => b);
        const both = beside.some((b) => b !== base && code.includes(`${b}[${r}]`));
        const visited = new RegExp(`(?:not\\s+\\w+\\[${c}\\]|\\b${c}\\s+not\\s+in\\b)`).test(code);
        return pushed || (both && visited) || (visited && new RegExp(`\\w+\\(\\s*${c}\\s*[,)]`).test(code));
      });
      if (vertex) return true;
    }
  }
  return false;
}

function quoted(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function netOf({ object, vertices, arcs, inner }: Adjacency, scene: Scene): Net {
  const shown = choose(vertices, arcs, object, scene);
  const kept = arcs.filter(({ from, to }) => shown.has(from) && shown.has(to));
  const undirected = isUndirected(arcs);
  const links: NetLink[] = [];
  const drawn = new Map<string, number>();
  for (const arc of kept) {
    const twin = undirected ? drawn.get(`${arc.to} ${arc.from}`) : undefined;
    const mark = markOf(arc, scene);
    if (twin !== undefined && arc.from !== arc.to) {
      const first = links[twin] as NetLink;
      if (mark && !first.mark) links[twin] = { ...first, mark };
      continue;
    }
    drawn.set(`${arc.from} ${arc.to}`, links.length);
    links.push(linkOf(arc, mark, scene));
  }
  const pointers = pointersAt(object, scene);
  const nodes = [...shown].map((key) =>
    vertexNode(key, vertices.get(key) as Value, object, pointers.get(key) ?? [], scene),
  );
  return {
    ...NO_NET,
    layout: "free",
    directed: !undirected,
    nodes,
    links,
    elided: vertices.size - shown.size,
    kind: object.type,
    objects: [object.id, ...inner],
  };
}

function linkOf(arc: Arc, mark: Mark, { lookup }: Scene): NetLink {
  return {
    id: `${arc.from}>${arc.to}`,
    from: arc.from,
    to: arc.to,
    object: arc.through,
    place: arc.place,
    name: "",
    label: arc.weight === null ? "" : formatValue(arc.weight, lookup, TEXT),
    mark,
    minor: false,
  };
}

function isUndirected(arcs: readonly Arc[]): boolean {
  const weights = new Map(arcs.map((arc) => [`${arc.from} ${arc.to}`, arc.weight]));
  return (
    arcs.length > 0 &&
    arcs.every(({ from, to, weight }) => {
      const back = weights.get(`${to} ${from}`);
      if (back === undefined) return false;
      return back === null || weight === null ? back === weight : keyOf(back) === keyOf(weight);
    })
  );
}

function markOf({ through, place }: Arc, { touched }: Scene): Mark {
  const marks = touched.objects.get(through);
  return marks ? markAt(marks, place) : "";
}

/** Variables that name a vertex where the code looks into the graph. */
function pointersAt(object: HeapObject, scene: Scene): Map<string, { name: string; current: boolean }[]> {
  const pointers = new Map<string, { name: string; current: boolean }[]>();
  for (const { name, value, current } of scene.names.keysInto(object)) {
    const tuple = isRef(value) ? scene.lookup(refId(value)) : undefined;
    const key = tuple?.kind === "tuple" ? contentOf(tuple) : keyOf(value);
    pointers.set(key, [...(pointers.get(key) ?? []), { name, current }]);
  }
  return pointers;
}

function vertexNode(
  key: string,
  name: Value,
  object: HeapObject,
  labels: readonly { name: string; current: boolean }[],
  { touched, lookup, notes }: Scene,
): NetNode {
  const place = isSequence(object) ? String((name as number) >> 2) : key;
  const marks = touched.objects.get(object.id) ?? NO_MARKS;
  const text =
    typeof name !== "number" && name.kind === "str"
      ? name.text.slice(0, TEXT)
      : formatValue(name, lookup, TEXT);
  const held = lookUp(object, name, lookup);
  return {
    ...NO_NODE,
    id: key,
    object: held !== null && isRef(held) ? refId(held) : 0,
    lines: [text],
    mark: markAt(marks, place),
    labels,
    note: notes.size ? noteAt(notes, object.id, place, held ?? NONE) : NO_NOTE,
  };
}

/** The vertices to draw: all, or those in focus with what is around them. */
function choose(
  vertices: ReadonlyMap<string, Value>,
  arcs: readonly Arc[],
  object: HeapObject,
  { touched, names }: Scene,
): ReadonlySet<string> {
  if (vertices.size <= MAX_NODES) return new Set(vertices.keys());
  const next = new Map<string, string[]>();
  const holders = new Map<number, string>();
  for (const { from, to, through } of arcs) {
    holders.set(through, from);
    next.set(from, [...(next.get(from) ?? []), to]);
  }
  const starts: string[] = [];
  for (const id of touched.objects.keys()) {
    const key = holders.get(id);
    if (key !== undefined) starts.push(key);
  }
  for (const { value } of names.keysInto(object)) starts.push(keyOf(value));
  const shown = new Set<string>();
  const queue = [...starts.filter((key) => vertices.has(key)), ...vertices.keys()];
  for (let i = 0; i < queue.length && shown.size < MAX_NODES; i++) {
    const key = queue[i] as string;
    if (shown.has(key)) continue;
    shown.add(key);
    if (i < starts.length * 8) queue.splice(i + 1, 0, ...(next.get(key) ?? []).slice(0, 8));
  }
  return shown;
}
