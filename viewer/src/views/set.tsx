/** Owns the picture of a set: its members side by side, without positions. */

import type { JSX } from "preact";
import { formatValue } from "../format";
import { markAt, NO_MARKS } from "../marks";
import { groupTint, noteAt, tintOf } from "../notes";
import { fitSet, type ObjectModel } from "../recognise/plain";
import type { FigureProps, StructureView } from "./context";
import { about, Sign, windowAround } from "./parts";

export const set: StructureView<ObjectModel> = { name: "set", fit: fitSet, Draw };

const MAX_MEMBERS = 96;

function Draw({ model: { object }, picture, viewer }: FigureProps<ObjectModel>): JSX.Element {
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  const { lookup } = picture.snapshot.state;
  if (object.entries.size === 0) return <p class="ds-empty">{viewer.t("array.empty")}</p>;
  const { shown, before, after } = windowAround([...object.entries], object.length, marks, MAX_MEMBERS);
  return (
    <div class="ds-set">
      {before > 0 && <p class="ds-elided">⋯ {viewer.t("array.before", { count: before })}</p>}
      {shown.map(([key, [member]]) => {
        const mark = markAt(marks, key);
        const note = noteAt(picture.notes, object.id, key, member);
        const tint = tintOf(note.color) ?? groupTint(note.group) ?? undefined;
        return (
          <span key={key} data-mark={mark} data-tint={tint} class="ds-member" {...about(object, key)}>
            <Sign tone={mark === "both" ? "write" : mark} />
            {formatValue(member, lookup, 20)}
          </span>
        );
      })}
      {after > 0 && <p class="ds-elided">⋯ {viewer.t("array.after", { count: after })}</p>}
    </div>
  );
}
