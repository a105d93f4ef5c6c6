/** The source itself: texts live in the catalogue, markup is never built from strings, views do not know each other. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { en } from "../src/messages";
import { FORMAT_VERSION } from "../src/wire";

const folder = new URL("../src/", import.meta.url);
const files = (readdirSync(folder, { recursive: true }) as string[])
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }));

describe("the source", () => {
  it("never makes markup from strings", () => {
    const forbidden =
      /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(|new Function/;
    expect(files.filter(({ text }) => forbidden.test(text)).map(({ name }) => name)).toEqual([]);
    expect(files.length).toBeGreaterThan(30);
  });

  it("has modules that say what they own and stay small", () => {
    expect(
      files.filter(({ text }) => !/^\/\*\*[\s\S]{0,20}Owns /.test(text)).map(({ name }) => name),
    ).toEqual([]);
    expect(files.filter(({ text }) => text.split("\n").length > 400).map(({ name }) => name)).toEqual([]);
  });

  it("has structure views that import no other view", () => {
    const registry = files.find(({ name }) => name === "views/figures.tsx")?.text ?? "";
    const views = [...registry.matchAll(/from "\.\/([\w-]+)"/g)].map(([, view]) => `views/${view}.tsx`);
    expect(views.length).toBeGreaterThan(10);
    const wrong = files
      .filter(({ name }) => views.includes(name))
      .filter(({ text }) =>
        [...text.matchAll(/from "\.\/([\w/-]+)"/g)].some(
          ([, other]) => !/^(context|parts|shared\/\w+)$/.test(other as string),
        ),
      );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it("reads the format version that Python writes", () => {
    const events = readFileSync(new URL("../../harness/dstruct_harness/events.py", import.meta.url), "utf8");
    expect(events).toContain(`FORMAT_VERSION: Final = ${FORMAT_VERSION}\n`);
  });
});

describe("the catalogue", () => {
  it("has no text that nothing uses", () => {
    const source = files
      .filter(({ name }) => name !== "messages.ts")
      .map(({ text }) => text)
      .join("\n");
    const unused = Object.keys(en).filter((key) => {
      const family = `${key.slice(0, key.lastIndexOf("."))}.\${`;
      const base = key.replace(/\.one$/, "");
      return !source.includes(`"${base}"`) && !source.includes(`\`${family}`) && !key.startsWith("run.");
    });
    expect(unused).toEqual([]);
  });
});
