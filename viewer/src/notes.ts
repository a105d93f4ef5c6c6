/** Owns what the program's author says in a picture: annotations of a state, gathered by the object they are about. */

import { formatValue } from "./format";
import { entryKey, type HeapObject, isSequence, isSet, type Lookup, positionOf } from "./heap";
import type { Annotation, State } from "./state";
import { FALSE, isRef, keyOf, NONE, refId, type Value } from "./values";

/** What is said about one object, or about one place in it. */
export interface Note {
  color: string | null;
  note: string | null;
  group: string | null;
  info: readonly string[];
  hidden: boolean;
  /** Whether it was pointed out at this very step. */
  blink: boolean;
}

export interface NotePointer {
  readonly name: string;
  /** A position as decimal text, or an entry's key. */
  readonly key: string;
}

export interface ObjectNotes extends Note {
  /** By position as decimal text, or by entry key. */
  readonly places: Map<string, Note>;
  readonly pointers: NotePointer[];
  /** Names the author gave to the whole object. */
  readonly names: string[];
  /** Colours by value, where the author gave a map of them. */
  colors: ReadonlyMap<string, string> | null;
  /** The view asked for. */
  view: string | null;
}

/** By object id. */
export type Notes = ReadonlyMap<number, ObjectNotes>;

const blank = (): Note => ({ color: null, note: null, group: null, info: [], hidden: false, blink: false });
export const NO_NOTE: Readonly<Note> = blank();
export const NO_NOTES: Notes = new Map();
const TEXT = 40;

/** Gathers a state's annotations; `before` tells which of them are new. */
export function notesOf(state: State, before: State): Notes {
  if (state.annotations.length === 0) return NO_NOTES;
  const notes = new Map<number, ObjectNotes>();
  const old = new Set(before === state ? [] : before.annotations);
  for (const annotation of state.annotations) {
    const object = isRef(annotation.subject) ? state.lookup(refId(annotation.subject)) : undefined;
    if (!object) continue;
    const mine: ObjectNotes = notes.get(object.id) ?? {
      ...blank(),
      places: new Map(),
      pointers: [],
      names: [],
      colors: null,
      view: null,
    };
    notes.set(object.id, mine);
    take(mine, annotation, object, state.lookup, !old.has(annotation));
  }
  return notes;
}

function take(
  mine: ObjectNotes,
  annotation: Annotation,
  object: HeapObject,
  lookup: Lookup,
  fresh: boolean,
): void {
  const { kind, key, data } = annotation;
  const place = key === null || key === NONE ? null : placeOf(object, key, lookup);
  const text = plainText(data, lookup);
  if (kind === "show") mine.view = text;
  else if (kind === "pointer") {
    // An attribute has no cell to point at: the object goes by that name.
    if (place === null || object.kind === "object") mine.names.push(text);
    else mine.pointers.push({ name: text, key: place });
  } else if (kind === "color" && place === null && isRef(data)) mine.colors = colorMap(data, lookup);
  else {
    const note = place === null ? mine : (mine.places.get(place) ?? blank());
    if (place !== null) mine.places.set(place, note);
    set(note, kind, data, text, lookup, fresh);
  }
}

function set(
  note: Note,
  kind: Annotation["kind"],
  data: Value,
  text: string,
  lookup: Lookup,
  fresh: boolean,
): void {
  if (kind === "color") note.color = text;
  else if (kind === "note") note.note = text;
  else if (kind === "group") note.group = text;
  else if (kind === "hide") note.hidden = data !== FALSE && data !== NONE;
  else if (kind === "blink") note.blink = fresh;
  else if (kind === "info") note.info = infoLines(data, text, lookup);
}

function placeOf(object: HeapObject, key: Value, lookup: Lookup): string {
  return isSequence(object) ? String(positionOf(object, key) ?? -1) : entryKey(object, key, lookup);
}

function plainText(data: Value, lookup: Lookup): string {
  return typeof data !== "number" && data.kind === "str" ? data.text : formatValue(data, lookup, TEXT);
}

function infoLines(data: Value, text: string, lookup: Lookup): string[] {
  const object = isRef(data) ? lookup(refId(data)) : undefined;
  if (!object || isSequence(object) || isSet(object)) return [text];
  return [...object.entries.values()].map(
    ([key, value]) => `${plainText(key, lookup)}: ${formatValue(value, lookup, TEXT)}`,
  );
}

function colorMap(data: Value, lookup: Lookup): Map<string, string> {
  const colors = new Map<string, string>();
  const object = lookup(refId(data));
  for (const [key, value] of object?.entries.values() ?? []) colors.set(keyOf(key), plainText(value, lookup));
  return colors;
}

/** What is said about a place: of its own, else of the object that lies there, else by its value. */
export function noteAt(notes: Notes, object: number, key: string, value: Value): Readonly<Note> {
  if (notes.size === 0) return NO_NOTE;
  const holder = notes.get(object);
  const note = holder?.places.get(key) ?? ((isRef(value) && notes.get(refId(value))) || NO_NOTE);
  const color = note.color ?? holder?.colors?.get(keyOf(value)) ?? null;
  return color === note.color ? note : { ...note, color };
}

const PALETTE = ["blue", "orange", "green", "purple", "red", "teal", "pink", "yellow"] as const;
const ALIASES: Readonly<Record<string, (typeof PALETTE)[number] | "gray">> = {
  amber: "yellow",
  gold: "yellow",
  lime: "green",
  lightgreen: "green",
  darkgreen: "green",
  cyan: "teal",
  aqua: "teal",
  turquoise: "teal",
  lightblue: "blue",
  navy: "blue",
  indigo: "purple",
  violet: "purple",
  magenta: "pink",
  fuchsia: "pink",
  crimson: "red",
  maroon: "red",
  darkorange: "orange",
  brown: "orange",
  gray: "gray",
  grey: "gray",
  silver: "gray",
  black: "gray",
  white: "gray",
};

/** The tint a colour is drawn in: one of our own, legible in every theme; null for no colour. */
export function tintOf(color: string | null): string | null {
  if (!color) return null;
  const name = color.trim().toLowerCase();
  if ((PALETTE as readonly string[]).includes(name)) return name;
  if (Object.hasOwn(ALIASES, name)) return ALIASES[name] as string;
  return hueTint(name) ?? (PALETTE[hash(name) % PALETTE.length] as string);
}

/** The tint nearest to a `#rgb` or `#rrggbb` colour. */
function hueTint(name: string): string | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/.exec(name)?.[1];
  if (!hex) return null;
  const wide = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
  const [r, g, b] = [0, 2, 4].map((i) => Number.parseInt(wide.slice(i, i + 2), 16)) as [
    number,
    number,
    number,
  ];
  const high = Math.max(r, g, b);
  const span = high - Math.min(r, g, b);
  if (span < 32) return "gray";
  const hue = (high === r ? (g - b) / span + 6 : high === g ? (b - r) / span + 2 : (r - g) / span + 4) % 6;
  const names = ["red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "red"];
  const stops = [0.2, 0.8, 1.2, 2.6, 3.2, 4.2, 4.8, 5.7, 6];
  return names[stops.findIndex((stop) => hue <= stop)] ?? "red";
}

function hash(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (h * 31 + text.charCodeAt(i)) >>> 0;
  return h;
}

/** The tint of a group: groups of different names get different ones as far as there are any. */
export function groupTint(group: string | null): string | null {
  return group === null ? null : (PALETTE[hash(group) % PALETTE.length] as string);
}
