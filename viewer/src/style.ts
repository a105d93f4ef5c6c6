/** Owns putting the style sheet on the page: once per document or shadow root, gone with the last viewer in it. */

import access from "./access.css?inline";
import figures from "./figures.css?inline";
import narrow from "./narrow.css?inline";
import panels from "./panels.css?inline";
import theme from "./theme.css?inline";
import time from "./time.css?inline";

interface Held {
  readonly element: HTMLStyleElement;
  users: number;
}

const held = new WeakMap<Node, Held>();

function placeOf(element: Element): HTMLHeadElement | ShadowRoot {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root : element.ownerDocument.head;
}

function hold(place: HTMLHeadElement | ShadowRoot): () => void {
  let entry = held.get(place);
  if (!entry) {
    const style = place.ownerDocument.createElement("style");
    style.setAttribute("data-dstruct", "style");
    style.textContent = [theme, panels, figures, time, narrow, access].join("\n");
    place.append(style);
    entry = { element: style, users: 0 };
    held.set(place, entry);
  }
  const mine = entry;
  mine.users++;
  return () => {
    if (--mine.users > 0) return;
    mine.element.remove();
    held.delete(place);
  };
}

/** Makes sure that the sheet applies to `element`; returns its clean-up. */
export function useStyle(element: Element): () => void {
  let release = hold(placeOf(element));
  // A host may draw first and attach later: only then it shows whether there is a shadow root.
  const frame = element.isConnected
    ? 0
    : requestAnimationFrame(() => {
        const attached = hold(placeOf(element));
        release();
        release = attached;
      });
  return () => {
    cancelAnimationFrame(frame);
    release();
  };
}
