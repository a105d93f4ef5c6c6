/** Recognition: each shape of heap becomes the figure that a teacher would draw. */

import { describe, expect, it } from "vitest";
import { classify, type Figure } from "../src/classify";
import type { Linked } from "../src/linked";
import { TraceLog } from "../src/log";
import { touchedBy } from "../src/marks";
import { labelsOf } from "../src/scope";
import { type Snapshot, Timeline } from "../src/timeline";
import { int, none, type Raw, Recording } from "./encode";
import { bubble, insertTree, mixed, reverseList } from "./programs";

async function at(bytes: Uint8Array, step = Number.POSITIVE_INFINITY): Promise<Snapshot> {
  const log = new TraceLog();
  log.appendFile(bytes);
  const timeline = new Timeline(log);
  return timeline.load(Math.min(step, timeline.last), "operation");
}

async function figures(bytes: Uint8Array, step?: number): Promise<Figure[]> {
  return classify((await at(bytes, step)).state);
}

function outline(all: readonly Figure[]): string[] {
  return all.map((figure) => (figure.kind === "linked" ? figure.shape : `${figure.kind} ${figure.path}`));
}

function linked(all: readonly Figure[]): Linked {
  const found = all.find((figure) => figure.kind === "linked");
  if (found?.kind !== "linked") throw new Error("no linked figure");
  return found;
}

describe("figures", () => {
  it("are arrays for lists", async () => {
    expect(outline(await figures(bubble()))).toEqual(["array numbers"]);
  });

  it("are grids, tables and sets, each once, whatever names they have", async () => {
    const found = outline(await figures(mixed()));
    expect(found).toEqual(["matrix grid", "table ages", "set seen", "table graph", "array point"]);
  });

  it("are chains for linked lists, also while one is being reversed", async () => {
    const timeline = await at(reverseList(), 8);
    const figure = linked(classify(timeline.state));
    expect(figure.shape).toBe("chain");
    expect(figure.forward).toBe("next");
    expect(figure.nodes.map(({ fields }) => fields.map(([name]) => name))).toEqual([
      ["value"],
      ["value"],
      ["value"],
      ["value"],
    ]);
    expect(figure.links.length).toBe(2);
  });

  it("are binary trees with left before right", async () => {
    const figure = linked(await figures(insertTree()));
    expect(figure.shape).toBe("tree");
    expect(figure.binary).toBe(true);
    expect(figure.nodes[0]?.slots.map(([name]) => name)).toEqual(["left", "right"]);
    expect(figure.links.length).toBe(5);
  });

  it("tell a lone node of a tree from a lone node of a list", async () => {
    const lone = (attributes: string[]) => {
      const r = new Recording("x");
      const fields = attributes.flatMap((name) => [name, none]);
      r.line(1).bind({ x: r.object("object", "Thing", ["label", int(1), ...fields]) });
      return figures(r.finish());
    };
    expect(linked(await lone(["nxt"])).shape).toBe("chain");
    expect(linked(await lone(["right", "left"])).shape).toBe("tree");
    expect(outline(await lone(["colour"]))).toEqual(["table x"]);
  });

  it("are n-ary trees through lists and dicts, whose containers are not drawn again", async () => {
    const r = new Recording("x");
    const make = (label: number, children: Raw[]): Raw =>
      r.object("object", "Dir", ["size", int(label), "parts", r.object("list", "list", children)]);
    r.line(1).bind({ top: make(1, [make(2, []), make(3, [make(4, [])])]) });
    const all = await figures(r.finish());
    expect(outline(all)).toEqual(["tree"]);
    expect(linked(all).links.length).toBe(3);
  });

  it("are doubly linked chains, rings and graphs", async () => {
    const ring = new Recording("x");
    const nodes = [1, 2, 3].map((n) => ring.object("object", "N", ["v", int(n), "next", none, "prev", none]));
    ring.line(1).bind({ first: nodes[0] as Raw });
    nodes.forEach((node, i) => {
      ring.setattr(node, "next", nodes[(i + 1) % 3] as Raw);
      ring.setattr(nodes[(i + 1) % 3] as Raw, "prev", node);
    });
    const figure = linked(await figures(ring.finish()));
    expect([figure.shape, figure.forward, figure.backward]).toEqual(["chain", "next", "prev"]);
    expect([figure.links.length, figure.extra.length]).toEqual([3, 3]);

    const web = new Recording("x");
    const spots = [1, 2, 3, 4].map((n) =>
      web.object("object", "Spot", ["n", int(n), "a", none, "b", none, "c", none]),
    );
    web.line(1).bind({ start: spots[0] as Raw });
    for (const from of spots) {
      ["a", "b", "c"].forEach((name, i) => {
        web.setattr(from, name, spots[(spots.indexOf(from) + i + 1) % 4] as Raw);
      });
    }
    expect(linked(await figures(web.finish())).shape).toBe("graph");
  });

  it("draw what is touched of a structure that is too large", async () => {
    const r = new Recording("x");
    let next = none;
    const nodes: Raw[] = [];
    for (let i = 0; i < 3000; i++) {
      next = r.object("object", "Node", ["value", int(i), "next", next]);
      nodes.push(next);
    }
    r.line(1).bind({ head: next });
    r.line(2).setattr(nodes[5] as Raw, "value", int(77));
    const snapshot = await at(r.finish());
    const touched = touchedBy(snapshot);
    const before = linked(classify(snapshot.state));
    const after = linked(classify(snapshot.state, touched.objects.keys()));
    expect(after.nodes.length).toBeLessThan(300);
    expect(after.elided).toBeGreaterThan(500);
    const target = (nodes[5] as Raw) >> 2;
    expect(before.members).not.toContain(target);
    expect(after.members).toContain(target);
  });
});

describe("names", () => {
  it("are those of all variables that lead to an object, and of what they hold", async () => {
    const r = new Recording("x");
    const items = r.object("list", "list", [int(1)]);
    const stack = r.object("object", "Stack", ["items", items]);
    r.line(1).bind({ stack, same: stack });
    const labels = labelsOf((await at(r.finish())).state);
    expect(labels.get(stack >> 2)?.map(({ name }) => name)).toEqual(["stack", "same"]);
    expect(labels.get(items >> 2)?.map(({ name }) => name)).toEqual(["stack.items"]);
  });
});
