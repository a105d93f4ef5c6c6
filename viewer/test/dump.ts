/** Owns a plain form of a snapshot, for comparing states. */

import type { HeapObject } from "../src/heap";
import { refsOf } from "../src/heap";
import type { Snapshot, Timeline } from "../src/timeline";
import { isRef, refId, type Value } from "../src/values";

function plain(value: Value): unknown {
  return typeof value === "number" ? value : value.key;
}

export function dump(snapshot: Snapshot, timeline: Timeline): unknown {
  const { state } = snapshot;
  const frames = [...state.stack, ...state.suspended];
  const heap = new Map<number, HeapObject>();
  const queue = frames.flatMap((frame) => [...frame.vars.values()].filter(isRef).map(refId));
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const object = state.lookup(id);
    if (!object || heap.has(id)) continue;
    heap.set(id, object);
    queue.push(...refsOf(object));
  }
  return {
    step: state.step,
    frames: frames.map(({ id, unit, line, status, vars }) => ({
      id,
      unit,
      line,
      status,
      vars: [...vars].map(([name, value]) => [name, plain(value)]),
    })),
    heap: [...heap]
      .sort(([a], [b]) => a - b)
      .map(([, o]) => ({
        id: o.id,
        kind: o.kind,
        type: o.type,
        length: o.length,
        partial: o.partial,
        items: o.items.map(plain),
        entries: [...o.entries],
      })),
    annotations: state.annotations,
    output: timeline.outputAt(state, 1e6),
    happenings: snapshot.happenings.map((h) => ({ ...h, site: h.site.id })),
    next: snapshot.next?.id ?? null,
  };
}
