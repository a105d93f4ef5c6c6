/**
 * Owns what blocks do: each block of the tables becomes closures, once. A step's effect changes the machine; what it tells
 * (its site and operands) is worked out only where somebody listens, so most events cost a replay nothing.
 */

import { type Block, FIRST_BLOCK_COLUMN, type Step } from "./blocks";
import type { Machine } from "./machine";
import { type Read, readOf, type SlotOf } from "./sources";
import { ANNOTATIONS, EVENTS, type EventName, type Site, type Tables } from "./tables";
import { asIndex, NOTHING, smallInt, type Value } from "./values";
import { TraceError } from "./wire";

export type Effect = (machine: Machine) => void;

/** What a step tells. */
export interface Telling {
  readonly site: Site;
  readonly operands: (machine: Machine) => Value[];
  /** The called name, where it does not come with the site. */
  readonly called: (machine: Machine) => string;
}

/** A block ready to run. */
export interface Code {
  readonly id: number;
  readonly unit: number;
  readonly length: number;
  readonly entry: number;
  /** One for each step; null where the step changes nothing. */
  readonly effects: readonly (Effect | null)[];
  /** The effects there are, for running the whole block at once. */
  readonly all: readonly Effect[];
  /** Stops before each step, and in the whole block. */
  readonly stops: Int32Array;
  /** Site ids of its stops. */
  readonly sites: Int32Array;
  /** Whether only the last step may change which frame is on top. */
  readonly straight: boolean;
  readonly tellings: () => readonly (Telling | null)[];
  /** The site of each step that is an event. */
  readonly events: readonly (Site | null)[];
  /** Steps whose events an observer is interested in, always the same ones. */
  readonly notable: (test: (site: Site) => boolean) => readonly number[];
  /** For each step that touches a container: tells the machine's observer which. */
  readonly touches: () => readonly (Effect | null)[];
  /** As `all`, with those in between. */
  readonly watched: () => readonly Effect[];
}

/** Events that say how the container they are about is used. */
const TOUCHING: ReadonlySet<EventName> = new Set<EventName>([
  "get",
  "set",
  "del",
  "contains",
  "iter",
  "call",
]);

/** Whether the event of a site says how its container is used. */
export function isTouching({ event }: Site): boolean {
  return TOUCHING.has(event);
}

/** Events after which another frame is on top. */
const FLOW: ReadonlySet<string> = new Set(["enter", "leave", "unwind", "yield", "resume"]);

/** The blocks of one trace, compiled when first run. */
export class Program {
  private readonly codes: (Code | undefined)[] = [];
  /** Where in a machine's columns the column of each number is. */
  private readonly slots = new Map<number, number>();

  constructor(readonly tables: Tables) {}

  /** A block's code. Throws TraceError where there is no such block. */
  code(id: number): Code {
    const known = this.codes[id];
    if (known !== undefined) return known;
    const block = this.tables.blocks[id];
    if (block === undefined) throw new TraceError("a chunk enters a block that does not exist");
    const code = compile(id, block, (column) => this.slotOf(column));
    this.codes[id] = code;
    return code;
  }

  /** The place of a column; those of control codes come first. */
  slotOf(column: number): number {
    if (column < CONTROL_COLUMNS) return column;
    let slot = this.slots.get(column);
    if (slot === undefined) {
      slot = CONTROL_COLUMNS + this.slots.size;
      this.slots.set(column, slot);
    }
    return slot;
  }
}

const CONTROL_COLUMNS = FIRST_BLOCK_COLUMN;

function compile(id: number, block: Block, slotOf: SlotOf): Code {
  const { steps } = block;
  const stops = new Int32Array(steps.length + 1);
  const sites: number[] = [];
  let temporaries = 0;
  const effects = steps.map((step, i) => {
    const site = step.does === "event" || step.does === "next" ? step.site : null;
    if (site !== null && EVENTS[site.event].stop) sites.push(site.id);
    stops[i + 1] = sites.length;
    return step.does === "read" ? readInto(temporaries++, slotOf(step.column)) : effectOf(step, slotOf);
  });
  const events = steps.map((step) => (step.does === "event" || step.does === "next" ? step.site : null));
  let tellings: (Telling | null)[] | null = null;
  let notable: number[] | null = null;
  let touches: (Effect | null)[] | null = null;
  let watched: Effect[] | null = null;
  const makeTouches = () => {
    touches ??= steps.map((step) => touchOf(step, slotOf));
    return touches;
  };
  const isFlow = (step: Step) => step.does === "event" && FLOW.has(step.site.event);
  return {
    id,
    unit: block.unit,
    length: steps.length,
    entry: block.entry,
    effects,
    all: effects.filter((effect) => effect !== null),
    stops,
    sites: Int32Array.from(sites),
    straight: !steps.slice(0, -1).some(isFlow) && !isEnter(steps.at(-1)),
    tellings: () => {
      tellings ??= steps.map((step) => tellingOf(step, slotOf));
      return tellings;
    },
    events,
    notable: (test) => {
      notable ??= events.flatMap((site, i) => (site && test(site) ? [i] : []));
      return notable;
    },
    touches: makeTouches,
    watched: () => {
      watched ??= effects.flatMap((effect, i) =>
        [makeTouches()[i] ?? null, effect].filter((each) => each !== null),
      );
      return watched;
    },
  };
}

function isEnter(step: Step | undefined): boolean {
  return step?.does === "event" && step.site.event === "enter";
}

function readInto(temporary: number, slot: number): Effect {
  return (m) => {
    m.temporaries[temporary] = m.take(slot);
  };
}

function effectOf(step: Exclude<Step, { does: "read" }>, slotOf: SlotOf): Effect | null {
  switch (step.does) {
    case "begin": {
      const { loop } = step;
      const read = readOf(step.source, slotOf);
      return (m) => {
        const value = read(m);
        m.calls.top.loops ??= new Map();
        m.calls.top.loops.set(loop, { value, position: -1 });
      };
    }
    case "count": {
      const { loop } = step;
      return (m) => {
        const mine = m.calls.top.loops?.get(loop);
        if (mine !== undefined) mine.position++;
      };
    }
    case "next": {
      const { loop } = step;
      return (m) => {
        const mine = m.calls.top.loops?.get(loop);
        if (mine !== undefined) mine.position++;
        else m.calls.advanceBelow(loop);
      };
    }
    case "event":
      return eventEffect(
        step.site,
        step.sources.map((source) => readOf(source, slotOf)),
      );
  }
}

/** What an event of a block does; null where it only tells. */
function eventEffect(site: Site, reads: readonly Read[]): Effect | null {
  const [first, second, third] = reads as [Read, Read, Read];
  switch (site.event) {
    case "line": {
      const { line } = site;
      return (m) => {
        m.calls.top.line = line;
      };
    }
    case "enter":
      return enterEffect(site, reads);
    case "bind":
      return bindEffect(site, reads);
    case "unbind":
      return (m) => m.calls.unbind(site);
    case "leave":
    case "unwind":
      return (m) => m.calls.leave();
    case "yield":
      return (m) => m.calls.suspend();
    case "resume":
      return (m) => m.calls.resume(asIndex(first(m)) ?? 0, site);
    case "output":
      return (m) => m.print();
    case "annotate":
      return (m) => m.annotate(site.annotation, first(m), second(m), third(m));
    default:
      return changeEffect(site, first, second, third);
  }
}

/** What an event of a block changes in a container. */
function changeEffect({ event, name }: Site, first: Read, second: Read, third: Read): Effect | null {
  switch (event) {
    case "set":
      return (m) => m.memory.set(first(m), second(m), third(m));
    case "del":
      return (m) => m.memory.delete(first(m), second(m));
    case "setattr":
      return (m) => m.memory.setAttribute(first(m), name, second(m));
    case "delattr":
      return (m) => m.memory.deleteAttribute(first(m), name);
    case "put":
      return (m) => m.memory.put(first(m), second(m), third(m));
    case "insert":
      return (m) => m.memory.insert(first(m), second(m), third(m));
    case "remove":
      return (m) => m.memory.remove(first(m), second(m));
    case "add":
      return (m) => m.memory.add(first(m), second(m));
    case "default":
      return (m) => m.memory.putDefault(first(m), second(m), third(m));
    case "missing":
      return (m) => m.memory.missing(first(m), second(m), third(m));
    case "clear":
      return (m) => m.memory.clear(first(m));
    case "reverse":
      return (m) => m.memory.reverse(first(m));
    case "fill":
      return (m) => m.memory.fill(first(m));
    default:
      return null;
  }
}

function bindEffect(site: Site, reads: readonly Read[]): Effect {
  const [name, read] = [site.names[0] as string, reads[0] as Read];
  if (site.scope === "local" && reads.length === 1) {
    return (m) => {
      m.calls.top.vars.set(name, read(m));
    };
  }
  return (m) => {
    m.calls.bind(
      site,
      reads.map((each) => each(m)),
    );
  };
}

function enterEffect(site: Site, reads: readonly Read[]): Effect {
  const token = site.token ? reads[0] : undefined;
  const values = site.token ? reads.slice(1) : reads;
  return (m) => {
    const vars = new Map<string, Value>();
    for (let i = 0; i < values.length; i++) {
      const value = (values[i] as Read)(m);
      if (value !== NOTHING) vars.set(site.names[i] as string, value);
    }
    m.calls.enter(site, token === undefined ? 0 : (asIndex(token(m)) ?? 0), vars);
  };
}

/** Tells the observer which container a step touches; null where it touches none. */
function touchOf(step: Step, slotOf: SlotOf): Effect | null {
  if ((step.does !== "event" && step.does !== "next") || !isTouching(step.site)) return null;
  const { site } = step;
  if (step.does === "next") {
    const { loop } = step;
    return (m) => {
      const found = m.calls.loop(loop);
      if (found !== null) m.observer?.touches(site, found.value);
    };
  }
  const read = step.sources[0] === undefined ? null : readOf(step.sources[0], slotOf);
  return read && ((m) => m.observer?.touches(site, read(m)));
}

/** What a step tells; null where it is no event. */
function tellingOf(step: Step, slotOf: SlotOf): Telling | null {
  if (step.does === "read" || step.does === "begin" || step.does === "count") return null;
  const { site } = step;
  if (step.does === "next") {
    const { loop } = step;
    const operands = (m: Machine) => {
      const found = m.calls.loop(loop);
      return found === null
        ? [NOTHING, smallInt(-1)]
        : [found.value, smallInt(Math.max(found.position + 1, -1))];
    };
    return { site, operands, called: nobody };
  }
  const reads = step.sources.map((source) => readOf(source, slotOf));
  if (site.event === "call" && !site.name) {
    const [container, name, value] = reads as [Read, Read, Read];
    const called = (m: Machine) => m.tables.names[asIndex(name(m)) ?? -1] ?? "";
    return { site, operands: (m) => [container(m), value(m)], called };
  }
  const called = site.event === "annotate" ? String(ANNOTATIONS[site.annotation]) : site.name;
  return { site, operands: (m) => reads.map((read) => read(m)), called: () => called };
}

const nobody = () => "";
