/** Owns the step in words: one short clause per happening, in the order things happened. */

import { formatValue, shorten } from "./format";
import type { Translate } from "./messages";
import type { Happening } from "./replay";
import { labelsOf } from "./scope";
import type { Tables } from "./tables";
import type { Snapshot } from "./timeline";
import { isRef, keyOf, NONE, NOTHING, refId, type Value } from "./values";

export type Tone = "read" | "write" | "flow" | "error" | "plain";

export interface Clause {
  readonly tone: Tone;
  readonly text: string;
}

/** Clauses told in full; the rest is counted. */
const MAX_CLAUSES = 4;
const VALUE_TEXT = 28;
const ERROR_TEXT = 80;

interface Context {
  readonly snapshot: Snapshot;
  readonly tables: Tables;
  readonly t: Translate;
  readonly pieces: readonly string[];
}

/** The clauses of a snapshot; `pieces` are the texts printed at this step, in order. */
export function narrate(
  snapshot: Snapshot,
  tables: Tables,
  pieces: readonly string[],
  t: Translate,
): Clause[] {
  const context: Context = { snapshot, tables, t, pieces };
  const all = gather(withoutTold(snapshot.happenings));
  let printed = 0;
  const clauses: Clause[] = [];
  for (const happening of all) {
    const clause =
      happening.event === "output"
        ? say("plain", outputText(context, printed++))
        : clauseOf(happening, context);
    if (clause) clauses.push(clause);
  }
  const telling = clauses.length > 1 ? clauses.filter((clause) => clause.text !== lineText(all, t)) : clauses;
  if (telling.length <= MAX_CLAUSES) return telling;
  const rest = telling.length - MAX_CLAUSES;
  return [...telling.slice(0, MAX_CLAUSES), { tone: "plain", text: t("say.more", { count: rest }) }];
}

function say(tone: Tone, text: string): Clause {
  return { tone, text };
}

/** What a comparison or a swap says already: the reads of what is compared, the writes of what is swapped. */
function withoutTold(happenings: readonly Happening[]): readonly Happening[] {
  const told = new Set<Happening>();
  happenings.forEach((happening, at) => {
    const { event, other } = happening;
    if (other === null) return;
    for (const before of event === "swap" ? (["set", "get"] as const) : (["get"] as const)) {
      for (const place of [happening, other]) {
        const last = happenings.findLast(
          (candidate, i) =>
            i < at && candidate.event === before && !told.has(candidate) && isSame(candidate, place),
        );
        if (last) told.add(last);
      }
    }
  });
  return told.size === 0 ? happenings : happenings.filter((happening) => !told.has(happening));
}

type Spot = Pick<Happening, "container" | "position" | "key">;

function isSame(a: Spot, b: Spot): boolean {
  if (a.container !== b.container || a.container < 0 || a.key === null || b.key === null) return false;
  return a.position !== null || b.position !== null
    ? a.position === b.position
    : keyOf(a.key) === keyOf(b.key);
}

/** Neighbouring bindings become one, so that `i, j = 1, 2` reads as one thing. */
function gather(happenings: readonly Happening[]): Happening[] {
  const gathered: Happening[] = [];
  for (const happening of happenings) {
    const last = gathered[gathered.length - 1];
    if (happening.event === "bind" && last?.event === "bind") {
      gathered[gathered.length - 1] = { ...last, bindings: [...last.bindings, ...happening.bindings] };
    } else gathered.push(happening);
  }
  return gathered;
}

function lineText(happenings: readonly Happening[], t: Translate): string {
  const line = happenings.find((happening) => happening.event === "line");
  return line ? t("say.line", { line: String(line.site.line) }) : "";
}

function outputText({ pieces, t }: Context, at: number): string {
  return t("say.output", { text: shorten(JSON.stringify(pieces[at] ?? ""), VALUE_TEXT) });
}

function clauseOf(happening: Happening, context: Context): Clause | null {
  switch (happening.event) {
    case "line":
      return say("flow", context.t("say.line", { line: String(happening.site.line) }));
    case "get":
    case "getattr":
      return read(happening, context);
    case "set":
    case "setattr":
    case "put":
      return write(happening, context);
    case "bind":
    case "unbind":
      return bindings(happening, context);
    case "default":
    case "missing":
      return happening.adds ? write(happening, context) : null;
    case "compare":
    case "swap":
      return pair(happening, context);
    case "late":
      return say("plain", context.t("say.late"));
    default:
      return flow(happening, context) ?? containerClause(happening, context);
  }
}

function value(v: Value | null, { snapshot }: Context): string {
  return v === null ? "?" : formatValue(v, snapshot.state.lookup, VALUE_TEXT);
}

function read(happening: Happening, context: Context): Clause {
  const target = targetOf(happening, context);
  // The value may have been rebound since; what was read is what lay there before the event.
  if (happening.old === null) return say("read", context.t("say.read.only", { target }));
  return say("read", context.t("say.read", { target, value: value(happening.old, context) }));
}

function write(happening: Happening, context: Context): Clause {
  const values = { target: targetOf(happening, context), value: value(happening.value, context) };
  if (happening.old === null || happening.old === happening.value)
    return say("write", context.t("say.write", values));
  return say("write", context.t("say.write.was", { ...values, old: value(happening.old, context) }));
}

function pair(happening: Happening, context: Context): Clause | null {
  const { event, other, old, site } = happening;
  if (other === null) return null;
  // The source gives the first container's name; another container goes by its own.
  const second = {
    ...happening,
    ...other,
    site: other.container === happening.container ? site : { ...site, base: "" },
  };
  const [a, b] = [targetOf(happening, context), targetOf(second, context)];
  if (event === "swap") return say("write", context.t("say.swap", { first: a, second: b }));
  const known = (target: string, v: Value | null) =>
    v === null ? target : `${target} = ${value(v, context)}`;
  return say("read", context.t("say.compare", { first: known(a, old), second: known(b, other.value) }));
}

function bindings(happening: Happening, context: Context): Clause | null {
  if (happening.bindings.length === 0) return null;
  if (happening.event === "unbind") {
    return say(
      "write",
      context.t("say.unbind", { names: happening.bindings.map(({ name }) => name).join(", ") }),
    );
  }
  const names = happening.bindings.map(({ name, value: v }) => `${name} = ${value(v, context)}`).join(", ");
  return say("write", context.t("say.bind", { names: shorten(names, 80) }));
}

function flow(happening: Happening, context: Context): Clause | null {
  const { tables, t } = context;
  const name = shortName(tables.units[happening.unit]?.name ?? "?");
  const error = formatValue(happening.value ?? NONE, context.snapshot.state.lookup, ERROR_TEXT);
  switch (happening.event) {
    case "enter":
      return enter(happening, context);
    case "leave":
      if (tables.units[happening.unit]?.kind === "module") return say("flow", t("say.end"));
      if (tables.units[happening.unit]?.kind === "class") return say("flow", t("say.class", { name }));
      return say("flow", t("say.return", { name, value: value(happening.value ?? NONE, context) }));
    case "unwind":
      if (tables.units[happening.unit]?.kind === "module")
        return say("error", t("say.unwind.end", { error }));
      return say("error", t("say.unwind", { error, name }));
    case "raise":
      return say("error", t("say.raise", { error }));
    case "yield":
      return say("flow", t("say.yield", { value: error }));
    case "resume":
      return say(
        "flow",
        t("say.resume", { name: shortName(tables.units[happening.site.unit]?.name ?? "?") }),
      );
    default:
      return null;
  }
}

function enter(happening: Happening, context: Context): Clause {
  const { tables, t } = context;
  const unit = tables.units[happening.site.target];
  const name = shortName(unit?.name ?? "?");
  if (unit?.kind === "module") return say("flow", t("say.start"));
  if (unit?.kind === "class") return say("flow", t("say.class", { name }));
  const args = happening.bindings
    .filter(({ value: v }) => v !== NOTHING)
    .map(({ value: v }) => value(v, context))
    .join(", ");
  return say("flow", t("say.call", { call: shorten(`${name}(${args})`, 72) }));
}

function containerClause(happening: Happening, context: Context): Clause | null {
  const { t } = context;
  const container = containerOf(happening, context);
  const target = targetOf(happening, context);
  const v = value(happening.value, context);
  const old = happening.old === null ? null : value(happening.old, context);
  switch (happening.event) {
    case "del":
    case "delattr":
      return say("write", old ? t("say.delete.was", { target, old }) : t("say.delete", { target }));
    case "contains": {
      const key = value(happening.key, context);
      return say("read", t(happening.number ? "say.contains.yes" : "say.contains.no", { key, container }));
    }
    case "iter":
      return say("read", t("say.iterate", { value: old ?? "?", container }));
    case "call":
      return say("plain", t("say.method", { name: happening.called, container }));
    case "insert":
      return say("write", t("say.insert", { value: v, target }));
    case "add":
      return say("write", t("say.add", { value: v, container }));
    case "remove":
      if (old === null) return say("write", t("say.remove", { target }));
      return say("write", t("say.remove.was", { old, target }));
    case "clear":
    case "reverse":
    case "fill": {
      const contents = happening.subject === null ? "?" : value(happening.subject, context);
      return say("write", t("say.fill", { container, value: contents }));
    }
    default:
      return null;
  }
}

/** `numbers[2]`, `node.next`: the place an event is about. */
function targetOf(happening: Happening, context: Context): string {
  const container = containerOf(happening, context);
  const { key, site } = happening;
  if (key === null) return container;
  const object = happening.container < 0 ? undefined : context.snapshot.state.lookup(happening.container);
  if (site.name) return `${container}.${site.name}`;
  if (object?.kind === "object" && typeof key !== "number") return `${container}.${key.text}`;
  const shown = happening.position !== null ? String(happening.position) : value(key, context);
  return `${container}[${shown}]`;
}

/** What the container is called: as the source says it, else a variable that holds it, else its contents. */
function containerOf(happening: Happening, context: Context): string {
  if (happening.site.base) return happening.site.base;
  const { subject } = happening;
  if (subject === null) return "?";
  if (isRef(subject)) {
    const label = labelsOf(context.snapshot.state).get(refId(subject))?.[0];
    if (label) return label.name;
  }
  return formatValue(subject, context.snapshot.state.lookup, 16);
}

/** A qualified name without the function it is defined in. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf(">.") + (name.includes(">.") ? 2 : 1));
}
