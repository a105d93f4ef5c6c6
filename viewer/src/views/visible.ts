/**
 * Owns which viewers are drawn: all of a few, and of many those on the screen or near it. A page of two hundred runs so holds two
 * hundred root elements, with their attributes, and the pictures of a few.
 */

import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** How far from the screen a viewer is drawn already, so that scrolling meets no empty places. */
const NEAR = "800px 0px";
/** Room kept for a viewer that was never drawn, in px: about what one takes. */
const FIRST_HEIGHT = 560;

/** Up to so many viewers on a page all are drawn and stay so: to be found by the browser's search, and printed. */
export const FEW = 12;

type Tell = (near: boolean) => void;

const watched = new Map<Element, Tell>();
let observer: IntersectionObserver | null = null;

/** Tells whether an element is near the screen, now and when that changes; returns the clean-up. One observer does for all. */
function watchNear(element: Element, tell: Tell): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) watched.get(target)?.(isIntersecting);
    },
    { rootMargin: NEAR },
  );
  watched.set(element, tell);
  observer.observe(element);
  return () => {
    observer?.unobserve(element);
    watched.delete(element);
    if (watched.size > 0) return;
    observer?.disconnect();
    observer = null;
  };
}

export interface Seen {
  readonly root: RefObject<HTMLDivElement | null>;
  /** Whether the content is to be drawn. */
  readonly near: boolean;
  /** Room to keep while it is not, in px; 0 while it is. */
  readonly height: number;
}

/** Whether the viewer with this root is to be drawn. */
export function useNear(): Seen {
  const root = useRef<HTMLDivElement>(null);
  const height = useRef(FIRST_HEIGHT);
  const everywhere = typeof IntersectionObserver === "undefined";
  const [near, setNear] = useState(everywhere || watched.size < FEW);
  useLayoutEffect(() => {
    const element = root.current;
    if (!element || everywhere) return undefined;
    return watchNear(element, (now) => {
      if (!now && watched.size <= FEW) return;
      // What somebody works in stays; leaving a page far behind with the keyboard in it is rare.
      if (!now && element.contains(document.activeElement)) return;
      if (!now && element.offsetHeight > 0) height.current = element.offsetHeight;
      setNear(now);
    });
  }, []);
  return { root, near, height: near ? 0 : height.current };
}
