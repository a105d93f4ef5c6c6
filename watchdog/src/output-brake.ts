/**
 * Owns how much output of one cell reaches the page in JupyterLite: a loop that prints is faster than a page can
 * draw, and a page that cannot keep up hears no Interrupt any more. Lines that come in quick succession are joined;
 * once a cell has more on the page than anybody can read, the rest is left out, and the cell says so.
 */

import type { Clock } from "./guard";

/** Text that one cell may have on the page, in characters. */
export const MOST_TEXT = 1_000_000;
/** Displayed objects that one cell may have on the page. */
export const MOST_DISPLAYS = 1_000;
/** How long text waits for more to come, in ms. */
export const JOIN_MS = 50;

/** A kernel's message as far as it is read here. */
export interface OutputMessage {
  readonly channel: string;
  readonly header: { readonly msg_type: string };
  readonly parent_header: { readonly msg_id?: string };
  readonly content: { readonly name?: unknown; readonly text?: unknown };
}

type Send = (message: OutputMessage) => void;

/** What one cell has on the page. */
interface Shown {
  readonly cell: string;
  text: number;
  displays: number;
  cut: boolean;
}

/** A kernel's way to the page, with the brake in it. */
export function outputBrake(send: Send, clock: Clock): Send {
  let shown: Shown = { cell: "", text: 0, displays: 0, cut: false };
  let held: OutputMessage | null = null;
  let parts: string[] = [];
  let callOff: (() => void) | null = null;

  const flush = (): void => {
    callOff?.();
    callOff = null;
    if (held)
      send(parts.length === 1 ? held : { ...held, content: { ...held.content, text: parts.join("") } });
    held = null;
    parts = [];
  };

  const say = (message: OutputMessage, text: string): void => {
    flush();
    send({
      ...message,
      header: { ...message.header, msg_type: "stream" },
      content: { name: "stderr", text },
    });
  };

  const cut = (message: OutputMessage): void => {
    if (shown.cut) return;
    shown.cut = true;
    say(message, CUT);
  };

  const stream = (message: OutputMessage, text: string): void => {
    if (shown.text >= MOST_TEXT) {
      cut(message);
      return;
    }
    const piece = text.slice(0, MOST_TEXT - shown.text);
    shown.text += piece.length;
    if (held && (held.content.name !== message.content.name || cellOf(held) !== cellOf(message))) flush();
    held ??= piece === text ? message : { ...message, content: { ...message.content, text: piece } };
    parts.push(piece);
    callOff ??= clock.after(JOIN_MS, flush);
  };

  return (message) => {
    const type = message.header.msg_type;
    if (message.channel !== "iopub") {
      flush();
      send(message);
      return;
    }
    if (cellOf(message) !== shown.cell) shown = { cell: cellOf(message), text: 0, displays: 0, cut: false };
    const { text } = message.content;
    if (type === "stream" && typeof text === "string") {
      stream(message, text);
      return;
    }
    if (type === "clear_output") shown = { ...shown, text: 0, displays: 0, cut: false };
    if (type === "display_data") {
      shown.displays += 1;
      if (shown.displays > MOST_DISPLAYS) {
        cut(message);
        return;
      }
    }
    flush();
    send(message);
  };
}

const CUT =
  "\n[More output than a page can show: the rest is left out. The cell goes on; Interrupt stops it.]\n";

function cellOf(message: OutputMessage): string {
  return message.parent_header.msg_id ?? "";
}
