/**
 * Owns drawing nodes and links, whatever they mean: it lays a net out, keeps places from step to step, and draws anew
 * only what changed. Shared by every view of something linked.
 */

import { Component, type JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { CHAR } from "../layout/array";
import { layoutChain } from "../layout/chain";
import { layoutFree } from "../layout/free";
import type { Box, Edge, LinkedLayout } from "../layout/geometry";
import { layoutGraph } from "../layout/graph";
import { layoutTree } from "../layout/tree";
import type { Mark } from "../marks";
import type { Translate } from "../messages";
import { groupTint, tintOf } from "../notes";
import type { Net, NetLink, NetNode } from "../recognise/net";
import type { FigureProps, Viewer } from "./context";
import { about, Labels, MarkSign } from "./parts";

const LINE_HEIGHT = 18;
const PORT = 22;
const LABEL = 22;
const NOTE = 16;
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
    labels: net.layout === "free" ? 0 : 1,
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
  const scale = Math.min(1, Math.max(MIN_SCALE, width / layout.width));
  const hot = viewer.hot.value;
  return (
    <div class="ds-linked" data-shape={net.layout}>
      <svg
        width={layout.width * scale}
        height={layout.height * scale}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
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
    if (node.note.note) kept.notes = 1;
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

function Arrowhead({ id }: { id: string }): JSX.Element {
  return (
    <defs>
      <marker
        id={id}
        viewBox="0 0 10 10"
        refX="8.5"
        refY="5"
        markerWidth="11"
        markerHeight="11"
        markerUnits="userSpaceOnUse"
        orient="auto-start-reverse"
      >
        <path d="M1 1L9 5L1 9z" class="ds-arrowhead" />
      </marker>
    </defs>
  );
}

interface ArrowProps {
  readonly edge: Edge;
  readonly link: NetLink;
  readonly marker: string;
  readonly ends: "none" | "start" | "end";
}

class Arrow extends Component<ArrowProps> {
  override shouldComponentUpdate(after: ArrowProps): boolean {
    const before = this.props;
    return (
      after.edge !== before.edge ||
      after.ends !== before.ends ||
      after.link.mark !== before.link.mark ||
      after.link.minor !== before.link.minor
    );
  }

  override render({ edge, link, marker, ends }: ArrowProps): JSX.Element {
    const url = `url(#${marker})`;
    return (
      <g
        class="ds-edge"
        data-mark={link.mark}
        data-minor={link.minor}
        data-from={link.from}
        data-to={link.to}
        data-name={link.name}
        {...(link.object ? about({ id: link.object }, link.place) : {})}
      >
        {/* The path is its own key: a changed arrow is a new arrow, and appears as one. */}
        <path
          key={edge.path}
          d={edge.path}
          marker-end={ends === "end" ? url : undefined}
          marker-start={ends === "start" ? url : undefined}
        />
        {edge.label && (
          <text class="ds-edge-label" x={edge.labelX} y={edge.labelY}>
            {edge.label}
          </text>
        )}
      </g>
    );
  }
}

interface NodeProps {
  readonly box: Box;
  readonly node: NetNode;
  readonly flipped: boolean;
  readonly hot: boolean;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

function sameNode(a: NetNode, b: NetNode): boolean {
  return (
    a.mark === b.mark &&
    a.shape === b.shape &&
    a.ring === b.ring &&
    a.note === b.note &&
    a.port?.leads === b.port?.leads &&
    a.port?.mark === b.port?.mark &&
    sameTexts(a.lines, b.lines) &&
    a.labels.length === b.labels.length &&
    a.labels.every(({ name, current }, i) => name === b.labels[i]?.name && current === b.labels[i]?.current)
  );
}

/** A node; drawn anew only when something about it changes, since of a large structure most never does. */
class NodeBox extends Component<NodeProps> {
  override shouldComponentUpdate({ box, node, flipped, hot }: NodeProps): boolean {
    const before = this.props;
    const moved =
      box !== before.box && (Object.keys(box) as (keyof Box)[]).some((k) => box[k] !== before.box[k]);
    return moved || flipped !== before.flipped || hot !== before.hot || !sameNode(node, before.node);
  }

  override render({ box, node, flipped, hot }: NodeProps): JSX.Element {
    const { lines, labels, mark, port, shape, ring, note } = node;
    const inner = port ? box.width - PORT : box.width;
    const left = port && flipped ? PORT : 0;
    const first = box.height / 2 + 5 - ((lines.length - 1) * LINE_HEIGHT) / 2;
    const radius = shape !== "box" && lines.length === 1 ? box.height / 2 : 8;
    const tint = tintOf(note.color);
    return (
      <g
        class="ds-node"
        data-node={node.object || node.id}
        data-id={node.id}
        data-shape={shape}
        data-mark={mark}
        data-hot={hot}
        data-tint={tint ?? undefined}
        {...(node.object ? about({ id: node.object }) : {})}
        style={{ transform: `translate(${box.x}px,${box.y}px)` }}
      >
        {note.group !== null && <Group name={note.group} box={box} />}
        {ring && (
          <rect
            class="ds-ring"
            x={-3.5}
            y={-3.5}
            width={box.width + 7}
            height={box.height + 7}
            rx={radius + 3.5}
          />
        )}
        <rect class="ds-box" width={box.width} height={box.height} rx={radius} />
        {port && <Port {...port} x={flipped ? 0 : inner} height={box.height} />}
        {lines.map((text, i) => (
          // A line's place in the box is its identity.
          <text
            key={i}
            class="ds-cell-text"
            x={left + inner / 2}
            y={first + i * LINE_HEIGHT}
            {...(node.fields[i] ? about({ id: node.object }, node.fields[i]) : {})}
          >
            {text}
          </text>
        ))}
        {note.blink && (
          <rect
            class="ds-blink"
            x={-3}
            y={-3}
            width={box.width + 6}
            height={box.height + 6}
            rx={radius + 3}
          />
        )}
        <MarkSign mark={mark} x={left + 1} y={1} width={inner - 2} />
        <Labels labels={labels} x={box.width / 2} />
        <NoteText note={note} x={box.width / 2} y={box.height + 13} />
      </g>
    );
  }
}

/** What the author says about a node stands below it. */
function NoteText({ note, x, y }: { note: NetNode["note"]; x: number; y: number }): JSX.Element | null {
  const said = [note.note, ...note.info].filter((text) => text);
  if (said.length === 0) return null;
  return (
    <text class="ds-note" x={x} y={y}>
      {said.join(" · ").slice(0, 40)}
    </text>
  );
}

/** A halo in the group's tint, with its name where it begins. */
function Group({ name, box }: { name: string; box: Box }): JSX.Element {
  return (
    <g class="ds-group" data-tint={groupTint(name)}>
      <title>{name}</title>
      <rect x={-8} y={-8} width={box.width + 16} height={box.height + 16} rx={box.height / 2 + 8} />
      <text class="ds-note" x={box.width / 2} y={box.height + 19}>
        {name}
      </text>
    </g>
  );
}

interface PortProps {
  readonly leads: boolean;
  readonly mark: Mark;
  readonly x: number;
  readonly height: number;
}

/** The compartment of a link: a dot where an arrow starts, a stroke where it leads nowhere. */
function Port({ leads, mark, x, height }: PortProps): JSX.Element {
  const edge = x === 0 ? PORT : x;
  return (
    <g class="ds-port" data-mark={mark}>
      <rect class="ds-port-mark" x={x + 2.5} y={2.5} width={PORT - 5} height={height - 5} rx={6} />
      <path class="ds-divider" d={`M${edge} 0V${height}`} />
      {!leads ? (
        <path class="ds-none" d={`M${x + 6} ${height / 2 + 7}L${x + PORT - 6} ${height / 2 - 7}`} />
      ) : (
        <circle class="ds-origin" cx={x + PORT / 2} cy={height / 2} r={3.2} />
      )}
    </g>
  );
}
