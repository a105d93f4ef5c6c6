/** The golden traces: this replay and the Python one tell the same states, forwards, backwards and at random. */

import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { elementAt, type HeapObject, isSequence, isSet, refsOf } from "../src/heap";
import { TraceLog } from "../src/log";
import type { Frame } from "../src/state";
import { type Snapshot, Timeline } from "../src/timeline";
import { type Atom, FALSE, isRef, isSmallInt, NONE, refId, TRUE, type Value } from "../src/values";

// Traces and states of other programs, where somebody made some (tests/harness/goldens.py has their form).
const elsewhere = process.env.DSTRUCT_TRACES;
const folder = elsewhere ? pathToFileURL(`${elsewhere}/`) : new URL("../../tests/golden/", import.meta.url);
const names = readdirSync(folder).flatMap((file) => (file.endsWith(".trace") ? [file.slice(0, -6)] : []));

function atomJson(atom: Atom): unknown {
  const cut = atom.length >= 0 ? [atom.length] : [];
  switch (atom.kind) {
    case "int":
      if (cut.length) return { atom: ["int", atom.text, ...cut] };
      return Number.isSafeInteger(Number(atom.text)) ? Number(atom.text) : { int: atom.text };
    case "float":
      return { float: atom.text };
    case "str":
      return cut.length ? { atom: ["str", atom.text, ...cut] } : atom.text;
    case "exception":
      return { atom: ["exception", atom.type, atom.text] };
    case "generator":
      return { atom: ["generator", atom.text, atom.frame] };
    case "slice":
    case "range":
      return { atom: [atom.kind, ...atom.parts] };
    default:
      return { atom: [atom.kind, atom.text, ...cut] };
  }
}

const CONSTANTS = ["None", "False", "True", "Ellipsis", "nothing", "not recorded"];

function json(value: Value): unknown {
  if (typeof value !== "number") return atomJson(value);
  if (isSmallInt(value)) return value >> 2;
  if (isRef(value)) return { ref: refId(value) };
  if (value === NONE) return null;
  if (value === TRUE || value === FALSE) return value === TRUE;
  return { atom: [CONSTANTS[value >> 2]] };
}

function frameJson(frame: Frame, timeline: Timeline): unknown {
  const unit = timeline.log.tables.units[frame.unit];
  const variables = Object.fromEntries([...frame.vars].map(([name, value]) => [name, json(value)]));
  const { id, line, status } = frame;
  return { id, name: unit?.name, kind: unit?.kind, line, status, variables };
}

function objectJson(object: HeapObject): unknown {
  const { kind: shape, type, length } = object;
  if (isSequence(object)) {
    return { shape, type, length, items: object.items.map((_, i) => json(elementAt(object, i))) };
  }
  const entries = [...object.entries.values()];
  const items = isSet(object)
    ? entries.map(([member]) => json(member))
    : entries.map(([k, v]) => [json(k), json(v)]);
  return { shape, type, length, items };
}

/** A snapshot in the form of the golden states: only what the frames lead to. */
function stateJson({ state }: Snapshot, timeline: Timeline): Record<string, unknown> {
  const frames = [...state.stack, ...state.suspended];
  const heap: Record<string, unknown> = {};
  const queue = frames.flatMap((frame) => [...frame.vars.values()].filter(isRef).map(refId));
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const object = state.lookup(id);
    if (!object || heap[id]) continue;
    heap[id] = objectJson(object);
    queue.push(...refsOf(object));
  }
  return {
    step: state.step,
    line: state.stack.at(-1)?.line ?? 0,
    frames: state.stack.map((frame) => frameJson(frame, timeline)),
    suspended: state.suspended.map((frame) => frameJson(frame, timeline)),
    heap,
    output: timeline
      .outputAt(state, 1e9)
      .pieces.filter(({ stream }) => stream === 0)
      .map(({ text }) => text)
      .join(""),
  };
}

interface Golden {
  steps: number;
  stopReason: string;
  states: Record<string, unknown>[];
}

function open(name: string, cacheBytes?: number): { timeline: Timeline; golden: Golden } {
  const log = new TraceLog();
  log.appendFile(new Uint8Array(readFileSync(new URL(`${name}.trace`, folder))));
  expect(log.problem.value).toBeNull();
  const golden = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Golden;
  return { timeline: new Timeline(log, cacheBytes), golden };
}

it("finds golden traces", () => {
  expect(names.length).toBeGreaterThan(0);
});

describe.each(names)("%s", (name) => {
  it("replays to the states that Python replays", async () => {
    const { timeline, golden } = open(name);
    expect(timeline.last).toBe(golden.steps);
    expect(timeline.log.statusOfFile(name).stopReason).toBe(golden.stopReason);
    for (const state of golden.states) {
      const snapshot = await timeline.load(state.step as number, "operation");
      expect(stateJson(snapshot, timeline)).toEqual(state);
    }
  });

  it("gives the same states backwards, and at random with next to no cache", async () => {
    const { timeline, golden } = open(name);
    for (const state of golden.states.slice().reverse()) {
      expect(stateJson(await timeline.load(state.step as number, "line"), timeline)).toEqual(state);
    }
    const tight = open(name, 1).timeline;
    const { length } = golden.states;
    for (let i = 0; i < Math.min(length, 60); i++) {
      const state = golden.states[(i * 7919) % length] as Record<string, unknown>;
      expect(stateJson(await tight.load(state.step as number, "call"), tight)).toEqual(state);
    }
  });
});
