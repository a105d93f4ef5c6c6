/** Owns the small pieces that several views draw: marks of reading and writing, name pills, icons. */

import type { ComponentChildren, JSX } from "preact";
import { pillWidth } from "../layout/array";

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

export type Mark = "read" | "write" | "both" | "";

export function markOf(reads: boolean, writes: boolean): Mark {
  return reads && writes ? "both" : reads ? "read" : writes ? "write" : "";
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
