/** Owns the output panel: what was printed so far, the newest of it marked, and the traceback where the run failed. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Picture, Viewer } from "./context";
import { Panel } from "./parts";

/** Characters of output drawn. */
const SHOWN = 20_000;

export function Output({ viewer, picture }: { viewer: Viewer; picture: Picture | null }): JSX.Element {
  const { t, store } = viewer;
  const body = useRef<HTMLElement | null>(null);
  const state = picture?.snapshot.state;
  const printed = state ? store.timeline.outputAt(state, SHOWN) : { pieces: [], cut: false };
  const fresh = picture ? picture.snapshot.state.outputs - picture.snapshot.before.outputs : 0;
  const { error, state: run } = store.log.status.value;
  const failed = run === "done" && error && state?.step === store.timeline.last ? error : null;
  useEffect(() => {
    if (body.current) body.current.scrollTop = body.current.scrollHeight;
  }, [state?.outputs, failed]);
  return (
    <Panel
      name="output"
      title={t("panel.output")}
      bodyRef={(element) => {
        body.current = element;
      }}
    >
      {printed.cut && <p class="ds-muted">{t("output.cut")}</p>}
      {printed.pieces.length === 0 && !failed && <p class="ds-muted">{t("output.none")}</p>}
      {printed.pieces.length > 0 && (
        <pre>
          {printed.pieces.map(({ stream, text }, i) => (
            <span
              // Output only grows: a piece's place in it is its identity.
              key={i}
              data-piece={(state?.outputs ?? 0) - printed.pieces.length + i}
              title={t("output.go")}
              data-stream={stream === 1 ? "stderr" : "stdout"}
              data-new={i >= printed.pieces.length - fresh}
            >
              {text}
            </span>
          ))}
        </pre>
      )}
      {failed && <pre class="ds-traceback">{failed.stack || `${failed.name}: ${failed.message}`}</pre>}
    </Panel>
  );
}
