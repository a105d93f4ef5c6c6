/** Owns the picture of a set: its members side by side, without positions. */

import type { JSX } from "preact";
import type { SetFigure } from "../classify";
import { formatValue } from "../format";
import { NO_MARKS } from "../marks";
import type { FigureProps } from "./context";
import { about, markOf, Sign } from "./parts";

const MAX_MEMBERS = 120;

export function SetView({ figure, picture, viewer }: FigureProps<SetFigure>): JSX.Element {
  const { object } = figure;
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  const { lookup } = picture.snapshot.state;
  if (object.entries.size === 0) return <p class="ds-empty">{viewer.t("array.empty")}</p>;
  const members = [...object.entries].slice(0, MAX_MEMBERS);
  const hidden = object.length - members.length;
  return (
    <div class="ds-set">
      {members.map(([key, [member]]) => {
        const mark = markOf(marks.reads.has(key), marks.writes.has(key));
        return (
          <span key={key} data-mark={mark} {...about(object, key)}>
            <Sign tone={mark === "both" ? "write" : mark} />
            {formatValue(member, lookup, 20)}
          </span>
        );
      })}
      {hidden > 0 && <p class="ds-elided">⋯ {viewer.t("array.after", { count: hidden })}</p>}
    </div>
  );
}
