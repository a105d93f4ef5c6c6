/** Owns where the reader was in a program's last run, so that running the same code again leads back to the same step. */

import type { TraceLog } from "./log";

/** Programs remembered; the one not seen for longest is forgotten. */
const MAX_PLACES = 100;

const PLACES = Symbol.for("dstruct-lite.places");
const page = globalThis as { [PLACES]?: Map<string, number> };

/** What makes two runs runs of the same code: the title and the program's text, wherever it stands now. */
function programOf(log: TraceLog): string | null {
  const source = log.tables.sources[0];
  return source ? `${log.status.peek().title}\n${source.text}` : null;
}

/** Remembers the step shown of a run. */
export function remember(log: TraceLog, step: number): void {
  page[PLACES] ??= new Map();
  const places = page[PLACES];
  const program = programOf(log);
  if (program === null) return;
  places.delete(program);
  places.set(program, step);
  for (const old of places.keys()) {
    if (places.size <= MAX_PLACES) break;
    places.delete(old);
  }
}

/** The step at which the same code was left; null where it was not seen yet. */
export function recall(log: TraceLog): number | null {
  const program = programOf(log);
  return (program === null ? undefined : page[PLACES]?.get(program)) ?? null;
}

/** Forgets all of it. */
export function forgetPlaces(): void {
  page[PLACES]?.clear();
}
