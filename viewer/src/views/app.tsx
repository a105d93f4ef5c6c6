/** Owns the root element: its attributes, its keyboard, and the arrangement of the panels. */

import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { type Choices, figuresOf } from "../classify";
import { type KeyAction, onKey } from "../keys";
import { touchedBy } from "../marks";
import { notesOf } from "../notes";
import type { Clock } from "../pair";
import { labelsOf, Names } from "../scope";
import { GRANULARITIES, type Store } from "../store";
import type { Granularity, Snapshot } from "../timeline";
import { AskPanel, closeAsking } from "./ask";
import { Code } from "./code";
import type { Picture, Viewer } from "./context";
import { Controls } from "./controls";
import { VIEWS } from "./figures";
import { Help } from "./help";
import { onPanelClick, openAsking } from "./hits";
import { Output } from "./output";
import { Stack } from "./stack";
import { Status } from "./status";
import { Structures } from "./structures";
import { Trail } from "./trail";
import { useNear } from "./visible";

/** One run's panels. A clock of its own has its controls here; one shared with another run has them elsewhere. */
export function App({ viewer, clock }: { viewer: Viewer; clock?: Clock }): JSX.Element {
  const { store, t } = viewer;
  const snapshot = store.snapshot.value;
  const choices = store.views.value;
  const known = viewer.usage.version.value;
  const { root, near, height } = useNear();
  const wanted = near ? snapshot : null;
  const picture = useMemo(
    () => (wanted ? pictureOf(wanted, viewer, choices) : null),
    [wanted, choices, known],
  );
  // While a run arrives the root changes with every chunk; what is in it only when it must.
  const content = useMemo(
    () => <Content viewer={viewer} clock={clock} picture={picture} />,
    [viewer, clock, picture],
  );
  const status = store.log.status.value;
  const still = useStill(snapshot?.state.step ?? 0, store);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a border and a legend that nothing here is.
    <div
      ref={root}
      class="ds-root"
      style={{ minHeight: height ? `${height}px` : "" }}
      data-dstruct="viewer"
      data-step={snapshot?.state.step ?? 0}
      data-steps={store.log.steps.value}
      data-stop-reason={status.state === "running" ? "" : (status.stopReason ?? "")}
      data-theme={viewer.theme.value}
      data-still={still}
      data-lm-suppress-shortcuts="true"
      lang={t.tag}
      dir={t.direction}
      role="group"
      aria-label={t("viewer.label")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard works wherever the focus is inside.
      tabIndex={0}
      onKeyDown={(event) => onKey(event, handlersOf(viewer, clock ?? store, event))}
    >
      {near && content}
    </div>
  );
}

interface ContentProps {
  readonly viewer: Viewer;
  readonly clock: Clock | undefined;
  readonly picture: Picture | null;
}

function Content({ viewer, clock, picture }: ContentProps): JSX.Element {
  return (
    <>
      {!clock && <Controls viewer={viewer} clock={viewer.store} />}
      <Status viewer={viewer} picture={picture} />
      <Trail viewer={viewer} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what a click asks, the key Q asks too. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above. */}
      <div class="ds-main" onClick={(event) => onPanelClick(event, viewer, picture)}>
        <Code viewer={viewer} picture={picture} />
        <Structures viewer={viewer} picture={picture} />
        <Stack viewer={viewer} picture={picture} />
        <Output viewer={viewer} picture={picture} />
      </div>
      <AskPanel viewer={viewer} picture={picture} />
      <Help viewer={viewer} />
    </>
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

function pictureOf(snapshot: Snapshot, { store, terms, usage }: Viewer, choices: Choices): Picture {
  const { tables } = store.log;
  const { state, before } = snapshot;
  const touched = touchedBy(snapshot);
  const notes = notesOf(state, before);
  const labels = labelsOf(state, notes);
  const names = new Names(state, tables, terms);
  const figures = figuresOf({ state, usage, touched, labels, names, notes }, VIEWS, choices);
  return { snapshot, tables, figures, touched, labels, names, notes };
}

/** What the keys do. */
function handlersOf(
  viewer: Viewer,
  clock: Clock,
  event: KeyboardEvent,
): Record<KeyAction, (() => void) | undefined> {
  const { inquiry } = viewer;
  const root = event.currentTarget as Element;
  const ask = (search: boolean) => () =>
    openAsking(viewer, root.querySelector(".ds-controls .ds-button[data-icon='ask']") ?? root, search);
  const answered = inquiry.active.peek() !== null;
  return {
    next: () => clock.move(1),
    previous: () => clock.move(-1),
    first: clock.first,
    last: clock.last,
    play: clock.toggle,
    over: () => inquiry.step("over", 1),
    overBack: () => inquiry.step("over", -1),
    into: () => clock.move(1, "line"),
    intoBack: () => clock.move(-1, "line"),
    out: () => inquiry.step("out", 1),
    outBack: () => inquiry.step("out", -1),
    granularity: () => {
      const at = GRANULARITIES.indexOf(clock.granularity.peek());
      clock.setGranularity(GRANULARITIES[(at + 1) % GRANULARITIES.length] as Granularity);
    },
    faster: () => clock.setPace(1),
    slower: () => clock.setPace(-1),
    search: ask(true),
    ask: ask(false),
    nextHit: answered ? () => inquiry.move(1) : undefined,
    previousHit: answered ? () => inquiry.move(-1) : undefined,
    breakpoint: () => pauseHere(viewer),
    run: () => inquiry.run(1),
    runBack: () => inquiry.run(-1),
    calls: () => {
      viewer.allCalls.value = !viewer.allCalls.peek();
    },
    help: () => {
      viewer.help.value = true;
    },
    close: closer(viewer, root),
  };
}

/** What Escape closes: the panel of questions, a search that takes long; nothing where there is neither. */
function closer(viewer: Viewer, root: Element): (() => void) | undefined {
  if (viewer.asking.peek()) return () => closeAsking(viewer, root.querySelector(".ds-ask"));
  return viewer.inquiry.busy.peek() ? () => void viewer.inquiry.cancel() : undefined;
}

function pauseHere({ store, inquiry, t }: Viewer): void {
  const { stack } = store.snapshot.peek()?.state ?? { stack: [] };
  const top = stack[stack.length - 1];
  const source = store.log.tables.units[top?.unit ?? -1]?.source ?? -1;
  if (top && source >= 0)
    inquiry.toggleLine(source, top.line, t("question.line", { line: String(top.line) }));
}
