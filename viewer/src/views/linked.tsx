/** Owns the picture of linked objects: boxes with arrows, as chains, trees or graphs; names stand on the objects. */

import { Component, type JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { formatValue } from "../format";
import { CHAR, cellWidth } from "../layout/array";
import { layoutChain } from "../layout/chain";
import type { Box, Edge, LinkedLayout } from "../layout/geometry";
import { layoutGraph } from "../layout/graph";
import { layoutTree } from "../layout/tree";
import type { Linked, LinkedNode } from "../linked";
import { type Marks, NO_MARKS } from "../marks";
import type { Label } from "../scope";
import { FALSE, TRUE } from "../values";
import type { FigureProps, Picture } from "./context";
import { about, type Mark, MarkSign, markOf, Pill } from "./parts";

const FIELD_TEXT = 12;
const LINE_HEIGHT = 18;
const PORT = 22;
const LABEL = 22;
/** A figure that is too wide is drawn smaller, but not smaller than this; then it scrolls. */
const MIN_SCALE = 0.7;
/** Names shown above one object. */
const MAX_LABELS = 3;

interface Memory {
  rows: readonly (readonly number[])[] | null;
  places: ReadonlyMap<number, { readonly x: number }> | null;
  labels: number;
  width: number;
}

export function LinkedView({ figure, picture, viewer, width }: FigureProps<Linked>): JSX.Element {
  const memory = useRef<Memory>({ rows: null, places: null, labels: 1, width: 0 });
  // Ids are shared by the whole page, also with other copies of this module.
  const [marker] = useState(() => `ds-arrow-${Math.random().toString(36).slice(2)}`);
  const texts = new Map(figure.nodes.map((node) => [node.object.id, fieldTexts(node, picture)]));
  const labels = new Map(
    figure.nodes.map(({ object }) => [object.id, (picture.labels.get(object.id) ?? []).slice(0, MAX_LABELS)]),
  );
  // Room for names and values grows when it must and then stays, so that the picture keeps still.
  const { current: kept } = memory;
  kept.labels = Math.max(kept.labels, ...[...labels.values()].map((list) => list.length));
  kept.width = Math.max(
    kept.width,
    ...[...texts.values()].map((lines) => Math.max(36, cellWidth(lines) - 4)),
  );
  const placed = place(figure, texts, (id) => labels.get(id)?.length ?? 0, kept, width);
  const { layout } = placed;
  const nodes = new Map(figure.nodes.map((node) => [node.object.id, node]));
  const scale = Math.min(1, Math.max(MIN_SCALE, width / layout.width));
  return (
    <div class="ds-linked" data-shape={figure.shape}>
      <svg
        width={layout.width * scale}
        height={layout.height * scale}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="img"
        aria-label={describe(figure, texts)}
      >
        <Arrowhead id={marker} />
        {layout.edges.map((edge) => (
          <Arrow
            key={edge.key}
            edge={edge}
            marks={picture.touched.objects.get(edge.from) ?? NO_MARKS}
            marker={marker}
          />
        ))}
        {layout.boxes.map((box) => (
          <NodeBox
            key={box.id}
            {...drawing(box, nodes.get(box.id) as LinkedNode, figure, picture)}
            lines={texts.get(box.id) ?? []}
            names={nodes.get(box.id)?.fields.map(([name]) => name) ?? []}
            labels={labels.get(box.id) ?? []}
            flipped={placed.flipped.has(box.id)}
            hot={viewer.hot.value === box.id}
          />
        ))}
      </svg>
      {figure.elided > 0 && <p class="ds-elided">⋯ {viewer.t("linked.more", { count: figure.elided })}</p>}
    </div>
  );
}

/** A node's own values: alone it stands without its name, several are told by name. */
function fieldTexts({ fields, object }: LinkedNode, { snapshot }: Picture): string[] {
  const { lookup } = snapshot.state;
  const text = (i: number, max: number) =>
    formatValue((fields[i] as readonly [string, never])[1], lookup, max, 1);
  if (fields.length === 0) return [object.type];
  const [only] = fields;
  // A lone flag says nothing as "True": its name does, where it is set.
  if (fields.length === 1 && only && (only[1] === TRUE || only[1] === FALSE))
    return [only[1] === TRUE ? only[0] : ""];
  if (fields.length === 1) return [text(0, FIELD_TEXT)];
  return fields.slice(0, 5).map(([name], i) => `${name}: ${text(i, FIELD_TEXT)}`);
}

function place(
  figure: Linked,
  texts: ReadonlyMap<number, readonly string[]>,
  labelled: (id: number) => number,
  kept: Memory,
  width: number,
): { layout: LinkedLayout; flipped: ReadonlySet<number> } {
  const ids = figure.members;
  const headroom = kept.labels * LABEL + 4;
  const lines = Math.max(1, ...[...texts.values()].map((list) => list.length));
  const height = Math.max(38, lines * LINE_HEIGHT + 12);
  if (figure.shape === "chain") {
    const layout = layoutChain({
      ids,
      links: figure.links,
      back: figure.extra,
      boxWidth: kept.width + PORT,
      boxHeight: height,
      portWidth: PORT,
      width,
      headroom,
      previous: kept.rows,
    });
    kept.rows = layout.rows;
    return { layout, flipped: layout.flipped };
  }
  const boxWidth = (id: number) =>
    Math.max(40, ...(texts.get(id) ?? []).map((text) => text.length * CHAR + 22));
  const named =
    figure.shape === "graph" || figure.links.some((link) => link.name !== "" && link.label !== "");
  const lift = (id: number) => (labelled(id) ? labelled(id) * LABEL + 2 : 0);
  const spec = { ids, links: figure.links, extra: figure.extra, width: boxWidth, headroom, named, lift };
  if (figure.shape === "tree") {
    const names = figure.nodes[0]?.slots.map(([name]) => name) ?? [];
    const sides = figure.binary && names.length >= 2 ? sidesOf(figure, names) : null;
    return { layout: layoutTree({ ...spec, height, sides }), flipped: new Set() };
  }
  const layout = layoutGraph({ ...spec, height: () => height, previous: kept.places });
  kept.places = new Map(layout.boxes.map((box) => [box.id, box]));
  return { layout, flipped: new Set() };
}

/** The two child attributes of a binary tree, left first; a link back to the parent is none of them. */
function sidesOf(figure: Linked, names: readonly string[]): [string, string] {
  const stray = new Set(figure.extra.map(({ attribute }) => attribute));
  const used = new Set(figure.links.map(({ attribute }) => attribute));
  const sides = names.filter((name) => used.has(name) || !stray.has(name)).slice(0, 2);
  return [sides[0] ?? "", sides[1] ?? ""];
}

function describe(figure: Linked, texts: ReadonlyMap<number, readonly string[]>): string {
  const text = (id: number) => (texts.get(id) ?? []).join(" ");
  const links = figure.links
    .slice(0, 40)
    .map(({ from, to, attribute }) => `${text(from)} ${attribute} ${text(to)}`);
  return `${figure.nodes[0]?.object.type ?? ""} × ${figure.nodes.length}: ${links.join("; ")}`;
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
        orient="auto"
      >
        <path d="M1 1L9 5L1 9z" class="ds-arrowhead" />
      </marker>
    </defs>
  );
}

function Arrow({ edge, marks, marker }: { edge: Edge; marks: Marks; marker: string }): JSX.Element {
  const mark = markOf(marks.reads.has(edge.attribute), marks.writes.has(edge.attribute));
  return (
    <g class="ds-edge" data-mark={mark} data-minor={edge.minor} {...about({ id: edge.from }, edge.attribute)}>
      {/* The path is its own key: a changed arrow is a new arrow, and appears as one. */}
      <path key={edge.path} d={edge.path} marker-end={`url(#${marker})`} />
      {edge.label && (
        <text class="ds-edge-label" x={edge.labelX} y={edge.labelY}>
          {edge.label}
        </text>
      )}
    </g>
  );
}

interface NodeProps {
  readonly box: Box;
  readonly lines: readonly string[];
  readonly labels: readonly Label[];
  /** The attributes told by the lines. */
  readonly names: readonly string[];
  readonly mark: Mark;
  /** The compartment of the link that leads on, in a chain. */
  readonly port: { readonly leads: boolean; readonly mark: Mark } | null;
  readonly flipped: boolean;
  readonly round: boolean;
  readonly hot: boolean;
}

/** What of a node's drawing comes from the node and the step. */
function drawing(
  box: Box,
  { object, fields, slots }: LinkedNode,
  figure: Linked,
  picture: Picture,
): Pick<NodeProps, "box" | "mark" | "port" | "round"> {
  const { reads, writes } = picture.touched.objects.get(object.id) ?? NO_MARKS;
  const mark = markOf(
    fields.some(([name]) => reads.has(name)),
    fields.some(([name]) => writes.has(name)),
  );
  const { forward, shape } = figure;
  if (shape !== "chain") return { box, mark, port: null, round: shape === "tree" };
  const leads = slots.some(([name, to]) => name === forward && to !== null);
  return { box, mark, port: { leads, mark: markOf(reads.has(forward), writes.has(forward)) }, round: false };
}

/** A node; drawn anew only when something about it changes, since of a large structure most never does. */
class NodeBox extends Component<NodeProps> {
  override shouldComponentUpdate(after: NodeProps): boolean {
    return JSON.stringify(after) !== JSON.stringify(this.props);
  }

  override render({ box, lines, names, labels, mark, port, flipped, round, hot }: NodeProps): JSX.Element {
    const inner = port ? box.width - PORT : box.width;
    const left = port && flipped ? PORT : 0;
    const first = box.height / 2 + 5 - ((lines.length - 1) * LINE_HEIGHT) / 2;
    return (
      <g
        class="ds-node"
        data-node={box.id}
        {...about(box)}
        data-mark={mark}
        data-hot={hot}
        style={{ transform: `translate(${box.x}px,${box.y}px)` }}
      >
        <rect
          class="ds-box"
          width={box.width}
          height={box.height}
          rx={round && lines.length === 1 ? box.height / 2 : 8}
        />
        {port && <Port {...port} x={flipped ? 0 : inner} height={box.height} />}
        {lines.map((text, i) => (
          // A field's place in the box is its identity.
          <text
            key={i}
            class="ds-cell-text"
            x={left + inner / 2}
            y={first + i * LINE_HEIGHT}
            {...about(box, names[i])}
          >
            {text}
          </text>
        ))}
        <MarkSign mark={mark} x={left + 1} y={1} width={inner - 2} />
        <Labels labels={labels} x={box.width / 2} />
      </g>
    );
  }
}

/** The compartment of a link: a dot where an arrow starts, a stroke where it leads nowhere. */
function Port({
  leads,
  mark,
  x,
  height,
}: {
  leads: boolean;
  mark: Mark;
  x: number;
  height: number;
}): JSX.Element {
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

function Labels({ labels, x }: { labels: readonly Label[]; x: number }): JSX.Element {
  return (
    <>
      {labels.map(({ name, current }, i) => (
        <g key={name} class="ds-tag">
          {i === 0 && <path class="ds-tip" data-current={current} d={`M${x - 4} -6L${x} -1L${x + 4} -6z`} />}
          <Pill name={name} x={x} y={-24 - i * LABEL} current={current} />
        </g>
      ))}
    </>
  );
}
