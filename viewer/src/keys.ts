/** Owns the keyboard: one table of what every key does. The root element obeys it and the help sheet lists it. */

import type { MessageKey } from "./messages";

/** What keys can ask for. Who handles an action is decided where the viewer is put together. */
export type KeyAction =
  | "next"
  | "previous"
  | "first"
  | "last"
  | "play"
  | "over"
  | "overBack"
  | "into"
  | "intoBack"
  | "out"
  | "outBack"
  | "granularity"
  | "faster"
  | "slower"
  | "search"
  | "ask"
  | "nextHit"
  | "previousHit"
  | "breakpoint"
  | "run"
  | "runBack"
  | "calls"
  | "help"
  | "close";

export interface KeyBinding {
  readonly action: KeyAction;
  /** `KeyboardEvent.key` of each key that does it. A capital letter means Shift. */
  readonly keys: readonly string[];
  /** What it does, in words. */
  readonly name: MessageKey;
}

const bind = (action: KeyAction, key: string, name: MessageKey): KeyBinding => ({
  action,
  keys: [key],
  name,
});

export const KEYS: readonly KeyBinding[] = [
  bind("next", "ArrowRight", "viewer.next"),
  bind("previous", "ArrowLeft", "viewer.previous"),
  bind("first", "Home", "viewer.first"),
  bind("last", "End", "viewer.last"),
  bind("play", " ", "key.play"),
  bind("over", "o", "key.over"),
  bind("overBack", "O", "key.overBack"),
  bind("into", "i", "key.into"),
  bind("intoBack", "I", "key.intoBack"),
  bind("out", "u", "key.out"),
  bind("outBack", "U", "key.outBack"),
  bind("granularity", "g", "key.granularity"),
  bind("faster", "+", "key.faster"),
  bind("slower", "-", "key.slower"),
  bind("search", "/", "ask.search"),
  bind("ask", "q", "key.ask"),
  bind("nextHit", "n", "key.nextHit"),
  bind("previousHit", "N", "key.previousHit"),
  bind("breakpoint", "b", "key.breakpoint"),
  bind("run", "r", "key.run"),
  bind("runBack", "R", "key.runBack"),
  bind("calls", "c", "key.calls"),
  bind("help", "?", "key.help"),
  bind("close", "Escape", "key.close"),
];

const BY_KEY: ReadonlyMap<string, KeyAction> = new Map(
  KEYS.flatMap(({ action, keys }) => keys.map((key) => [key, action] as const)),
);

const CAPS: Readonly<Record<string, string>> = {
  ArrowRight: "→",
  ArrowLeft: "←",
  ArrowUp: "↑",
  ArrowDown: "↓",
  " ": "Space",
  Escape: "Esc",
};

/** What is printed on a key, for help sheets and tooltips. */
export function keyCap(key: string): string {
  if (/^[A-Z]$/.test(key)) return `Shift ${key}`;
  return CAPS[key] ?? (/^[a-z]$/.test(key) ? key.toUpperCase() : key);
}

/** The keys of an action as text, or "" where it has none. */
export function keysOf(action: KeyAction): string {
  const found = KEYS.find((binding) => binding.action === action);
  return found ? found.keys.map(keyCap).join(", ") : "";
}

/** Whether the element with the focus has its own use for what is typed. */
function isTyping(target: HTMLElement): boolean {
  const { tagName } = target;
  if (tagName === "SELECT" || tagName === "TEXTAREA" || target.isContentEditable) return true;
  return tagName === "INPUT" && (target as HTMLInputElement).type !== "range";
}

/** Obeys a key press by the table; an action without a handler leaves the key to the page. */
export function onKey(
  event: KeyboardEvent,
  handlers: Readonly<Partial<Record<KeyAction, (() => void) | undefined>>>,
): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  const action = BY_KEY.get(event.key);
  if (action === undefined || (isTyping(target) && action !== "close")) return;
  // On a button, and on what opens and closes, the space bar presses it.
  if (event.key === " " && /^(BUTTON|SUMMARY|A)$/.test(target.tagName)) return;
  const handler = handlers[action];
  if (!handler) return;
  event.preventDefault();
  event.stopPropagation();
  handler();
}
