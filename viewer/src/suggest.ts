/** Owns which questions are worth asking at a step, and how they read: about what was clicked, touched, bound and run. */

import { formatObject, formatValue } from "./format";
import { elementAt, isSequence } from "./heap";
import type { Translate } from "./messages";
import { shortName } from "./narrate";
import { type Question, type Subject, valueIn } from "./questions";
import { isRef, NOTHING, refId, refTo, type Value } from "./values";
import type { Picture } from "./views/context";

/** One question on offer. */
export interface Offer {
  readonly text: string;
  readonly question: Question;
  /** What the question is called once it is asked. */
  readonly label: string;
  /** Where asking it leads. */
  readonly go: "first" | "next" | undefined;
  /** Whether playing shall pause at its answers. */
  readonly pauses: boolean;
}

/** What one can ask about one thing. */
export interface Topic {
  readonly title: string;
  readonly offers: readonly Offer[];
}

/** Topics offered for a step at most. */
const MAX_TOPICS = 6;
/** Elements of an object looked through for one that has no name of its own. */
const MAX_SEARCHED = 200;

/** The place that a part of the picture is about, from what the part says (see `about` in views/parts.tsx). */
export function subjectOf(object: number, place: string | undefined, { snapshot }: Picture): Subject | null {
  const held = snapshot.state.lookup(object);
  if (!held) return null;
  if (place === undefined) return { kind: "object", object };
  if (isSequence(held)) return { kind: "element", object, position: Number(place) };
  if (held.kind === "object") return { kind: "attribute", object, name: place };
  const entry = held.entries.get(place);
  return entry ? { kind: "entry", object, key: entry[0] } : { kind: "object", object };
}

/** What can be asked about a subject, or where none is given about the step. */
export function topicsFor(subject: Subject | null, picture: Picture, t: Translate): Topic[] {
  if (subject) return [topicOf(subject, picture, t), ...around(subject, picture, t)];
  const { state } = picture.snapshot;
  const topics: Topic[] = [];
  for (const [object, { reads, writes }] of picture.touched.objects) {
    for (const place of [...writes, ...reads]) {
      const touched = subjectOf(object, place, picture);
      if (touched && topics.length < 3) topics.push(topicOf(touched, picture, t));
    }
  }
  const top = state.stack[state.stack.length - 1];
  if (!top) return topics;
  const bound = picture.touched.variables.get(top.id);
  const names = [...top.vars].filter(([, value]) => value !== NOTHING).map(([name]) => name);
  names.sort((a, b) => Number(bound?.has(b) ?? false) - Number(bound?.has(a) ?? false));
  for (const name of names.slice(0, 3))
    topics.push(topicOf({ kind: "variable", unit: top.unit, name }, picture, t));
  return [...lineAndCalls(top.unit, top.line, picture, t), ...topics].slice(0, MAX_TOPICS);
}

function lineAndCalls(unit: number, line: number, { tables }: Picture, t: Translate): Topic[] {
  const { source, kind, name } = tables.units[unit] ?? { source: -1, kind: "module", name: "" };
  const topics: Topic[] = [];
  if (source >= 0 && line > 0) {
    const question: Question = { ask: "line", source, line };
    const label = t("question.line", { line: String(line) });
    topics.push({
      title: t("stack.line", { line: String(line) }),
      offers: [
        { text: t("ask.runs"), question, label, go: "next", pauses: false },
        { text: t("ask.pause.line"), question, label, go: undefined, pauses: true },
      ],
    });
  }
  if (kind === "function" || kind === "lambda") {
    const question: Question = { ask: "calls", unit };
    const label = t("question.calls", { name: shortName(name) });
    const offer: Offer = { text: t("ask.calls"), question, label, go: "next", pauses: false };
    topics.push({ title: `${shortName(name)}()`, offers: [offer] });
  }
  return topics;
}

/** Wider questions about the thing that a place belongs to. */
function around(subject: Subject, picture: Picture, t: Translate): Topic[] {
  if (subject.kind === "object") return [];
  if (subject.kind !== "variable") return [topicOf({ kind: "object", object: subject.object }, picture, t)];
  const value = valueIn(subject, picture.snapshot.state);
  if (value === null || !isRef(value)) return [];
  return [topicOf({ kind: "object", object: refId(value) }, picture, t, t("ask.contents"))];
}

function topicOf(subject: Subject, picture: Picture, t: Translate, title?: string): Topic {
  const name = nameOf(subject, picture);
  const value = valueIn(subject, picture.snapshot.state);
  const changes: Question = { ask: "changes", subject };
  const label = t("question.changes", { name });
  const offers: Offer[] = [{ text: t("ask.changes"), question: changes, label, go: "next", pauses: false }];
  if (value !== null && subject.kind !== "object") {
    const shown = formatValue(value, picture.snapshot.state.lookup, 14);
    offers.push({
      text: t("ask.became", { value: shown }),
      question: { ask: "value", subject, value },
      label: t("question.value", { name, value: shown }),
      go: "first",
      pauses: false,
    });
  }
  offers.push({ text: t("ask.pause.change"), question: changes, label, go: undefined, pauses: true });
  return { title: title ?? name, offers };
}

/** A subject as the program would write it. */
export function nameOf(subject: Subject, picture: Picture): string {
  const { lookup } = picture.snapshot.state;
  switch (subject.kind) {
    case "variable":
      return subject.name;
    case "element":
      return `${objectName(subject.object, picture)}[${subject.position}]`;
    case "entry":
      return `${objectName(subject.object, picture)}[${formatValue(subject.key, lookup, 16)}]`;
    case "attribute":
      return `${objectName(subject.object, picture)}.${subject.name}`;
    default:
      return objectName(subject.object, picture);
  }
}

/** What an object is called: by a variable, else by its place in something that has a name, else by what it is. */
function objectName(id: number, { labels, snapshot }: Picture): string {
  const label = labels.get(id)?.[0];
  if (label) return label.name;
  const { lookup } = snapshot.state;
  const self: Value = refTo(id);
  for (const [holder, [name]] of labels) {
    const object = lookup(holder);
    if (!object || !name) continue;
    for (let i = 0; isSequence(object) && i < Math.min(object.length, MAX_SEARCHED); i++)
      if (elementAt(object, i) === self) return `${name.name}[${i}]`;
    for (const [key, value] of object.entries.values()) {
      if (value !== self || typeof key === "number" || object.kind !== "object") continue;
      return `${name.name}.${key.text}`;
    }
  }
  const object = lookup(id);
  return object ? formatObject(object, lookup, 20) : "?";
}
