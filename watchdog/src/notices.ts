/**
 * Owns the words: one notice of the machine becomes one short message in plain language that says what
 * happened, what was kept and what to do, and the answers offered. JupyterLab cuts notifications off at 140
 * characters.
 */

import type { Answer } from "./guard";
import type { Cause, Notice } from "./state";

/** The most a notification shows, in characters. */
export const MESSAGE_LIMIT = 140;

export type MessageKind = "in-progress" | "success" | "warning" | "error";

/** What a learner can press. "rerun" is the notebook's to do, the others are answers to the machine. */
export interface Choice {
  readonly does: Answer | "rerun";
  readonly label: string;
  readonly caption: string;
}

export interface Message {
  readonly kind: MessageKind;
  readonly text: string;
  readonly choices: readonly Choice[];
}

const RESTART: Choice = {
  does: "restart",
  label: "Restart Python",
  caption: "Stops the code. Variables are lost; the notebook and the recorded steps are kept.",
};
const WAIT: Choice = { does: "wait", label: "Keep waiting", caption: "Lets the code go on." };
const RERUN: Choice = {
  does: "rerun",
  label: "Run the cells above",
  caption: "Runs all cells above the one that was stopped, so that their variables are back.",
};
const AGAIN: Choice = { does: "restart", label: "Try again", caption: "Tries once more to restart Python." };

/** The message for a notice. `above`: whether there are cells above the one that was stopped. */
export function messageFor(notice: Notice, above = false): Message {
  switch (notice.kind) {
    case "interrupted":
      return message(
        "warning",
        `Stopped: your code ran for more than ${duration(notice.seconds)}. Your variables and the steps recorded so far are kept.`,
      );
    case "ask":
      return message(
        "warning",
        "This code cannot be stopped in place. A restart of Python stops it: variables are lost, the notebook and recorded steps are kept.",
        RESTART,
        WAIT,
      );
    case "restarting":
      return message(
        "in-progress",
        `${causeText(notice.cause)} Restarting Python. Steps shown so far are kept, variables are lost.`,
      );
    case "retrying":
      return message(
        "in-progress",
        `Python does not answer yet. Trying again (${notice.attempt} of ${notice.of}). Your notebook is safe.`,
      );
    case "ready":
      return above
        ? message(
            "success",
            "Python is ready again. Recorded steps are kept; run the cells above to get your variables back.",
            RERUN,
          )
        : message("success", "Python is ready again. Recorded steps and your notebook are kept.");
    case "lost":
      return message(
        "error",
        "Python could not be restarted. Your text and code are kept. Try again, or save your notebook and reload this page.",
        AGAIN,
      );
  }
}

function message(kind: MessageKind, text: string, ...choices: readonly Choice[]): Message {
  return { kind, text, choices };
}

function causeText(cause: Cause): string {
  switch (cause.kind) {
    case "timeout":
      return `Your code hung for more than ${duration(cause.seconds)}.`;
    case "asked":
      return "Your code is being stopped.";
    case "crashed":
      return "Your code broke Python itself.";
  }
}

function duration(seconds: number): string {
  const rounded = Number(seconds.toPrecision(3));
  return rounded === 1 ? "1 second" : `${rounded} seconds`;
}
