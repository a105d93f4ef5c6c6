/** Recognition: each shape of heap becomes the figure that a teacher would draw. */

import { describe, expect, it } from "vitest";
import { type Choices, figuresOf, viewNamed } from "../src/classify";
import { TraceLog } from "../src/log";
import { touchedBy } from "../src/marks";
import { notesOf } from "../src/notes";
import type { Net } from "../src/recognise/net";
import { IndexTerms, labelsOf, Names } from "../src/scope";
import type { Figure } from "../src/structure";
import { type Snapshot, Timeline } from "../src/timeline";
import { VIEWS } from "../src/views/figures";
import { int, none, type Raw, Recording } from "./encode";
import { bubble, insertTree, mixed, reverseList } from "./programs";

interface Opened {
  readonly snapshot: Snapshot;
  readonly timeline: Timeline;
}

async function open(bytes: Uint8Array, step = Number.POSITIVE_INFINITY): Promise<Opened> {
  const log = new TraceLog();
  log.appendFile(bytes);
  const timeline = new Timeline(log);
  return { timeline, snapshot: await timeline.load(Math.min(step, timeline.last), "operation") };
}

function draw({ snapshot, timeline }: Opened, choices?: Choices, touched = touchedBy(snapshot)): Figure[] {
  const { state, before } = snapshot;
  const { tables } = timeline.log;
  const names = new Names(state, tables, new IndexTerms(tables));
  const labels = labelsOf(state);
  const notes = notesOf(state, before);
  return figuresOf({ state, usage: timeline.usage, touched, labels, names, notes }, VIEWS, choices);
}

async function figures(bytes: Uint8Array, step?: number): Promise<Figure[]> {
  return draw(await open(bytes, step));
}

function outline(all: readonly Figure[]): string[] {
  return all.map(({ view, subject }) => (subject.family ? view : `${view} ${subject.path}`));
}

function net(all: readonly Figure[]): Net {
  const found = all.find(({ subject }) => subject.family !== null);
  if (!found) throw new Error("no linked figure");
  return found.model as Net;
}

describe("figures", () => {
  it("are arrays for lists", async () => {
    expect(outline(await figures(bubble()))).toEqual(["array numbers"]);
  });

  it("are grids, tables and sets, each once, whatever names they have", async () => {
    const found = outline(await figures(mixed()));
    expect(found).toEqual(["matrix grid", "dict ages", "set seen", "graph graph", "array point"]);
  });

  it("are chains for linked lists, also while one is being reversed", async () => {
    const all = await figures(reverseList(), 8);
    expect(outline(all)).toEqual(["linked-list"]);
    expect(net(all).nodes.map(({ lines }) => lines)).toEqual([["'A'"], ["'B'"], ["'C'"], ["'D'"]]);
    expect(net(all).links.length).toBe(2);
  });

  it("are binary trees with left before right", async () => {
    const all = await figures(insertTree());
    expect(outline(all)).toEqual(["tree"]);
    expect(net(all).sides).toEqual(["left", "right"]);
    expect(net(all).links.length).toBe(5);
  });

  it("tell a lone node of a tree from a lone node of a list", async () => {
    const lone = (attributes: string[]) => {
      const r = new Recording("x");
      const fields = attributes.flatMap((name) => [name, none]);
      r.line(1).bind({ x: r.object("object", "Thing", ["label", int(1), ...fields]) });
      return figures(r.finish());
    };
    expect(outline(await lone(["nxt"]))).toEqual(["linked-list"]);
    expect(outline(await lone(["right", "left"]))).toEqual(["tree"]);
    expect(outline(await lone(["colour"]))).toEqual(["dict x"]);
  });

  it("are n-ary trees through lists and dicts, whose containers are not drawn again", async () => {
    const r = new Recording("x");
    const make = (label: number, children: Raw[]): Raw =>
      r.object("object", "Dir", ["size", int(label), "parts", r.object("list", "list", children)]);
    r.line(1).bind({ top: make(1, [make(2, []), make(3, [make(4, [])])]) });
    const all = await figures(r.finish());
    expect(outline(all)).toEqual(["tree"]);
    expect(net(all).links.length).toBe(3);
  });

  it("are doubly linked chains, rings and graphs", async () => {
    const ring = new Recording("x");
    const nodes = [1, 2, 3].map((n) => ring.object("object", "N", ["v", int(n), "next", none, "prev", none]));
    ring.line(1).bind({ first: nodes[0] as Raw });
    nodes.forEach((node, i) => {
      ring.setattr(node, "next", nodes[(i + 1) % 3] as Raw);
      ring.setattr(nodes[(i + 1) % 3] as Raw, "prev", node);
    });
    const all = await figures(ring.finish());
    expect(outline(all)).toEqual(["linked-list"]);
    const { links } = net(all);
    expect(links.filter(({ minor }) => !minor).map(({ name }) => name)).toEqual(["next", "next", "next"]);
    expect(links.filter(({ minor }) => minor).map(({ name }) => name)).toEqual(["prev", "prev", "prev"]);

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
    expect(outline(await figures(web.finish()))).toEqual(["graph"]);
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
    const opened = await open(r.finish());
    const before = net(
      draw(opened, undefined, { objects: new Map(), texts: new Map(), variables: new Map() }),
    );
    const after = net(draw(opened));
    expect(after.nodes.length).toBeLessThan(140);
    const left = after.nodes.reduce((n, { count }) => n + count, 0);
    expect(left + after.nodes.filter(({ object }) => object > 0).length).toBe(3000);
    const target = String((nodes[5] as Raw) >> 2);
    expect(before.nodes.map(({ id }) => id)).not.toContain(target);
    expect(after.nodes.map(({ id }) => id)).toContain(target);
  });

  it("are what the reader chose, where that can be drawn, and say what else there is", async () => {
    const opened = await open(bubble());
    const [figure] = draw(opened);
    expect(figure?.options).toEqual(expect.arrayContaining(["array", "heap", "stack", "queue"]));
    expect(figure?.options).not.toContain("dict");
    const chosen = (view: string) => draw(opened, new Map([[figure?.key ?? "", view]]))[0]?.view;
    expect(chosen("heap")).toBe("heap");
    expect(chosen("trie")).toBe("array");
    expect([viewNamed("Grid"), viewNamed("linked_list"), viewNamed("constructor")]).toEqual([
      "matrix",
      "linked-list",
      "constructor",
    ]);
  });
});

describe("names", () => {
  it("are those of all variables that lead to an object, and of what they hold", async () => {
    const r = new Recording("x");
    const items = r.object("list", "list", [int(1)]);
    const stack = r.object("object", "Stack", ["items", items]);
    r.line(1).bind({ stack, same: stack });
    const labels = labelsOf((await open(r.finish())).snapshot.state);
    expect(labels.get(stack >> 2)?.map(({ name }) => name)).toEqual(["stack", "same"]);
    expect(labels.get(items >> 2)?.map(({ name }) => name)).toEqual(["stack.items"]);
  });
});
