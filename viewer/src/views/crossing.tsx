/** Owns the way of an exception: where it was raised, which calls it left, what caught it. Each place can be gone to. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { crossingsAt, type Crossing as Place } from "../call-text";
import { shortName } from "../narrate";
import type { Picture, Viewer } from "./context";

interface Shown {
  readonly step: number;
  readonly places: readonly Place[];
}

export function Crossing({
  viewer,
  picture,
}: {
  viewer: Viewer;
  picture: Picture | null;
}): JSX.Element | null {
  const { store, inquiry, t } = viewer;
  const [shown, setShown] = useState<Shown | null>(null);
  const raised = picture?.snapshot.happenings.some(({ event }) => event === "raise" || event === "unwind");
  const step = raised ? (picture?.snapshot.state.step ?? -1) : -1;
  useEffect(() => {
    if (step < 0) return;
    let wanted = true;
    crossingsAt(inquiry.walk, step).then(
      (places) => wanted && setShown(places && { step, places }),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [step]);
  if (step < 0 || shown?.step !== step || !picture) return null;
  const units = picture.tables.units;
  const nameOf = (unit: number) =>
    units[unit]?.kind === "module" ? t("stack.main") : shortName(units[unit]?.name ?? "?");
  return (
    <ol class="ds-crossing" aria-label={t("crossing.label")}>
      {shown.places.map(({ kind, unit, line, step: at }) => (
        <li key={at} data-kind={kind}>
          <button
            type="button"
            class="ds-link"
            aria-current={at === step ? "step" : undefined}
            onClick={() => store.go(at)}
          >
            {t(`crossing.${kind}`, { name: nameOf(unit), line: String(line) })}
          </button>
        </li>
      ))}
    </ol>
  );
}
