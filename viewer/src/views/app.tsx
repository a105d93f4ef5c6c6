/** Owns the root element: its attributes, its keyboard, and the arrangement of the panels. */

import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { classify } from "../classify";
import type { Theme } from "../host";
import { type KeyAction, onKey } from "../keys";
import { touchedBy } from "../marks";
import { labelsOf } from "../scope";
import type { Store } from "../store";
import type { Snapshot } from "../timeline";
import { Code } from "./code";
import type { Picture, Viewer } from "./context";
import { Controls } from "./controls";
import { Output } from "./output";
import { Stack } from "./stack";
import { Status } from "./status";
import { Structures } from "./structures";

export function App({ viewer, theme }: { viewer: Viewer; theme: Signal<Theme> }): JSX.Element {
  const { store, t } = viewer;
  const snapshot = store.snapshot.value;
  const picture = useMemo(() => (snapshot ? pictureOf(snapshot, viewer) : null), [snapshot]);
  const status = store.log.status.value;
  const still = useStill(snapshot?.state.step ?? 0, store);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a border and a legend that nothing here is.
    <div
      class="ds-root"
      data-dstruct="viewer"
      data-step={snapshot?.state.step ?? 0}
      data-steps={store.log.steps.value}
      data-stop-reason={status.state === "running" ? "" : (status.stopReason ?? "")}
      data-theme={theme.value}
      data-still={still}
      data-lm-suppress-shortcuts="true"
      lang={t.tag}
      dir={t.direction}
      role="group"
      aria-label={t("viewer.label")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard works wherever the focus is inside.
      tabIndex={0}
      onKeyDown={(event) => onKey(event, handlersOf(viewer))}
    >
      <Controls viewer={viewer} />
      <Status viewer={viewer} picture={picture} />
      <div class="ds-main">
        <Code viewer={viewer} picture={picture} />
        <Structures viewer={viewer} picture={picture} />
        <Stack viewer={viewer} picture={picture} />
        <Output viewer={viewer} picture={picture} />
      </div>
    </div>
  );
}

/** A jump over more steps than this is no movement to be followed. */
const JUMP = 64;
/** Nor are pictures that change faster than things move, in steps per second. */
const TOO_FAST = 16;

/** Whether this picture should appear without motion. */
function useStill(step: number, store: Store): boolean {
  const last = useRef({ step, still: true });
  if (step !== last.current.step) last.current = { step, still: Math.abs(step - last.current.step) > JUMP };
  return last.current.still || (store.playing.value && store.speed.value >= TOO_FAST);
}

function pictureOf(snapshot: Snapshot, { store, terms }: Viewer): Picture {
  const touched = touchedBy(snapshot);
  return {
    snapshot,
    tables: store.log.tables,
    figures: classify(snapshot.state, touched.objects.keys()),
    touched,
    labels: labelsOf(snapshot.state),
    terms,
  };
}

/** What the keys do. Whatever is left out here leaves its key to the page. */
function handlersOf({ store }: Viewer): Partial<Record<KeyAction, () => void>> {
  return {
    next: () => store.move(1),
    previous: () => store.move(-1),
    first: store.first,
    last: store.last,
    play: store.toggle,
  };
}
