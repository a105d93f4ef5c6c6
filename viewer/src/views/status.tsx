/** Owns the line in words and the chip that says how the run went, or how it goes. */

import type { JSX } from "preact";
import type { RunStatus } from "../log";
import { en, type MessageKey, type Translate } from "../messages";
import { narrate, shortName } from "../narrate";
import type { Picture, Viewer } from "./context";
import { Sign } from "./parts";
import { Progress } from "./progress";

/** How the run went, in words; null where it simply ended. */
export function stopText(status: RunStatus, t: Translate): string | null {
  if (status.state === "running") return t("run.running");
  const reason = status.stopReason ?? "ok";
  if (reason === "ok") return null;
  const seconds = status.seconds === null ? "" : Math.round(status.seconds * 10) / 10;
  if (reason === "timeout" && seconds !== "") return t("run.timeout.seconds", { seconds });
  const key = `run.${reason}`;
  if (!Object.hasOwn(en, key)) return t("run.other", { reason });
  return t(key as MessageKey, { name: status.error?.name ?? "", seconds });
}

export function Status({ viewer, picture }: { viewer: Viewer; picture: Picture | null }): JSX.Element {
  const { store, t } = viewer;
  const status = store.log.status.value;
  const chip = stopText(status, t);
  const problem = store.log.problem.value;
  return (
    <div class="ds-status">
      <p class="ds-say" role="status" aria-live={store.playing.value ? "off" : "polite"} aria-atomic="true">
        <Words viewer={viewer} picture={picture} />
      </p>
      {status.state === "running" ? (
        <Progress viewer={viewer} />
      ) : (
        chip && (
          <span class="ds-chip" data-state={status.state} data-reason={status.stopReason ?? ""}>
            {chip}
          </span>
        )
      )}
      {problem && (
        <p class="ds-problem" role="alert">
          {t("problem", { message: problem.message })}
        </p>
      )}
    </div>
  );
}

function Words({ viewer, picture }: { viewer: Viewer; picture: Picture | null }): JSX.Element {
  const { store, t } = viewer;
  if (!picture) return <span class="ds-muted">{t("wait.chunks")}</span>;
  const { state, before } = picture.snapshot;
  if (state.step === 0) return <span class="ds-muted">{t("start.hint")}</span>;
  const pieces = store.log.tables.output.slice(before.outputs, state.outputs).map(({ text }) => text);
  const top = state.stack[state.stack.length - 1];
  const unit = top && picture.tables.units[top.unit];
  return (
    <>
      {top && (
        <span class="ds-where">
          {unit && unit.kind !== "module" ? `${shortName(unit.name)} · ` : ""}
          {t("stack.line", { line: String(top.line) })}
        </span>
      )}
      {narrate(picture.snapshot, picture.tables, pieces, t).map((clause, i) => (
        <span class="ds-clause" data-tone={clause.tone} key={`${i}${clause.text}`}>
          <Sign tone={clause.tone} />
          {clause.text}
          {/* Read out as a list. */}
          <span class="ds-hidden">, </span>
        </span>
      ))}
    </>
  );
}
