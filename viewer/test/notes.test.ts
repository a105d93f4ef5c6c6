/** What the author says about a place, when several things are said. */

import { expect, it } from "vitest";
import { NO_NOTE, type Note, noteAt, notesOf, type ObjectNotes } from "../src/notes";
import { labelsOf } from "../src/scope";
import type { State } from "../src/state";
import { intValue, keyOf, nameAtom, refTo } from "../src/values";

const said = (more: Partial<Note>): Note => ({ ...NO_NOTE, info: [], ...more });

function about(places: Record<string, Note>, colors: Record<number, string>): Map<number, ObjectNotes> {
  const byValue = new Map(Object.entries(colors).map(([n, color]) => [keyOf(intValue(Number(n))), color]));
  const base = { ...said({}), pointers: [], names: [], view: null };
  return new Map([[1, { ...base, places: new Map(Object.entries(places)), colors: byValue }]]);
}

it("keeps a colour by value where something else is said about the place", () => {
  const notes = about({ "0": said({ blink: true }), "1": said({ color: "red" }) }, { 75: "green" });
  expect(noteAt(notes, 1, "0", intValue(75))).toMatchObject({ blink: true, color: "green" });
  expect(noteAt(notes, 1, "1", intValue(75))).toMatchObject({ color: "red" });
  expect(noteAt(notes, 1, "2", intValue(75))).toMatchObject({ color: "green", blink: false });
  expect(noteAt(notes, 1, "2", intValue(3))).toBe(NO_NOTE);
});

it("takes a pointer at an attribute for a name of the object", () => {
  const key = nameAtom("value");
  const node = { id: 5, kind: "object", entries: new Map([["value", [key, intValue(1)]]]), length: 1 };
  const annotation = { kind: "pointer", subject: refTo(5), key, data: nameAtom("slow") };
  const lookup = (id: number) => (id === 5 ? node : undefined);
  const state = { annotations: [annotation], lookup, stack: [], suspended: [] } as unknown as State;
  const notes = notesOf(state, { ...state, annotations: [] });
  expect(labelsOf(state, notes).get(5)).toEqual([{ name: "slow", current: true }]);
});
