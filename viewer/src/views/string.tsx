/** Owns the picture of a text that the code looks into: one cell for each character. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { NO_MARKS } from "../marks";
import { NO_NOTE } from "../notes";
import { fitText, type TextModel } from "../recognise/plain";
import type { FigureProps, StructureView } from "./context";
import { Strip } from "./shared/cells";

export const string: StructureView<TextModel> = { name: "string", fit: fitText, Draw };

/** Characters that would be invisible, as signs of their own. */
const SIGNS: Readonly<Record<string, string>> = { " ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍" };

function Draw({ model: { text }, figure, picture, viewer, width }: FigureProps<TextModel>): JSX.Element {
  const characters = useMemo(() => Array.from(text.text), [text.text]);
  return (
    <Strip
      object={0}
      length={characters.length}
      text={(i) => sign(characters[i] ?? "")}
      note={() => NO_NOTE}
      marks={picture.touched.texts.get(text.key) ?? NO_MARKS}
      pointers={picture.names.pointersIntoText(text)}
      step={picture.snapshot.state.step}
      width={width}
      label={`${figure.subject.path}: str: ${text.text.slice(0, 80)}`}
      viewer={viewer}
      narrow
      quoted
    />
  );
}

/** A character, or a sign for one that could not be seen or would change the picture around it. */
function sign(character: string): string {
  if (Object.hasOwn(SIGNS, character)) return SIGNS[character] as string;
  return /[\p{C}\p{Z}]/u.test(character) ? "·" : character;
}
