/** Owns the small pieces that several views draw: marks of reading and writing, name pills, icons. */

import type { ComponentChildren, JSX } from "preact";
import { CELL_TEXT, formatValue } from "../format";
import { elementAt, type HeapObject, type Lookup } from "../heap";
import { pillWidth } from "../layout/array";
import { type Mark, type Marks, markAt } from "../marks";
import type { Notes } from "../notes";
import type { Label, Pointer } from "../scope";

/**
 * What a part of the picture is about: an object, and with `place` one element, entry or attribute of it. Parts that
 * say so can be clicked for questions. A place is written as in `Marks`: a decimal position, or the entry's key.
 */
export function about(object: { readonly id: number }, place?: string | number): Record<string, string> {
  return {
    "data-object": String(object.id),
    ...(place === undefined ? {} : { "data-place": String(place) }),
  };
}

/** The mark's sign inside a figure: a dot for read, a corner for written, so that colour is never alone. */
export function MarkSign({
  mark,
  x,
  y,
  width,
}: {
  mark: Mark;
  x: number;
  y: number;
  width: number;
}): JSX.Element {
  return (
    <g class="ds-sign">
      {(mark === "read" || mark === "both") && <circle class="ds-sign-read" cx={x + 7} cy={y + 7} r={3} />}
      {(mark === "write" || mark === "both") && (
        <path class="ds-sign-write" d={`M${x + width - 11} ${y + 3}h5a3 3 0 0 1 3 3v5z`} />
      )}
    </g>
  );
}

/** A rounded label in a figure, centred on x; y is its top. */
export function Pill({
  name,
  x,
  y,
  current,
}: {
  name: string;
  x: number;
  y: number;
  current: boolean;
}): JSX.Element {
  const width = pillWidth(name);
  return (
    <g class="ds-pill" data-current={current}>
      <rect x={x - width / 2} y={y} width={width} height={18} rx={9} />
      <text x={x} y={y + 13}>
        {name}
      </text>
    </g>
  );
}

/** Names above a box whose top is y, the first with a tip that points at it. */
export function Labels(props: { labels: readonly Label[]; x: number; y: number }): JSX.Element {
  const { labels, x, y } = props;
  return (
    <>
      {labels.map(({ name, current }, i) => (
        <g key={name} class="ds-tag">
          {i === 0 && (
            <path
              class="ds-tip"
              data-current={current}
              d={`M${x - 4} ${y - 6}L${x} ${y - 1}L${x + 4} ${y - 6}z`}
            />
          )}
          <Pill name={name} x={x} y={y - 24 - i * 22} current={current} />
        </g>
      ))}
    </>
  );
}

/** The same label among text. */
export function Name({ name, current }: { name: string; current: boolean }): JSX.Element {
  return (
    <span class="ds-name" data-current={current}>
      {name}
    </span>
  );
}

/** The read and written signs beside words. */
export function Sign({ tone }: { tone: string }): JSX.Element | null {
  if (tone !== "read" && tone !== "write" && tone !== "error") return null;
  return (
    <svg class="ds-tone" data-tone={tone} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {tone === "read" && <circle cx="6" cy="6" r="3.5" />}
      {tone === "write" && <path d="M2 2h6a2 2 0 0 1 2 2v6z" />}
      {tone === "error" && <path d="M6 1l5.5 10h-11z" />}
    </svg>
  );
}

/** Both signs, where both happened. */
export function Signs({ mark }: { mark: Mark }): JSX.Element | null {
  if (!mark) return null;
  return (
    <>
      {mark !== "write" && <Sign tone="read" />}
      {mark !== "read" && <Sign tone="write" />}
    </>
  );
}

/** What is read out of a sequence's picture. */
export function sequenceText(path: string, object: HeapObject, lookup: Lookup): string {
  const shown = Array.from({ length: Math.min(object.length, 20) }, (_, i) =>
    formatValue(elementAt(object, i), lookup, CELL_TEXT, 1),
  );
  return `${path}: ${object.type}, ${object.length}: ${shown.join(", ")}${object.length > 20 ? ", …" : ""}`;
}

/** Pointers that the program's author set. */
export function notePointers(notes: Notes, object: HeapObject): Pointer[] {
  return (notes.get(object.id)?.pointers ?? []).map(({ name, key }) => ({
    name,
    position: Number(key),
    current: true,
  }));
}

/** Of many entries those around the touched ones, and how many are left out on either side. */
export function windowAround<T extends readonly [string, unknown]>(
  all: readonly T[],
  length: number,
  marks: Marks,
  room: number,
): { shown: readonly T[]; before: number; after: number } {
  if (all.length <= room) return { shown: all, before: 0, after: length - all.length };
  const touched =
    marks.reads.size || marks.writes.size ? all.findIndex(([key]) => markAt(marks, key) !== "") : 0;
  // Pages, so that the window stays while the work goes on inside it.
  const page = Math.floor(room / 2);
  const from = Math.min(Math.max(0, (Math.floor(touched / page) - 0.5) * page), all.length - room);
  const start = touched < page ? 0 : Math.floor(from);
  return { shown: all.slice(start, start + room), before: start, after: length - start - room };
}

const ICONS = {
  first: "M5 5v14M19 5l-10 7 10 7z",
  previous: "M16 5l-10 7 10 7z",
  play: "M7 4.5l12 7.5-12 7.5z",
  pause: "M8 5v14M16 5v14",
  next: "M8 5l10 7-10 7z",
  last: "M19 5v14M5 5l10 7-10 7z",
  over: "M4 13a8 7 0 0 1 15.5-1M20 5.5v7h-7M12 19h.01",
  into: "M12 3v10M7 9l5 5 5-5M12 20h.01",
  out: "M12 14V4M7 8.5l5-5 5 5M12 20h.01",
  ask: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.5 15.5L20 20",
  help: "M4 7.5h16v9H4zM7.5 10.5h.01M11 10.5h.01M14.5 10.5h.01M8.5 13.8h7",
  close: "M7 7l10 10M17 7L7 17",
} as const;

export type IconName = keyof typeof ICONS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="ds-icon" data-name={name} viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}

/** A button that shows an icon. The hint names its key. */
export function Button(props: {
  icon: IconName;
  label: string;
  hint?: string;
  act: (event: MouseEvent) => void;
}): JSX.Element {
  const { icon, label, hint, act } = props;
  return (
    <button
      type="button"
      class="ds-button"
      data-icon={icon}
      aria-label={label}
      title={hint ? `${label} (${hint})` : label}
      onClick={act}
    >
      <Icon name={icon} />
    </button>
  );
}

/** A panel: a section with a heading and a body that scrolls by itself. */
export function Panel(props: {
  name: string;
  title: string;
  aside?: ComponentChildren;
  bodyRef?: (element: HTMLElement | null) => void;
  children: ComponentChildren;
}): JSX.Element {
  const { name, title, aside, bodyRef, children } = props;
  return (
    <section class={`ds-panel ds-${name}`} aria-label={title}>
      <header class="ds-head">
        <h3>{title}</h3>
        {aside}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
      <div class="ds-body" ref={bodyRef ?? null} tabIndex={0}>
        {children}
      </div>
    </section>
  );
}
