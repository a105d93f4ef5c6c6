/**
 * Owns drawing nodes and links, whatever they mean: it lays a net out and keeps places from step to step. Shared by every view of something linked.
 */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { CHAR } from "../../layout/array";
import { layoutChain } from "../../layout/chain";
import { layoutFree } from "../../layout/free";
import type { LinkedLayout } from "../../layout/geometry";
import { layoutGraph } from "../../layout/graph";
import { layoutTree } from "../../layout/tree";
import type { Translate } from "../../messages";
import type { Net, NetLink, NetNode } from "../../recognise/net";
import type { FigureProps, Viewer } from "../context";
import { Arrow, Arrowhead, LINE_HEIGHT, NodeBox, PORT } from "./node";

const LABEL = 22;
const NOTE = 20;
/** A figure that is too wide is drawn smaller, but not smaller than this; then it scrolls. */
const MIN_SCALE = 0.7;

interface Memory {
  labels: number;
  lines: number;
  width: number;
  notes: number;
  rows: readonly (readonly string[])[] | null;
  places: ReadonlyMap<string, { readonly x: number }> | null;
  centres: ReadonlyMap<string, readonly [number, number]> | null;
  /** What the layout was made of, to tell whether it still holds. */
  signature: string;
  layout: Placed | null;
}

interface Placed extends LinkedLayout {
  readonly flipped: ReadonlySet<string>;
}

/** The drawing of a view whose model is a net. */
export function NetFigure({ model, viewer, width }: FigureProps<Net>): JSX.Element {
  return <NetView net={model} viewer={viewer} width={width} />;
}

export function NetView({
  net,
  viewer,
  width,
}: {
  readonly net: Net;
  readonly viewer: Viewer;
  readonly width: number;
}): JSX.Element {
  const memory = useRef<Memory>({
    // Names come and go on objects; elements of a list have none.
    labels: net.layout !== "free" && net.nodes.some(({ object }) => object > 0) ? 1 : 0,
    lines: 1,
    width: 0,
    notes: 0,
    rows: null,
    places: null,
    centres: null,
    signature: "",
    layout: null,
  });
  // Ids are shared by the whole page, also with other copies of this module.
  const [marker] = useState(() => `ds-arrow-${Math.random().toString(36).slice(2)}`);
  const shown = visible(net, viewer.t);
  const layout = place(shown, memory.current, width);
  const links = new Map(shown.links.map((link) => [link.id, link]));
  const nodes = new Map(shown.nodes.map((node) => [node.id, node]));
  const height = layout.height + memory.current.notes * NOTE;
  const scale = Math.min(1, Math.max(MIN_SCALE, width / layout.width));
  const groups = new Map([...shown.nodes].reverse().map(({ id, note }) => [note.group, id]));
  const hot = viewer.hot.value;
  return (
    <div class="ds-linked" data-shape={net.layout}>
      <svg
        width={layout.width * scale}
        height={height * scale}
        viewBox={`0 0 ${layout.width} ${height}`}
        role="img"
        aria-label={describe(shown)}
      >
        <Arrowhead id={marker} />
        {layout.edges.map((edge) => (
          <Arrow
            key={edge.id}
            edge={edge}
            link={links.get(edge.id) as NetLink}
            marker={marker}
            ends={!net.directed ? "none" : net.upward ? "start" : "end"}
          />
        ))}
        {layout.boxes.map((box) => {
          const node = nodes.get(box.id) as NetNode;
          return (
            <NodeBox
              key={box.id}
              box={box}
              node={node}
              flipped={layout.flipped.has(box.id)}
              hot={node.object > 0 && hot === node.object}
              named={groups.get(node.note.group) === box.id}
            />
          );
        })}
      </svg>
      {net.elided > 0 && <p class="ds-elided">⋯ {viewer.t("linked.more", { count: net.elided })}</p>}
    </div>
  );
}

/** Without what the author hides; what is left out told in numbers. */
function visible(given: Net, { number }: Translate): Net {
  const nodes = given.nodes.map((node) =>
    node.count ? { ...node, lines: [`⋯ ${number(node.count)}`] } : node,
  );
  const net = { ...given, nodes };
  const hidden = new Set(net.nodes.filter(({ note }) => note.hidden).map(({ id }) => id));
  if (hidden.size === 0) return net;
  return {
    ...net,
    nodes: net.nodes.filter(({ id }) => !hidden.has(id)),
    links: net.links.filter(({ from, to }) => !hidden.has(from) && !hidden.has(to)),
  };
}

function nodeWidth(node: NetNode): number {
  const longest = node.lines.reduce((n, line) => Math.max(n, line.length), 0);
  return Math.max(40, Math.round(longest * CHAR + 22));
}

/** Lays out, or finds that the layout of the step before still holds. */
function place(net: Net, kept: Memory, width: number): Placed {
  // Room for names and values grows when it must and then stays, so that the picture keeps still.
  for (const node of net.nodes) {
    kept.labels = Math.max(kept.labels, node.labels.length);
    kept.lines = Math.max(kept.lines, node.lines.length);
    if (node.note.note || node.note.group || node.note.info.length) kept.notes = 1;
    if (net.layout === "chain") kept.width = Math.max(kept.width, nodeWidth(node) - 4);
  }
  const signature = signatureOf(net, kept, width);
  if (kept.layout && signature === kept.signature) return kept.layout;
  kept.signature = signature;
  kept.layout = layOut(net, kept, width);
  return kept.layout;
}

function signatureOf(net: Net, kept: Memory, width: number): string {
  const parts: (string | number)[] = [net.layout, width, kept.labels, kept.lines, kept.width, kept.notes];
  for (const { id, lines, labels } of net.nodes)
    parts.push(
      id,
      net.layout === "chain" ? 0 : lines.reduce((n, line) => Math.max(n, line.length), 0),
      labels.length,
    );
  for (const { id, from, to, label, minor } of net.links) parts.push(id, from, to, label, minor ? 1 : 0);
  return parts.join("|");
}

function layOut(net: Net, kept: Memory, width: number): Placed {
  const ids = net.nodes.map(({ id }) => id);
  const nodes = new Map(net.nodes.map((node) => [node.id, node]));
  const height = Math.max(38, kept.lines * LINE_HEIGHT + 12);
  const headroom = kept.labels * LABEL + 4 + kept.notes * NOTE;
  const widthOf = (id: string) => nodeWidth(nodes.get(id) as NetNode);
  const labelled = (id: string) => nodes.get(id)?.labels.length ?? 0;
  const lift = (id: string) => (labelled(id) && !net.upward ? labelled(id) * LABEL + 2 : 0);
  const { links } = net;
  if (net.layout === "chain") {
    const layout = layoutChain({
      ids,
      links,
      boxWidth: kept.width + PORT,
      boxHeight: height,
      portWidth: PORT,
      width,
      headroom,
      previous: kept.rows,
    });
    kept.rows = layout.rows;
    return layout;
  }
  const flipped = new Set<string>();
  if (net.layout === "tree") {
    const spec = { ids, links, sides: net.sides, width: widthOf, height, headroom, lift, across: width };
    return { ...layoutTree(spec), flipped };
  }
  if (net.layout === "free") {
    const { directed } = net;
    const previous = kept.centres;
    const spec = { ids, links, directed, width: widthOf, height, headroom, across: width, previous };
    const layout = layoutFree(spec);
    kept.centres = layout.centres;
    return { ...layout, flipped };
  }
  const tall = (id: string) => Math.max(38, (nodes.get(id)?.lines.length ?? 1) * LINE_HEIGHT + 12);
  const layout = layoutGraph({
    ids,
    links,
    width: widthOf,
    height: tall,
    headroom,
    lift,
    previous: kept.places,
  });
  kept.places = new Map(layout.boxes.map((box) => [box.id, box]));
  return { ...layout, flipped };
}

/** What is read out: at most so many links. */
const TOLD = 40;

function describe({ kind, nodes, links, upward }: Net): string {
  const text = new Map(nodes.map(({ id, lines }) => [id, lines.join(" ")]));
  const told = links.slice(0, TOLD).map(({ from, to, name, label }) => {
    const [a, b] = upward ? [to, from] : [from, to];
    return `${text.get(a)} ${label || name || "–"} ${text.get(b)}`;
  });
  const alone = links.length ? told : nodes.slice(0, TOLD).map(({ lines }) => lines.join(" "));
  return `${kind} × ${nodes.length}: ${alone.join("; ")}`;
}
