// @vitest-environment happy-dom
/** Text on the page is what it looks like: hidden and turning characters are written out, everything else is left alone. */

import { render } from "preact";
import { describe, expect, it } from "vitest";
import "../src/visible-views";
import { visible } from "../src/visible";

describe("visible", () => {
  it.each([
    ["\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m"],
    ["a\0b\u007f\u0085", "a\\x00b\\x7f\\x85"],
    ["harmless\rEVIL", "harmless\\rEVIL"],
    ["safe\u202etxt.exe", "safe\\u202etxt.exe"],
    ["a\u2066b\u2069", "a\\u2066b\\u2069"],
    ["\u2069out of it\u2068", "\\u2069out of it\\u2068"],
    ["\ud83d half", "\\ud83d half"],
    ["half \ude00", "half \\ude00"],
    ["a\u200bb\ufeff\u2028c", "a\\u200bb\\ufeff\\u2028c"],
  ])("writes out %j", (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each([
    "plain",
    "two\nlines\tand a tab",
    "<script>alert(1)</script>",
    "\u2068\u05e9\u05dc\u05d5\u05dd\u2069",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 \u0928\u094d\u200d",
    "Z\u0351\u036b",
  ])("leaves %j alone", (text) => {
    expect(visible(text)).toBe(text);
  });

  it("keeps line ends of other systems as line ends", () => {
    expect(visible("a\r\nb\u0007\r\nc")).toBe("a\nb\\x07\nc");
  });
});

describe("what views draw", () => {
  const Card = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
    <section aria-label={name} title={name} data-place={name}>
      <b>{name}</b>
      {["x", [name]]}
      <>{name} = 1</>
      {children}
    </section>
  );

  it("is visible in every place, while data keeps what it is", () => {
    const root = document.createElement("div");
    const name = "a\u202eb";
    render(<Card name={name}>inner {name}</Card>, root);
    const section = root.firstElementChild as HTMLElement;
    expect(section.textContent).toBe("a\\u202ebxa\\u202eba\\u202eb = 1inner a\\u202eb");
    expect(section.getAttribute("aria-label")).toBe("a\\u202eb");
    expect(section.title).toBe("a\\u202eb");
    expect(section.dataset.place).toBe(name);
    render(<Card name="plain">and so on</Card>, root);
    expect(section.textContent).toBe("plainxplainplain = 1and so on");
    render(null, root);
  });
});
