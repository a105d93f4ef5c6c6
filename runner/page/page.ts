/** Owns the plain page: a program, Run and Stop, and the viewer growing below while the program runs. */

import { mount, parseStatus, TraceLog } from "../../viewer/src/standalone";
import { type ExecutionResult, type Progress, PythonRunner } from "../src/index";

const EXAMPLE = `numbers = [5, 2, 9, 1, 7, 3]

for end in range(len(numbers) - 1, 0, -1):
    for i in range(end):
        if numbers[i] > numbers[i + 1]:
            numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]

print(numbers)
`;

const STAGES: Readonly<Record<Progress["stage"], string>> = {
  download: "Fetching Python …",
  snapshot: "Starting Python …",
  python: "Starting Python …",
  harness: "Nearly there …",
};

const query = new URLSearchParams(location.search);
const TIMEOUT = Number(query.get("timeout") ?? 30_000);

function element<Kind extends HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as Kind;
}

const code = element<HTMLTextAreaElement>("code");
const runButton = element<HTMLButtonElement>("run");
const stopButton = element<HTMLButtonElement>("stop");
const bar = element<HTMLProgressElement>("progress");
const status = element("status");

const runner = new PythonRunner(undefined, { spare: query.has("spare"), timeoutMs: TIMEOUT });
let closeViewer = () => {};
let stopping: AbortController | null = null;

function say(text: string, tone: "plain" | "error" = "plain"): void {
  status.textContent = text;
  status.dataset.tone = tone;
}

function showProgress({ value, stage }: Progress): void {
  bar.value = value;
  if (!stopping) say(STAGES[stage]);
}

async function startPython(): Promise<void> {
  bar.hidden = false;
  const started = await runner.init(showProgress);
  bar.hidden = true;
  if (stopping) return;
  if (started.ok) say("Ready.");
  else say(`${started.error.message} Press Run to try again.`, "error");
}

/** Mounts a viewer of a run that begins; the log it gives is to be fed. */
function openViewer(): TraceLog {
  closeViewer();
  const log = new TraceLog(parseStatus({ state: "running", title: "program", seconds: TIMEOUT / 1000 }));
  closeViewer = mount(element("viewer"), log).dispose;
  return log;
}

function finish(log: TraceLog, result: ExecutionResult): void {
  const { stopReason, error, steps } = result;
  const title = "program";
  log.status.value = parseStatus({
    state: "done",
    title,
    stopReason,
    error,
    steps,
    chunks: log.chunks.length,
  });
  const count = `${steps.toLocaleString()} steps in ${duration(result.runtime)}`;
  if (stopReason === "ok") say(`Done: ${count}.`);
  else if (stopReason === "interrupted") say(`Stopped: ${count}.`);
  else if (error) say(`${error.name}${error.message ? `: ${error.message}` : ""}`, "error");
  else say(`Stopped (${stopReason}): ${count}.`, "error");
}

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.ceil(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

async function runProgram(): Promise<void> {
  if (stopping) return;
  stopping = new AbortController();
  runButton.disabled = true;
  stopButton.disabled = false;
  if (runner.state === "idle" || runner.state === "starting") void startPython();
  else say("Running …");
  const log = openViewer();
  const result = await runner.run(code.value, {
    onChunk: (chunk, index) => log.append(index, [chunk]),
    signal: stopping.signal,
  });
  finish(log, result);
  stopping = null;
  runButton.disabled = false;
  stopButton.disabled = true;
}

code.value = EXAMPLE;
code.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void runProgram();
});
runButton.addEventListener("click", () => void runProgram());
stopButton.addEventListener("click", () => stopping?.abort());
addEventListener("pagehide", (event) => {
  if (!event.persisted) runner.dispose();
});
void startPython();
