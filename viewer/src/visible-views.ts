/**
 * Owns that every text and every label the views draw is visible (visible.ts), at the one place where Preact makes elements,
 * so that no view can forget it. That text is never markup is Preact's own promise: it makes text nodes, and nothing here
 * writes HTML.
 */

import { options, type VNode } from "preact";
import { visible } from "./visible";

/** Attributes that are read out or shown. */
const LABELS = ["aria-label", "aria-valuetext", "aria-description", "title"] as const;

function visibleChildren(children: unknown): unknown {
  if (typeof children === "string") return visible(children);
  if (!Array.isArray(children)) return children;
  let copy: unknown[] | null = null;
  children.forEach((child, i) => {
    const shown = visibleChildren(child);
    if (shown === child) return;
    copy ??= [...children];
    copy[i] = shown;
  });
  return copy ?? children;
}

function makeVisible({ type, props }: VNode): void {
  const own = props as Record<string, unknown>;
  if (own.children !== undefined) own.children = visibleChildren(own.children);
  if (typeof type !== "string") return;
  for (const name of LABELS) if (typeof own[name] === "string") own[name] = visible(own[name]);
}

// Our own copy of Preact, which nobody else on the page has.
const before = options.vnode;
options.vnode = (vnode) => {
  makeVisible(vnode as VNode);
  before?.(vnode);
};
