/** Owns what is shown of a run that goes on: how much of its limits it has used, and the way to stop it. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RunStatus, TraceLog } from "../log";
import type { Translate } from "../messages";
import type { Viewer } from "./context";

/** How often the clock is read, in ms. */
const TICK = 250;
/** After so long without news the learner is told that the program may be stuck in one place, in ms. */
const QUIET = 2_000;
const MEGABYTE = 1e6;

/** What a run has used of its limits, in words. Times in ms on the page's clock. */
export function usedText(log: TraceLog, status: RunStatus, now: number, t: Translate): string[] {
  const { steps, bytes } = status.limits;
  const tenths = (value: number): number => Math.round(value * 10) / 10;
  const count = log.steps.value;
  const seconds = Math.floor((now - log.opened) / 1000);
  const size = tenths(log.bytes.value / MEGABYTE);
  return [
    steps === null ? t("progress.steps", { count }) : t("progress.steps.of", { count, limit: steps }),
    status.seconds
      ? t("progress.seconds.of", { seconds, limit: tenths(status.seconds) })
      : t("progress.seconds", { seconds }),
    bytes === null
      ? t("progress.size", { size })
      : t("progress.size.of", { size, limit: tenths(bytes / MEGABYTE) }),
  ];
}

export function Progress({ viewer }: { viewer: Viewer }): JSX.Element {
  const { store, t } = viewer;
  const { log } = store;
  const status = log.status.value;
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), TICK);
    return () => clearInterval(timer);
  }, []);
  const quiet = now - Math.max(log.opened, log.heard);
  return (
    <div class="ds-progress">
      <span class="ds-chip" data-state="running" data-reason="">
        {t("run.running")}
      </span>
      <span class="ds-used">
        {usedText(log, status, now, t).map((text) => (
          <span key={text}>{text}</span>
        ))}
        {quiet > QUIET && <span>{t("progress.quiet", { seconds: Math.floor(quiet / 1000) })}</span>}
      </span>
      {viewer.stop && <Stop stop={viewer.stop} t={t} />}
    </div>
  );
}

function Stop({ stop, t }: { stop: () => boolean; t: Translate }): JSX.Element {
  const [asked, setAsked] = useState<"no" | "taken" | "nobody">("no");
  return (
    <>
      <button type="button" class="ds-stop" onClick={() => setAsked(stop() ? "taken" : "nobody")}>
        <span class="ds-stop-sign" aria-hidden="true" />
        {t(asked === "taken" ? "run.stopping" : "run.stop")}
      </button>
      {asked === "nobody" && (
        <span class="ds-muted" role="alert">
          {t("run.stop.nobody")}
        </span>
      )}
    </>
  );
}
