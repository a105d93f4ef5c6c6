/** Owns the picture of a sequence of containers: one row for each, with its figure inside. */

import type { JSX } from "preact";
import { elementAt } from "../heap";
import { markAt, NO_MARKS } from "../marks";
import { groupTint, noteAt, tintOf } from "../notes";
import { fitRows, type SequenceModel } from "../recognise/sequence";
import type { FigureProps, StructureView } from "./context";
import { about, Name, Signs, windowAround } from "./parts";
import { Held } from "./shared/held";

export const rows: StructureView<SequenceModel> = { name: "rows", fit: fitRows, Draw };

const MAX_ROWS = 24;
const INDICES = 72;

function Draw(props: FigureProps<SequenceModel>): JSX.Element {
  const { model, picture, viewer, width } = props;
  const { object } = model;
  const { t } = viewer;
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  const all = Array.from({ length: object.length }, (_, i) => [String(i), i] as const);
  const { shown, before, after } = windowAround(all, object.length, marks, MAX_ROWS);
  const pointers = picture.names.pointersInto(object);
  return (
    <div class="ds-table ds-rows">
      {before > 0 && <p class="ds-elided">⋯ {t("array.before", { count: before })}</p>}
      <table>
        <tbody>
          {shown.map(([key, i]) => {
            const value = elementAt(object, i);
            const mark = markAt(marks, key);
            const note = noteAt(picture.notes, object.id, key, value);
            return (
              <tr
                {...about(object, i)}
                key={key}
                data-mark={mark}
                data-index={i}
                data-tint={tintOf(note.color) ?? groupTint(note.group) ?? undefined}
              >
                <th scope="row">
                  <Signs mark={mark} />
                  {i}
                  {pointers
                    .filter(({ position }) => position === i)
                    .map((pointer) => (
                      <Name key={pointer.name} name={pointer.name} current={pointer.current} />
                    ))}
                </th>
                <td>
                  <Held {...props} value={value} width={width - INDICES} />
                  {note.note && <em class="ds-said">{note.note}</em>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {after > 0 && <p class="ds-elided">⋯ {t("array.after", { count: after })}</p>}
    </div>
  );
}
