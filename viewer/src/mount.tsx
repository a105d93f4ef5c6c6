/** Owns putting a viewer into an element and taking it out again, in any page. */

import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { type Host, type Theme, watchPageTheme } from "./host";
import { createInquiry } from "./inquiry";
import type { TraceLog } from "./log";
import { type Language, translator } from "./messages";
import { IndexTerms } from "./scope";
import { createStore } from "./store";
import { useStyle } from "./style";
import { App } from "./views/app";
import type { Asking, Viewer } from "./views/context";

/** What a host may do with a viewer it has mounted. */
export interface Mounted {
  /** Shows a step, as if the learner had gone there. */
  go(step: number): void;
  /** Removes the viewer and everything it listens to. */
  dispose(): void;
}

/** Draws a viewer of `source` into `element`. */
export function mount(element: HTMLElement, source: TraceLog, host: Host = {}): Mounted {
  const store = createStore(source, host.initialStep ?? 0);
  const theme = signal<Theme>("light");
  const inquiry = createInquiry(store);
  const base = {
    store,
    inquiry,
    asking: signal<Asking | null>(null),
    allCalls: signal(false),
    stop: host.onStop ?? null,
    theme,
    terms: new IndexTerms(source.tables),
    hot: signal(0),
  };
  const draw = (language: Language | undefined) => {
    const viewer: Viewer = { ...base, t: translator(language) };
    // Another language is another picture: nothing of the old one is kept.
    render(<App key={viewer.t.tag} viewer={viewer} />, element);
  };
  const cleanUps = [
    (host.watchTheme ?? watchPageTheme)((value) => {
      theme.value = value;
    }),
    effect(() => {
      const shown = store.snapshot.value;
      if (shown && store.moved.peek()) host.onStep?.(shown.state.step);
    }),
    useStyle(element),
    inquiry.dispose,
    store.dispose,
    () => render(null, element),
  ];
  if (host.watchLanguage) cleanUps.unshift(host.watchLanguage(draw));
  else draw(host.language);
  return {
    go: store.go,
    dispose: () => {
      for (const cleanUp of cleanUps.splice(0)) cleanUp();
    },
  };
}
