/** The settings: the schema that the editor shows and the code that reads its values say the same. */

import { describe, expect, it } from "vitest";
import schema from "../schema/watchdog.json";
import { TIMING } from "../src/machine";
import { BOUNDS, DEFAULTS, readSettings } from "../src/settings";

describe("the schema", () => {
  it("has our defaults and no other keys", () => {
    const defaults = Object.entries(schema.properties).map(([key, property]) => [key, property.default]);
    expect(Object.fromEntries(defaults)).toEqual(DEFAULTS);
  });

  it("has our bounds", () => {
    const { seconds, grace } = schema.properties;
    expect([seconds.minimum, seconds.maximum]).toEqual(BOUNDS.seconds);
    expect([grace.minimum, grace.maximum]).toEqual(BOUNDS.grace);
  });

  it("lets no grace eat up the two seconds", () => {
    const { grace } = schema.properties;
    expect(grace.maximum * 1000 + TIMING.leastPatienceMs).toBeLessThan(TIMING.restartWithinMs);
  });
});

describe("stored values", () => {
  it.each([
    ["nothing", {}, DEFAULTS],
    [
      "what the learner chose",
      { enabled: false, seconds: 5, grace: 0.5 },
      { enabled: false, seconds: 5, grace: 0.5 },
    ],
    ["other types", { enabled: 1, seconds: "5", grace: null }, DEFAULTS],
    ["too much", { seconds: 1e9, grace: 10 }, { enabled: true, seconds: 86_400, grace: 1.75 }],
    ["too little", { seconds: 0, grace: 0 }, { enabled: true, seconds: 0.1, grace: 0.25 }],
    ["no number", { seconds: Number.NaN }, DEFAULTS],
  ])("%s", (_, stored, expected) => {
    expect(readSettings(stored)).toEqual(expected);
  });
});
