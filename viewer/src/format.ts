/** Owns how values look as text, close to how Python shows them. Plain strings: the views make text nodes of them. */

import { elementAt, type HeapObject, isSequence, isSet, type Lookup } from "./heap";
import {
  type Atom,
  ELLIPSIS,
  FALSE,
  isRef,
  isSmallInt,
  NONE,
  NOT_RECORDED,
  NOTHING,
  refId,
  TRUE,
  type Value,
} from "./values";

/** Characters of a value shown in a cell, in a frame, in a sentence. */
export const CELL_TEXT = 12;
export const LINE_TEXT = 48;

const CONSTANTS = new Map<Value, string>([
  [NONE, "None"],
  [TRUE, "True"],
  [FALSE, "False"],
  [ELLIPSIS, "..."],
  [NOTHING, "unset"],
  [NOT_RECORDED, "?"],
]);

/** Control and bidi-override characters, invisible ones, line breaks, halves of surrogate pairs. */
const INVISIBLE = new RegExp(
  "[\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]" +
    "|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]",
  "g",
);

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };

/** What cannot be seen, or would change the picture around it, as Python escapes. */
function escapeInvisible(text: string): string {
  return text.replace(INVISIBLE, (c) => {
    const code = c.charCodeAt(0);
    const digits = code.toString(16);
    return ESCAPES[c] ?? (code < 256 ? `\\x${digits.padStart(2, "0")}` : `\\u${digits.padStart(4, "0")}`);
  });
}

/** At most `max` characters, the last being an ellipsis where something was cut. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, Math.max(1, max - 1));
  // Never half of a surrogate pair.
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

function quoted(atom: Atom, prefix = ""): string {
  const quote = atom.text.includes("'") && !atom.text.includes('"') ? '"' : "'";
  const shown = atom.text.length > 400 ? atom.text.slice(0, 400) : atom.text;
  const body = escapeInvisible(shown.replace(/\\/g, "\\\\")).replaceAll(
    quote === "'" ? "'" : "\0",
    `\\${quote}`,
  );
  const cut = atom.length >= 0 || shown.length < atom.text.length;
  return `${prefix}${quote}${body}${cut ? "…" : ""}${quote}`;
}

function atomText(atom: Atom): string {
  switch (atom.kind) {
    case "str":
      return quoted(atom);
    case "bytes":
      return quoted(atom, "b");
    case "function":
      return `${escapeInvisible(atom.text)}()`;
    case "class":
      return `class ${escapeInvisible(atom.text)}`;
    case "module":
      return `module ${escapeInvisible(atom.text)}`;
    case "exception":
      return escapeInvisible(atom.text ? `${atom.type}: ${atom.text}` : atom.type);
    case "range": {
      const [start, stop, step] = atom.parts;
      return `range(${step === null || String(step) === "1" ? `${start}, ${stop}` : `${start}, ${stop}, ${step}`})`;
    }
    case "generator":
      return `${escapeInvisible(atom.text)} …`;
    case "object":
      return `<${escapeInvisible(atom.text)}>`;
    case "slice": {
      const [start, stop, step] = atom.parts;
      return `${start ?? ""}:${stop ?? ""}${step === null || step === undefined ? "" : `:${step}`}`;
    }
    default:
      return escapeInvisible(atom.text);
  }
}

/** A value as text of at most `max` characters; objects show their contents as far as `depth` levels. */
export function formatValue(value: Value, lookup: Lookup, max = LINE_TEXT, depth = 1): string {
  if (typeof value !== "number") return shorten(atomText(value), max);
  if (isSmallInt(value)) return shorten(String(value >> 2), max);
  if (!isRef(value)) return CONSTANTS.get(value) ?? "?";
  const object = lookup(refId(value));
  return object ? formatObject(object, lookup, max, depth) : "<object>";
}

const BRACKETS: Record<string, readonly [string, string]> = {
  list: ["[", "]"],
  tuple: ["(", ")"],
  set: ["{", "}"],
  frozenset: ["{", "}"],
  dict: ["{", "}"],
};

/** Attributes up to which an object of plain values is told in full. */
const FULL_ATTRIBUTES = 3;

/** An object that links to others, or has much in it, in two words: its class and its first plain attribute. */
function shortObject(object: HeapObject, lookup: Lookup): string | null {
  const values = [...object.entries.values()].map(([, value]) => value);
  if (object.kind !== "object" || values.length === 0) return null;
  const plain = values.filter((value) => !isRef(value) && value !== NONE);
  if (values.length <= FULL_ATTRIBUTES && plain.length === values.length) return null;
  return plain[0] === undefined ? object.type : `${object.type} ${formatValue(plain[0], lookup, 14)}`;
}

/** An object's contents in one line, as far as they fit. */
export function formatObject(object: HeapObject, lookup: Lookup, max = LINE_TEXT, depth = 1): string {
  const short = shortObject(object, lookup);
  if (short) return shorten(short, max);
  const plain = BRACKETS[object.kind] && (object.type === object.kind || object.kind === "tuple");
  const [open, close] =
    object.kind === "object" || !plain
      ? [`${object.type}(`, ")"]
      : (BRACKETS[object.kind] as [string, string]);
  if (depth <= 0) return shorten(object.length ? `${open}…${close}` : `${open}${close}`, max);
  const parts: string[] = [];
  let room = max - open.length - close.length;
  for (const part of partsOf(object, lookup, depth)) {
    const size = part.length + (parts.length ? 2 : 0);
    if (size > room && parts.length) {
      parts.push("…");
      break;
    }
    parts.push(part);
    room -= size;
  }
  const single = object.kind === "tuple" && object.length === 1 ? "," : "";
  return shorten(`${open}${parts.join(", ")}${single}${close}`, max);
}

function* partsOf(object: HeapObject, lookup: Lookup, depth: number): Generator<string> {
  const text = (value: Value) => formatValue(value, lookup, LINE_TEXT, depth - 1);
  if (isSequence(object)) {
    for (let i = 0; i < object.length; i++) yield text(elementAt(object, i));
    return;
  }
  for (const [key, value] of object.entries.values()) {
    if (isSet(object)) yield text(key);
    else if (object.kind === "object") yield `${(key as Atom).text}=${text(value)}`;
    else yield `${text(key)}: ${text(value)}`;
  }
}

/** What a frame shows beside a reference: the kind of object and, where it counts, how much is in it. */
export function summary(object: HeapObject, number: (n: number) => string): string {
  return object.kind === "object" ? object.type : `${object.type} · ${number(object.length)}`;
}

/** Whether a value is one of the things a program defines rather than data it works on. */
export function isDefinition(value: Value): value is Atom {
  return (
    typeof value !== "number" &&
    (value.kind === "function" || value.kind === "class" || value.kind === "module")
  );
}
