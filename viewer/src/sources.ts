/** Owns what a block's sources come to: each becomes a closure that works out its value when its step is reached. */

import type { Source } from "./blocks";
import { elementAt, isSequence, lookUp, positionOf } from "./heap";
import type { Machine } from "./machine";
import { calculate, isRef, NOT_RECORDED, NOTHING, refId, sliceValue, smallInt, type Value } from "./values";

export type Read = (machine: Machine) => Value;
/** The place of a column in a machine. */
export type SlotOf = (column: number) => number;

/** How a source is read. */
export function readOf(source: Source, slotOf: SlotOf): Read {
  switch (source.from) {
    case "temporary": {
      const { index } = source;
      return (m) => m.temporaries[index] as Value;
    }
    case "constant": {
      const { value } = source;
      return () => value;
    }
    case "name": {
      const { name } = source;
      return (m) => m.calls.top.vars.get(name) ?? NOTHING;
    }
    case "global": {
      const { name } = source;
      return (m) => m.calls.bottom()?.vars.get(name) ?? NOTHING;
    }
    case "column": {
      const slot = slotOf(source.column);
      return (m) => m.last(slot);
    }
    case "length": {
      const of = readOf(source.of, slotOf);
      return (m) => lengthOf(m, of(m));
    }
    case "element": {
      const of = readOf(source.of, slotOf);
      const key = readOf(source.key, slotOf);
      return (m) => elementOf(m, of(m), key(m));
    }
    case "counter": {
      const { loop, step } = source;
      return (m) => {
        const found = m.calls.top.loops?.get(loop);
        if (found === undefined) return NOTHING;
        return calculate("+", found.value, calculate("*", smallInt(found.position), step));
      };
    }
    case "slice": {
      const bounds = source.bounds.map((bound) => readOf(bound, slotOf));
      return (m) => sliceValue(bounds.map((bound) => bound(m)));
    }
    case "attribute": {
      const of = readOf(source.of, slotOf);
      const { name } = source;
      return (m) => attributeOf(m, of(m), name);
    }
    default: {
      const left = readOf(source.left, slotOf);
      const right = readOf(source.right, slotOf);
      const { from } = source;
      return (m) => calculate(from, left(m), right(m));
    }
  }
}

function lengthOf(m: Machine, value: Value): Value {
  const object = isRef(value) ? m.memory.find(refId(value)) : undefined;
  if (object === undefined || object.kind === "object" || object.about.overrides.has("__len__"))
    return NOTHING;
  return smallInt(object.length);
}

function elementOf(m: Machine, value: Value, key: Value): Value {
  const object = isRef(value) ? m.memory.find(refId(value)) : undefined;
  if (object === undefined || object.kind === "object" || object.about.overrides.has("__getitem__"))
    return NOTHING;
  if (isSequence(object)) {
    const i = positionOf(object, key);
    return i === null || i < 0 || i >= object.length ? NOTHING : elementAt(object, i);
  }
  if (object.kind !== "dict") return NOTHING;
  return lookUp(object, key, m.memory.find) ?? (object.partial ? NOT_RECORDED : NOTHING);
}

function attributeOf(m: Machine, value: Value, name: string): Value {
  const object = isRef(value) ? m.memory.find(refId(value)) : undefined;
  if (object === undefined || object.kind !== "object") return NOTHING;
  const { overrides, described } = object.about;
  if (described.has(name) || overrides.has("__getattribute__")) return NOTHING;
  return object.entries.get(name)?.[1] ?? (object.partial ? NOT_RECORDED : NOTHING);
}
