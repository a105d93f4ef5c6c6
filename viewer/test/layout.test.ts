/** Geometry: where things stand, and that they keep their places. */

import { describe, expect, it } from "vitest";
import { layoutArray } from "../src/layout/array";
import { arrange, layoutChain } from "../src/layout/chain";
import { layoutFree } from "../src/layout/free";
import type { LinkSpec } from "../src/layout/geometry";
import { layoutGraph } from "../src/layout/graph";
import { layoutTree } from "../src/layout/tree";

const array = {
  length: 5,
  cellWidth: 44,
  width: 600,
  focus: [],
  pointers: [],
  previousFrom: -1,
  sides: true,
};

describe("an array", () => {
  it("stands in one row where it fits, in more where it does not", () => {
    expect(new Set(layoutArray(array).cells.map(({ y }) => y)).size).toBe(1);
    const narrow = layoutArray({ ...array, length: 12, width: 260 });
    expect(new Set(narrow.cells.map(({ y }) => y)).size).toBe(3);
    expect(narrow.width).toBeLessThanOrEqual(260);
    expect(narrow.cells.length).toBe(12);
  });

  it("has its pointers under their cells, side by side or in lanes, also beyond both ends", () => {
    const pointers = ["lo", "middle", "mid2", "past", "before"].map((name, i) => ({
      name,
      position: [0, 2, 2, 5, -1][i] as number,
      current: true,
    }));
    const layout = layoutArray({ ...array, pointers });
    const [lo, middle, mid2, past, before] = layout.pointers;
    expect(lo?.x).toBe((layout.cells[0]?.x ?? 0) + 22);
    expect(middle?.x).toBe(mid2?.x);
    expect(middle?.y).not.toBe(mid2?.y);
    expect(past?.x).toBeGreaterThan((layout.cells[4]?.x ?? 0) + 44);
    expect(before?.x).toBeLessThan(layout.cells[0]?.x ?? 0);
  });

  it("keeps the whole of a pointer's name in the picture", () => {
    const pointers = [{ name: "a_name_that_is_far_too_long", position: 0, current: true }];
    const narrow = { ...array, length: 2, pointers, width: 240 };
    const { pointers: placed, width, cells } = layoutArray(narrow);
    const half = (27 * 7.3 + 14) / 2;
    const [pointer] = placed;
    expect(pointer?.x).toBe((cells[0]?.x ?? 0) + 22);
    const middle = (pointer?.x ?? 0) + (pointer?.aside ?? 0);
    expect(middle - half).toBeGreaterThanOrEqual(-1);
    expect(middle + half).toBeLessThanOrEqual(width + 1);
    expect(width).toBeLessThanOrEqual(240);
  });

  it("shows a window of a long one, which moves only when it must", () => {
    const long = { ...array, length: 100_000, focus: [50_000] };
    const first = layoutArray(long);
    expect(first.from).toBeLessThanOrEqual(50_000);
    expect(first.to).toBeGreaterThan(50_000);
    expect(first.cells.length).toBeLessThan(60);
    const near = layoutArray({ ...long, focus: [50_001], previousFrom: first.from });
    expect(near.from).toBe(first.from);
    const far = layoutArray({ ...long, focus: [99_999], previousFrom: first.from });
    expect(far.to).toBe(100_000);
    expect(far.cells.at(-1)?.index).toBe(99_999);
  });
});

const link = (from: number, to: number, name = "next"): LinkSpec => ({
  id: `${from}.${name}.${to}`,
  from: String(from),
  to: String(to),
  name,
  label: name,
  minor: false,
});
const texts = (...ids: number[]) => ids.map(String);
const chain = { boxWidth: 60, boxHeight: 38, portWidth: 22, width: 600, headroom: 24 };

describe("a chain", () => {
  it("follows its links", () => {
    expect(arrange({ ids: texts(3, 1, 2), links: [link(1, 2), link(2, 3)], previous: null })).toEqual([
      texts(1, 2, 3),
    ]);
    expect(
      arrange({ ids: texts(1, 2, 3), links: [link(1, 2), link(2, 3), link(3, 1)], previous: null }),
    ).toEqual([texts(1, 2, 3)]);
  });

  it("keeps its boxes in place while it is reversed, and turns their compartments", () => {
    let previous: readonly (readonly string[])[] | null = null;
    const ids = [1, 2, 3, 4];
    for (let done = 0; done <= 4; done++) {
      const links = ids.flatMap((id) =>
        id <= done ? (id > 1 ? [link(id, id - 1)] : []) : id < 4 ? [link(id, id + 1)] : [],
      );
      const layout = layoutChain({ ...chain, ids: texts(...ids), links, previous });
      expect(layout.rows).toEqual([texts(1, 2, 3, 4)]);
      expect([...layout.flipped]).toEqual(texts(...ids.filter((id) => id > 1 && id <= done)));
      previous = layout.rows;
    }
  });

  it("makes room for a node that is linked in between", () => {
    const before = [texts(1, 2)];
    expect(arrange({ ids: texts(1, 2, 3), links: [link(1, 2), link(3, 2)], previous: before })).toEqual([
      texts(1, 2),
      texts(3),
    ]);
    expect(
      arrange({ ids: texts(1, 2, 3), links: [link(1, 3), link(3, 2)], previous: [texts(1, 2), texts(3)] }),
    ).toEqual([texts(1, 3, 2)]);
  });

  it("breaks into lines where it is too long", () => {
    const ids = Array.from({ length: 20 }, (_, i) => i + 1);
    const links = ids.slice(1).map((id) => link(id - 1, id));
    const layout = layoutChain({ ...chain, ids: texts(...ids), links, previous: null, width: 360 });
    expect(layout.width).toBeLessThanOrEqual(370);
    expect(new Set(layout.boxes.map(({ y }) => y)).size).toBeGreaterThan(4);
    expect(layout.edges.length).toBe(19);
  });
});

const tree = { width: () => 40, height: 38, headroom: 24, across: 2000, lift: () => 0 };

describe("a tree", () => {
  it("has an only child stand on its side", () => {
    for (const side of ["left", "right"] as const) {
      const layout = layoutTree({
        ...tree,
        ids: texts(1, 2),
        links: [link(1, 2, side)],
        sides: ["left", "right"],
      });
      const [root, child] = layout.boxes;
      const shift = (child?.x ?? 0) - (root?.x ?? 0);
      expect(side === "left" ? shift : -shift).toBeLessThan(-8);
      expect(child?.y).toBeGreaterThan(root?.y ?? 0);
    }
  });

  it("has no two boxes overlap, and several roots side by side", () => {
    const ids = Array.from({ length: 31 }, (_, i) => i + 1);
    const links = ids
      .slice(1)
      .filter((id) => id !== 16)
      .map((id) => link(id >> 1, id, id % 2 ? "right" : "left"));
    const { boxes, width } = layoutTree({ ...tree, ids: texts(...ids), links, sides: ["left", "right"] });
    expect(boxes.length).toBe(31);
    for (const a of boxes) {
      for (const b of boxes)
        if (a !== b && a.y === b.y) expect(Math.abs(a.x - b.x)).toBeGreaterThanOrEqual(40);
      expect(a.x + a.width).toBeLessThanOrEqual(width);
      expect(a.x).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("a graph", () => {
  const ids = texts(1, 2, 3, 4);
  const links = [link(1, 2), link(1, 3), link(2, 4), link(3, 4), link(4, 1), link(4, 4)];
  const spec = {
    ids,
    links,
    width: () => 50,
    height: () => 38,
    headroom: 24,
    lift: () => 0,
  };

  it("stands in layers, draws every link, and keeps the order it had", () => {
    const layout = layoutGraph({ ...spec, previous: null });
    expect(layout.edges.length).toBe(6);
    expect(new Set(layout.boxes.map(({ y }) => y)).size).toBe(3);
    const swapped = new Map(layout.boxes.map((box) => [box.id, { x: -box.x }]));
    const again = layoutGraph({ ...spec, previous: swapped });
    const x = (id: number, from: typeof layout) => from.boxes.find((box) => box.id === String(id))?.x;
    expect(x(2, again)).toBe(x(3, layout));
  });
});

describe("a graph without a direction", () => {
  const ids = texts(1, 2, 3, 4, 5, 6);
  const links = [link(1, 2), link(2, 3), link(3, 1), link(3, 4), link(4, 5), link(5, 6)];
  const spec = { ids, links, directed: false, width: () => 50, height: 38, headroom: 4, across: 600 };

  it("has no two vertices overlap, stands the same each time, and inside its picture", () => {
    const layout = layoutFree({ ...spec, previous: null });
    expect(layoutFree({ ...spec, previous: null }).boxes).toEqual(layout.boxes);
    for (const a of layout.boxes) {
      for (const b of layout.boxes) if (a !== b) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(40);
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + a.width).toBeLessThanOrEqual(layout.width);
      expect(a.y + a.height).toBeLessThanOrEqual(layout.height);
    }
  });

  it("keeps every vertex in its place when another comes", () => {
    const before = layoutFree({ ...spec, previous: null });
    const after = layoutFree({
      ...spec,
      ids: [...ids, "7"],
      links: [...links, link(7, 1)],
      previous: before.centres,
    });
    for (const id of ids) expect(after.centres.get(id)).toEqual(before.centres.get(id));
    expect(after.boxes.length).toBe(7);
  });
});
