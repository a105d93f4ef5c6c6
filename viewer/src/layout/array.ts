/** Owns the geometry of a sequence: rows of cells, a window where there are too many, pointers in lanes below. */

export interface PointerSpec {
  readonly name: string;
  readonly position: number;
  readonly current: boolean;
}

export interface ArraySpec {
  readonly length: number;
  readonly cellWidth: number;
  /** Room across, in pixels. */
  readonly width: number;
  /** Positions to keep in view, the most important first. */
  readonly focus: readonly number[];
  readonly pointers: readonly PointerSpec[];
  /** First position of the window drawn before, so that it moves only when it must; -1 if there was none. */
  readonly previousFrom: number;
  /** Whether to leave room beside the cells for pointers that stand before the first or after the last. */
  readonly sides: boolean;
}

export interface PlacedCell {
  readonly index: number;
  readonly x: number;
  readonly y: number;
}

export interface PlacedPointer extends PointerSpec {
  readonly x: number;
  readonly y: number;
  /** Length of the stem up to the cell. */
  readonly stem: number;
  readonly width: number;
}

export interface ArrayLayout {
  readonly width: number;
  readonly height: number;
  readonly from: number;
  readonly to: number;
  readonly cells: readonly PlacedCell[];
  readonly pointers: readonly PlacedPointer[];
}

export const CELL_HEIGHT = 42;
const GAP = 4;
const INDEX_HEIGHT = 22;
const LANE = 22;
const ROW_GAP = 8;
/** That room, on each side, and on a narrow screen. */
const SIDE = 40;
const NARROW_SIDE = 12;
const NARROW = 420;
const MAX_ROWS = 4;
/** Average width of a character of the code font at the size used in figures. */
export const CHAR = 8.5;

/** Width of a cell that holds the longest of `texts`. */
export function cellWidth(texts: readonly string[]): number {
  const longest = texts.reduce((n, text) => Math.max(n, text.length), 0);
  return Math.max(44, Math.round(longest * CHAR + 18));
}

/** Places the cells and pointers of a sequence. */
export function layoutArray(spec: ArraySpec): ArrayLayout {
  const pitch = spec.cellWidth + GAP;
  const side = !spec.sides ? 0 : spec.width < NARROW ? NARROW_SIDE : SIDE;
  const perRow = Math.max(1, Math.floor((spec.width - 2 * side + GAP) / pitch));
  const [from, to] = windowOf(spec, perRow);
  const rows = Math.max(1, Math.ceil((to - from) / perRow));
  const inRow = (position: number) => {
    const at = Math.min(Math.max(position, from - 1), to) - from;
    // A pointer just past the end stands in the last row, not in one of its own.
    const row = Math.min(Math.max(0, Math.floor(at / perRow)), rows - 1);
    return { row, x: side + (at - row * perRow) * pitch };
  };
  const shown = spec.pointers.filter(
    ({ position }) => position >= from - 1 && position <= to && position >= -1,
  );
  const lanes = assignLanes(shown, (position) => inRow(position), spec.cellWidth);
  // Room for two that meet, so that a single row keeps its height while they pass each other.
  const reserved = Math.min(rows > 1 ? 1 : 2, spec.pointers.length);
  const laneCount = Math.max(reserved, ...lanes.map((lane) => lane + 1));
  const rowHeight = CELL_HEIGHT + INDEX_HEIGHT + laneCount * LANE + ROW_GAP;
  const cells: PlacedCell[] = [];
  for (let index = from; index < to; index++) {
    const { row, x } = inRow(index);
    cells.push({ index, x, y: row * rowHeight });
  }
  const pointers = shown.map((pointer, i) => {
    const { row, x } = inRow(pointer.position);
    const lane = lanes[i] as number;
    const top = row * rowHeight + CELL_HEIGHT + INDEX_HEIGHT;
    const stem = lane * LANE;
    return { ...pointer, x: x + spec.cellWidth / 2, y: top + stem, stem, width: pillWidth(pointer.name) };
  });
  const across = Math.min(perRow, Math.max(1, to - from));
  return {
    width: 2 * side + across * pitch - GAP,
    height: rows * rowHeight - ROW_GAP,
    from,
    to,
    cells,
    pointers,
  };
}

export function pillWidth(name: string): number {
  return Math.round(name.length * 7.3 + 14);
}

function windowOf(spec: ArraySpec, perRow: number): readonly [number, number] {
  const capacity = perRow * MAX_ROWS;
  if (spec.length <= capacity) return [0, spec.length];
  const size = perRow * (MAX_ROWS - 1);
  const focus = spec.focus.filter((i) => i >= 0 && i < spec.length);
  const first = focus[0] ?? Math.max(spec.previousFrom, 0);
  const previous = spec.previousFrom;
  const fits =
    previous >= 0 && previous + size <= spec.length && first >= previous && first < previous + size;
  const wanted = fits ? previous : first - Math.floor(size / 3);
  // Whole rows, so that a cell keeps its column when the window moves.
  const aligned = Math.floor(wanted / perRow) * perRow;
  const from = Math.min(Math.max(0, aligned), Math.max(0, Math.ceil((spec.length - size) / perRow) * perRow));
  return [from, Math.min(spec.length, from + size)];
}

function assignLanes(
  pointers: readonly PointerSpec[],
  place: (position: number) => { row: number; x: number },
  width: number,
): number[] {
  const taken: { row: number; lane: number; left: number; right: number }[] = [];
  return pointers.map(({ name, position }) => {
    const { row, x } = place(position);
    const half = pillWidth(name) / 2 + 2;
    const left = x + width / 2 - half;
    const right = x + width / 2 + half;
    let lane = 0;
    while (taken.some((t) => t.row === row && t.lane === lane && t.left < right && left < t.right)) lane++;
    taken.push({ row, lane, left, right });
    return lane;
  });
}
