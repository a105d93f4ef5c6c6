/**
 * Owns every text a person reads, and how it is filled in. English is part of the bundle; each other language is one file in
 * `viewer/locales/` with the same keys, which Python (or the page that holds an export) hands over when it is wanted. A test
 * fails for a key or a placeholder that one of them lacks: who adds a text here adds it there.
 *
 * Placeholders stand in braces. A number is written as the language writes numbers; what must stand as it is (a line
 * number, a number of the learner's) is given as text. A text about `{count}` things may have a form `.one` beside it.
 */

import { visible } from "./visible";

export const en = {
  "viewer.label": "Program run, step by step",
  "viewer.first": "First step",
  "viewer.previous": "Previous step",
  "viewer.play": "Play",
  "viewer.pause": "Pause",
  "viewer.next": "Next step",
  "viewer.last": "Last step",
  "viewer.slider": "Step",
  "viewer.step": "Step {step} of {steps}",
  "viewer.speed": "Speed",
  "viewer.speed.value": "{count} steps/s",
  "viewer.speed.value.one": "{count} step/s",
  "viewer.granularity": "Step by",
  "granularity.operation": "operation",
  "granularity.line": "line",
  "granularity.call": "call",
  "panel.code": "Code",
  "panel.structures": "Data",
  "panel.stack": "Call stack",
  "panel.output": "Output",
  "code.none": "The source of this step is not in the recording.",
  "code.current": "current line",
  "code.next": "runs next",
  "structures.none": "Nothing to draw at this step yet.",
  "structures.more": "and {count} more",
  "structures.legend.read": "read",
  "structures.legend.write": "written",
  "stack.none": "No call is active.",
  "stack.main": "main",
  "stack.line": "line {line}",
  "stack.finished": "finished",
  "stack.suspended": "paused",
  "stack.changed": "changed",
  "stack.hidden": "{count} calls between",
  "stack.hidden.one": "{count} call between",
  "stack.definitions": "defined: {names}",
  "output.none": "Nothing printed yet.",
  "output.cut": "Earlier output is not shown.",
  "start.hint": "Before the first line. Press Next or Play.",
  "wait.chunks": "Waiting for the first steps.",
  "array.before": "{count} before",
  "array.after": "{count} after",
  "array.empty": "empty",
  "matrix.above": "{count} rows above",
  "matrix.above.one": "{count} row above",
  "matrix.below": "{count} rows below",
  "matrix.below.one": "{count} row below",
  "matrix.right": "{count} columns to the right",
  "matrix.right.one": "{count} column to the right",
  "stack.top": "top",
  "stack.above": "{count} above",
  "stack.below": "{count} below",
  "queue.front": "front",
  "queue.back": "back",
  "hash.load": "{used} of {slots} slots used, if nothing was ever removed.",
  "hash.moved": "from {slot}",
  "hash.stand-in":
    "Only whole numbers are in Python's own slots: it salts the hashes of text anew in each run.",
  "view.choose": "Draw as",
  "view.array": "array",
  "view.string": "text",
  "view.matrix": "grid",
  "view.stack": "stack",
  "view.queue": "queue",
  "view.heap": "heap",
  "view.union-find": "sets as trees",
  "view.rows": "rows",
  "view.dict": "table",
  "view.hash-table": "hash table",
  "view.set": "set",
  "view.linked-list": "linked list",
  "view.tree": "tree",
  "view.trie": "trie",
  "view.graph": "graph",
  "view.boxes": "boxes and arrows",
  "table.before": "{count} entries before",
  "table.before.one": "{count} entry before",
  "table.more": "{count} more entries",
  "table.more.one": "{count} more entry",
  "linked.more": "{count} more objects are not drawn",
  "linked.more.one": "{count} more object is not drawn",
  problem: "The recording cannot be read any further: {message}.",
  "run.running": "Running",
  "run.stop": "Stop",
  "run.stopping": "Stopping…",
  "run.stop.nobody": "Press the Interrupt button of your notebook.",
  "progress.steps": "{count} steps",
  "progress.steps.one": "{count} step",
  "progress.steps.of": "{count} of {limit} steps",
  "progress.seconds": "{seconds} s",
  "progress.seconds.of": "{seconds} of {limit} s",
  "progress.size": "{size} MB",
  "progress.size.of": "{size} of {limit} MB",
  "progress.quiet": "no new step for {seconds} s",
  "run.ok": "Finished",
  "run.error": "Ends with {name}",
  "run.timeout": "Stopped at the time limit",
  "run.timeout.seconds": "Stopped at the time limit of {seconds} s",
  "run.step-limit": "Stopped at the step limit",
  "run.log-limit": "Stopped: the recording is full",
  "run.output-limit": "Stopped: too much output",
  "run.memory-limit": "Stopped at the memory limit",
  "run.depth-limit": "Stopped: calls nested too deeply",
  "run.interrupted": "Stopped by you",
  "run.killed": "Restarted; everything recorded until then is here",
  "run.other": "Stopped: {reason}",
  "say.line": "reaches line {line}",
  "say.start": "starts",
  "say.end": "the program ends",
  "say.call": "calls {call}",
  "say.class": "makes class {name}",
  "say.return": "{name} returns {value}",
  "say.unwind": "{error} leaves {name}",
  "say.unwind.end": "{error} ends the program",
  "say.raise": "raises {error}",
  "say.yield": "yields {value}",
  "say.resume": "goes on in {name}",
  "say.bind": "binds {names}",
  "say.unbind": "removes {names}",
  "say.read": "reads {target} = {value}",
  "say.read.only": "reads {target}",
  "say.write": "writes {target} = {value}",
  "say.write.was": "writes {target} = {value} (was {old})",
  "say.delete": "deletes {target}",
  "say.delete.was": "deletes {target} (was {old})",
  "say.contains.yes": "finds {key} in {container}",
  "say.contains.no": "does not find {key} in {container}",
  "say.iterate": "takes {value} from {container}",
  "say.compare": "compares {first} with {second}",
  "say.swap": "swaps {first} and {second}",
  "say.method": "calls {name} on {container}",
  "say.insert": "adds {value} at {target}",
  "say.add": "adds {value} to {container}",
  "say.remove": "removes {target}",
  "say.remove.was": "removes {old} from {target}",
  "say.fill": "changes {container} to {value}",
  "say.output": "prints {text}",
  "say.late": "(changed earlier)",
  "say.more": "and {count} more",
  "key.play": "Play or pause",
  "key.over": "Step over: to the next line of this call",
  "key.overBack": "Step over, backwards",
  "key.into": "Step into: to the next line, wherever it is",
  "key.intoBack": "Step into, backwards",
  "key.out": "Step out: to the end of this call",
  "key.outBack": "Step out, backwards: to before this call",
  "key.granularity": "Step by operation, line or call",
  "key.faster": "Play faster",
  "key.slower": "Play slower",
  "key.ask": "Ask about this step",
  "key.nextHit": "Next answer",
  "key.previousHit": "Previous answer",
  "key.breakpoint": "Pause at this line, or no longer",
  "key.run": "Run to the next pause",
  "key.runBack": "Run back to the pause before",
  "key.calls": "Show all calls, or the call stack",
  "help.title": "Keyboard",
  "key.help": "Show all keys",
  "key.close": "Close",
  "overview.title": "Orange: writes. Blue: calls. Grey: output. Red: exceptions.",
  "output.go": "Go to the step that printed this",
  "ask.search": "Search values and output",
  "ask.changes": "Every change",
  "ask.became": "When it became {value}",
  "ask.pause.change": "Pause when it changes",
  "ask.pause.line": "Pause here",
  "ask.contents": "its contents",
  "ask.runs": "Each time it runs",
  "ask.calls": "Every call",
  "question.changes": "{name} changes",
  "question.value": "{name} becomes {value}",
  "question.line": "line {line} runs",
  "question.calls": "calls of {name}",
  "question.errors": "Every exception",
  "question.text": "“{text}”",
  "trail.label": "Questions asked",
  "trail.searching": "Searching … Stop",
  "trail.pause": "Pause at: {question}",
  "trail.drop": "Forget: {question}",
  "calls.title": "All calls",
  "calls.fold": "Hide its calls",
  "calls.unfold": "Show its calls",
  "crossing.label": "The way of the exception",
  "crossing.raised": "raised in {name}, line {line}",
  "crossing.left": "leaves {name}, line {line}",
  "crossing.caught": "caught in {name}, line {line}",
  "pair.label": "Two runs side by side",
} as const;

export type MessageKey = keyof typeof en;
export type Catalogue = Readonly<Record<MessageKey, string>>;

/** A language a viewer speaks: its BCP 47 tag, and its texts as far as they are there. */
export interface Language {
  readonly tag: string;
  readonly texts: Partial<Catalogue>;
}

export const ENGLISH: Language = { tag: "en", texts: en };

/** Gives texts of one language. */
export interface Translate {
  (key: MessageKey, values?: Readonly<Record<string, string | number>>): string;
  readonly tag: string;
  /** The way its lines run. What comes from the program is always shown from left to right. */
  readonly direction: "ltr" | "rtl";
  /** A number as the language writes it. */
  readonly number: (n: number) => string;
}

/** Letters of scripts that run from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const RIGHT_TO_LEFT_LANGUAGES = new Set(["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"]);

/** A value inside a sentence: one in another script must not turn the words around it. */
function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${visible(text)}\u2069` : text;
}

/** A tag that `Intl` takes; English for what is none. */
function checkedTag(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "en";
  } catch {
    return "en";
  }
}

/** A translator into a language; texts it lacks are taken from the English one. */
export function translator({ tag: wanted, texts }: Language = ENGLISH): Translate {
  const tag = checkedTag(wanted);
  const numbers = new Intl.NumberFormat(tag);
  const plurals = new Intl.PluralRules(tag);
  const own = (key: string) => (Object.hasOwn(texts, key) ? texts[key as MessageKey] : undefined);
  const textOf = (key: MessageKey, count: string | number | undefined): string => {
    if (typeof count === "number" && plurals.select(count) === "one") {
      const one = own(`${key}.one`) ?? (own(key) ? undefined : en[`${key}.one` as MessageKey]);
      if (one) return one;
    }
    return own(key) ?? en[key];
  };
  const translate = (key: MessageKey, values: Readonly<Record<string, string | number>> = {}) =>
    textOf(key, values.count).replace(/\{(\w+)\}/g, (whole, name: string) => {
      if (!Object.hasOwn(values, name)) return whole;
      const value = values[name] as string | number;
      return typeof value === "number" ? numbers.format(value) : isolated(value);
    });
  return Object.assign(translate, {
    tag,
    direction: RIGHT_TO_LEFT_LANGUAGES.has(tag.split("-")[0] as string) ? ("rtl" as const) : ("ltr" as const),
    number: (n: number) => numbers.format(n),
  });
}

/** A language from outside; null for what is none. Texts that are no texts, or unknown, are left out. */
export function parseLanguage(value: unknown): Language | null {
  if (typeof value !== "object" || value === null) return null;
  const { tag, texts } = value as { tag?: unknown; texts?: unknown };
  if (typeof tag !== "string" || typeof texts !== "object" || texts === null) return null;
  const known = Object.entries(texts).filter(
    ([key, text]) => typeof text === "string" && Object.hasOwn(en, key.replace(/\.one$/, "")),
  );
  return { tag, texts: Object.fromEntries(known) as Partial<Catalogue> };
}
