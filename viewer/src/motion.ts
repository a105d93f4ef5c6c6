/**
 * Owns which elements of a sequence moved: from the elements drawn before and those drawn now, where each came from.
 * A swap is two that change places; an insertion moves all that follow; a sort moves many.
 */

/** Where elements came from, by the position they have now. */
export type Flights = ReadonlyMap<number, number>;

export const NO_FLIGHTS: Flights = new Map();

/** More changes than this in one step are no movement to be followed. */
const MAX_MOVED = 64;

export interface Drawn {
  /** Elements by position, as texts: the part that was drawn. */
  readonly texts: ReadonlyMap<number, string>;
  readonly length: number;
  /** What the step before replaced, by position: the other half of a swap in two steps. */
  readonly replaced: ReadonlyMap<number, string>;
}

/** Tells the flights, and what the next step needs to know. `reads` are positions read at this step. */
export function flightsOf(
  before: Drawn,
  texts: ReadonlyMap<number, string>,
  length: number,
  reads: ReadonlySet<string>,
): { flights: Flights; replaced: ReadonlyMap<number, string> } {
  const changed: number[] = [];
  for (const [i, text] of texts) if (before.texts.get(i) !== text) changed.push(i);
  const replaced = new Map<number, string>();
  for (const i of changed) {
    const text = before.texts.get(i);
    if (text !== undefined) replaced.set(i, text);
  }
  if (changed.length === 0) return { flights: NO_FLIGHTS, replaced: before.replaced };
  if (changed.length > MAX_MOVED) return { flights: NO_FLIGHTS, replaced };
  const flights = new Map<number, number>();
  const shift = length - before.length;
  const free = new Set([...before.texts.keys()].filter((i) => !texts.has(i) || changed.includes(i)));
  for (const i of changed) {
    const text = texts.get(i) as string;
    const from =
      shift !== 0 && before.texts.get(i - shift) === text
        ? i - shift
        : (nearest(i, text, before.texts, free) ??
          nearest(i, text, before.replaced, before.replaced.keys()) ??
          nearest(i, text, before.texts, [...reads].map(Number)));
    if (from === null || from === i) continue;
    flights.set(i, from);
    free.delete(from);
  }
  return { flights, replaced };
}

function nearest(
  i: number,
  text: string,
  texts: ReadonlyMap<number, string>,
  among: Iterable<number>,
): number | null {
  let best: number | null = null;
  for (const from of among) {
    if (from === i || texts.get(from) !== text) continue;
    if (best === null || Math.abs(from - i) < Math.abs(best - i)) best = from;
  }
  return best;
}
