/** The catalogue: every language says everything, with the same placeholders; numbers and directions are the reader's. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { en, type MessageKey, parseLanguage, translator } from "../src/messages";

const folder = new URL("../locales/", import.meta.url);
const languages = readdirSync(folder).map((file) => {
  const texts = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Record<string, string>;
  return { tag: file.replace(/\.json$/, ""), texts };
});
const english: Readonly<Record<string, string>> = en;

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const base = (key: string) => key.replace(/\.one$/, "");

describe("the languages", () => {
  it("are at least these", () => {
    expect(languages.map(({ tag }) => tag)).toEqual(expect.arrayContaining(["de", "fr", "es", "zh"]));
  });

  it.each(languages)(
    "$tag has every text, none that English does not have, none that is empty",
    (language) => {
      const counts = new Intl.PluralRules(language.tag).resolvedOptions().pluralCategories.includes("one");
      const wanted = Object.keys(english).filter((key) => counts || !key.endsWith(".one"));
      expect(wanted.filter((key) => !language.texts[key]?.trim())).toEqual([]);
      expect(Object.keys(language.texts).filter((key) => !(base(key) in english))).toEqual([]);
    },
  );

  it.each(languages)("$tag has the placeholders of the English text", ({ texts }) => {
    const wrong = Object.keys(texts).filter(
      (key) =>
        JSON.stringify(placeholders(texts[key] as string)) !==
        JSON.stringify(placeholders(english[base(key)] ?? "")),
    );
    expect(wrong).toEqual([]);
  });

  it.each(languages)("$tag is its own language", ({ texts }) => {
    // A few words are the same in two languages; a file of them would be a copy.
    const same = Object.keys(texts).filter((key) => texts[key] === english[key]);
    expect(same.length).toBeLessThan(Object.keys(texts).length / 10);
  });
});

describe("a translator", () => {
  const german = languages.find(({ tag }) => tag === "de");
  const t = translator(parseLanguage(german) ?? undefined);

  it("fills placeholders, falls back to English, and never reads inherited names", () => {
    const part = translator({ tag: "fr", texts: { "say.line": "erreicht {line}" } });
    expect(part("say.line", { line: "5" })).toBe("erreicht 5");
    expect(part("say.bind", { names: "i = 3" })).toBe("binds i = 3");
    expect(translator({ tag: "en", texts: { "say.line": "{toString}" } })("say.line", {})).toBe("{toString}");
    expect(translator({ tag: "en", texts: Object.create({ "say.start": "x" }) })("say.start")).toBe("starts");
  });

  it("writes numbers as the language does, and leaves text alone", () => {
    expect(t("viewer.step", { step: 1234567, steps: 2e6 })).toBe("Schritt 1.234.567 von 2.000.000");
    expect(translator()("viewer.step", { step: 1234567, steps: 2e6 })).toBe("Step 1,234,567 of 2,000,000");
    expect(t("say.line", { line: "1234" })).toBe("erreicht Zeile 1234");
    expect(t.number(0.5)).toBe("0,5");
  });

  it("knows one from many, by the language's own rule", () => {
    expect(t("table.more", { count: 1 })).toBe("1 weiterer Eintrag");
    expect(t("table.more", { count: 1001 })).toBe("1.001 weitere Einträge");
    expect(translator()("table.more", { count: 1 })).toBe("1 more entry");
    const french = languages.find(({ tag }) => tag === "fr");
    expect(translator(parseLanguage(french) ?? undefined)("table.more", { count: 0 })).toBe(
      "0 entrée de plus",
    );
  });

  it("keeps values of another direction from turning the sentence", () => {
    expect(t("say.output", { text: "'שלום'" })).toBe("gibt \u2068'שלום'\u2069 aus");
    expect(translator({ tag: "he-IL", texts: {} }).direction).toBe("rtl");
    expect(t.direction).toBe("ltr");
  });

  it("takes no nonsense from outside", () => {
    expect(parseLanguage(null)).toBeNull();
    expect(parseLanguage({ tag: 5, texts: {} })).toBeNull();
    expect(parseLanguage({ tag: "de", texts: { "say.start": 5, nothing: "x", "say.end": "aus" } })).toEqual({
      tag: "de",
      texts: { "say.end": "aus" },
    });
    expect(translator({ tag: "not a tag", texts: {} })("say.start" satisfies MessageKey)).toBe("starts");
  });
});
