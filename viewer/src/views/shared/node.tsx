/** Owns drawing one node and one link of a net; each is drawn anew only when something about it changes. */

import { Component, type JSX } from "preact";
import type { Box, Edge } from "../../layout/geometry";
import type { Mark } from "../../marks";
import { groupTint, tintOf } from "../../notes";
import type { NetLink, NetNode } from "../../recognise/net";
import { about, Labels, MarkSign } from "../parts";

export const LINE_HEIGHT = 18;
export const PORT = 22;

export function Arrowhead({ id }: { id: string }): JSX.Element {
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

export class Arrow extends Component<ArrowProps> {
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
  /** Whether its group's name stands here. */
  readonly named: boolean;
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

/**
 * A node. Of a large structure most never change. It stands where it is drawn; only one that has just moved is transformed,
 * on its way, since each transform costs the browser at every frame.
 */
export class NodeBox extends Component<NodeProps> {
  private moves = 0;
  private dx = 0;
  private dy = 0;

  override shouldComponentUpdate({ box, node, flipped, hot }: NodeProps): boolean {
    const before = this.props;
    if (box.x !== before.box.x || box.y !== before.box.y) {
      this.moves++;
      this.dx = before.box.x - box.x;
      this.dy = before.box.y - box.y;
    }
    const moved =
      box !== before.box && (Object.keys(box) as (keyof Box)[]).some((k) => box[k] !== before.box[k]);
    return moved || flipped !== before.flipped || hot !== before.hot || !sameNode(node, before.node);
  }

  override render({ box, node, flipped, hot, named }: NodeProps): JSX.Element {
    const { lines, labels, mark, port, shape, ring, note } = node;
    const inner = port ? box.width - PORT : box.width;
    const left = box.x + (port && flipped ? PORT : 0);
    const { x, y, width, height } = box;
    const first = y + height / 2 + 5 - ((lines.length - 1) * LINE_HEIGHT) / 2;
    const radius = shape !== "box" && lines.length === 1 ? box.height / 2 : 8;
    const tint = tintOf(note.color);
    return (
      <g
        key={this.moves}
        class={this.moves > 0 ? "ds-node ds-slide" : "ds-node"}
        style={this.moves > 0 ? { "--dx": `${this.dx}px`, "--dy": `${this.dy}px` } : undefined}
        data-node={node.object || node.id}
        data-id={node.id}
        data-shape={shape}
        data-mark={mark}
        data-hot={hot}
        data-tint={tint ?? undefined}
        {...(node.object ? about({ id: node.object }) : {})}
      >
        {note.group !== null && <Group name={note.group} box={box} named={named} />}
        {ring && (
          <rect
            class="ds-ring"
            x={x - 3.5}
            y={y - 3.5}
            width={width + 7}
            height={height + 7}
            rx={radius + 3.5}
          />
        )}
        <rect class="ds-box" x={x} y={y} width={width} height={height} rx={radius} />
        {port && <Port {...port} x={flipped ? x : x + inner} y={y} height={height} flipped={flipped} />}
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
          <rect class="ds-blink" x={x - 3} y={y - 3} width={width + 6} height={height + 6} rx={radius + 3} />
        )}
        <MarkSign mark={mark} x={left + 1} y={y + 1} width={inner - 2} />
        <Labels labels={labels} x={x + width / 2} y={y} />
        <NoteText note={note} x={x + width / 2} y={y + height + (note.group && named ? 34 : 15)} />
      </g>
    );
  }
}

/** What the author says about a node stands below it. */
function NoteText({ note, x, y }: { note: NetNode["note"]; x: number; y: number }): JSX.Element | null {
  const said = [note.note, ...note.info].filter((text) => text);
  if (said.length === 0) return null;
  const text = said.join(" · ").slice(0, 40);
  const width = text.length * 6.8 + 10;
  return (
    <>
      <rect class="ds-note-back" x={x - width / 2} y={y - 12} width={width} height={16} rx={8} />
      <text class="ds-note" x={x} y={y}>
        {text}
      </text>
    </>
  );
}

/** A halo in the group's tint, with its name at one of its members. */
function Group({ name, box, named }: { name: string; box: Box; named: boolean }): JSX.Element {
  const { x, y, width, height } = box;
  return (
    <g class="ds-group" data-tint={groupTint(name)}>
      <title>{name}</title>
      <rect x={x - 8} y={y - 8} width={width + 16} height={height + 16} rx={height / 2 + 8} />
      {named && (
        <text class="ds-note" x={x + width / 2} y={y + height + 20}>
          {name}
        </text>
      )}
    </g>
  );
}

interface PortProps {
  readonly leads: boolean;
  readonly mark: Mark;
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly flipped: boolean;
}

/** The compartment of a link: a dot where an arrow starts, a stroke where it leads nowhere. */
function Port({ leads, mark, x, y, height, flipped }: PortProps): JSX.Element {
  const edge = flipped ? x + PORT : x;
  return (
    <g class="ds-port" data-mark={mark}>
      <rect class="ds-port-mark" x={x + 2.5} y={y + 2.5} width={PORT - 5} height={height - 5} rx={6} />
      <path class="ds-divider" d={`M${edge} ${y}V${y + height}`} />
      {!leads ? (
        <path class="ds-none" d={`M${x + 6} ${y + height / 2 + 7}L${x + PORT - 6} ${y + height / 2 - 7}`} />
      ) : (
        <circle class="ds-origin" cx={x + PORT / 2} cy={y + height / 2} r={3.2} />
      )}
    </g>
  );
}
