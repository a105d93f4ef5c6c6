/** Owns how a value stands inside a table: a figure of its own, little cells, a reference to what is drawn elsewhere. */

import type { JSX } from "preact";
import { formatValue } from "../../format";
import { elementAt, type HeapObject, isInline, isSequence } from "../../heap";
import { markAt, NO_MARKS } from "../../marks";
import type { Figure } from "../../structure";
import { isRef, refId, type Value } from "../../values";
import type { FigureProps, Picture } from "../context";
import { about, Name } from "../parts";

type HeldProps = Pick<FigureProps, "picture" | "viewer" | "width" | "nest"> & {
  readonly figure: Pick<Figure, "nested">;
  readonly value: Value;
};

export function Held({ value, figure, picture, viewer, width, nest }: HeldProps): JSX.Element {
  const { lookup } = picture.snapshot.state;
  const object = isRef(value) ? lookup(refId(value)) : undefined;
  if (!object) return <span class="ds-value">{formatValue(value, lookup, 32)}</span>;
  const nested = figure.nested.get(object.id);
  if (nested && !isLittle(nested, object, picture)) return nest(nested, width);
  const inline = isInline(object, lookup) && !(picture.labels.has(object.id) && !nested);
  if (inline && isSequence(object) && object.kind !== "tuple" && object.length > 0)
    return <LittleCells object={object} picture={picture} />;
  if (nested || inline) return <span class="ds-value">{formatValue(value, lookup, 32)}</span>;
  const { hot } = viewer;
  // One object, several names: what stands elsewhere is told by the name it has there.
  const names = picture.labels.get(object.id) ?? [];
  return (
    <span
      class="ds-ref"
      data-ref={object.id}
      data-hot={hot.value === object.id}
      onPointerEnter={() => {
        hot.value = object.id;
      }}
      onPointerLeave={() => {
        hot.value = 0;
      }}
    >
      <span class="ds-to" aria-hidden="true">
        ↗
      </span>
      {names.slice(0, 2).map((label) => (
        <Name key={label.name} {...label} />
      ))}
      {formatValue(value, lookup, names.length ? 16 : 28)}
    </span>
  );
}

/** Whether a figure would say no more than a row of little cells. */
function isLittle(nested: Figure, object: HeapObject, { snapshot, names }: Picture): boolean {
  return (
    nested.view === "array" &&
    isInline(object, snapshot.state.lookup) &&
    names.pointersInto(object).length === 0
  );
}

function LittleCells({ object, picture }: { object: HeapObject; picture: Picture }): JSX.Element {
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  return (
    <span class="ds-little">
      {picture.labels.get(object.id)?.map((label) => (
        <Name key={label.name} {...label} />
      ))}
      {Array.from({ length: object.length }, (_, i) => (
        // A cell's position is its identity.
        <span key={i} data-mark={markAt(marks, String(i))} class="ds-member" {...about(object, i)}>
          {formatValue(elementAt(object, i), picture.snapshot.state.lookup, 10)}
        </span>
      ))}
    </span>
  );
}
