/** What of a flood reaches the page: joined, in order, up to a limit that is told. */

import { describe, expect, it } from "vitest";
import { JOIN_MS, MOST_DISPLAYS, MOST_TEXT, type OutputMessage, outputBrake } from "../src/output-brake";
import { FakeClock } from "./fakes";

function brake() {
  const clock = new FakeClock();
  const sent: OutputMessage[] = [];
  const send = outputBrake((message) => sent.push(message), clock);
  const message = (msg_type: string, content: object = {}, cell = "a", channel = "iopub"): void =>
    send({ channel, header: { msg_type }, parent_header: { msg_id: cell }, content });
  const print = (text: string, name = "stdout", cell = "a") => message("stream", { name, text }, cell);
  const said = () =>
    sent.map(({ header, content }) =>
      header.msg_type === "stream" ? `${content.name}:${content.text}` : header.msg_type,
    );
  return { clock, sent, send, message, print, said };
}

describe("lines", () => {
  it("in quick succession are one message, soon", async () => {
    const { clock, print, said } = brake();
    print("a");
    print("\n");
    print("b");
    expect(said()).toEqual([]);
    await clock.advance(JOIN_MS);
    expect(said()).toEqual(["stdout:a\nb"]);
    expect(clock.pending).toBe(0);
    print("c");
    await clock.advance(JOIN_MS);
    expect(said()).toEqual(["stdout:a\nb", "stdout:c"]);
  });

  it("keep their order among all that is said", () => {
    const { print, message, said } = brake();
    print("a");
    print("b", "stderr");
    message("display_data");
    print("c");
    message("execute_reply", {}, "a", "shell");
    print("d");
    print("e", "stdout", "another cell");
    message("status");
    expect(said()).toEqual([
      "stdout:a",
      "stderr:b",
      "display_data",
      "stdout:c",
      "execute_reply",
      "stdout:d",
      "stdout:e",
      "status",
    ]);
  });

  it("that are no text pass as they are", () => {
    const { message, sent } = brake();
    message("stream", { name: "stdout", text: 7 });
    message("comm_msg", { data: {} });
    expect(sent.map(({ content }) => content)).toEqual([{ name: "stdout", text: 7 }, { data: {} }]);
  });
});

describe("a flood", () => {
  it("of text ends at the limit, and says so once", () => {
    const { print, message, sent } = brake();
    for (let i = 0; i < 25; i += 1) print("x".repeat(MOST_TEXT / 10));
    message("status");
    const texts = sent.map(({ content }) => String(content.text ?? ""));
    expect(texts.filter((text) => text.startsWith("x")).join("")).toHaveLength(MOST_TEXT);
    expect(texts.filter((text) => text.includes("left out"))).toHaveLength(1);
    expect(sent.at(-1)?.header.msg_type).toBe("status");
  });

  it("of pictures does too; what is cleared away counts no more", () => {
    const { message, said } = brake();
    for (let i = 0; i < 3 * MOST_DISPLAYS; i += 1) message("display_data");
    expect(said().filter((each) => each === "display_data")).toHaveLength(MOST_DISPLAYS);
    expect(said().filter((each) => each.includes("left out"))).toHaveLength(1);
    message("clear_output");
    message("display_data");
    expect(said().slice(-2)).toEqual(["clear_output", "display_data"]);
  });

  it("of one cell is not held against the next", () => {
    const { print, message, said } = brake();
    print("x".repeat(2 * MOST_TEXT));
    print("y", "stdout", "b");
    message("status", {}, "b");
    expect(said().slice(-2)).toEqual(["stdout:y", "status"]);
  });
});
