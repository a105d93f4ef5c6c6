/**
 * Owns one view's questions: the run's index as it grows, what was asked, where the answers are, which of them pause the
 * clock. All searching is done here, in slices that leave the page its time; a newer wish ends the search for an older one.
 */

import { effect, type Signal, signal, untracked } from "@preact/signals";
import { Answers } from "./answers";
import { Cancelled, type Events, eachEvent, Pace, type Walk, whenIdle } from "./events";
import type { TraceLog } from "./log";
import { type CallMove, seek } from "./navigate";
import { matcherOf, type Question } from "./questions";
import { RunIndex } from "./run-index";
import type { Store } from "./store";
import { Timeline } from "./timeline";
import { asTraceError } from "./wire";

/** A question with its answers. */
export interface Asked {
  readonly id: number;
  readonly question: Question;
  /** The question in the reader's words. */
  readonly label: string;
  readonly answers: Answers;
  /** How much of the run has been looked through, 0 to 1. */
  readonly searched: Signal<number>;
  /** Whether playing pauses at its answers. */
  readonly pauses: Signal<boolean>;
}

export interface Inquiry {
  readonly index: RunIndex;
  readonly walk: Walk;
  /** Chunks indexed: changes whenever the index has grown. */
  readonly indexed: Signal<number>;
  readonly asked: Signal<readonly Asked[]>;
  /** The question that next and previous answer go by. */
  readonly active: Signal<Asked | null>;
  /** Whether a search that somebody waits for is going on. */
  readonly busy: Signal<boolean>;
  /** Asks and, where `go` says so, shows the first answer, or the next one after this step. */
  ask(question: Question, label: string, go?: "first" | "next"): Asked;
  drop(asked: Asked): void;
  /** Shows the next (1) or previous (-1) answer to the active question. */
  move(direction: 1 | -1): void;
  /** Pauses at a line from now on, or no longer. */
  toggleLine(source: number, line: number, label: string): void;
  /** Shows the next or previous step at which playing would pause, else the last or first one. */
  run(direction: 1 | -1): void;
  /** Steps over or out of a call. */
  step(move: CallMove, direction: 1 | -1): void;
  /** Shows the step that printed a piece of output, by its number. */
  goToOutput(piece: number): void;
  /** Ends the search somebody waits for; false where there was none. */
  cancel(): boolean;
  dispose(): void;
}

/** Bytes of decoded chunks kept for comparing states, beside those of the view itself. */
const CACHE_BYTES = 8 * 1024 * 1024;
/** While the index grows, what it says is drawn anew at most so often, in ms. */
const TOLD_EVERY = 250;
/** A step is one to look at once it has been shown so long, in ms. */
const SETTLED = 80;
/** Questions kept; the oldest that pauses nothing gives way. */
const MAX_ASKED = 6;

/** Indexes by run: shared by its views, and there still when a view is drawn again. */
const indexes = new WeakMap<TraceLog, RunIndex>();

function indexOf(log: TraceLog): RunIndex {
  const index = indexes.get(log) ?? new RunIndex();
  indexes.set(log, index);
  return index;
}

/** A run as questions walk through it: the view's own chunks where they are decoded, others for one look. */
function walkOf({ log, timeline }: Store): Walk {
  let second: Timeline | null = null;
  return {
    tables: log.tables,
    get chunks() {
      return log.chunks.length;
    },
    get last() {
      return log.steps.peek();
    },
    chunkOf: (step) => log.chunkOf(step),
    peek: (chunk) => timeline.peekEvents(chunk),
    read: (chunk) => timeline.readEvents(chunk),
    count: (chunk, pace) => timeline.count(chunk, pace),
    stateAt: async (step) => {
      const at = Math.min(Math.max(step, 0), log.steps.peek());
      const shown = timeline.at(at, "operation");
      if (shown) return shown.state;
      second ??= new Timeline(log, CACHE_BYTES);
      return (await second.load(at, "operation")).state;
    },
  };
}

export function createInquiry(store: Store): Inquiry {
  const { log } = store;
  const index = indexOf(log);
  const walk = walkOf(store);
  const indexed = signal(index.tallies.length);
  const asked = signal<readonly Asked[]>([]);
  const active = signal<Asked | null>(null);
  const busy = signal(false);
  const background = new Pace(whenIdle);
  let job: Pace | null = null;
  let counting: Pace | null = null;
  let growing = false;
  let made = 0;

  const failed = (error: unknown) => {
    if (error instanceof Cancelled || background.cancelled) return;
    log.problem.value ??= asTraceError(error);
  };

  /** Takes new chunks into the index while the page is idle. */
  const grow = async (): Promise<void> => {
    if (growing) return;
    growing = true;
    let told = performance.now();
    try {
      while (index.tallies.length < log.chunks.length && !background.cancelled) {
        const chunk = index.tallies.length;
        const begun = chunk === 0 ? (await walk.stateAt(0)).stack.map(({ unit }) => unit) : [];
        index.take(await walk.count(chunk, background), begun);
        if (performance.now() - told > TOLD_EVERY || chunk === 0) {
          indexed.value = index.tallies.length;
          told = performance.now();
        }
        await background.breathe();
      }
      indexed.value = index.tallies.length;
      if (!background.cancelled) count();
    } catch (error) {
      failed(error);
    } finally {
      growing = false;
    }
  };

  /** Counts the answers to the active question in what is indexed. */
  const count = () => {
    if (counting) counting.cancelled = true;
    const question = active.peek();
    if (!question || index.tallies.length < log.chunks.length) return;
    const pace = new Pace();
    counting = pace;
    const tell = (part: number) => {
      question.searched.value = pace.cancelled ? question.searched.peek() : part;
    };
    question.answers.countAll(pace, tell).catch(failed);
  };

  /** Runs a search that leads to a step; a newer one ends it. */
  const lead = (find: (pace: Pace) => Promise<number | null>): void => {
    cancel();
    const pace = new Pace();
    job = pace;
    const patience = setTimeout(() => {
      busy.value = true;
    }, 120);
    find(pace)
      .then((step) => {
        if (step !== null && !pace.cancelled) store.go(step);
      }, failed)
      .finally(() => {
        clearTimeout(patience);
        if (job !== pace) return;
        job = null;
        busy.value = false;
      });
  };

  const cancel = (): boolean => {
    if (!job) return false;
    job.cancelled = true;
    job = null;
    busy.value = false;
    return true;
  };

  const ask: Inquiry["ask"] = (question, label, go) => {
    const same = JSON.stringify(question);
    let entry = asked.peek().find((known) => JSON.stringify(known.question) === same);
    if (!entry) {
      const answers = new Answers(walk, index, matcherOf(question, log.tables));
      entry = { id: ++made, question, label, answers, searched: signal(0), pauses: signal(false) };
      asked.value = room([...asked.peek(), entry]);
    }
    const { answers } = entry;
    active.value = entry;
    count();
    const from = store.target.peek();
    if (go) {
      lead(async (pace) => {
        const found = await answers.next(go === "first" ? -1 : from, 1, pace);
        return found ?? answers.next(from, -1, pace);
      });
    }
    return entry;
  };

  const drop = (entry: Asked) => {
    entry.pauses.value = false;
    asked.value = asked.peek().filter((other) => other !== entry);
    if (active.peek() === entry) active.value = asked.peek().at(-1) ?? null;
    count();
  };

  const nearest = async (from: number, direction: 1 | -1, pace: Pace, limit?: number) => {
    const pausing = asked.peek().filter(({ pauses }) => pauses.peek());
    const found = await Promise.all(pausing.map(({ answers }) => answers.next(from, direction, pace, limit)));
    const steps = found.filter((step) => step !== null);
    return steps.length ? (direction > 0 ? Math.min(...steps) : Math.max(...steps)) : null;
  };

  store.guard = async (from, to) => {
    if (!asked.peek().some(({ pauses }) => pauses.peek())) return null;
    const halt = await nearest(from, 1, background, to);
    return halt !== null && halt <= to ? halt : null;
  };

  const stopGrowing = effect(() => {
    if (log.count.value > 0) untracked(() => void grow());
  });

  // What is on the screen is looked at before its turn: how it is used decides how it is drawn.
  let looking: ReturnType<typeof setTimeout> | undefined;
  const stopLooking = effect(() => {
    const step = store.snapshot.value?.state.step;
    clearTimeout(looking);
    if (step === undefined) return;
    const look = () => void store.timeline.learn(log.chunkOf(step), background).catch(failed);
    looking = setTimeout(look, SETTLED);
  });

  return {
    index,
    walk,
    indexed,
    asked,
    active,
    busy,
    ask,
    drop,
    move: (direction) => {
      const { answers } = active.peek() ?? {};
      const from = store.target.peek();
      if (answers) lead((pace) => answers.next(from, direction, pace));
    },
    toggleLine: (source, line, label) => {
      const same = JSON.stringify({ ask: "line", source, line });
      const known = asked.peek().find(({ question }) => JSON.stringify(question) === same);
      if (known?.pauses.peek()) drop(known);
      else ask({ ask: "line", source, line }, label).pauses.value = true;
    },
    run: (direction) => {
      const from = store.target.peek();
      lead(async (pace) => (await nearest(from, direction, pace)) ?? (direction > 0 ? walk.last : 0));
    },
    step: (move, direction) => {
      const from = store.target.peek();
      lead((pace) => seek(walk, index, from, direction, move, pace));
    },
    goToOutput: (piece) => {
      const chunk = log.outputBefore.findLastIndex((before) => before <= piece);
      if (chunk >= 0) lead(async () => stepOfOutput(walk.peek(chunk) ?? (await walk.read(chunk)), piece));
    },
    cancel,
    dispose: () => {
      cancel();
      background.cancelled = true;
      if (counting) counting.cancelled = true;
      store.guard = null;
      clearTimeout(looking);
      stopLooking();
      stopGrowing();
    },
  };
}

/** The step at which a piece of output in a chunk was printed. */
function stepOfOutput(events: Events, piece: number): number | null {
  let found: number | null = null;
  let at = events.outputs;
  eachEvent(events, (_, code, step) => {
    if (events.sites[code]?.event === "output" && at++ === piece) found = step;
  });
  return found;
}

/** The questions that are kept: where there are too many, the oldest that pauses nothing gives way. */
function room(all: readonly Asked[]): readonly Asked[] {
  if (all.length <= MAX_ASKED) return all;
  const oldest = all.slice(0, -1).find(({ pauses }) => !pauses.peek()) ?? all[0];
  return all.filter((entry) => entry !== oldest);
}
