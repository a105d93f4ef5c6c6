/** Owns the picture of a sequence: cells with indices, what was touched, index variables as pointers below. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { ArrayFigure } from "../classify";
import { CELL_TEXT, formatValue } from "../format";
import { elementAt, type HeapObject } from "../heap";
import { CELL_HEIGHT, cellWidth, layoutArray } from "../layout/array";
import { type Marks, NO_MARKS } from "../marks";
import { pointersInto } from "../scope";
import type { FigureProps } from "./context";
import { about, MarkSign, markOf, Pill } from "./parts";

/** Elements measured for the width of a cell. */
const MEASURED = 400;

export function ArrayView({ figure, picture, viewer, width }: FigureProps<ArrayFigure>): JSX.Element {
  const { object } = figure;
  const { t } = viewer;
  const { state } = picture.snapshot;
  const from = useRef(-1);
  const widest = useRef(0);
  const sides = useRef(false);
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  const text = (i: number) => formatValue(elementAt(object, i), state.lookup, CELL_TEXT, 1);
  const pointers = pointersInto(object, state, picture.tables, picture.terms);
  const focus = focusOf(
    marks,
    pointers.map(({ position }) => position),
  );
  const measured = Array.from({ length: Math.min(object.length, MEASURED) }, (_, i) => text(i));
  for (const i of focus) if (i >= MEASURED && i < object.length) measured.push(text(i));
  // Cells grow with their contents but never shrink again: a picture that breathes is hard to follow.
  widest.current = Math.max(widest.current, cellWidth(measured));
  sides.current ||= pointers.length > 0;
  const layout = layoutArray({
    length: object.length,
    cellWidth: widest.current,
    width,
    focus,
    pointers,
    previousFrom: from.current,
    sides: sides.current,
  });
  from.current = layout.from;
  if (object.length === 0) return <p class="ds-empty">{t("array.empty")}</p>;
  return (
    <div class="ds-array">
      {layout.from > 0 && <p class="ds-elided">⋯ {t("array.before", { count: layout.from })}</p>}
      <svg
        width={layout.width}
        height={layout.height}
        role="img"
        aria-label={describe(object, figure.path, text)}
      >
        <Range marks={marks} cells={layout.cells} width={widest.current} />
        {layout.cells.map(({ index, x, y }) => (
          <Cell
            key={index}
            x={x}
            y={y}
            width={widest.current}
            index={index}
            object={object}
            text={text(index)}
            marks={marks}
          />
        ))}
        {/* All stems before all names, so that none is drawn across a name. */}
        {layout.pointers.map(({ name, current, x, y, stem }) => (
          <g
            key={name}
            class="ds-pointer"
            data-current={current}
            style={{ transform: `translate(${x}px,${y}px)` }}
          >
            {stem > 0 && <path class="ds-stem" d={`M0 ${2 - stem}V4`} />}
            <path class="ds-tip" d={`M-4 ${3 - stem}L0 ${-2 - stem}L4 ${3 - stem}z`} />
          </g>
        ))}
        {layout.pointers.map((pointer) => (
          <g
            key={pointer.name}
            class="ds-pointer"
            data-current={pointer.current}
            style={{ transform: `translate(${pointer.x}px,${pointer.y}px)` }}
          >
            <Pill name={pointer.name} x={0} y={2} current={pointer.current} />
          </g>
        ))}
      </svg>
      {layout.to < object.length && (
        <p class="ds-elided">⋯ {t("array.after", { count: object.length - layout.to })}</p>
      )}
    </div>
  );
}

/** Positions to keep in view: what was touched, then what is pointed at. */
function focusOf(marks: Marks, pointed: readonly number[]): number[] {
  return [
    ...[...marks.writes, ...marks.reads].map(Number),
    ...(marks.range ? [marks.range[0]] : []),
    ...pointed,
  ];
}

function describe(object: HeapObject, path: string, text: (i: number) => string): string {
  const shown = Array.from({ length: Math.min(object.length, 20) }, (_, i) => text(i)).join(", ");
  return `${path}: ${object.type}, ${object.length}: ${shown}${object.length > 20 ? ", …" : ""}`;
}

interface CellProps {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly index: number;
  readonly object: HeapObject;
  readonly text: string;
  readonly marks: Marks;
}

function Cell({ x, y, width, index, object, text, marks }: CellProps): JSX.Element {
  const mark = markOf(marks.reads.has(String(index)), marks.writes.has(String(index)));
  return (
    <g
      class="ds-cell"
      data-mark={mark}
      data-index={index}
      {...about(object, index)}
      style={{ transform: `translate(${x}px,${y}px)` }}
    >
      <rect x={1} y={1} width={width - 2} height={CELL_HEIGHT - 2} rx={6} />
      <text class="ds-cell-text" x={width / 2} y={CELL_HEIGHT / 2 + 5} key={text}>
        {text}
      </text>
      <MarkSign mark={mark} x={1} y={1} width={width - 2} />
      <text class="ds-index" x={width / 2} y={CELL_HEIGHT + 12}>
        {index}
      </text>
    </g>
  );
}

/** A bracket over a slice that was read or written, row by row. */
function Range(props: {
  marks: Marks;
  cells: readonly { index: number; x: number; y: number }[];
  width: number;
}): JSX.Element | null {
  const { marks, cells, width } = props;
  if (!marks.range) return null;
  const [from, to] = marks.range;
  const inside = cells.filter(({ index }) => index >= from && index < to);
  const rows = [...new Set(inside.map(({ y }) => y))];
  return (
    <g class="ds-range">
      {rows.map((y) => {
        const row = inside.filter((cell) => cell.y === y);
        const left = Math.min(...row.map(({ x }) => x));
        const right = Math.max(...row.map(({ x }) => x)) + width;
        return (
          <rect key={y} x={left - 2} y={y - 2} width={right - left + 4} height={CELL_HEIGHT + 4} rx={8} />
        );
      })}
    </g>
  );
}
