/** Owns the picture of a list of lists: a grid with row and column numbers, ragged where the rows are. */

import { Component, type JSX } from "preact";
import { useRef } from "preact/hooks";
import { CELL_TEXT, formatValue } from "../format";
import { elementAt, type HeapObject, type Lookup } from "../heap";
import { cellWidth, pillWidth } from "../layout/array";
import { windowAt } from "../layout/window";
import { type Marks, markAt, NO_MARKS } from "../marks";
import { groupTint, type Notes, noteAt, tintOf } from "../notes";
import { fitGrid, type GridModel } from "../recognise/grid";
import type { Label, Pointer } from "../scope";
import type { FigureProps, Picture, StructureView, Viewer } from "./context";
import { about, MarkSign, Pill } from "./parts";

export const matrix: StructureView<GridModel> = { name: "matrix", fit: fitGrid, Draw };

const HEIGHT = 32;
const GAP = 3;
const MAX_ROWS = 32;
const MAX_COLUMNS = 40;
const MAX_WIDTH = 96;

interface Memory {
  widest: number;
  row: number;
  column: number;
  side: number;
  head: boolean;
}

/** Where the drawn part of the grid lies. */
interface Frame {
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
  readonly x: (column: number) => number;
  readonly y: (row: number) => number;
  readonly cell: number;
}

function Draw({ figure, model, picture, viewer }: FigureProps<GridModel>): JSX.Element {
  const { object, rows } = model;
  const memory = useRef<Memory>({ widest: 0, row: -1, column: -1, side: 0, head: false });
  const { lookup } = picture.snapshot.state;
  const down = picture.names.pointersInto(object);
  const across = columnPointers(model, picture);
  const frame = frameOf(model, picture, memory.current, down, across);
  const [first, last] = frame.rows;
  const [left, right] = frame.columns;
  const shown = rows.slice(first, last);
  const aside = shown.map((row) => picture.labels.get(row.id) ?? []);
  const room = aside.reduce(
    (w, labels) =>
      Math.max(
        w,
        labels.reduce((n, { name }) => n + pillWidth(name) + 6, 0),
      ),
    0,
  );
  const widest = Math.max(...rows.map(({ length }) => length));
  const clamp = (n: number, low: number, high: number) => Math.min(Math.max(n, low), high);
  return (
    <div class="ds-matrix">
      <Elided viewer={viewer} before={first} />
      <svg
        width={frame.x(right) + room + 4}
        height={frame.y(last) + 2}
        role="img"
        aria-label={`${figure.subject.path}: ${rows.length} × ${widest}`}
      >
        {Array.from({ length: right - left }, (_, i) => (
          <text key={left + i} class="ds-index" x={frame.x(left + i) + frame.cell / 2} y={frame.y(first) - 7}>
            {left + i}
          </text>
        ))}
        {shown.map((row, i) => (
          <Row
            // By place: of another grid only what differs is drawn.
            key={first + i}
            row={row}
            number={first + i}
            left={left}
            right={Math.min(right, row.length)}
            x0={frame.x(left)}
            y={frame.y(first + i)}
            cell={frame.cell}
            marks={picture.touched.objects.get(row.id) ?? NO_MARKS}
            mark={markAt(picture.touched.objects.get(object.id) ?? NO_MARKS, String(first + i))}
            notes={picture.notes}
            lookup={lookup}
          />
        ))}
        {shown.map((row, i) => (
          <RowNames key={row.id} labels={aside[i] ?? []} x={frame.x(right)} y={frame.y(first + i)} />
        ))}
        {down.map(({ name, position, current }) => (
          <g
            key={`row ${name}`}
            class="ds-pointer"
            data-position={position}
            style={{ transform: `translate(0,${frame.y(clamp(position, first - 0.8, last))}px)` }}
          >
            <Pill name={name} x={pillWidth(name) / 2} y={7} current={current} />
          </g>
        ))}
        {across.map(({ name, position, current }) => (
          <g
            key={`column ${name}`}
            class="ds-pointer"
            data-position={position}
            style={{
              transform: `translate(${frame.x(clamp(position, left - 1, right)) + frame.cell / 2}px,0)`,
            }}
          >
            <Pill name={name} x={0} y={0} current={current} />
          </g>
        ))}
      </svg>
      <Elided viewer={viewer} after={rows.length - last} right={widest - right} before={0} />
    </div>
  );
}

/** What is not drawn above, below and beside. */
function Elided(props: {
  viewer: Viewer;
  before: number;
  after?: number;
  right?: number;
}): JSX.Element | null {
  const { viewer, before, after = 0, right = 0 } = props;
  if (before + after + right <= 0) return null;
  const told = [
    before > 0 ? viewer.t("matrix.above", { count: before }) : "",
    after > 0 ? viewer.t("matrix.below", { count: after }) : "",
    right > 0 ? viewer.t("matrix.right", { count: right }) : "",
  ];
  return <p class="ds-elided">⋯ {told.filter((text) => text).join(" · ")}</p>;
}

/** Variables that index the columns: of the whole grid, or of a row that has a name of its own. */
function columnPointers({ object, rows }: GridModel, { names, labels }: Picture): Pointer[] {
  const found = names.pointersInto(object, true);
  for (const row of rows) {
    if (!labels.has(row.id)) continue;
    for (const pointer of names.pointersInto(row))
      if (!found.some(({ name }) => name === pointer.name)) found.push(pointer);
  }
  return found;
}

function frameOf(
  { object, rows }: GridModel,
  { touched, snapshot }: Picture,
  kept: Memory,
  down: readonly Pointer[],
  across: readonly Pointer[],
): Frame {
  const { lookup } = snapshot.state;
  const whole = touched.objects.get(object.id) ?? NO_MARKS;
  const touchedRows = rows.flatMap((row, r) => (touched.objects.has(row.id) ? [r] : []));
  const atRows = [
    ...touchedRows,
    ...[...whole.writes, ...whole.reads].map(Number),
    ...down.map((p) => p.position),
  ];
  const columns = touchedRows.flatMap((r) => {
    const marks = touched.objects.get((rows[r] as HeapObject).id) ?? NO_MARKS;
    return [...marks.writes, ...marks.reads].map(Number);
  });
  const widest = Math.max(...rows.map(({ length }) => length));
  const inRows = windowAt(rows.length, MAX_ROWS, atRows, kept.row);
  const inColumns = windowAt(
    widest,
    MAX_COLUMNS,
    [...columns, ...across.map((p) => p.position)],
    kept.column,
  );
  [kept.row] = inRows;
  [kept.column] = inColumns;
  for (let r = inRows[0]; r < inRows[1]; r++)
    kept.widest = Math.max(kept.widest, widthOf(rows[r] as HeapObject, lookup));
  kept.side = Math.max(kept.side, ...down.map(({ name }) => pillWidth(name) + 8));
  kept.head ||= across.length > 0;
  const cell = Math.min(MAX_WIDTH, kept.widest);
  const side = 26 + kept.side;
  const top = 20 + (kept.head ? 24 : 0);
  return {
    rows: inRows,
    columns: inColumns,
    x: (column) => side + (column - inColumns[0]) * (cell + GAP),
    y: (row) => top + (row - inRows[0]) * (HEIGHT + GAP),
    cell,
  };
}

const widths = new WeakMap<HeapObject, number>();

/** Width of a cell that holds anything in a row, by its version. */
function widthOf(row: HeapObject, lookup: Lookup): number {
  let width = widths.get(row);
  if (width === undefined) {
    width = cellWidth(row.items.slice(0, 200).map((item) => formatValue(item, lookup, CELL_TEXT, 1))) - 6;
    widths.set(row, width);
  }
  return width;
}

interface RowProps {
  readonly row: HeapObject;
  readonly number: number;
  readonly left: number;
  readonly right: number;
  readonly x0: number;
  readonly y: number;
  readonly cell: number;
  readonly marks: Marks;
  readonly mark: string;
  readonly notes: Notes;
  readonly lookup: Lookup;
}

/** A row; drawn anew only when it changed, was touched or moved. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(after: RowProps): boolean {
    const before = this.props;
    const told = Object.keys(after) as (keyof RowProps)[];
    // Which state it is read from says nothing: a row of another content is another object.
    return told.some((key) => key !== "lookup" && after[key] !== before[key]);
  }

  override render(props: RowProps): JSX.Element {
    const { row, number, left, right, x0, y, cell, marks, mark, notes, lookup } = props;
    const cells: JSX.Element[] = [];
    for (let i = left; i < right; i++) {
      const touched = markAt(marks, String(i));
      const value = elementAt(row, i);
      const text = formatValue(value, lookup, CELL_TEXT, 1);
      const note = noteAt(notes, row.id, String(i), value);
      const x = x0 + (i - left) * (cell + GAP);
      // In places of its own, without a transform: each of those costs the browser at every frame.
      cells.push(
        <g
          key={i}
          class="ds-cell"
          data-mark={touched}
          data-index={i}
          {...about(row, i)}
          data-tint={tintOf(note.color) ?? groupTint(note.group) ?? undefined}
          data-hidden={note.hidden || undefined}
        >
          <rect x={x + 1} y={y + 1} width={cell - 2} height={HEIGHT - 2} rx={5} />
          <text class="ds-cell-text" x={x + cell / 2} y={y + HEIGHT / 2 + 5} key={text}>
            {text}
          </text>
          {touched && <MarkSign mark={touched} x={x + 1} y={y + 1} width={cell - 2} />}
        </g>,
      );
    }
    return (
      <g data-row={number}>
        <text class="ds-index ds-row-index" data-mark={mark} x={x0 - 8} y={y + HEIGHT / 2 + 4}>
          {number}
        </text>
        {cells}
      </g>
    );
  }
}

/** Variables that hold a row itself stand behind it. */
function RowNames({ labels, x, y }: { labels: readonly Label[]; x: number; y: number }): JSX.Element {
  let at = x + 6;
  return (
    <>
      {labels.map(({ name, current }) => {
        const centre = at + pillWidth(name) / 2;
        at += pillWidth(name) + 6;
        return <Pill key={name} name={name} current={current} x={centre} y={y + 7} />;
      })}
    </>
  );
}
