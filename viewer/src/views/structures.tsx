/** Owns the data panel: every figure of the step with its names, in a stable order. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Figure } from "../classify";
import { summary } from "../format";
import type { Translate } from "../messages";
import type { Picture, Viewer } from "./context";
import { viewOf } from "./figures";
import { Name, Panel, Sign } from "./parts";

/** Figures drawn; a picture with more is no picture. */
const MAX_FIGURES = 40;
const FALLBACK_WIDTH = 560;
/** What the panel's padding and a scrollbar take. */
const INSET = 40;

export function Structures({ viewer, picture }: { viewer: Viewer; picture: Picture | null }): JSX.Element {
  const { t } = viewer;
  const [body, setBody] = useState<HTMLElement | null>(null);
  const width = useWidth(body);
  const figures = picture?.figures ?? [];
  useEffect(() => {
    if (body) showTouched(body);
  }, [body, picture]);
  const hidden = figures.length - MAX_FIGURES;
  return (
    <Panel name="data" title={t("panel.structures")} aside={<Legend viewer={viewer} />} bodyRef={setBody}>
      {figures.length === 0 && <p class="ds-muted">{t("structures.none")}</p>}
      <div class="ds-figures">
        {picture &&
          figures
            .slice(0, MAX_FIGURES)
            .map((figure) => <FigureCard key={figure.key} {...{ figure, picture, viewer, width }} />)}
      </div>
      {hidden > 0 && <p class="ds-muted">{t("structures.more", { count: hidden })}</p>}
    </Panel>
  );
}

function Legend({ viewer: { t } }: { viewer: Viewer }): JSX.Element {
  return (
    <span class="ds-legend">
      <span>
        <Sign tone="read" /> {t("structures.legend.read")}
      </span>
      <span>
        <Sign tone="write" /> {t("structures.legend.write")}
      </span>
    </span>
  );
}

interface CardProps {
  readonly figure: Figure;
  readonly picture: Picture;
  readonly viewer: Viewer;
  readonly width: number;
}

function FigureCard({ figure, picture, viewer, width }: CardProps): JSX.Element {
  const View = viewOf(figure);
  const labels = figure.kind === "linked" ? [] : (picture.labels.get(figure.object.id) ?? []);
  const hot = figure.kind !== "linked" && viewer.hot.value === figure.object.id;
  return (
    <figure class="ds-figure" data-kind={figure.kind} data-key={figure.key} data-hot={hot}>
      <figcaption>
        {labels.map(({ name, current }) => (
          <Name key={name} name={name} current={current} />
        ))}
        {figure.kind !== "linked" && labels.length === 0 && <span class="ds-path">{figure.path}</span>}
        <span class="ds-type">
          {figure.kind === "linked" ? typesOf(figure, viewer.t) : summary(figure.object, viewer.t.number)}
        </span>
      </figcaption>
      <div class="ds-scroll">
        <View figure={figure} picture={picture} viewer={viewer} width={width} />
      </div>
    </figure>
  );
}

function typesOf(figure: Extract<Figure, { kind: "linked" }>, { number }: Translate): string {
  const types = [...new Set(figure.nodes.map(({ object }) => object.type))].join(", ");
  return `${types} · ${number(figure.nodes.length + figure.elided)}`;
}

/** Scrolls the panel, and a figure inside it, so far that what the step touched is in view; never the page. */
function showTouched(body: HTMLElement): void {
  const mark = [...body.querySelectorAll("[data-mark]")].find(
    (element) => element.getAttribute("data-mark") !== "",
  );
  if (!mark) return;
  for (let box = mark.parentElement; box; box = box.parentElement) {
    if (box !== body && !box.classList.contains("ds-scroll")) continue;
    const inner = mark.getBoundingClientRect();
    const outer = box.getBoundingClientRect();
    box.scrollLeft += overlap(inner.left, inner.right, outer.left, outer.right);
    if (box !== body) continue;
    box.scrollTop += overlap(inner.top, inner.bottom, outer.top, outer.bottom);
    return;
  }
}

/** Room kept around what is scrolled into view. */
const MARGIN = 28;

function overlap(start: number, end: number, low: number, high: number): number {
  if (start - MARGIN < low) return start - MARGIN - low;
  return end + MARGIN > high ? end + MARGIN - high : 0;
}

/** The room across in an element, followed while it changes. */
function useWidth(element: HTMLElement | null): number {
  const [width, setWidth] = useState(FALLBACK_WIDTH);
  const last = useRef(0);
  useEffect(() => {
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => {
      const room = element.clientWidth - INSET;
      // A scrollbar that comes and goes must not make the picture flicker between two layouts.
      if (room > 0 && Math.abs(room - last.current) > 18) {
        last.current = room;
        setWidth(room);
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
