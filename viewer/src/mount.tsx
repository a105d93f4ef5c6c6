/** Owns putting a viewer into an element and taking it out again, in any page. */

import { effect, signal } from "@preact/signals";
import { type JSX, render } from "preact";
import { type Host, type Theme, watchPageTheme } from "./host";
import { createInquiry } from "./inquiry";
import type { TraceLog } from "./log";
import { type Language, type Translate, translator } from "./messages";
import { type Clock, createPair } from "./pair";
import { IndexTerms } from "./scope";
import { createStore } from "./store";
import { useStyle } from "./style";
import "./visible-views";
import { App } from "./views/app";
import type { Asking, Viewer } from "./views/context";
import { Pair } from "./views/pair";

/** What a host may do with a viewer it has mounted, and follow of it. */
export interface Mounted
  extends Pick<Clock, "target" | "playing" | "granularity" | "go" | "setPlaying" | "setGranularity"> {
  /** Removes the viewer and everything it listens to. */
  dispose(): void;
}

/** What a view of one run is made of, and its clean-ups. */
interface Parts {
  readonly base: Omit<Viewer, "t">;
  readonly cleanUps: readonly (() => void)[];
}

function assemble(source: TraceLog, host: Host): Parts {
  const store = createStore(source, host.initialStep ?? 0);
  const inquiry = createInquiry(store);
  const theme = signal<Theme>("light");
  const watch = host.watchTheme ?? watchPageTheme;
  const unwatch = watch((value) => {
    theme.value = value;
  });
  const base = {
    store,
    inquiry,
    asking: signal<Asking | null>(null),
    allCalls: signal(false),
    stop: host.onStop ?? null,
    theme,
    terms: new IndexTerms(source.tables),
    usage: store.timeline.usage,
    hot: signal(0),
    help: signal(false),
  };
  return { base, cleanUps: [unwatch, inquiry.dispose, store.dispose] };
}

/** Draws in the host's language, and tells it the steps; what `clock` moves is then the host's to move. */
function show(
  element: HTMLElement,
  clock: Clock,
  parts: readonly Parts[],
  host: Host,
  picture: (t: Translate) => JSX.Element,
): Mounted {
  const draw = (language: Language | undefined) => render(picture(translator(language)), element);
  const cleanUps = [
    effect(() => {
      const shown = Math.max(...parts.map(({ base }) => base.store.snapshot.value?.state.step ?? -1));
      if (shown >= 0 && parts.some(({ base }) => base.store.moved.peek())) host.onStep?.(shown);
    }),
    useStyle(element),
    ...parts.flatMap((part) => part.cleanUps),
    clock.dispose,
    () => render(null, element),
  ];
  if (host.watchLanguage) cleanUps.unshift(host.watchLanguage(draw));
  else draw(host.language);
  const { target, playing, granularity, go, setPlaying, setGranularity } = clock;
  const dispose = () => {
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
  };
  return { target, playing, granularity, go, setPlaying, setGranularity, dispose };
}

/** Draws a viewer of `source` into `element`. */
export function mount(element: HTMLElement, source: TraceLog, host: Host = {}): Mounted {
  const parts = assemble(source, host);
  const { store } = parts.base;
  // Another language is another picture: nothing of the old one is kept.
  return show(element, store, [parts], host, (t) => <App key={t.tag} viewer={{ ...parts.base, t }} />);
}

/** Draws two runs side by side into `element`, stepping together. */
export function mountPair(
  element: HTMLElement,
  sources: readonly [TraceLog, TraceLog],
  host: Host = {},
): Mounted {
  const left = assemble(sources[0], host);
  const right = assemble(sources[1], host);
  const clock = createPair([left.base.store, right.base.store]);
  return show(element, clock, [left, right], host, (t) => (
    <Pair key={t.tag} left={{ ...left.base, t }} right={{ ...right.base, t }} clock={clock} />
  ));
}
