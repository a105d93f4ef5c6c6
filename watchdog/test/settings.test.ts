/** The settings: the schema that the editor shows and the code that reads its values say the same. */

import { describe, expect, it } from "vitest";
import schema from "../schema/watchdog.json";

import { BOUNDS, DEFAULTS, readSettings, runLimits } from "../src/settings";
import { TIMING } from "../src/state";

describe("the schema", () => {
  it("has our defaults and no other keys", () => {
    const defaults = Object.entries(schema.properties).map(([key, property]) => [key, property.default]);
    expect(Object.fromEntries(defaults)).toEqual(DEFAULTS);
  });

  it("has our bounds", () => {
    for (const key of ["seconds", "steps", "megabytes", "grace"] as const) {
      const { minimum, maximum } = schema.properties[key];
      expect([minimum, maximum]).toEqual(BOUNDS[key]);
    }
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
      { enabled: false, seconds: 5, steps: 1000, megabytes: 8, grace: 0.5, standby: "off" },
      { enabled: false, seconds: 5, steps: 1000, megabytes: 8, grace: 0.5, standby: "off" },
    ],
    ["other types", { enabled: 1, seconds: "5", grace: null, steps: [], standby: true }, DEFAULTS],
    ["too much", { seconds: 1e9, grace: 10 }, { ...DEFAULTS, seconds: 86_400, grace: 1.75 }],
    ["too little", { seconds: 0, grace: 0, steps: -1 }, { ...DEFAULTS, seconds: 0.1, grace: 0.25 }],
    ["no number", { seconds: Number.NaN }, DEFAULTS],
  ])("%s", (_, stored, expected) => {
    expect(readSettings(stored)).toEqual(expected);
  });
});

describe("the limits of a run", () => {
  const settings = { ...DEFAULTS, seconds: 10, steps: 500 };

  it.each([
    ["the settings", undefined, { seconds: 10, steps: 500, bytes: 64_000_000 }],
    ["the notebook", { seconds: 5, steps: 7, bytes: 9 }, { seconds: 5, steps: 7, bytes: 9 }],
    ["the notebook in part", { steps: 7 }, { seconds: 10, steps: 7, bytes: 64_000_000 }],
    [
      "the settings where the notebook says nonsense",
      { seconds: -1, steps: "7", bytes: Number.NaN },
      { seconds: 10, steps: 500, bytes: 64_000_000 },
    ],
  ])("are those of %s", (_, metadata, expected) => {
    expect(runLimits(settings, metadata)).toEqual(expected);
  });

  it("have no step limit where nobody wants one", () => {
    expect(runLimits(DEFAULTS, "nonsense")).toEqual({ seconds: 30, bytes: 64_000_000 });
  });
});
