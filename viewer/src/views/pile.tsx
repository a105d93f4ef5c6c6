/** Owns the picture of a stack: a pile that grows upwards, open where things are put on and taken off. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { CELL_TEXT, formatValue } from "../format";
import { elementAt } from "../heap";
import { cellWidth } from "../layout/array";
import { markAt, NO_MARKS } from "../marks";
import { groupTint, noteAt, tintOf } from "../notes";
import { fitStack, type SequenceModel } from "../recognise/sequence";
import type { FigureProps, StructureView } from "./context";
import { about, MarkSign, Pill, sequenceText } from "./parts";

export const pile: StructureView<SequenceModel> = { name: "stack", fit: fitStack, Draw };

const HEIGHT = 30;
const GAP = 3;
const PITCH = HEIGHT + GAP;
const WALL = 6;
/** Room for indices left of the pile, for the top's name right of it. */
const LEFT = 30;
const RIGHT = 58;
const MAX_SHOWN = 9;
/** The pile's walls grow by so many places at a time. */
const GROWTH = 3;

function Draw({ figure, model: { object }, picture, viewer }: FigureProps<SequenceModel>): JSX.Element {
  const { lookup } = picture.snapshot.state;
  const kept = useRef({ width: 60, room: GROWTH });
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  const { from, to } = windowOf(object.length, [...marks.writes, ...marks.reads].map(Number));
  const indices = Array.from({ length: to - from }, (_, i) => from + i);
  const texts = indices.map((i) => formatValue(elementAt(object, i), lookup, CELL_TEXT, 1));
  const { current } = kept;
  current.width = Math.max(current.width, cellWidth(texts));
  const wanted = Math.ceil(indices.length / GROWTH) * GROWTH;
  current.room = Math.max(current.room, Math.min(wanted, MAX_SHOWN));
  const { width, room } = current;
  const floor = 8 + room * PITCH;
  const y = (i: number) => floor - (i - from + 1) * PITCH;
  const top = object.length ? y(Math.min(object.length, to) - 1) + HEIGHT / 2 : floor - HEIGHT / 2;
  const wall = [LEFT - WALL, LEFT + width + WALL];
  return (
    <div class="ds-pile">
      {to < object.length && (
        <p class="ds-elided">⋯ {viewer.t("stack.above", { count: object.length - to })}</p>
      )}
      <svg
        width={LEFT + width + RIGHT}
        height={floor + 10}
        role="img"
        aria-label={sequenceText(figure.subject.path, object, lookup)}
      >
        <path class="ds-wall" d={`M${wall[0]} 2V${floor + 3}H${wall[1]}V2`} />
        {indices.map((i, at) => {
          const mark = markAt(marks, String(i));
          const note = noteAt(picture.notes, object.id, String(i), elementAt(object, i));
          return (
            <g
              key={i}
              class="ds-cell"
              {...about(object, i)}
              data-mark={mark}
              data-index={i}
              data-tint={tintOf(note.color) ?? groupTint(note.group) ?? undefined}
              style={{ transform: `translate(${LEFT}px,${y(i)}px)` }}
            >
              <g class="ds-drop">
                <rect width={width} height={HEIGHT} rx={5} />
                <text key={texts[at]} class="ds-cell-text" x={width / 2} y={HEIGHT / 2 + 5}>
                  {texts[at]}
                </text>
                <MarkSign mark={mark} x={0} y={0} width={width} />
              </g>
              <text class="ds-index ds-row-index" x={-WALL - 6} y={HEIGHT / 2 + 4}>
                {i}
              </text>
            </g>
          );
        })}
        <g class="ds-pointer" style={{ transform: `translate(${wall[1] ?? 0}px,${top}px)` }}>
          <path class="ds-tip" d="M4 0L9 -4V4z" />
          <Pill name={viewer.t("stack.top")} x={31} y={-9} current={false} />
        </g>
      </svg>
      {from > 0 && <p class="ds-elided">⋯ {viewer.t("stack.below", { count: from })}</p>}
    </div>
  );
}

/** The top of the pile, or the part that was touched. */
function windowOf(length: number, touched: readonly number[]): { from: number; to: number } {
  const from = Math.max(0, length - MAX_SHOWN);
  const lowest = Math.min(...touched.filter((i) => i >= 0 && i < length), from);
  const start = Math.max(0, Math.min(from, lowest));
  return { from: start, to: Math.min(length, start + MAX_SHOWN) };
}
