/**
 * Owns viewers in pages that are files: what `save` and `dstruct-lite run --html` write, and notebooks turned into HTML. The page
 * holds everything; nothing is fetched.
 */

import { parseStatus, TraceLog } from "./log";
import { ENGLISH, type Language, parseLanguage } from "./messages";
import { mount, mountPair } from "./mount";

const RUN = "application/vnd.dstruct-lite.run+json";
const STATE = "application/vnd.jupyter.widget-state+json";
const VIEW = "application/vnd.jupyter.widget-view+json";

/** One run as a page holds it. */
interface Run {
  readonly status: unknown;
  readonly chunks: readonly Uint8Array[];
  readonly language: Language;
  readonly step: number;
}

function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function logOf({ status, chunks }: Pick<Run, "status" | "chunks">): TraceLog {
  const log = new TraceLog();
  if (chunks.length === 1) log.appendFile(chunks[0] as Uint8Array);
  else log.append(0, chunks);
  log.status.value = parseStatus(status);
  return log;
}

function jsonIn(script: Element): unknown {
  try {
    return JSON.parse(script.textContent ?? "");
  } catch {
    return null;
  }
}

/** Runs that stand in the page by themselves: each is shown in the element before its script. */
function showRuns(): void {
  for (const script of document.querySelectorAll(`script[type="${RUN}"]`)) {
    const run = jsonIn(script) as { status?: unknown; trace?: unknown; language?: unknown; step?: unknown };
    const place = script.previousElementSibling;
    if (!(place instanceof HTMLElement) || typeof run?.trace !== "string") continue;
    const language = parseLanguage(run.language) ?? ENGLISH;
    const initialStep = Math.max(0, Number(run.step ?? 0));
    mount(place, logOf({ status: run.status, chunks: [bytesOf(run.trace)] }), { language, initialStep });
  }
}

interface SavedModel {
  readonly state?: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly { readonly path: readonly unknown[]; readonly data: string }[];
}

type Models = Readonly<Record<string, SavedModel>>;

/** The model that a trait of another names. */
const named = (trait: unknown) => String(trait).replace(/^IPY_MODEL_/, "");

function savedRun(models: Models, id: string): Run | null {
  const { state, buffers = [] } = Object.hasOwn(models, id) ? (models[id] as SavedModel) : {};
  if (state?._anywidget_id !== "dstruct_lite.widget.Visualizer") return null;
  const engine = models[named(state._engine)];
  const chunks = buffers
    .filter(({ path }) => path[0] === "_saved")
    .sort((a, b) => Number(a.path[1]) - Number(b.path[1]))
    .map(({ data }) => bytesOf(data));
  return {
    status: state._status,
    chunks,
    language: parseLanguage(engine?.state?._language) ?? ENGLISH,
    step: Number(state.step ?? 0),
  };
}

/** The runs of a widget of ours: one, or the two of a comparison; none for any other widget. */
function savedRuns(models: Models, id: string): readonly Run[] {
  const run = savedRun(models, id);
  if (run) return [run];
  const state = Object.hasOwn(models, id) ? models[id]?.state : undefined;
  const [left, right] = [state?.left, state?.right].map((side) => savedRun(models, named(side)));
  return left && right ? [{ ...left, step: Number(state?.step ?? 0) }, right] : [];
}

/** Our widgets in a notebook's HTML: a script with all models, and one where each is to be seen. */
function showWidgets(): void {
  const script = document.querySelector(`script[type="${STATE}"]`);
  const saved = script && (jsonIn(script) as { state?: Models } | null);
  if (!saved?.state) return;
  for (const view of document.querySelectorAll(`script[type="${VIEW}"]`)) {
    const { model_id } = (jsonIn(view) ?? {}) as { model_id?: unknown };
    const [run, other] = typeof model_id === "string" ? savedRuns(saved.state, model_id) : [];
    if (!run) continue;
    const place = document.createElement("div");
    view.replaceWith(place);
    const host = { language: run.language, initialStep: Math.max(0, run.step) };
    if (other) mountPair(place, [logOf(run), logOf(other)], host);
    else mount(place, logOf(run), host);
  }
}

function start(): void {
  showRuns();
  showWidgets();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
