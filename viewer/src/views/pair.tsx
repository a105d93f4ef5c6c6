/** Owns two runs side by side: one set of controls above, the panels of each below. */

import type { JSX } from "preact";
import type { Clock } from "../pair";
import { App } from "./app";
import type { Viewer } from "./context";
import { Controls } from "./controls";

interface Props {
  readonly left: Viewer;
  readonly right: Viewer;
  readonly clock: Clock;
}

export function Pair({ left, right, clock }: Props): JSX.Element {
  const { t } = left;
  return (
    <section
      class="ds-root ds-pair"
      data-dstruct="compare"
      data-step={clock.target.value}
      data-steps={clock.steps.value}
      data-theme={left.theme.value}
      lang={t.tag}
      dir={t.direction}
      aria-label={t("pair.label")}
    >
      <Controls viewer={left} clock={clock} />
      <div class="ds-sides">
        {[left, right].map((viewer, i) => (
          // There are two, and each keeps its side.
          <div key={i}>
            <h3 class="ds-side">
              <b>{viewer.store.log.status.value.title}</b>{" "}
              {t("viewer.step", { step: viewer.store.target.value, steps: viewer.store.steps.value })}
            </h3>
            <App viewer={viewer} clock={clock} />
          </div>
        ))}
      </div>
    </section>
  );
}
