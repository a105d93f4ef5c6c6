/** Every bad trace of the corpus: one sentence that says why it is refused, or a trace that reads; nothing else ever. */

import { describe, expect, it } from "vitest";
import { TraceLog } from "../src/log";
import { Timeline } from "../src/timeline";
import { TraceError } from "../src/wire";
import { type HostileCase, hostileCases } from "./hostile";

/** Steps that are looked at besides one in each chunk: a damaged header may claim four billion. */
const LOOKS = 24;
/** What a message may hold: a sentence, not what the file holds. */
const SENTENCE = /^[^\n<>]{5,200}$/;

function stepsToLookAt({ chunks, steps }: TraceLog): number[] {
  const looks = Array.from({ length: LOOKS }, (_, i) => Math.floor((steps.value * i) / (LOOKS - 1)));
  looks.push(...chunks.slice(0, 1_000).map(({ firstStep }) => Math.min(firstStep + 1, steps.value)));
  return [...new Set([...looks, ...looks.slice().reverse()])];
}

/** Reads all there is; the message of the first refusal, or null where there is none. Anything else is thrown on. */
async function read(data: Uint8Array): Promise<string | null> {
  const log = new TraceLog();
  log.appendFile(data);
  const timeline = new Timeline(log);
  const refusals = log.problem.value ? [log.problem.value] : [];
  const pass = (error: unknown) => {
    if (!(error instanceof TraceError)) throw error;
    refusals.push(error);
  };
  // Also of a trace whose end is bad: what came before is kept, and has to read.
  for (const step of log.count.value ? stepsToLookAt(log) : []) {
    await timeline.load(step, "operation").then((snapshot) => {
      timeline.outputAt(snapshot.state, 20_000);
    }, pass);
  }
  return refusals[0]?.message ?? null;
}

async function judge({ name, data, refused }: HostileCase): Promise<string[]> {
  try {
    const message = await read(data);
    if (message === null) return refused ? [`${name}: was read`] : [];
    return SENTENCE.test(message) ? [] : [`${name}: says ${JSON.stringify(message)}`];
  } catch (error) {
    return [`${name}: ${error instanceof Error ? (error.stack ?? error.message).slice(0, 400) : error}`];
  }
}

describe("the corpus of bad traces", () => {
  it("is refused in one sentence, or read", async () => {
    const cases = hostileCases();
    const faults: string[] = [];
    let refused = 0;
    for (const each of cases) {
      const found = await judge(each);
      faults.push(...found);
      refused += found.length === 0 && each.refused ? 1 : 0;
    }
    console.log(`${cases.length} bad traces, ${refused} of which had to be refused`);
    expect(faults).toEqual([]);
    expect(refused).toBeGreaterThan(100);
  }, 600_000);
});
