/** Owns putting the style sheet on the page: once per document or shadow root, gone with the last viewer in it. */

import figures from "./figures.css?inline";
import narrow from "./narrow.css?inline";
import panels from "./panels.css?inline";
import theme from "./theme.css?inline";

interface Held {
  readonly element: HTMLStyleElement;
  users: number;
}

const held = new WeakMap<Node, Held>();

/** Makes sure that the sheet applies to `element`; returns its clean-up. */
export function useStyle(element: Element): () => void {
  const root = element.getRootNode();
  const place = root instanceof ShadowRoot ? root : element.ownerDocument.head;
  let entry = held.get(place);
  if (!entry) {
    const style = element.ownerDocument.createElement("style");
    style.setAttribute("data-dstruct", "style");
    style.textContent = [theme, panels, figures, narrow].join("\n");
    place.append(style);
    entry = { element: style, users: 0 };
    held.set(place, entry);
  }
  entry.users++;
  return () => {
    if (--entry.users > 0) return;
    entry.element.remove();
    held.delete(place);
  };
}
