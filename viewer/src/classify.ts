/**
 * Owns the choice: which figures a picture consists of, and which view draws each. Pure: the same state, choices and
 * usage give the same figures. What structures there are is not known here; recognisers are handed in.
 */

import { type HeapObject, isInline, isSequence, type Lookup } from "./heap";
import { inFocus, type Reached, reach } from "./reach";
import { type Family, familiesOf } from "./recognise/family";
import type { Figure, Fit, Recogniser, Scene, Subject } from "./structure";

/** What the reader chose to see a figure as, by figure key. */
export type Choices = ReadonlyMap<string, string>;

/** Containers inside containers inside …: deeper ones are told in words. */
const MAX_NESTING = 4;
/** Objects that are looked at as subjects of their own; whatever was just touched is looked at besides. */
const MAX_SUBJECTS = 300;
const NO_CHOICES: Choices = new Map();

/** Other words people use for a view, as in `show(obj, as_="grid")`. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  list: "array",
  tuple: "array",
  grid: "matrix",
  table: "dict",
  map: "dict",
  object: "dict",
  hash: "hash-table",
  hashtable: "hash-table",
  hashmap: "hash-table",
  deque: "queue",
  chain: "linked-list",
  linkedlist: "linked-list",
  "binary-tree": "tree",
  bst: "tree",
  "binary-heap": "heap",
  "priority-queue": "heap",
  forest: "union-find",
  "disjoint-set": "union-find",
  str: "string",
  text: "string",
  objects: "boxes",
  nested: "rows",
};

/** The view that a word means. */
export function viewNamed(word: string): string {
  const plain = word
    .trim()
    .toLowerCase()
    .replaceAll(/[_\s]+/g, "-");
  return Object.hasOwn(OTHER_WORDS, plain) ? (OTHER_WORDS[plain] as string) : plain;
}

/** What `figuresOf` is given besides the state. */
export type SceneOf = Omit<Scene, "focus" | "lookup" | "familyOf">;

/** The figures of a scene, in a stable order: by the variables that lead to them, outermost frame first. */
export function figuresOf(
  given: SceneOf,
  recognisers: readonly Recogniser<unknown>[],
  choices: Choices = NO_CHOICES,
): Figure[] {
  const { state, touched, usage } = given;
  const focus = inFocus(state, touched.objects.keys());
  const reached = reach(state, focus);
  const families = familiesIn(reached, state.lookup, usage);
  const familyOf = new Map<number, Family>();
  for (const family of families) for (const { id } of family.objects) familyOf.set(id, family);
  const scene: Scene = { ...given, focus, lookup: state.lookup, familyOf };
  return new Composer(scene, families, recognisers, choices, reached).figures();
}

/** The families of the step before, by viewer: most steps change no object, and large structures are costly to read. */
const recent = new WeakMap<object, { objects: readonly HeapObject[]; families: readonly Family[] }>();

function familiesIn(
  reached: ReadonlyMap<number, Reached>,
  lookup: Lookup,
  viewer: object,
): readonly Family[] {
  const objects = Array.from(reached.values(), ({ object }) => object);
  const last = recent.get(viewer);
  if (last?.objects.length === objects.length && last.objects.every((object, i) => object === objects[i]))
    return last.families;
  const families = familiesOf(objects, lookup);
  recent.set(viewer, { objects, families });
  return families;
}

interface Candidate {
  readonly figure: Figure;
  /** Objects that it may hold as figures of their own. */
  readonly holds: readonly number[];
}

/** Composes one picture. */
class Composer {
  /** Objects that some figure shows already. */
  private readonly shown = new Map<number, string>();
  private readonly candidates = new Map<number, Candidate>();
  private readonly families: ReadonlyMap<number, Family>;

  constructor(
    private readonly scene: Scene,
    families: readonly Family[],
    private readonly recognisers: readonly Recogniser<unknown>[],
    private readonly choices: Choices,
    private readonly reached: ReadonlyMap<number, Reached>,
  ) {
    this.families = new Map(families.map((family) => [(family.objects[0] as HeapObject).id, family]));
  }

  figures(): Figure[] {
    const figures: Figure[] = this.texts();
    for (const entry of this.reached.values()) {
      const family = this.families.get(entry.object.id);
      if (family) this.take(this.choose(familySubject(family, entry)), entry.object.id);
      else if (this.isWorthDrawing(entry)) this.take(this.choose(objectSubject(entry)), entry.object.id);
    }
    const nested = this.nestable();
    for (const [id, candidate] of this.candidates) {
      if (nested.has(id) || this.isAbsorbed(id)) continue;
      figures.push(this.fill(candidate, nested, 0));
    }
    return figures;
  }

  /** Whether an object might have a figure; what is small and plain is drawn in the cell that holds it. */
  private isWorthDrawing({ object, named, holder }: Reached): boolean {
    if (this.scene.familyOf.has(object.id) || this.shown.has(object.id)) return false;
    if (named) return true;
    if (this.candidates.size > MAX_SUBJECTS && !this.scene.focus.has(object.id)) return false;
    if (object.kind === "dict" && holder && isSequence(holder.object)) return true;
    return holder?.object.kind === "object" || !isInline(object, this.scene.lookup);
  }

  private take(candidate: Candidate | null, id: number): void {
    if (candidate) this.candidates.set(id, candidate);
  }

  /** Whether another figure that is drawn shows this object. */
  private isAbsorbed(id: number): boolean {
    const by = this.shown.get(id);
    return by !== undefined && by !== this.candidates.get(id)?.figure.key;
  }

  private choose(subject: Subject): Candidate | null {
    const fits: { readonly view: string; readonly fit: Fit<unknown> }[] = [];
    for (const recogniser of this.recognisers) {
      const fit = recogniser.fit(subject, this.scene);
      if (fit) fits.push({ view: recogniser.name, fit });
    }
    if (fits.length === 0) return null;
    fits.sort((a, b) => b.fit.score - a.fit.score);
    const wanted = this.choices.get(subject.key) ?? this.asked(subject);
    const chosen = fits.find(({ view }) => view === wanted) ?? (fits[0] as (typeof fits)[number]);
    const model = chosen.fit.model();
    for (const id of chosen.fit.absorbed?.(model) ?? []) {
      // Two that show each other: the first one stays.
      if (id !== subject.object?.id && !this.shown.has(id)) this.shown.set(id, subject.key);
    }
    const figure: Figure = {
      key: subject.key,
      view: chosen.view,
      options: fits.map(({ view }) => view),
      subject,
      model,
      nested: NOTHING_NESTED,
    };
    return { figure, holds: [...(chosen.fit.nested?.(model) ?? [])] };
  }

  /** The view the program itself asked for. */
  private asked(subject: Subject): string | undefined {
    const { notes } = this.scene;
    if (notes.size === 0) return undefined;
    const objects = subject.family?.objects ?? (subject.object ? [subject.object] : []);
    const view = objects.map(({ id }) => notes.get(id)?.view).find((name) => name);
    return view ? viewNamed(view) : undefined;
  }

  /** Objects drawn inside their only holder, by id of the object. */
  private nestable(): Map<number, number> {
    const nested = new Map<number, number>();
    for (const [holder, { holds }] of this.candidates) {
      for (const id of holds) {
        const entry = this.reached.get(id);
        if (entry?.holders !== 1 || !this.candidates.has(id) || this.scene.familyOf.has(id)) continue;
        // Never inside itself.
        let up: number | undefined = holder;
        let depth = 1;
        for (; up !== undefined && up !== id && depth <= MAX_NESTING; depth++) up = nested.get(up);
        if (up === undefined) nested.set(id, holder);
      }
    }
    return nested;
  }

  private fill({ figure, holds }: Candidate, nested: ReadonlyMap<number, number>, depth: number): Figure {
    const inside = new Map<number, Figure>();
    for (const id of holds) {
      const candidate = this.candidates.get(id);
      if (candidate && nested.get(id) === figure.subject.object?.id && depth < MAX_NESTING)
        inside.set(id, this.fill(candidate, nested, depth + 1));
    }
    return inside.size ? { ...figure, nested: inside } : figure;
  }

  private texts(): Figure[] {
    return this.scene.names.texts().flatMap(({ text, labels }) => {
      if (text.text.length < 2) return [];
      const subject: Subject = {
        key: `s${text.key}`,
        path: labels[0]?.name ?? "",
        object: null,
        family: null,
        text,
      };
      const candidate = this.choose(subject);
      return candidate ? [candidate.figure] : [];
    });
  }
}

const NOTHING_NESTED: ReadonlyMap<number, Figure> = new Map();

function familySubject(family: Family, { path }: Reached): Subject {
  return { key: family.key, path, object: null, family, text: null };
}

function objectSubject(entry: Reached): Subject {
  return {
    key: `o${entry.object.id}`,
    object: entry.object,
    family: null,
    text: null,
    get path() {
      return entry.path;
    },
  };
}
