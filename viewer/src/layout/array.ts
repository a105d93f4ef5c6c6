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
  /** How far its name stands aside, so that all of it is in the picture. */
  readonly aside: number;
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
  const across = Math.min(perRow, Math.max(1, to - from));
  const grid = 2 * side + across * pitch - GAP;
  const ends = shown.map(({ name, position }) => {
    const wide = pillWidth(name);
    return Math.max(wide, inRow(position).x + (spec.cellWidth + wide) / 2);
  });
  const width = Math.max(grid, Math.min(spec.width, Math.max(0, ...ends)));
  const named = shown.map(({ name, position }) => {
    const { row, x } = inRow(position);
    const half = pillWidth(name) / 2;
    const middle = x + spec.cellWidth / 2;
    return { row, half, middle, at: Math.max(half, Math.min(middle, width - half)) };
  });
  const lanes = assignLanes(named);
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
    const { row, middle, at } = named[i] as Named;
    const stem = (lanes[i] as number) * LANE;
    return {
      ...pointer,
      x: middle,
      y: row * rowHeight + CELL_HEIGHT + INDEX_HEIGHT + stem,
      stem,
      aside: at - middle,
    };
  });
  return {
    width,
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

/** Where a pointer's name stands. */
interface Named {
  readonly row: number;
  readonly half: number;
  /** The cell's middle, and the name's. */
  readonly middle: number;
  readonly at: number;
}

function assignLanes(names: readonly Named[]): number[] {
  const taken: { row: number; lane: number; left: number; right: number }[] = [];
  return names.map(({ row, half, at }) => {
    const left = at - half - 2;
    const right = at + half + 2;
    let lane = 0;
    while (taken.some((t) => t.row === row && t.lane === lane && t.left < right && left < t.right)) lane++;
    taken.push({ row, lane, left, right });
    return lane;
  });
}
