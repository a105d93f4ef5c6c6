/** Owns the picture of a queue: a pipe, open at both ends; what leaves at the front makes the others move up. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { CELL_TEXT, formatValue } from "../format";
import { elementAt, type HeapObject } from "../heap";
import { CELL_HEIGHT, cellWidth } from "../layout/array";
import { markAt, NO_MARKS } from "../marks";
import { groupTint, noteAt, tintOf } from "../notes";
import { fitQueue, type SequenceModel } from "../recognise/sequence";
import { keyOf, type Value } from "../values";
import type { FigureProps, StructureView } from "./context";
import { about, MarkSign, Pill, sequenceText } from "./parts";

export const queue: StructureView<SequenceModel> = { name: "queue", fit: fitQueue, Draw };

const GAP = 4;
const SIDE = 26;
/** Room above for the pipe's wall, below for indices and the ends' names. */
const TOP = 8;
const BELOW = 46;
/** Cells kept at the end that is not looked at. */
const TAIL = 2;

interface Memory {
  width: number;
  cells: number;
  /** Number of the element at the front, counted from the first one ever drawn there. */
  serial: number;
  items: readonly string[];
  step: number;
}

interface Slot {
  readonly index: number;
  readonly x: number;
}

function Draw({
  figure,
  model: { object },
  picture,
  viewer,
  width,
}: FigureProps<SequenceModel>): JSX.Element {
  const { lookup, step } = picture.snapshot.state;
  const memory = useRef<Memory>({ width: 44, cells: 3, serial: 0, items: [], step: -1 });
  const { current: kept } = memory;
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  const text = (i: number) => formatValue(elementAt(object, i), lookup, CELL_TEXT, 1);
  follow(kept, object, step);
  const sample = Array.from({ length: Math.min(object.length, 24) }, (_, i) => text(i));
  kept.width = Math.max(kept.width, cellWidth(sample));
  const room = Math.max(4, Math.floor((width - 2 * SIDE) / (kept.width + GAP)));
  const touched = [...marks.writes, ...marks.reads].map(Number).find((i) => i >= 0 && i < object.length);
  const shown = slots(object.length, room, kept.width + GAP, touched ?? 0);
  kept.cells = Math.max(kept.cells, Math.min(room, object.length));
  const end = SIDE + Math.max(kept.cells, shown.length) * (kept.width + GAP);
  const last = shown[shown.length - 1];
  const gap = shown.find(({ index }, i) => i > 0 && index !== (shown[i - 1] as Slot).index + 1);
  return (
    <div class="ds-queue">
      <svg
        width={end + SIDE}
        height={CELL_HEIGHT + TOP + BELOW}
        role="img"
        aria-label={sequenceText(figure.subject.path, object, lookup)}
      >
        <path
          class="ds-wall"
          d={`M${SIDE - 14} 3H${end + 10}M${SIDE - 14} ${CELL_HEIGHT + 13}H${end + 10}`}
        />
        {shown.map(({ index, x }) => {
          const mark = markAt(marks, String(index));
          const note = noteAt(picture.notes, object.id, String(index), elementAt(object, index));
          return (
            <g
              key={kept.serial + index}
              class="ds-cell"
              {...about(object, index)}
              data-mark={mark}
              data-index={index}
              data-tint={tintOf(note.color) ?? groupTint(note.group) ?? undefined}
              style={{ transform: `translate(${x}px,${TOP}px)` }}
            >
              <g class="ds-join">
                <rect x={1} y={1} width={kept.width - 2} height={CELL_HEIGHT - 2} rx={6} />
                <text key={text(index)} class="ds-cell-text" x={kept.width / 2} y={CELL_HEIGHT / 2 + 5}>
                  {text(index)}
                </text>
                <MarkSign mark={mark} x={1} y={1} width={kept.width - 2} />
              </g>
            </g>
          );
        })}
        {gap && (
          <text class="ds-index" x={gap.x - GAP - kept.width / 2} y={TOP + CELL_HEIGHT / 2 + 4}>
            ⋯ {viewer.t.number(object.length - shown.length)}
          </text>
        )}
        {last && <End name={viewer.t("queue.front")} x={SIDE + kept.width / 2} />}
        {last && last.index > 0 && <End name={viewer.t("queue.back")} x={last.x + kept.width / 2} />}
      </svg>
    </div>
  );
}

function End({ name, x }: { name: string; x: number }): JSX.Element {
  return (
    <g
      class="ds-pointer"
      data-current="false"
      style={{ transform: `translate(${x}px,${TOP + CELL_HEIGHT}px)` }}
    >
      <path class="ds-tip" d="M-4 14L0 9L4 14z" />
      <Pill name={name} x={0} y={14} current={false} />
    </g>
  );
}

/** The places to draw: the front, or what was touched; the back; between them one place that says how many. */
function slots(length: number, room: number, pitch: number, focus: number): Slot[] {
  const at = (index: number, place: number): Slot => ({ index, x: SIDE + place * pitch });
  if (length <= room) return Array.from({ length }, (_, i) => at(i, i));
  const head = room - TAIL - 1;
  const from = Math.min(Math.max(0, focus - head + 1), length - TAIL - head);
  return [
    ...Array.from({ length: head }, (_, i) => at(from + i, i)),
    ...Array.from({ length: TAIL }, (_, i) => at(length - TAIL + i, head + 1 + i)),
  ];
}

/** Elements looked at to tell what left at the front and what was put there. */
const LOOK = 12;

/** Keeps count of the front, so that an element stays the same element while others leave. */
function follow(kept: Memory, object: HeapObject, step: number): void {
  const items = object.items
    .slice(0, LOOK)
    .map((item: Value) => (typeof item === "number" ? `${item}` : keyOf(item)));
  if (kept.step === step) return;
  const before = kept.items;
  for (let left = 0; left <= 2; left++) {
    if (matches(before, items, left)) {
      kept.serial += left;
      break;
    }
    if (left && matches(items, before, left)) {
      kept.serial -= left;
      break;
    }
  }
  kept.items = items;
  kept.step = step;
}

/** Whether `after` is `before` without its first `left` elements, as far as both are known. */
function matches(before: readonly string[], after: readonly string[], left: number): boolean {
  const known = Math.min(before.length - left, after.length);
  if (known < 0 || (known === 0 && before.length !== left)) return false;
  for (let i = 0; i < known; i++) if (before[i + left] !== after[i]) return false;
  return true;
}
