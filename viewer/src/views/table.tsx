/** Owns the picture of a dict, and of an object that stands alone: a table of keys and values, figures inside. */

import type { JSX } from "preact";
import { formatValue } from "../format";
import type { Entry, HeapObject } from "../heap";
import { markAt, NO_MARKS } from "../marks";
import { groupTint, noteAt, tintOf } from "../notes";
import { fitTable, type ObjectModel } from "../recognise/plain";
import { keyOf } from "../values";
import type { FigureProps, StructureView } from "./context";
import { about, Name, Signs, windowAround } from "./parts";
import { Held } from "./shared/held";

export const table: StructureView<ObjectModel> = { name: "dict", fit: fitTable, Draw };

/** Entries drawn: around what was touched. */
const MAX_ENTRIES = 40;
/** Room that keys take of a figure that stands in a table. */
const KEYS = 120;

function Draw(props: FigureProps<ObjectModel>): JSX.Element {
  const { model, picture, viewer } = props;
  const { object } = model;
  const { t } = viewer;
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  if (object.entries.size === 0) return <p class="ds-empty">{t("array.empty")}</p>;
  const { shown, before, after } = windowAround([...object.entries], object.length, marks, MAX_ENTRIES);
  const pointers = picture.names.keysInto(object);
  const given = picture.notes.get(object.id)?.pointers ?? [];
  return (
    <div class="ds-table">
      {before > 0 && <p class="ds-elided">⋯ {t("table.before", { count: before })}</p>}
      <table>
        <tbody>
          {shown.map(([key, entry]) => (
            <Row
              key={key}
              {...props}
              place={key}
              entry={entry}
              object={object}
              pointers={[
                ...pointers.filter(({ value }) => keyOf(value) === key),
                ...given
                  .filter((pointer) => pointer.key === key)
                  .map(({ name }) => ({ name, current: true })),
              ]}
            />
          ))}
        </tbody>
      </table>
      {after > 0 && <p class="ds-elided">⋯ {t("table.more", { count: after })}</p>}
    </div>
  );
}

interface RowProps extends FigureProps<ObjectModel> {
  readonly place: string;
  readonly entry: Entry;
  readonly object: HeapObject;
  readonly pointers: readonly { readonly name: string; readonly current: boolean }[];
}

function Row(props: RowProps): JSX.Element {
  const { place, entry, object, pointers, picture, width } = props;
  const [name, value] = entry;
  const mark = markAt(picture.touched.objects.get(object.id) ?? NO_MARKS, place);
  const note = noteAt(picture.notes, object.id, place, value);
  return (
    <tr
      {...about(object, place)}
      data-mark={mark}
      data-tint={tintOf(note.color) ?? groupTint(note.group) ?? undefined}
      data-hidden={note.hidden || undefined}
    >
      <th scope="row">
        <Signs mark={mark} />
        {object.kind === "object" ? place : formatValue(name, picture.snapshot.state.lookup, 24, 1)}
        {pointers.map((pointer) => (
          <Name key={pointer.name} {...pointer} />
        ))}
      </th>
      <td>
        <Held {...props} value={value} width={width - KEYS} />
        {note.note && <em class="ds-said">{note.note}</em>}
      </td>
    </tr>
  );
}
