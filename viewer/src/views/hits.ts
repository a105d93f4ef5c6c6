/** Owns what a click in the picture asks about: it opens the panel of questions beside the place that was clicked. */

import type { Subject } from "../questions";
import { subjectOf } from "../suggest";
import type { Picture, Viewer } from "./context";

/** Opens the panel for a place, or for the whole step, beside an element. */
export function openAsking(
  viewer: Viewer,
  beside: Element,
  search = false,
  subject: Subject | null = null,
): void {
  const root = beside.closest(".ds-root");
  if (!root) return;
  const [outer, inner] = [root.getBoundingClientRect(), beside.getBoundingClientRect()];
  viewer.asking.value = { subject, search, x: inner.left - outer.left, y: inner.bottom - outer.top };
}

/** Handles a click anywhere in the panels: on a variable, a line number, a printed piece, or a place in a structure. */
export function onPanelClick(event: MouseEvent, viewer: Viewer, picture: Picture | null): void {
  const target = event.target as Element;
  // Whoever selects text to copy it asks nothing.
  if (!picture || target.closest("button, a, input") || !(getSelection()?.isCollapsed ?? true)) return;
  const piece = target.closest<HTMLElement>("[data-piece]");
  if (piece) {
    viewer.inquiry.goToOutput(Number(piece.dataset.piece));
    return;
  }
  const variable = target.closest<HTMLElement>("[data-variable]");
  if (variable) {
    const { unit, variable: name } = variable.dataset;
    openAsking(viewer, variable, false, { kind: "variable", unit: Number(unit), name: name as string });
    return;
  }
  const part = target.closest<HTMLElement | SVGElement>("[data-object]");
  const subject = part && subjectOf(Number(part.dataset.object), part.dataset.place, picture);
  if (part && subject) openAsking(viewer, part, false, subject);
}
