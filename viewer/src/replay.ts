/**
 * Owns the meaning of events: what each does to the call stack and the heap. A `Replayer` starts from a `State`, applies events of one chunk, copies what it changes, and can be asked for a new `State` at any stop.
 */

import type { DecodedChunk } from "./body";
import {
  addMember,
  cloneObject,
  type HeapObject,
  insertAt,
  isSequence,
  type Lookup,
  lookUp,
  positionOf,
  put,
  readContents,
  removeKey,
} from "./heap";
import type { Frame, State } from "./state";
import { EVENTS, type EventName, type Site, type Tables } from "./tables";
import { decodeValue, isRef, isValidRaw, nameAtom, refId, smallInt, type Value } from "./values";
import { TraceError } from "./wire";

export interface Binding {
  readonly frame: number;
  readonly name: string;
  readonly value: Value | null;
}

/** One event with its operands resolved against the state just before it. */
export interface Happening {
  readonly event: EventName;
  readonly site: Site;
  readonly isStop: boolean;
  /** Frame that was on top, and its unit; -1 where there was none. */
  readonly frame: number;
  readonly unit: number;
  /** The container's id, or -1. */
  readonly container: number;
  /** The container as operand, where the event has one. */
  readonly subject: Value | null;
  readonly key: Value | null;
  /** Position in a sequence that the key names. */
  readonly position: number | null;
  readonly value: Value | null;
  /** What the element was before it was written or removed, or what was read; null where unknown. */
  readonly old: Value | null;
  /** The operand i: result of a membership test, position, frame id. */
  readonly number: number;
  /** The called name. */
  readonly called: string;
  readonly bindings: readonly Binding[];
}

export type Observer = (happening: Happening) => void;

type MutableFrame = { -readonly [K in keyof Frame]: Frame[K] } & { vars: Map<string, Value> };

/** Applies the events of one chunk in order. */
export class Replayer {
  private event: number;
  private fillAt: number;
  private outputs: number;
  private readonly annotations: State["annotations"];
  private nextFrame: number;
  private stack: Frame[];
  private suspended: Frame[];
  private changed: Map<number, HeapObject>;
  /** Frames and objects made since the last `freeze`: these may be changed in place. */
  private owned = new Set<Frame | HeapObject>();
  private readonly base: Lookup;
  private readonly find: Lookup = (id) => this.changed.get(id) ?? this.base(id);

  constructor(
    from: State,
    base: Lookup,
    private readonly chunk: DecodedChunk,
    private readonly tables: Tables,
    private readonly observer: Observer | null = null,
  ) {
    this.event = from.event;
    this.fillAt = from.fillAt;
    this.outputs = from.outputs;
    this.nextFrame = from.nextFrame;
    this.annotations = from.annotations;
    this.stack = from.stack.slice();
    this.suspended = from.suspended.slice();
    this.changed = new Map(from.changed);
    this.base = base;
  }

  /** Applies events up to, and not including, event number `end` of the chunk. */
  playTo(end: number): void {
    while (this.event < end) {
      this.apply(this.event);
      this.event++;
    }
  }

  /** The state now. Later events change copies. */
  freeze(step: number): State {
    const changed = this.changed;
    const base = this.base;
    this.changed = new Map(changed);
    this.owned.clear();
    const state: State = {
      step,
      chunk: this.chunk.index,
      event: this.event,
      fillAt: this.fillAt,
      outputs: this.outputs,
      nextFrame: this.nextFrame,
      stack: this.stack.slice(),
      suspended: this.suspended.slice(),
      changed,
      annotations: this.annotations,
      lookup: (id) => changed.get(id) ?? base(id),
    };
    return state;
  }

  private apply(i: number): void {
    const code = this.chunk.codes[i] as number;
    const row = this.chunk.rows[i] as number;
    const site = this.chunk.sites[code] as Site;
    const columns = this.chunk.operands[code] as readonly Int32Array[];
    const raw = (n: number) => (columns[n] as Int32Array)[row] as number;
    const value = (n: number) => decodeValue(raw(n), this.chunk.atoms);
    if (this.observer) this.observe(this.observer, site, raw, value);
    switch (site.event) {
      case "line":
        this.top().line = site.line;
        return;
      case "enter":
        this.enter(site, value);
        return;
      case "leave":
      case "unwind":
        this.leave();
        return;
      case "yield": {
        const frame = this.top();
        frame.status = "suspended";
        this.stack.pop();
        this.suspended.push(frame);
        return;
      }
      case "resume":
        this.resume(raw(0), site);
        return;
      case "bind":
        this.bind(site, value);
        return;
      case "unbind":
        for (const name of site.names) this.scopeOf(site)?.vars.delete(name);
        return;
      case "output":
        this.outputs++;
        return;
      case "fill":
        this.fill(this.own(value(0)));
        return;
      default:
        this.change(site, raw, value);
    }
  }

  /** Events that change one element of a container. */
  private change(site: Site, raw: (n: number) => number, value: (n: number) => Value): void {
    const object =
      EVENTS[site.event].operands.startsWith("c") && CHANGES.has(site.event) ? this.own(value(0)) : null;
    if (object === null) return;
    switch (site.event) {
      case "set":
      case "put":
        put(object, value(1), value(2), this.find);
        return;
      case "setattr":
        put(object, nameAtom(site.name), value(1), this.find);
        return;
      case "del":
        if (!isSequence(object) || positionOf(object, value(1)) !== null)
          removeKey(object, value(1), this.find);
        return;
      case "delattr":
        removeKey(object, nameAtom(site.name), this.find);
        return;
      case "remove":
        removeKey(object, value(1), this.find);
        return;
      case "insert":
        insertAt(object, raw(1), value(2));
        return;
      case "add":
        addMember(object, value(1), this.find);
    }
  }

  private enter(site: Site, value: (n: number) => Value): void {
    const vars = new Map(site.names.map((name, n) => [name, value(n)]));
    const frame: Frame = { id: this.nextFrame++, unit: site.target, line: site.line, status: "active", vars };
    this.owned.add(frame);
    this.stack.push(frame);
  }

  private leave(): void {
    if (this.stack.length > 1) this.stack.pop();
    else this.top().status = "finished";
  }

  private resume(id: number, site: Site): void {
    const at = this.suspended.findIndex((frame) => frame.id === id);
    const frame = at < 0 ? undefined : this.suspended.splice(at, 1)[0];
    const fresh: Frame = frame
      ? { ...frame, status: "active", vars: new Map(frame.vars) }
      : { id, unit: site.unit, line: site.line, status: "active", vars: new Map() };
    this.owned.add(fresh);
    this.stack.push(fresh);
  }

  private bind(site: Site, value: (n: number) => Value): void {
    const frame = this.scopeOf(site);
    site.names.forEach((name, n) => {
      frame?.vars.set(name, value(n));
    });
  }

  private fill(object: HeapObject | null): void {
    const flat = this.chunk.fills;
    const at = this.fillAt;
    const length = flat[at];
    const shown = flat[at + 1];
    if (object === null || length === undefined || shown === undefined || shown < 0 || length < shown) {
      throw new TraceError("a chunk has a fill record of the wrong form");
    }
    const width = object.kind === "dict" || object.kind === "object" ? 2 : 1;
    if (at + 2 + shown * width > flat.length)
      throw new TraceError("a chunk has a fill record that is cut off");
    for (let i = 0; i < shown * width; i++) {
      const raw = flat[at + 2 + i] as number;
      const isName = object.kind === "object" && i % 2 === 0;
      const ok = isName
        ? raw >= 0 && raw < this.tables.names.length
        : isValidRaw(raw, this.chunk.atoms.length);
      if (!ok) throw new TraceError("a chunk has a fill record that refers to nothing");
    }
    this.fillAt = readContents(object, flat, at, this.chunk.atoms, this.tables, this.find);
  }

  private top(): MutableFrame {
    return this.ownFrame(this.stack.length - 1);
  }

  private ownFrame(at: number): MutableFrame {
    const frame = this.stack[at];
    if (frame === undefined) throw new TraceError("an event happens in no frame");
    if (this.owned.has(frame)) return frame as MutableFrame;
    const copy: Frame = { ...frame, vars: new Map(frame.vars) };
    this.owned.add(copy);
    this.stack[at] = copy;
    return copy as MutableFrame;
  }

  private scopeAt(site: Site): number {
    if (site.scope === "global") return 0;
    if (site.scope === "local") return this.stack.length - 1;
    for (let i = this.stack.length - 2; i >= 0; i--) if (this.stack[i]?.unit === site.target) return i;
    return -1;
  }

  private scopeOf(site: Site): MutableFrame | null {
    const at = this.scopeAt(site);
    return at < 0 ? null : this.ownFrame(at);
  }

  /** The object a value refers to, as a copy that may be changed; null for atoms and objects nobody recorded. */
  private own(value: Value): HeapObject | null {
    if (!isRef(value)) return null;
    const object = this.find(refId(value));
    if (object === undefined || this.owned.has(object)) return object ?? null;
    const copy = cloneObject(object);
    this.owned.add(copy);
    this.changed.set(copy.id, copy);
    return copy;
  }

  private observe(tell: Observer, site: Site, raw: (n: number) => number, value: (n: number) => Value): void {
    const letters: string = EVENTS[site.event].operands;
    const at = (letter: string) => letters.indexOf(letter);
    const has = (letter: string) => letters !== "*" && at(letter) >= 0;
    const subject = has("c") ? value(at("c")) : null;
    const object = subject !== null && isRef(subject) ? this.find(refId(subject)) : undefined;
    const number = has("i") ? raw(at("i")) : 0;
    const positional = site.event === "iter" || site.event === "insert";
    const key = has("k")
      ? value(at("k"))
      : site.name
        ? nameAtom(site.name)
        : positional
          ? smallInt(number)
          : null;
    const frame = this.stack[this.stack.length - 1];
    const scope =
      site.event === "bind" || site.event === "unbind" ? this.stack[this.scopeAt(site)] : undefined;
    const owner = site.event === "enter" ? this.nextFrame : (scope?.id ?? -1);
    const unbinds = site.event === "unbind";
    tell({
      event: site.event,
      site,
      isStop: EVENTS[site.event].stop,
      frame: frame?.id ?? -1,
      unit: frame?.unit ?? -1,
      container: object?.id ?? -1,
      subject,
      key,
      position: object && key !== null && isSequence(object) ? positionOf(object, key) : null,
      value: has("v") ? value(at("v")) : null,
      old: object && key !== null ? this.before(object, key, site) : null,
      number,
      called: site.event === "call" ? (this.tables.names[number] as string) : "",
      bindings:
        owner < 0
          ? []
          : site.names.map((name, n) => ({ frame: owner, name, value: unbinds ? null : value(n) })),
    });
  }

  private before(object: HeapObject, key: Value, site: Site): Value | null {
    if (site.event === "iter" && !isSequence(object)) {
      let i = 0;
      for (const [, entry] of object.entries) if (i++ === positionOf(object, key)) return entry[0];
      return null;
    }
    return lookUp(object, key, this.find);
  }
}

const CHANGES: ReadonlySet<EventName> = new Set([
  "set",
  "put",
  "setattr",
  "del",
  "delattr",
  "remove",
  "insert",
  "add",
]);
