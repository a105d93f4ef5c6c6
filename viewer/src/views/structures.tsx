/** Owns the data panel: every figure of the step with its names and its menu of views, in a stable order. */

import type { JSX, RefObject } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { summary } from "../format";
import type { MessageKey, Translate } from "../messages";
import { groupTint, NO_NOTE, type Note, tintOf } from "../notes";
import type { Figure } from "../structure";
import type { Atom } from "../values";
import type { Picture, Viewer } from "./context";
import { drawingOf } from "./figures";
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
  const figures = (picture?.figures ?? []).filter((figure) => !noteOf(figure, picture).hidden);
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

function noteOf({ subject }: Figure, picture: Picture | null): Readonly<Note> {
  return (subject.object && picture?.notes.get(subject.object.id)) ?? NO_NOTE;
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
  readonly inside?: boolean;
}

function FigureCard({ figure, picture, viewer, width, inside = false }: CardProps): JSX.Element {
  const Draw = drawingOf(figure.view);
  const { object } = figure.subject;
  const hot = object !== null && viewer.hot.value === object.id;
  const note = noteOf(figure, picture);
  const scroller = useScroller(figure.view);
  const nest = useCallback(
    (nested: Figure, room: number) => (
      <FigureCard key={nested.key} figure={nested} picture={picture} viewer={viewer} width={room} inside />
    ),
    [picture, viewer],
  );
  return (
    <figure
      class="ds-figure"
      data-kind={figure.view}
      data-key={figure.key}
      data-hot={hot}
      data-inside={inside}
      data-tint={tintOf(note.color) ?? groupTint(note.group) ?? undefined}
    >
      <figcaption>
        <Title figure={figure} picture={picture} inside={inside} t={viewer.t} />
        <Menu figure={figure} viewer={viewer} />
        {[note.note, note.group, ...note.info]
          .filter((text) => text)
          .map((text) => (
            <em key={text} class="ds-said">
              {text}
            </em>
          ))}
      </figcaption>
      <div class="ds-scroll" ref={scroller}>
        <Draw {...{ figure, picture, viewer, width, nest }} model={figure.model} />
      </div>
    </figure>
  );
}

/** Characters of a text, of which only the beginning may be known. */
function characters(text: Atom | null): number {
  return text && text.length >= 0 ? text.length : Array.from(text?.text ?? "").length;
}

interface TitleProps {
  readonly figure: Figure;
  readonly picture: Picture;
  readonly inside: boolean;
  readonly t: Translate;
}

function Title({ figure, picture, inside, t: { number } }: TitleProps): JSX.Element {
  const { object, family, text, path } = figure.subject;
  const labels = object
    ? (picture.labels.get(object.id) ?? [])
    : text
      ? (picture.names.texts().find((found) => found.text.key === text.key)?.labels ?? [])
      : [];
  return (
    <>
      {labels.map(({ name, current }) => (
        <Name key={name} name={name} current={current} />
      ))}
      {!family && labels.length === 0 && !inside && <span class="ds-path">{path}</span>}
      <span class="ds-type">
        {family
          ? `${[...family.types].join(", ")} · ${number(family.objects.length)}`
          : object
            ? summary(object, number)
            : `str · ${number(characters(text))}`}
      </span>
    </>
  );
}

/** How else the subject can be drawn. What is chosen stays chosen for all steps. */
function Menu({ figure, viewer }: { figure: Figure; viewer: Viewer }): JSX.Element | null {
  const { store, t } = viewer;
  if (figure.options.length < 2) return null;
  return (
    <select
      class="ds-menu"
      aria-label={t("view.choose")}
      title={t("view.choose")}
      value={figure.view}
      onChange={(event) => store.chooseView(figure.key, (event.currentTarget as HTMLSelectElement).value)}
    >
      {figure.options.map((name) => (
        <option key={name} value={name}>
          {t(`view.${name}` as MessageKey)}
        </option>
      ))}
    </select>
  );
}

/** Scrolls the panel, and a figure inside it, so far that what the step touched is in view; never the page. */
function showTouched(body: HTMLElement): void {
  const mark = body.querySelector('[data-mark]:not([data-mark=""])');
  if (!mark) return;
  for (let box = mark.parentElement; box; box = box.parentElement) {
    if (box !== body && !box.classList.contains("ds-scroll")) continue;
    // What fits needs no scrolling, and asking where it is would lay the page out once more.
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight)
      bring(mark, box, box === body);
    if (box === body) return;
  }
}

function bring(mark: Element, box: HTMLElement, both: boolean): void {
  const inner = mark.getBoundingClientRect();
  const outer = box.getBoundingClientRect();
  box.scrollLeft += overlap(inner.left, inner.right, outer.left, outer.right);
  if (both) box.scrollTop += overlap(inner.top, inner.bottom, outer.top, outer.bottom);
}

/** What is nearer to the edge is brought to the middle, so that what comes next is likely to be in view already. */
const MARGIN = 28;

function overlap(start: number, end: number, low: number, high: number): number {
  return start - MARGIN < low || end + MARGIN > high ? (start + end - low - high) / 2 : 0;
}

/** What has to be scrolled can be reached by keyboard; what fits is no stop on the way. Asked when sizes change, not at each step. */
function useScroller(view: string): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => {
      if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
    });
    for (const each of [element, ...element.querySelectorAll(":scope > * > :is(svg, table)")])
      observer.observe(each);
    return () => observer.disconnect();
  }, [view]);
  return box;
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
