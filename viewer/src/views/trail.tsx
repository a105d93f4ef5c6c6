/** Owns the line of questions that were asked: each with its count, the way to the next answer, and whether it pauses. */

import type { JSX } from "preact";
import type { Asked } from "../inquiry";
import { keysOf } from "../keys";
import type { Viewer } from "./context";
import { Button } from "./parts";

export function Trail({ viewer }: { viewer: Viewer }): JSX.Element | null {
  const { inquiry, t } = viewer;
  const asked = inquiry.asked.value;
  if (asked.length === 0 && !inquiry.busy.value) return null;
  const active = inquiry.active.value;
  return (
    <section class="ds-trail" aria-label={t("trail.label")}>
      {asked.map((entry) => (
        <Chip key={entry.id} entry={entry} viewer={viewer} active={entry === active} />
      ))}
      {inquiry.busy.value && (
        <button type="button" class="ds-link" onClick={inquiry.cancel}>
          {t("trail.searching")}
        </button>
      )}
    </section>
  );
}

function Chip({ entry, viewer, active }: { entry: Asked; viewer: Viewer; active: boolean }): JSX.Element {
  const { inquiry, t } = viewer;
  const pauses = entry.pauses.value;
  return (
    <span class="ds-question" data-active={active}>
      <button
        type="button"
        class="ds-pause"
        aria-pressed={pauses}
        aria-label={t("trail.pause", { question: entry.label })}
        title={t("trail.pause", { question: entry.label })}
        onClick={() => {
          entry.pauses.value = !pauses;
        }}
      />
      <button
        type="button"
        class="ds-asked"
        aria-pressed={active}
        onClick={() => {
          inquiry.active.value = entry;
        }}
      >
        {entry.label}
      </button>
      {active && (
        <>
          <Button
            icon="previous"
            label={t("key.previousHit")}
            hint={keysOf("previousHit")}
            act={() => inquiry.move(-1)}
          />
          <Count entry={entry} viewer={viewer} />
          <Button icon="next" label={t("key.nextHit")} hint={keysOf("nextHit")} act={() => inquiry.move(1)} />
        </>
      )}
      <Button
        icon="close"
        label={t("trail.drop", { question: entry.label })}
        act={() => inquiry.drop(entry)}
      />
    </span>
  );
}

/** "3 / 12": where the step stands among the answers. Read out when it changes. */
function Count({ entry, viewer }: { entry: Asked; viewer: Viewer }): JSX.Element {
  const { store, t } = viewer;
  const searched = entry.searched.value;
  const shown = store.snapshot.value?.state.step ?? 0;
  const { before, total, complete } = entry.answers.rank(shown);
  const part = complete ? "" : ` · ${Math.floor(100 * searched)} %`;
  return <output class="ds-rank">{`${t.number(before)} / ${t.number(total)}${part}`}</output>;
}
