/** Owns the slider and the strip above it: where in the run writes, calls, output and errors lie, and the answers found. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Lane } from "../census";
import type { Inquiry } from "../inquiry";
import type { Clock } from "../pair";
import type { Density } from "../run-index";
import type { Viewer } from "./context";

const HEIGHT = 22;
/** Answers are marked in so many places. */
const TICKS = 256;

export function Overview({ viewer, clock }: { viewer: Viewer; clock: Clock }): JSX.Element {
  const { t } = viewer;
  const last = clock.steps.value;
  const step = clock.target.value;
  const values = { step, steps: last };
  return (
    <div class="ds-overview">
      <Strip viewer={viewer} last={last} />
      <input
        class="ds-slider"
        type="range"
        aria-label={t("viewer.slider")}
        aria-valuetext={t("viewer.step", values)}
        title={t("overview.title")}
        min={0}
        max={last}
        step={1}
        value={step}
        style={{ "--ds-done": `${last ? (100 * step) / last : 0}%` }}
        onInput={(event) => clock.go(Number(event.currentTarget.value))}
      />
    </div>
  );
}

/** Drawn anew when the run grows, answers come, or the room changes; never for a step. */
function Strip({ viewer, last }: { viewer: Viewer; last: number }): JSX.Element {
  const { inquiry } = viewer;
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useRoom(canvas);
  const indexed = inquiry.indexed.value;
  const active = inquiry.active.value;
  const searched = active?.searched.value ?? 0;
  const theme = viewer.theme.value;
  useEffect(() => {
    if (canvas.current && width > 0) draw(canvas.current, width, inquiry, last);
  }, [width, indexed, active, searched, last, theme]);
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus.
  return <canvas ref={canvas} class="ds-strip" aria-hidden="true" />;
}

function useRoom(element: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

function draw(canvas: HTMLCanvasElement, width: number, inquiry: Inquiry, last: number): void {
  const scale = globalThis.devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = HEIGHT * scale;
  const pen = canvas.getContext("2d");
  if (!pen || last === 0) return;
  pen.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name);
  const { density } = inquiry.index;
  const columns = Math.max(1, Math.floor(width / 2));
  const counts = (lane: Lane) => perColumn(density, lane, columns, last);
  bars(pen, counts("write"), colour("--ds-write"), (share) => [HEIGHT - 14 * share, 14 * share]);
  bars(pen, counts("call"), colour("--ds-brand"), () => [4, 2]);
  bars(pen, counts("output"), colour("--ds-soft"), () => [0, 2]);
  bars(pen, counts("error"), colour("--ds-error"), () => [0, HEIGHT]);
  ticks(pen, inquiry, width, colour("--ds-ink"));
}

/** What a lane holds in each column of two pixels. */
function perColumn(density: Density, lane: Lane, columns: number, last: number): Float64Array {
  const counts = new Float64Array(columns);
  const bins = density.lanes[lane];
  const used = Math.min(density.bins, Math.floor(last / density.width) + 1);
  for (let bin = 0; bin < used; bin++) {
    const from = (bin * density.width) / (last + 1);
    const column = Math.min(columns - 1, Math.floor(from * columns));
    counts[column] = (counts[column] as number) + (bins[bin] as number);
  }
  return counts;
}

type Bar = (share: number) => [top: number, height: number];

function bars(pen: CanvasRenderingContext2D, counts: Float64Array, colour: string, bar: Bar): void {
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  if (most === 0) return;
  pen.fillStyle = colour;
  counts.forEach((count, i) => {
    if (count === 0) return;
    // By its root, so that a quiet part beside a busy one is still seen.
    const [top, height] = bar(Math.sqrt(count / most));
    pen.fillRect(2 * i, top, 1.5, height);
  });
}

/** Small triangles that point down at the answers. */
function ticks(pen: CanvasRenderingContext2D, inquiry: Inquiry, width: number, colour: string): void {
  const answers = inquiry.active.peek()?.answers;
  if (!answers) return;
  pen.fillStyle = colour;
  answers.spread(TICKS).forEach((mark, i) => {
    if (!mark) return;
    const x = ((i + 0.5) * width) / TICKS;
    pen.beginPath();
    pen.moveTo(x - 3, 0);
    pen.lineTo(x + 3, 0);
    pen.lineTo(x, 5);
    pen.fill();
  });
}
