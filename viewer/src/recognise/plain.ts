/** Owns the figures that need no guessing: texts, dicts and objects as tables, hash tables, sets. */

import { type HeapObject, isSet } from "../heap";
import { isCyclic } from "../reach";
import { FIT, type Fit, type Scene, type Subject } from "../structure";
import { type Atom, isRef, refId } from "../values";

export interface ObjectModel {
  readonly object: HeapObject;
}

export interface TextModel {
  readonly text: Atom;
}

/** A text that is looked into. */
export function fitText({ text }: Subject): Fit<TextModel> | null {
  return text && { score: FIT.plain, model: () => ({ text }) };
}

/** A dict, or the attributes of an object. */
export function fitTable({ object }: Subject, { lookup }: Scene): Fit<ObjectModel> | null {
  if (object?.kind !== "dict" && object?.kind !== "object") return null;
  if (object.kind === "object" && object.entries.size === 0) return null;
  return {
    score: FIT.plain,
    model: () => ({ object }),
    nested: function* () {
      if (object.entries.size > 200 || isCyclic(object, lookup)) return;
      for (const [, value] of object.entries.values()) if (isRef(value)) yield refId(value);
    },
  };
}

/** The slots behind a dict or set. */
export function fitHashTable({ object }: Subject): Fit<ObjectModel> | null {
  if (!object || (object.kind !== "dict" && !isSet(object))) return null;
  return { score: FIT.possible, model: () => ({ object }) };
}

export function fitSet({ object }: Subject): Fit<ObjectModel> | null {
  return object && isSet(object) ? { score: FIT.plain, model: () => ({ object }) } : null;
}
