/** Owns putting a viewer into an element and taking it out again, in any page. */

import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { type Host, type Theme, watchPageTheme } from "./host";
import { createInquiry } from "./inquiry";
import type { TraceLog } from "./log";
import { translator } from "./messages";
import { IndexTerms } from "./scope";
import { createStore } from "./store";
import { useStyle } from "./style";
import { App } from "./views/app";
import type { Viewer } from "./views/context";

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
  const viewer: Viewer = {
    store,
    inquiry,
    asking: signal(null),
    allCalls: signal(false),
    t: translator(host.language),
    terms: new IndexTerms(source.tables),
    hot: signal(0),
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
  render(<App viewer={viewer} theme={theme} />, element);
  return {
    go: store.go,
    dispose: () => {
      for (const cleanUp of cleanUps.splice(0)) cleanUp();
    },
  };
}
