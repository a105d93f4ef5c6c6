/** Owns control codes: the codes of a path that are no blocks, what each takes from its columns and does. */

import type { Machine, Tell } from "./machine";
import { boundOutside, nowhere } from "./sites";
import { ANNOTATIONS, EVENTS, type EventName, type Site } from "./tables";
import { isSmallInt, type Value } from "./values";
import { TraceError } from "./wire";

export interface Control {
  readonly event: EventName | "nop" | "split" | "abort" | "vanish" | "align";
  readonly stops: boolean;
  /** One letter for each operand; s is a site. */
  readonly operands: readonly string[];
  siteOf(machine: Machine, operands: readonly Value[]): Site;
  tell(machine: Machine, tell: Tell, site: Site, operands: readonly Value[]): void;
  act(machine: Machine, site: Site, operands: readonly Value[]): void;
}

type Act = (machine: Machine, operands: readonly Value[], site: Site) => void;

function integer(value: Value | undefined): number {
  if (value === undefined || !isSmallInt(value))
    throw new TraceError("a chunk has a value where a number belongs");
  return value >> 2;
}

function siteAt(machine: Machine, event: string, operand: Value | undefined): Site {
  const site = machine.tables.sites[integer(operand)];
  if (site === undefined || site.event !== event)
    throw new TraceError("a chunk names a site that does not exist");
  return site;
}

function nameAt(machine: Machine, operand: Value | undefined): string {
  const name = machine.tables.names[integer(operand)];
  if (name === undefined) throw new TraceError("a chunk refers to a name that does not exist");
  return name;
}

/** An event as a control code. `letters` are its operands as in docs/trace-format.md, s for a site. */
function event(
  name: EventName,
  letters: string,
  act: Act,
  told: (machine: Machine, operands: readonly Value[]) => [readonly Value[], string] = (_, operands) => [
    letters.startsWith("s") ? operands.slice(1) : operands,
    "",
  ],
): Control {
  const somewhere = nowhere(name);
  const hasSite = letters.startsWith("s");
  return {
    event: name,
    stops: EVENTS[name].stop,
    operands: [...letters],
    siteOf: (machine, operands) => (hasSite ? siteAt(machine, name, operands[0]) : somewhere),
    tell: (machine, tell, site, operands) => {
      const [values, called] = told(machine, operands);
      tell(machine, site, values, called);
    },
    act: (machine, site, operands) => act(machine, operands, site),
  };
}

/** A code that is no event. */
function mark(name: Control["event"], letters: string, act: Act): Control {
  const site = nowhere("late");
  return {
    event: name,
    stops: false,
    operands: [...letters],
    siteOf: () => site,
    tell: () => undefined,
    act: (machine, _, operands) => act(machine, operands, site),
  };
}

const nothing: Act = () => undefined;

/** Control codes by number. */
export const CONTROLS: readonly Control[] = [
  mark("nop", "", nothing),
  mark("split", "i", nothing),
  mark("abort", "i", nothing),
  event("put", "ckv", ({ memory }, [c, k, v]) => memory.put(c as Value, k as Value, v as Value)),
  event("insert", "civ", ({ memory }, [c, i, v]) => memory.insert(c as Value, i as Value, v as Value)),
  event("remove", "ck", ({ memory }, [c, k]) => memory.remove(c as Value, k as Value)),
  event("add", "cv", ({ memory }, [c, v]) => memory.add(c as Value, v as Value)),
  event("fill", "c", ({ memory }, [c]) => memory.fill(c as Value)),
  event("output", "", (machine) => machine.print()),
  event("late", "c", nothing),
  event("raise", "sv", nothing),
  event("unwind", "sv", ({ calls }) => calls.leave()),
  mark("vanish", "", ({ calls }) => calls.vanish()),
  event("resume", "stv", ({ calls }, [, token], site) => calls.resume(integer(token), site)),
  mark("align", "t", ({ calls }, [token]) => {
    calls.align(integer(token));
  }),
  event(
    "call",
    "scnv",
    (machine, [, , name]) => {
      nameAt(machine, name);
    },
    (machine, [, c, name, v]) => [[c as Value, v as Value], nameAt(machine, name)],
  ),
  event("leave", "sv", ({ calls }) => calls.leave()),
  {
    ...event("bind", "nv", ({ calls }, [, value], site) => calls.bind(site, [value as Value])),
    siteOf: (machine, [name]) => boundOutside(integer(name), nameAt(machine, name)),
    tell: (machine, tell, site, [, value]) => tell(machine, site, [value as Value], ""),
  },
  event(
    "annotate",
    "kvkv",
    (machine, [kind, subject, key, data]) =>
      machine.annotate(integer(kind), subject as Value, key as Value, data as Value),
    (_, [kind, ...operands]) => [operands, ANNOTATIONS[integer(kind)] ?? ""],
  ),
  event("yield", "sv", ({ calls }) => calls.suspend()),
];
