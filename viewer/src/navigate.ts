/** Owns stepping over and out of calls: the step where a move ends. */

import type { Events, Pace, Walk } from "./events";
import type { RunIndex } from "./run-index";
import type { EventName, Site } from "./tables";
import { BEGINS } from "./timeline";

/** Over: to the next line of this call or of a caller. Out: to where this call has ended (backwards: before it began). */
export type CallMove = "over" | "out";

/** The step at which a move from `step` ends; the first or the last step where nothing stops it. Rejects with Cancelled. */
export async function seek(
  walk: Walk,
  index: RunIndex,
  step: number,
  direction: 1 | -1,
  move: CallMove,
  pace: Pace,
): Promise<number> {
  // The module's frame stays in sight when it has ended: then it is no longer deep in anything.
  const { stack } = await walk.stateAt(step);
  const depth = stack.filter(({ status }) => status === "active").length;
  const limit = Math.max(1, depth) - (move === "over" ? 0 : 1);
  const cursor = { step };
  if (limit < 1) return direction > 0 ? walk.last : 0;
  // The stop after step s is the first of the chunk that s lies in, or of a later one.
  for (let chunk = walk.chunkOf(step); chunk >= 0 && chunk < walk.chunks; chunk += direction) {
    await pace.breathe();
    const tally = index.tallies[chunk];
    if (tally && tally.least > limit && chunk !== walk.chunkOf(step)) {
      cursor.step = direction > 0 ? tally.firstStep + tally.steps : tally.firstStep;
      continue;
    }
    const events = walk.peek(chunk) ?? (await walk.read(chunk));
    if (search(events, cursor, direction, limit, move, step)) return cursor.step;
  }
  return direction > 0 ? walk.last : 0;
}

/** Moves the cursor through a chunk, stop by stop; whether it has come to where the move ends. */
function search(
  events: Events,
  cursor: { step: number },
  direction: 1 | -1,
  limit: number,
  move: CallMove,
  from: number,
): boolean {
  const kinds = events.sites.map(({ event }) => event);
  const kindOf = (stop: number) => kinds[events.codes[events.stops[stop] as number] as number] as EventName;
  const { firstStep, steps, depths } = events;
  const isEnd = (at: number) => ends(kindOf(at), depths[at] as number, limit, move);
  if (direction > 0) {
    // At the top of each round the cursor stands before stop number `at`.
    for (let at = cursor.step - firstStep; at < steps; at++) {
      if (cursor.step > from && isEnd(at)) return true;
      cursor.step++;
      if (move === "out" && (depths[at + 1] as number) <= limit) return true;
    }
    return false;
  }
  for (let at = cursor.step - firstStep - 1; at >= 0; at--) {
    cursor.step--;
    if (isEnd(at)) return true;
  }
  return false;
}

/** Whether a step is one to halt at, by its depth and the kind of the stop that comes next. */
function ends(next: Site["event"], depth: number, limit: number, move: CallMove): boolean {
  return depth <= limit && (move === "out" || BEGINS.line.has(next));
}
