/**
 * Owns the words: one notice of the machine becomes one short message in plain language that says what
 * happened, what was kept and what to do. JupyterLab cuts notifications off at 140 characters.
 */

import type { Notice } from "./machine";

/** The most a notification shows, in characters. */
export const MESSAGE_LIMIT = 140;

export type MessageKind = "in-progress" | "success" | "warning" | "error";

export interface Message {
  readonly kind: MessageKind;
  readonly text: string;
}

/** The message for a notice. */
export function messageFor(notice: Notice): Message {
  switch (notice.kind) {
    case "interrupted":
      return {
        kind: "warning",
        text: `Stopped: your code ran for more than ${duration(notice.seconds)}. Your variables and the steps recorded so far are kept.`,
      };
    case "restarting":
      return {
        kind: "in-progress",
        text: `Your code hung for more than ${duration(notice.seconds)}. Restarting Python. Steps shown so far are kept, variables are lost.`,
      };
    case "retrying":
      return {
        kind: "in-progress",
        text: `Python does not answer yet. Trying again (${notice.attempt} of ${notice.of}). Your notebook is safe.`,
      };
    case "ready":
      return {
        kind: "success",
        text: "Python is ready again. Steps shown before are kept; run the cells above again to get your variables back.",
      };
    case "lost":
      return {
        kind: "error",
        text: "Python could not be restarted. Save your notebook, then reload this page. Your text and code are kept.",
      };
  }
}

function duration(seconds: number): string {
  const rounded = Number(seconds.toPrecision(3));
  return rounded === 1 ? "1 second" : `${rounded} seconds`;
}
