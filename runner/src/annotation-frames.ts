/** Owns what annotations are among the operation frames: dStruct has names for some of them, and for others none. */

import { type HeapObject, isSequence } from "../../viewer/src/heap";
import { annotationId, type Machine } from "../../viewer/src/machine";
import type { Annotation } from "../../viewer/src/state";
import { isRef, NOTHING, refId, type Value } from "../../viewer/src/values";
import { plain } from "./plain";

const NAMES: Readonly<Record<string, string>> = {
  color: "setColor",
  pointer: "showPointer",
  info: "setInfo",
  blink: "blink",
  clear: "clearAppearance",
};
const ARGUMENTS: Readonly<Record<string, string>> = {
  setColor: "color",
  setColorMap: "colorMap",
  setInfo: "info",
  showPointer: "name",
};

export interface AnnotationFrame {
  readonly name: string;
  readonly subject: HeapObject;
  readonly args: Record<string, unknown>;
  readonly previous: Record<string, unknown> | undefined;
}

/** An annotation's frame, or null if it has none. The machine is as it was before. `operands`: subject, key, data. */
export function annotationFrame(
  machine: Machine,
  operands: readonly Value[],
  kind: string,
): AnnotationFrame | null {
  const [subject, key, data] = operands as [Value, Value, Value];
  let name = NAMES[kind];
  const object = isRef(subject) ? machine.memory.find(refId(subject)) : undefined;
  if (name === undefined || object === undefined) return null;
  const place = key === NOTHING ? {} : { index: plain(key) };
  if (ARGUMENTS[name] === undefined) return { name, subject: object, args: place, previous: undefined };
  const about = { kind: kind as Annotation["kind"], subject, key: key === NOTHING ? null : key, data };
  const before = machine.annotations.get(annotationId(about, machine.memory.find));
  let old = before === undefined ? null : said(machine, before.data);
  const made = said(machine, data);
  if (name === "setColor" && (isMap(made) || (made === null && isMap(old)))) {
    name = "setColorMap";
    if (!isMap(old)) old = null;
  } else if (name === "setColor" && isMap(old)) old = null;
  const argument = ARGUMENTS[name] as string;
  return {
    name,
    subject: object,
    args: { ...place, [argument]: made },
    previous: { ...place, [argument]: old },
  };
}

/** The data of an annotation as JSON: dicts with their contents, since their reader has no heap. */
function said(machine: Machine, data: Value): unknown {
  if (data === NOTHING) return null;
  const object = isRef(data) ? machine.memory.find(refId(data)) : undefined;
  if (object === undefined || isSequence(object)) return plain(data);
  return Object.fromEntries(
    [...object.entries.values()].map(([key, value]) => [String(plain(key)), plain(value)]),
  );
}

function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
