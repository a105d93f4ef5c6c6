/** Owns what the viewer asks of the page it lives in, and what it does where the page says nothing. */

import type { Language } from "./messages";

export type Theme = "light" | "dark";

/** The page around a viewer. Everything is optional: without it the viewer reads, draws and keeps to itself. */
export interface Host {
  /** Another language than English. */
  readonly language?: Language;
  /** Tells the language now and whenever it changes; returns its clean-up. */
  readonly watchLanguage?: (tell: (language: Language) => void) => () => void;
  /** Step to begin at. */
  readonly initialStep?: number;
  /** Called with each step shown after the view was opened, that is, since somebody went somewhere. */
  readonly onStep?: (step: number) => void;
  /** Asks for the end of a run that goes on; says whether anybody can end it. Without it no Stop is shown. */
  readonly onStop?: () => boolean;
  /** Tells the theme now and whenever it changes; returns its clean-up. */
  readonly watchTheme?: (tell: (theme: Theme) => void) => () => void;
}

/** Jupyter's theme where its mark is on the body, else the one the reader prefers. */
export function watchPageTheme(tell: (theme: Theme) => void): () => void {
  const prefers = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
  const update = () => {
    const light = document.body.getAttribute("data-jp-theme-light");
    const dark = light === null ? (prefers?.matches ?? false) : light === "false";
    tell(dark ? "dark" : "light");
  };
  const observer = new MutationObserver(update);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  prefers?.addEventListener("change", update);
  update();
  return () => {
    observer.disconnect();
    prefers?.removeEventListener("change", update);
  };
}
