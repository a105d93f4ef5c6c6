/** Owns the picture of a list of lists: a grid with row and column numbers, ragged where the rows are. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { MatrixFigure } from "../classify";
import { CELL_TEXT, formatValue } from "../format";
import type { HeapObject } from "../heap";
import { cellWidth, pillWidth } from "../layout/array";
import { NO_MARKS } from "../marks";
import { pointersInto } from "../scope";
import type { FigureProps } from "./context";
import { about, MarkSign, markOf, Pill } from "./parts";

const HEIGHT = 32;
const GAP = 3;
const MAX_ROWS = 40;
const MAX_COLUMNS = 60;

export function MatrixView({ figure, picture, viewer }: FigureProps<MatrixFigure>): JSX.Element {
  const { object } = figure;
  const { state } = picture.snapshot;
  const widest = useRef(0);
  const rows = figure.rows.slice(0, MAX_ROWS);
  const columns = Math.min(MAX_COLUMNS, Math.max(...rows.map((row) => row.items.length)));
  const text = (row: HeapObject, i: number) => formatValue(row.items[i] ?? 0, state.lookup, CELL_TEXT, 1);
  const texts = rows.flatMap((row) => row.items.slice(0, columns).map((_, i) => text(row, i)));
  widest.current = Math.max(widest.current, cellWidth(texts) - 4);
  const cell = widest.current;
  const down = pointersInto(object, state, picture.tables, picture.terms);
  const across = pointersInto(object, state, picture.tables, picture.terms, true);
  const left = 26 + down.reduce((w, { name }) => Math.max(w, pillWidth(name) + 8), 0);
  const top = 20 + (across.length ? 24 : 0);
  const names = rows.map((row) => picture.labels.get(row.id) ?? []);
  const right = names.reduce(
    (w, labels) =>
      Math.max(
        w,
        labels.reduce((n, { name }) => n + pillWidth(name) + 6, 0),
      ),
    0,
  );
  const x = (i: number) => left + i * (cell + GAP);
  const y = (i: number) => top + i * (HEIGHT + GAP);
  const hidden = figure.rows.length - rows.length;
  return (
    <div class="ds-matrix">
      <svg
        width={x(columns) + right + 4}
        height={y(rows.length) + 2}
        role="img"
        aria-label={`${figure.path}: ${rows.length} × ${columns}`}
      >
        {Array.from({ length: columns }, (_, i) => (
          <text key={i} class="ds-index" x={x(i) + cell / 2} y={top - 7}>
            {i}
          </text>
        ))}
        {rows.map((row, r) => {
          const marks = picture.touched.objects.get(row.id) ?? NO_MARKS;
          const whole = picture.touched.objects.get(object.id);
          const rowMark = markOf(whole?.reads.has(String(r)) ?? false, whole?.writes.has(String(r)) ?? false);
          return (
            <g key={row.id} data-row={r}>
              <text class="ds-index ds-row-index" data-mark={rowMark} x={left - 8} y={y(r) + HEIGHT / 2 + 4}>
                {r}
              </text>
              {row.items.slice(0, columns).map((_, i) => {
                const mark = markOf(marks.reads.has(String(i)), marks.writes.has(String(i)));
                return (
                  <g
                    key={i}
                    class="ds-cell"
                    data-mark={mark}
                    data-index={i}
                    {...about(row, i)}
                    style={{ transform: `translate(${x(i)}px,${y(r)}px)` }}
                  >
                    <rect x={1} y={1} width={cell - 2} height={HEIGHT - 2} rx={5} />
                    <text class="ds-cell-text" x={cell / 2} y={HEIGHT / 2 + 5} key={text(row, i)}>
                      {text(row, i)}
                    </text>
                    <MarkSign mark={mark} x={1} y={1} width={cell - 2} />
                  </g>
                );
              })}
              {names[r]?.map(({ name, current }, i) => (
                <Pill
                  key={name}
                  name={name}
                  current={current}
                  x={x(columns) + 6 + pillWidth(name) / 2 + i * (pillWidth(name) + 6)}
                  y={y(r) + 7}
                />
              ))}
            </g>
          );
        })}
        {down.map(({ name, position, current }) => (
          <g
            key={name}
            class="ds-pointer"
            style={{ transform: `translate(0,${y(Math.min(Math.max(position, -0.8), rows.length))}px)` }}
          >
            <Pill name={name} x={pillWidth(name) / 2} y={7} current={current} />
          </g>
        ))}
        {across.map(({ name, position, current }) => (
          <g
            key={name}
            class="ds-pointer"
            style={{ transform: `translate(${x(Math.min(Math.max(position, -1), columns)) + cell / 2}px,0)` }}
          >
            <Pill name={name} x={0} y={0} current={current} />
          </g>
        ))}
      </svg>
      {hidden > 0 && <p class="ds-elided">⋯ {viewer.t("array.after", { count: hidden })}</p>}
    </div>
  );
}
