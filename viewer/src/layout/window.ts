/** Owns which part of a long row of things is drawn: it moves only when what must be seen is outside. */

/** First and past-the-last position of a window of at most `room` that holds `focus` (the most important first). */
export function windowAt(
  length: number,
  room: number,
  focus: readonly number[],
  previous: number,
): readonly [from: number, to: number] {
  if (length <= room) return [0, length];
  const inside = focus.filter((i) => i >= 0 && i < length);
  const first = inside[0] ?? Math.max(previous, 0);
  const holds = previous >= 0 && previous + room <= length && first >= previous && first < previous + room;
  const wanted = holds ? previous : first - Math.floor(room / 3);
  const from = Math.min(Math.max(0, wanted), length - room);
  return [from, from + room];
}
