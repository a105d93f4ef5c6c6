/** Owns the picture of what is behind a dict or set: numbered slots, and entries that had to move on from theirs. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { formatValue } from "../format";
import { placeKeys, type Slot } from "../hashing";
import { isSet } from "../heap";
import { markAt, NO_MARKS } from "../marks";
import { groupTint, noteAt, tintOf } from "../notes";
import { fitHashTable, type ObjectModel } from "../recognise/plain";
import type { FigureProps, StructureView } from "./context";
import { about, Signs } from "./parts";

export const hashTable: StructureView<ObjectModel> = { name: "hash-table", fit: fitHashTable, Draw };

/** A larger table shows the slots around what was touched. */
const MAX_SLOTS = 64;
const TEXT = 14;

function Draw({ model: { object }, picture, viewer }: FigureProps<ObjectModel>): JSX.Element {
  const { t } = viewer;
  const { lookup } = picture.snapshot.state;
  const entries = useMemo(() => [...object.entries], [object]);
  const { slots, standIn } = useMemo(
    () =>
      placeKeys(
        entries.map(([, [key]]) => key),
        isSet(object) ? "set" : "dict",
      ),
    [entries],
  );
  const marks = picture.touched.objects.get(object.id) ?? NO_MARKS;
  const touched = slots.findIndex(
    ({ entry }) => entry >= 0 && markAt(marks, entries[entry]?.[0] ?? "") !== "",
  );
  const from = Math.min(Math.max(0, touched - MAX_SLOTS / 2), Math.max(0, slots.length - MAX_SLOTS));
  const shown = slots.slice(from, from + MAX_SLOTS);
  const cell = ({ entry, home }: Slot, i: number) => {
    const [key, [name, value]] = entries[entry] ?? ["", [0, 0]];
    const empty = entry < 0;
    const mark = empty ? "" : markAt(marks, key);
    const note = noteAt(picture.notes, object.id, key, value);
    const moved = !empty && home !== from + i;
    return (
      <li
        key={from + i}
        data-slot={from + i}
        {...(empty ? {} : about(object, key))}
        data-empty={empty}
        data-mark={mark}
        data-tint={empty ? undefined : (tintOf(note.color) ?? groupTint(note.group) ?? undefined)}
      >
        <span class="ds-index">{from + i}</span>
        {!empty && (
          <span class="ds-entry">
            <Signs mark={mark} />
            <b>{formatValue(name, lookup, TEXT, 1)}</b>
            {!isSet(object) && `: ${formatValue(value, lookup, TEXT, 1)}`}
          </span>
        )}
        {moved && <span class="ds-moved">{t("hash.moved", { slot: home })}</span>}
      </li>
    );
  };
  return (
    <div class="ds-hash">
      {from > 0 && <p class="ds-elided">⋯ {t("array.before", { count: from })}</p>}
      <ol>{shown.map(cell)}</ol>
      {from + shown.length < slots.length && (
        <p class="ds-elided">⋯ {t("array.after", { count: slots.length - from - shown.length })}</p>
      )}
      <p class="ds-elided">
        {t("hash.load", { used: entries.length, slots: slots.length })}
        {standIn && ` ${t("hash.stand-in")}`}
      </p>
    </div>
  );
}
