/**
 * Owns one widget model's side of docs/wire.md: chunks and status in, the missing chunks asked for, a killed run
 * marked. A session belongs to the model and is shared by all its views.
 */

import { parseStatus, type RunStatus, TraceLog } from "./log";

/** The part of an anywidget model that is used here. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(message: unknown): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
}

/** The raw model that holds the viewer for all widgets of a kernel. */
export interface EngineModel {
  get(name: string): unknown;
  send(message: unknown): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
}

/** A message that came before the viewer did. */
export type Received = readonly [message: unknown, buffers: readonly unknown[] | undefined];

export interface Session {
  readonly log: TraceLog;
  /** Takes a message that came while nobody listened. */
  receive(message: unknown, buffers: readonly unknown[] | undefined): void;
  dispose(): void;
}

/** After a live run's end, how long chunks still under way may take before they are asked for again, in ms. */
const GRACE = 400;

/** Listens to a model and to the page; the log grows as messages come. A saved widget brings its own. */
export function openSession(model: Model): Session {
  const log = new TraceLog(parseStatus(model.get("_status")));
  const saved = model.get("_saved");
  if (Array.isArray(saved)) log.append(0, saved.map(bytesOf));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = -1;

  const askForMissing = () => {
    const have = log.chunks.length;
    const status = log.status.value;
    if (status.state !== "done" || status.stopReason === "killed" || log.problem.value) return;
    if (have >= status.chunks || asked === have) return;
    asked = have;
    model.send({ type: "sync", have });
  };

  const onStatus = (value: unknown) => {
    // The page knows better than a status that was sent before the kernel was ended.
    if (log.status.value.stopReason === "killed") return;
    log.status.value = parseStatus(value);
    clearTimeout(timer);
    if (log.status.value.state === "done") timer = setTimeout(askForMissing, GRACE);
  };

  const onMessage = (message: unknown, buffers: readonly unknown[] = []) => {
    if (typeof message !== "object" || message === null) return;
    const { type, index } = message as { type?: unknown; index?: unknown };
    if (type === "chunks" && Number.isSafeInteger(index) && (index as number) >= 0) {
      log.append(index as number, buffers.map(bytesOf));
    }
  };

  const onTrait = () => onStatus(model.get("_status"));

  const onKilled = (event: Event) => {
    const detail = (event as CustomEvent<{ run?: unknown; seconds?: unknown }>).detail;
    const status = log.status.value;
    if (!detail || detail.run !== status.run || status.state !== "running") return;
    const seconds = typeof detail.seconds === "number" ? detail.seconds : status.seconds;
    const killed: RunStatus = { ...status, state: "done", stopReason: "killed", seconds };
    log.status.value = killed;
    // The kernel that would have said so is gone: a notebook that is saved now must know.
    model.set("_status", { ...killed, chunks: log.chunks.length, steps: log.steps.value });
    model.set("_saved", log.saved());
  };

  model.on("msg:custom", onMessage);
  model.on("change:_status", onTrait);
  document.addEventListener("dstruct:killed", onKilled);
  askForMissing();
  return {
    log,
    receive: onMessage,
    dispose: () => {
      clearTimeout(timer);
      model.off("msg:custom", onMessage);
      model.off("change:_status", onTrait);
      document.removeEventListener("dstruct:killed", onKilled);
    },
  };
}

/** A message's buffer as bytes; managers hand out DataViews, tests and other hosts may not. */
function bytesOf(buffer: unknown): Uint8Array {
  if (buffer instanceof Uint8Array) return buffer;
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : new Uint8Array(0);
}
