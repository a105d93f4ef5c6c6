/** Owns values of a trace as plain JSON, in the form of operation frames. */

import { entryKey, type HeapObject, isSequence, isSet, positionOf } from "../../viewer/src/heap";
import type { Machine } from "../../viewer/src/machine";
import { type Atom, FALSE, isRef, isSmallInt, NONE, refId, TRUE, type Value } from "../../viewer/src/values";

/** Elements of a container that a frame lists. */
const LISTED = 1000;

const CONSTANTS = ["None", "False", "True", "ellipsis", "nothing", "not recorded"];

/** A value as JSON: atoms as values, objects as `{ref: id}`, the rest as `{kind, value}`. */
export function plain(value: Value): unknown {
  if (typeof value !== "number") return atomJson(value);
  if (isSmallInt(value)) return value >> 2;
  if (isRef(value)) return { ref: refId(value) };
  if (value === NONE) return null;
  if (value === TRUE || value === FALSE) return value === TRUE;
  return { kind: CONSTANTS[value >> 2], value: [] };
}

function atomJson(atom: Atom): unknown {
  const { kind, text } = atom;
  const whole = atom.length < 0;
  if (kind === "str" && whole) return text;
  if (kind === "int" && whole) return Number(text);
  if (kind === "float") {
    const number = text === "inf" || text === "-inf" || text === "nan" ? null : Number(text);
    return number ?? { kind, value: [text] };
  }
  return { kind, value: partsOf(atom) };
}

/** What the trace says of an atom beside its kind. */
function partsOf(atom: Atom): readonly unknown[] {
  const { kind, text, length, check, type, parts, frame } = atom;
  if (kind === "slice" || kind === "range") return parts;
  if (kind === "exception") return [type, text];
  if (kind === "generator") return frame < 0 ? [text] : [text, frame];
  if (length < 0) return [text];
  return kind === "int" ? [text, length] : [text, length, check];
}

/** What is held under a key; null where there is nothing, or nobody knows. */
export function held(machine: Machine, subject: HeapObject, key: Value): Value | null {
  if (isSequence(subject)) {
    const i = positionOf(subject, key);
    return i === null || i < 0 || i >= subject.length ? null : (subject.items[i] ?? null);
  }
  return subject.entries.get(entryKey(subject, key, machine.memory.find))?.[1] ?? null;
}

/** The beginning of what an object holds. */
export function contents(subject: HeapObject): unknown[] {
  if (isSequence(subject)) return subject.items.slice(0, LISTED).map(plain);
  const entries = [...subject.entries.entries()].slice(0, LISTED);
  if (isSet(subject)) return entries.map(([, [member]]) => plain(member));
  return entries.map(([name, [key, value]]) => [subject.kind === "object" ? name : plain(key), plain(value)]);
}
