/** Owns the shapes all linked layouts share: boxes with a place, and the curves between them. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** A link between two boxes, before it has a place. */
export interface LinkSpec {
  /** Stable from step to step, so that a view can keep the element. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** What it is in the program: an attribute, a key. */
  readonly name: string;
  /** What is written on it. */
  readonly label: string;
  /** A link beside the shape proper: a back link, a second parent. */
  readonly minor: boolean;
}

export interface Edge {
  readonly id: string;
  readonly path: string;
  readonly label: string;
  readonly labelX: number;
  readonly labelY: number;
}

export interface LinkedLayout extends Size {
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function line(x1: number, y1: number, x2: number, y2: number): string {
  return `M${n(x1)} ${n(y1)}L${n(x2)} ${n(y2)}`;
}

export function curve(
  x1: number,
  y1: number,
  cx1: number,
  cy1: number,
  cx2: number,
  cy2: number,
  x2: number,
  y2: number,
): string {
  return `M${n(x1)} ${n(y1)}C${n(cx1)} ${n(cy1)} ${n(cx2)} ${n(cy2)} ${n(x2)} ${n(y2)}`;
}

/** Where the line from a box's centre to a point leaves the box. */
export function rim(box: Box, towardsX: number, towardsY: number, margin = 0): readonly [number, number] {
  const cx = box.x + box.width / 2;
  const cy = box.y + box.height / 2;
  const dx = towardsX - cx;
  const dy = towardsY - cy;
  if (dx === 0 && dy === 0) return [cx, cy];
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : (box.width / 2 + margin) / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : (box.height / 2 + margin) / Math.abs(dy),
  );
  return [cx + dx * scale, cy + dy * scale];
}

export function centre(box: Box): readonly [number, number] {
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** A loop on a box's right side, for a link from a node to itself: names stand above. */
export function selfLoop(box: Box): string {
  const x = box.x + box.width;
  const [top, bottom] = [box.y + box.height * 0.28, box.y + box.height * 0.72];
  return curve(x, top, x + 30, top - 14, x + 30, bottom + 14, x + 3, bottom);
}

/** Where such a loop's text stands. */
export function besideLoop(box: Box): { readonly labelX: number; readonly labelY: number } {
  return { labelX: box.x + box.width + 8, labelY: box.y + box.height + 8 };
}

/** Layout bounds from boxes, with room around them. */
export function bounds(boxes: readonly Box[], right: number, bottom: number): Size {
  return {
    width: boxes.reduce((w, box) => Math.max(w, box.x + box.width), 0) + right,
    height: boxes.reduce((h, box) => Math.max(h, box.y + box.height), 0) + bottom,
  };
}
