/**
 * Owns the strip: cells side by side with indices, marks, notes and pointers, in as many rows as needed and a window
 * where there are too many. What was moved is seen moving. Shared by every view that shows a sequence.
 */

import { Component, type JSX } from "preact";
import { useRef } from "preact/hooks";
import { CELL_HEIGHT, cellWidth, layoutArray, type PlacedPointer } from "../../layout/array";
import { type Mark, type Marks, markAt } from "../../marks";
import { type Drawn, flightsOf, NO_FLIGHTS } from "../../motion";
import { groupTint, type Note, tintOf } from "../../notes";
import type { Pointer } from "../../scope";
import type { Viewer } from "../context";
import { about, MarkSign, Pill } from "../parts";

/** Elements measured for the width of a cell. */
const MEASURED = 200;

export interface StripProps {
  readonly length: number;
  /** The sequence's id, or 0 for a text. */
  readonly object: number;
  /** What stands in a cell. */
  readonly text: (i: number) => string;
  readonly note: (i: number) => Readonly<Note>;
  readonly marks: Marks;
  readonly pointers: readonly Pointer[];
  readonly step: number;
  readonly width: number;
  readonly label: string;
  readonly viewer: Viewer;
  /** Narrower cells, for characters. */
  readonly narrow?: boolean;
  /** A line before the cells and one after them, for a text's quotes. */
  readonly quoted?: boolean;
}

interface Memory {
  from: number;
  widest: number;
  sides: boolean;
  drawn: Drawn | null;
  step: number;
  flights: ReadonlyMap<number, number>;
}

export function Strip(props: StripProps): JSX.Element {
  const { length, text, note, marks, step, width, viewer } = props;
  const memory = useRef<Memory>({
    from: -1,
    widest: 0,
    sides: false,
    drawn: null,
    step: -1,
    flights: NO_FLIGHTS,
  });
  const kept = memory.current;
  const pointers = [...props.pointers, ...notePointers(props)];
  const focus = focusOf(
    marks,
    pointers.map(({ position }) => position),
  );
  kept.widest = Math.max(kept.widest, props.narrow ? 30 : widthOf(props, focus));
  kept.sides ||= props.pointers.length > 0;
  const layout = layoutArray({
    length,
    cellWidth: kept.widest,
    width,
    focus,
    pointers,
    previousFrom: kept.from,
    sides: kept.sides,
  });
  kept.from = layout.from;
  const texts = new Map(layout.cells.map(({ index }) => [index, text(index)]));
  fly(kept, texts, length, marks, step);
  const places = new Map(layout.cells.map((cell) => [cell.index, cell]));
  return (
    <div class="ds-array" data-quoted={props.quoted ?? false}>
      {layout.from > 0 && <p class="ds-elided">⋯ {viewer.t("array.before", { count: layout.from })}</p>}
      <svg width={layout.width} height={layout.height} role="img" aria-label={props.label}>
        <Brackets marks={marks} cells={layout.cells} width={kept.widest} />
        {layout.cells.map(({ index, x, y }) => {
          const from = places.get(kept.flights.get(index) ?? -1);
          const said = note(index);
          return (
            <Cell
              key={index}
              x={x}
              y={y}
              width={kept.widest}
              index={index}
              object={props.object}
              text={texts.get(index) as string}
              mark={markAt(marks, String(index))}
              tint={tintOf(said.color) ?? groupTint(said.group) ?? ""}
              hidden={said.hidden}
              blink={said.blink ? step : -1}
              dx={from ? from.x - x : 0}
              dy={from ? from.y - y : 0}
              flight={from ? kept.step : -1}
            />
          );
        })}
        <Pointers pointers={layout.pointers} />
      </svg>
      {layout.to < length && (
        <p class="ds-elided">⋯ {viewer.t("array.after", { count: length - layout.to })}</p>
      )}
    </div>
  );
}

/** Cells grow with their contents but never shrink again: a picture that breathes is hard to follow. */
function widthOf({ length, text }: StripProps, focus: readonly number[]): number {
  const measured: string[] = [];
  for (let i = 0; i < Math.min(length, MEASURED); i++) measured.push(text(i));
  for (const i of focus) if (i >= MEASURED && i < length) measured.push(text(i));
  return cellWidth(measured);
}

/** Positions to keep in view: what was touched, then what is pointed at. */
function focusOf(marks: Marks, pointed: readonly number[]): number[] {
  return [
    ...[...marks.writes, ...marks.reads].map(Number),
    ...(marks.range ? [marks.range[0]] : []),
    ...pointed,
  ];
}

/** What the author noted at elements stands below them, like a pointer. */
function notePointers({ length, note }: StripProps): Pointer[] {
  const found: Pointer[] = [];
  for (let i = 0; i < Math.min(length, MEASURED); i++) {
    const said = note(i);
    if (said.note) found.push({ name: said.note, position: i, current: false });
  }
  return found;
}

/** Works out what moved, once per step; a picture drawn again at the same step keeps its motion. */
function fly(
  kept: Memory,
  texts: ReadonlyMap<number, string>,
  length: number,
  marks: Marks,
  step: number,
): void {
  if (kept.drawn && kept.step === step) return;
  const before = kept.drawn;
  const near = before !== null && Math.abs(step - kept.step) <= 400;
  const found = near ? flightsOf(before, texts, length, marks.reads) : null;
  kept.flights = found?.flights ?? NO_FLIGHTS;
  kept.drawn = { texts, length, replaced: found?.replaced ?? new Map() };
  kept.step = step;
}

interface CellProps {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly index: number;
  readonly object: number;
  readonly text: string;
  readonly mark: Mark;
  readonly tint: string;
  readonly hidden: boolean;
  /** The step at which it is pointed out, or -1. */
  readonly blink: number;
  readonly dx: number;
  readonly dy: number;
  /** The step at which its element came here from elsewhere, or -1. */
  readonly flight: number;
}

/**
 * A cell; drawn anew only when something about it changes, since of a large structure most never does. It stands where it
 * is drawn, without a transform of its own: each of those costs the browser at every frame.
 */
class Cell extends Component<CellProps> {
  override shouldComponentUpdate(after: CellProps): boolean {
    const before = this.props;
    return (Object.keys(after) as (keyof CellProps)[]).some((key) => after[key] !== before[key]);
  }

  override render(props: CellProps): JSX.Element {
    const { x, y, width, index, text, mark, tint, dx, dy, flight } = props;
    const lift = dy === 0 ? (dx > 0 ? -CELL_HEIGHT * 0.7 : CELL_HEIGHT * 0.35) : 0;
    return (
      <g
        class="ds-cell"
        data-mark={mark}
        data-index={index}
        {...(props.object ? about({ id: props.object }, index) : {})}
        data-tint={tint || undefined}
        data-hidden={props.hidden || undefined}
      >
        <g
          key={flight}
          class={flight < 0 ? undefined : "ds-fly"}
          style={flight < 0 ? undefined : { "--dx": `${dx}px`, "--dy": `${dy}px`, "--lift": `${lift}px` }}
        >
          <rect x={x + 1} y={y + 1} width={width - 2} height={CELL_HEIGHT - 2} rx={6} />
          <text
            class="ds-cell-text"
            data-flown={flight >= 0}
            x={x + width / 2}
            y={y + CELL_HEIGHT / 2 + 5}
            key={text}
          >
            {text}
          </text>
        </g>
        {props.blink >= 0 && <Blink key={props.blink} {...{ x, y, width }} height={CELL_HEIGHT} />}
        <MarkSign mark={mark} x={x + 1} y={y + 1} width={width - 2} />
        <text class="ds-index" x={x + width / 2} y={y + CELL_HEIGHT + 12}>
          {index}
        </text>
      </g>
    );
  }
}

/** A ring that the author asked for, gone a moment later. */
export function Blink(props: { x: number; y: number; width: number; height: number }): JSX.Element {
  const { x, y, width, height } = props;
  return <rect class="ds-blink" x={x - 3} y={y - 3} width={width + 6} height={height + 6} rx={10} />;
}

/** All stems before all names, so that none is drawn across a name. */
function Pointers({ pointers }: { pointers: readonly PlacedPointer[] }): JSX.Element {
  return (
    <>
      {pointers.map(({ name, current, x, y, stem }) => (
        <g
          key={`stem ${name}`}
          class="ds-pointer"
          data-current={current}
          style={{ transform: `translate(${x}px,${y}px)` }}
        >
          {stem > 0 && <path class="ds-stem" d={`M0 ${2 - stem}V4`} />}
          <path class="ds-tip" d={`M-4 ${3 - stem}L0 ${-2 - stem}L4 ${3 - stem}z`} />
        </g>
      ))}
      {pointers.map(({ name, current, x, y, position, aside }) => (
        <g
          key={name}
          class="ds-pointer"
          data-current={current}
          data-position={position}
          style={{ transform: `translate(${x}px,${y}px)` }}
        >
          <Pill name={name} x={aside} y={2} current={current} />
        </g>
      ))}
    </>
  );
}

/** A bracket around a slice that was read or written, row by row. */
function Brackets(props: {
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
    <g class="ds-range" data-from={from} data-to={to}>
      {rows.map((y) => {
        const row = inside.filter((cell) => cell.y === y);
        const left = Math.min(...row.map(({ x }) => x)) - 2;
        const right = Math.max(...row.map(({ x }) => x)) + width + 2;
        const [top, bottom] = [y - 2, y + CELL_HEIGHT + 2];
        return (
          <g key={y}>
            <rect x={left} y={top} width={right - left} height={bottom - top} rx={7} />
            <path
              d={`M${left + 7} ${top}H${left}V${bottom}H${left + 7}M${right - 7} ${top}H${right}V${bottom}H${right - 7}`}
            />
          </g>
        );
      })}
    </g>
  );
}
