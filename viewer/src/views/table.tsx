/** Owns the picture of a dict, and of an object that stands alone: a table of keys and values. */

import type { JSX } from "preact";
import type { TableFigure } from "../classify";
import { isInline } from "../classify";
import { formatValue } from "../format";
import { elementAt, type HeapObject, isSequence } from "../heap";
import { NO_MARKS } from "../marks";
import { isRef, refId, type Value } from "../values";
import type { FigureProps } from "./context";
import { about, type Mark, markOf, Sign } from "./parts";

/** Entries drawn; the touched ones always are. */
const MAX_ENTRIES = 60;

export function TableView({ figure, picture, viewer }: FigureProps<TableFigure>): JSX.Element {
  const { object } = figure;
  const { t } = viewer;
  const { lookup } = picture.snapshot.state;
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  if (object.entries.size === 0) return <p class="ds-empty">{t("array.empty")}</p>;
  const touched = (key: string) => marks.reads.has(key) || marks.writes.has(key);
  const entries = [...object.entries].filter(([key], i) => i < MAX_ENTRIES || touched(key));
  const hidden = object.length - entries.length;
  return (
    <div class="ds-table">
      <table>
        <tbody>
          {entries.map(([key, [name, value]]) => {
            const mark = markOf(marks.reads.has(key), marks.writes.has(key));
            return (
              <tr key={key} data-mark={mark} {...about(object, key)}>
                <th scope="row">
                  <Signs mark={mark} />
                  {object.kind === "object" ? key : formatValue(name, lookup, 24, 1)}
                </th>
                <td>
                  <Held value={value} {...{ figure, picture, viewer }} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {hidden > 0 && <p class="ds-elided">⋯ {t("table.more", { count: hidden })}</p>}
    </div>
  );
}

function Signs({ mark }: { mark: Mark }): JSX.Element | null {
  if (!mark) return null;
  return (
    <>
      {mark !== "write" && <Sign tone="read" />}
      {mark !== "read" && <Sign tone="write" />}
    </>
  );
}

type HeldProps = Pick<FigureProps<TableFigure>, "picture" | "viewer"> & { readonly value: Value };

/** A value in a table: small sequences as a row of little cells, other objects as a reference. */
function Held({ value, picture, viewer }: HeldProps): JSX.Element {
  const { lookup } = picture.snapshot.state;
  const object = isRef(value) ? lookup(refId(value)) : undefined;
  if (!object) return <span class="ds-value">{formatValue(value, lookup, 32)}</span>;
  const inline = !picture.labels.has(object.id) && isInline(object, lookup);
  if (inline && isSequence(object) && object.kind !== "tuple" && object.length > 0) {
    return <LittleCells object={object} picture={picture} viewer={viewer} />;
  }
  const { hot } = viewer;
  return (
    <span
      class={inline ? "ds-value" : "ds-ref"}
      data-hot={hot.value === object.id}
      onPointerEnter={() => {
        hot.value = object.id;
      }}
      onPointerLeave={() => {
        hot.value = 0;
      }}
    >
      {formatValue(value, lookup, 28)}
    </span>
  );
}

function LittleCells({ object, picture }: Omit<HeldProps, "value"> & { object: HeapObject }): JSX.Element {
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  return (
    <span class="ds-little">
      {Array.from({ length: object.length }, (_, i) => (
        // A cell's position is its identity.
        <span
          key={i}
          data-mark={markOf(marks.reads.has(String(i)), marks.writes.has(String(i)))}
          {...about(object, i)}
        >
          {formatValue(elementAt(object, i), picture.snapshot.state.lookup, 10)}
        </span>
      ))}
    </span>
  );
}
