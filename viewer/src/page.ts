/**
 * Owns viewers in pages that are files: what `save` and `dstruct-lite run --html` write, and notebooks turned into HTML. The page
 * holds everything; nothing is fetched.
 */

import { parseStatus, TraceLog } from "./log";
import { ENGLISH, type Language, parseLanguage } from "./messages";
import { type Mounted, mount } from "./mount";

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

function show(place: HTMLElement, { status, chunks, language, step }: Run): Mounted {
  const log = new TraceLog();
  if (chunks.length === 1) log.appendFile(chunks[0] as Uint8Array);
  else log.append(0, chunks);
  log.status.value = parseStatus(status);
  return mount(place, log, { language, initialStep: Math.max(0, step) });
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
    show(place, { status: run.status, chunks: [bytesOf(run.trace)], language, step: Number(run.step ?? 0) });
  }
}

interface SavedModel {
  readonly state?: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly { readonly path: readonly unknown[]; readonly data: string }[];
}

function savedRun(models: Readonly<Record<string, SavedModel>>, id: string): Run | null {
  const { state, buffers = [] } = models[id] ?? {};
  if (state?._anywidget_id !== "dstruct_lite.widget.Visualizer") return null;
  const engine = models[String(state._engine).replace(/^IPY_MODEL_/, "")];
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

/** Our widgets in a notebook's HTML: a script with all models, and one where each is to be seen. */
function showWidgets(): void {
  const script = document.querySelector(`script[type="${STATE}"]`);
  const saved = script && (jsonIn(script) as { state?: Readonly<Record<string, SavedModel>> } | null);
  if (!saved?.state) return;
  for (const view of document.querySelectorAll(`script[type="${VIEW}"]`)) {
    const { model_id } = (jsonIn(view) ?? {}) as { model_id?: unknown };
    const run = typeof model_id === "string" ? savedRun(saved.state, model_id) : null;
    if (!run) continue;
    const place = document.createElement("div");
    view.replaceWith(place);
    show(place, run);
  }
}

function start(): void {
  showRuns();
  showWidgets();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
