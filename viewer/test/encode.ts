/**
 * Owns a small encoder of docs/trace-format.md, for tests only: hostile bytes and hand-made runs.
 * `Recording` writes each event as a block of its own, and keeps just enough state to write keyframes.
 */

import { deflateSync } from "node:zlib";
import { EVENTS, type EventName, type ObjectKind } from "../src/tables";
import { crc32, HEADER_SIZE } from "../src/wire";

export type Raw = number;
export const none: Raw = 3;
export const nothing: Raw = 19;
export const bool = (b: boolean): Raw => (b ? 11 : 7);
export const int = (n: number): Raw => n << 2;
export const ref = (id: number): Raw => (id << 2) | 2;

function u32(n: number): number[] {
  return [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, (n >>> 24) & 255];
}

export type Style = "plain" | "narrow" | "delta";

/** One column, plain or delta-coded, with 4-byte entries or as narrow as it goes. */
export function column(values: readonly number[], style: Style = "narrow"): number[] {
  const deltas = values.slice(1).map((v, i) => v - (values[i] as number));
  const body = style === "delta" ? deltas : values;
  const fits = (bits: number) => body.every((v) => v >= -(2 ** (bits - 1)) && v < 2 ** (bits - 1));
  const width = style === "plain" ? 4 : fits(8) ? 1 : fits(16) ? 2 : 4;
  const head = [width | (style === "delta" ? 0x80 : 0), ...u32(values.length)];
  const first = style === "delta" && values.length ? u32(values[0] as number) : [];
  const planes = [0, 1, 2, 3].slice(0, width).flatMap((rank) => body.map((v) => u32(v)[rank] as number));
  return [...head, ...first, ...planes];
}

/** `count` times the same. */
export function run(value: number, count: number): number[] {
  return [0x20, ...u32(count), ...(count > 0 ? u32(value) : [])];
}

/** Integers as themselves, each standing for the value of that integer. */
export function integers(values: readonly number[], style: Style = "narrow"): number[] {
  const [form, ...rest] = column(values, style);
  return [(form as number) | 0x40, ...rest];
}

export function doubles(values: readonly number[]): number[] {
  return [0x21, ...u32(values.length), ...new Uint8Array(Float64Array.from(values).buffer)];
}

/** Integers of up to 53 bits: as they are, or with differences of so many bytes. */
export function large(values: readonly number[], width = 0): number[] {
  const wide = (n: number) => [...new Uint8Array(BigInt64Array.of(BigInt(n)).buffer)];
  const planes = (bytes: readonly number[][], count: number) =>
    Array.from({ length: count }, (_, rank) => bytes.map((one) => one[rank] as number)).flat();
  if (width === 0) return [0x23, ...u32(values.length), ...planes(values.map(wide), 8)];
  const steps = values.slice(1).map((v, i) => wide(v - (values[i] as number)));
  return [0xa3, ...u32(values.length), ...wide(values[0] as number), width, ...planes(steps, width)];
}

export function booleans(values: readonly boolean[]): number[] {
  return [0x22, ...u32(values.length), ...values.map(Number)];
}

export interface ChunkParts {
  index?: number;
  firstStep?: number;
  steps?: number;
  meta?: unknown;
  body?: Uint8Array;
  deflate?: boolean;
  rawSize?: number;
  version?: number;
  flags?: number;
  /** Whether the flags call it a keyframe; the first chunk is one. */
  keyframe?: boolean;
  crc?: number;
}

/** A chunk from its parts; what is left out is right. */
export function chunk(parts: ChunkParts): Uint8Array {
  const meta = new TextEncoder().encode(JSON.stringify(parts.meta ?? {}));
  const raw = parts.body ?? new Uint8Array(body({}));
  const deflate = parts.deflate ?? true;
  const stored = deflate ? new Uint8Array(deflateSync(raw)) : raw;
  const out = new Uint8Array(HEADER_SIZE + meta.length + stored.length);
  out.set(meta, HEADER_SIZE);
  out.set(stored, HEADER_SIZE + meta.length);
  const view = new DataView(out.buffer);
  out.set(new TextEncoder().encode("DSTL"));
  view.setUint8(4, parts.version ?? 3);
  view.setUint8(5, parts.flags ?? Number(deflate) + 2 * Number(parts.keyframe ?? !parts.index));
  const fields = [parts.index ?? 0, parts.firstStep ?? 0, parts.steps ?? 0, meta.length, stored.length];
  fields.forEach((field, i) => {
    view.setUint32(8 + 4 * i, field, true);
  });
  view.setUint32(28, parts.rawSize ?? raw.length, true);
  view.setUint32(32, parts.crc ?? crc32(out.subarray(HEADER_SIZE)), true);
  return out;
}

export interface BodyParts {
  atoms?: unknown;
  frames?: number[];
  objects?: number[];
  fills?: number[];
  /** Codes, or the bytes of a column. */
  path?: number[] | { bytes: number[] };
  /** By number: values, or the bytes of a column. */
  columns?: Record<number, number[] | { bytes: number[] }>;
  style?: Style;
}

export function body(parts: BodyParts): Uint8Array {
  const atoms = new TextEncoder().encode(JSON.stringify(parts.atoms ?? []));
  const bytes = (c: number[] | { bytes: number[] }) => (Array.isArray(c) ? column(c, parts.style) : c.bytes);
  const fixed = [parts.frames ?? [0], parts.objects ?? [], parts.fills ?? [], parts.path ?? []];
  const columns = Object.entries(parts.columns ?? {});
  return new Uint8Array([
    ...u32(atoms.length),
    ...atoms,
    ...fixed.flatMap(bytes),
    ...u32(columns.length),
    ...columns.flatMap(([number, c]) => [...u32(Number(number)), ...bytes(c)]),
  ]);
}

interface Thing {
  type: number;
  kind: ObjectKind;
  entries: Raw[];
}

interface Call {
  unit: number;
  line: number;
  vars: Map<number, Raw>;
}

/** Operands that the log has as plain integers, by event. */
const PLAIN: Partial<Record<EventName, number>> = { insert: 1, iter: 1, call: 1, resume: 0 };

/** Records a hand-made run: call its methods in the order things happen, then `finish`. */
export class Recording {
  private meta: Record<string, unknown[]> = {};
  private readonly names: string[] = [];
  private readonly types: string[] = [];
  private readonly siteIds = new Map<string, number>();
  private readonly siteEvents: EventName[] = [];
  /** By site: its block and the first of its columns. */
  private readonly blocks: { block: number; column: number }[] = [];
  private blockCount = 0;
  private nextColumn = 128;
  private units = 0;
  private readonly atoms: unknown[] = [];
  private path: number[] = [];
  private columns: Record<number, number[]> = {};
  private fills: number[] = [];
  private records: number[] = [];
  private startFrames: number[] = [];
  private readonly things = new Map<number, Thing>();
  private calls: Call[] = [];
  private index = 0;
  private done = 0;
  private steps = 0;
  readonly chunks: Uint8Array[] = [];

  /** Every `every`th chunk is a keyframe. */
  constructor(
    source: string,
    name = "<cell>",
    private readonly every = 3,
  ) {
    this.add("sources", [name, source]);
    this.unit("module", "<module>", 1, -1);
    this.calls.push({ unit: 0, line: 1, vars: new Map() });
    this.begin();
  }

  private add(key: string, entry: unknown): void {
    const list = this.meta[key] ?? [];
    list.push(entry);
    this.meta[key] = list;
  }

  name(text: string): number {
    const at = this.names.indexOf(text);
    if (at >= 0) return at;
    this.add("names", text);
    return this.names.push(text) - 1;
  }

  unit(kind: string, name: string, line: number, parent = 0): number {
    this.add("units", [kind, name, 0, line, parent]);
    return this.units++;
  }

  atom(...parts: unknown[]): Raw {
    return ((this.atoms.push(parts) - 1) << 2) | 1;
  }

  str(text: string): Raw {
    return this.atom("str", text);
  }

  /** Makes an object; entries flat, attribute names as strings. */
  object(kind: ObjectKind, type: string, entries: (Raw | string)[] = []): Raw {
    const label = `${kind} ${type}`;
    let t = this.types.indexOf(label);
    if (t < 0) {
      this.add("types", [kind, type, [], []]);
      t = this.types.push(label) - 1;
    }
    const flat = entries.map((entry) => (typeof entry === "string" ? this.name(entry) : entry));
    const id = this.things.size + 1;
    this.things.set(id, { type: t, kind, entries: flat });
    this.records.push(...this.record(id));
    return ref(id);
  }

  private record(id: number): number[] {
    const thing = this.things.get(id) as Thing;
    const pairs = thing.kind === "dict" || thing.kind === "object";
    const shown = thing.entries.length / (pairs ? 2 : 1);
    return [id, thing.type, shown, shown, ...thing.entries];
  }

  private site(
    event: EventName,
    line: number,
    detail: object,
    unit: number,
    operands: number,
    span: readonly number[] = [],
  ): number {
    const [col = 0, endCol = 0] = span;
    const entry = [event, unit, line, col, line, endCol, detail];
    const key = JSON.stringify(entry);
    const known = this.siteIds.get(key);
    if (known !== undefined) return known;
    this.add("sites", entry);
    const id = this.siteEvents.push(event) - 1;
    this.siteIds.set(key, id);
    this.blocks.push({ block: this.blockCount++, column: this.nextColumn });
    const reads = Array.from({ length: operands }, () => this.nextColumn++);
    this.add("blocks", [-1, line, [...reads, [id, ...reads.keys()]]]);
    return id;
  }

  private happen(site: number, operands: readonly Raw[]): void {
    const { block, column: first } = this.blocks[site] as { block: number; column: number };
    this.path.push(32 + block);
    operands.forEach((operand, i) => {
      const values = this.columns[first + i] ?? [];
      values.push(operand);
      this.columns[first + i] = values;
    });
    if (EVENTS[this.siteEvents[site] as EventName].stop) this.steps++;
  }

  private top(): Call {
    return this.calls[this.calls.length - 1] as Call;
  }

  event(event: EventName, detail: object, operands: number[], span: readonly number[] = []): this {
    const top = this.top();
    const values = operands.map((operand, i) => (PLAIN[event] === i ? int(operand) : operand));
    this.happen(this.site(event, top.line, detail, top.unit, operands.length, span), values);
    return this;
  }

  line(n: number): this {
    this.top().line = n;
    return this.event("line", {}, []);
  }

  bind(vars: Record<string, Raw>, scope = "local"): this {
    const names = Object.keys(vars).map((name) => this.name(name));
    const frame = scope === "global" ? (this.calls[0] as Call) : this.top();
    Object.values(vars).forEach((v, i) => {
      frame.vars.set(names[i] as number, v);
    });
    return this.event("bind", { names, scope }, Object.values(vars));
  }

  enter(unit: number, line: number, args: Record<string, Raw>): this {
    const names = Object.keys(args).map((name) => this.name(name));
    const vars = new Map(Object.values(args).map((v, i) => [names[i] as number, v]));
    const site = this.site("enter", line, { unit, names }, unit, names.length);
    this.calls.push({ unit, line, vars });
    this.happen(site, Object.values(args));
    return this;
  }

  leave(value: Raw): this {
    this.event("leave", {}, [value]);
    if (this.calls.length > 1) this.calls.pop();
    return this;
  }

  /** An exception leaves the call on top. */
  unwind(error: Raw): this {
    this.event("unwind", {}, [error]);
    if (this.calls.length > 1) this.calls.pop();
    return this;
  }

  get(c: Raw, key: number, detail: object = {}, span: readonly number[] = []): this {
    return this.event("get", detail, [c, int(key)], span);
  }

  /** A changed list element, dict entry (raw key) or attribute (by setattr). */
  set(c: Raw, key: Raw, value: Raw, detail: object = {}, span: readonly number[] = []): this {
    const thing = this.thing(c);
    if (thing.kind === "dict") {
      const at = thing.entries.findIndex((k, i) => i % 2 === 0 && k === key);
      if (at >= 0) thing.entries[at + 1] = value;
      else thing.entries.push(key, value);
    } else thing.entries[key >> 2] = value;
    return this.event("set", detail, [c, key, value], span);
  }

  setattr(c: Raw, name: string, value: Raw, base?: string): this {
    const thing = this.thing(c);
    const n = this.name(name);
    const at = thing.entries.findIndex((k, i) => i % 2 === 0 && k === n);
    if (at >= 0) thing.entries[at + 1] = value;
    else thing.entries.push(n, value);
    return this.event("setattr", base ? { name: n, base } : { name: n }, [c, value]);
  }

  getattr(c: Raw, name: string, base?: string): this {
    return this.event("getattr", base ? { name: this.name(name), base } : { name: this.name(name) }, [c]);
  }

  /** list.append, told as its call and the insert it makes. */
  append(c: Raw, value: Raw, base?: string): this {
    const thing = this.thing(c);
    this.event("call", base ? { base } : {}, [c, this.name("append"), none]);
    thing.entries.push(value);
    return this.event("insert", {}, [c, thing.entries.length - 1, value]);
  }

  fill(c: Raw, entries: Raw[]): this {
    const thing = this.thing(c);
    thing.entries = entries;
    const pairs = thing.kind === "dict" || thing.kind === "object";
    const shown = entries.length / (pairs ? 2 : 1);
    this.fills.push(shown, shown, ...entries);
    return this.event("fill", {}, [c]);
  }

  print(text: string): this {
    this.add("output", [0, text]);
    return this.event("output", {}, []);
  }

  private thing(c: Raw): Thing {
    return this.things.get(c >> 2) as Thing;
  }

  private get isKeyframe(): boolean {
    return this.index % this.every === 0;
  }

  private begin(): void {
    this.records = [];
    this.startFrames = [];
    if (!this.isKeyframe) return;
    for (const id of this.things.keys()) this.records.push(...this.record(id));
    this.startFrames.push(this.calls.length);
    this.calls.forEach(({ unit, line, vars }, id) => {
      this.startFrames.push(id, unit, line, 0, 0, 0, -1, 0, 0, 0, vars.size, ...[...vars].flat());
    });
  }

  /** Cuts a chunk. */
  cut(end?: object): this {
    const { atoms, records: objects, startFrames: frames, fills, path, columns } = this;
    const meta = end ? { ...this.meta, end } : this.meta;
    const steps = this.steps - this.done;
    const parts = body({ atoms, objects, frames, fills, path, columns });
    const { index, isKeyframe: keyframe } = this;
    this.chunks.push(chunk({ index, firstStep: this.done, steps, meta, body: parts, keyframe }));
    this.index++;
    this.done = this.steps;
    this.meta = {};
    this.path = [];
    this.columns = {};
    this.fills = [];
    this.begin();
    return this;
  }

  finish(stopReason = "ok", error: unknown = null): Uint8Array {
    this.cut({ stopReason, error, steps: this.steps, events: {} });
    const out = new Uint8Array(this.chunks.reduce((n, c) => n + c.length, 0));
    let at = 0;
    for (const c of this.chunks) {
      out.set(c, at);
      at += c.length;
    }
    return out;
  }
}
