/** Owns the picture of a sequence: cells with indices, what was touched, index variables as pointers below. */

import type { JSX } from "preact";
import { CELL_TEXT, formatValue } from "../format";
import { elementAt, type HeapObject, type Lookup } from "../heap";
import { NO_MARKS } from "../marks";
import { noteAt } from "../notes";
import { fitArray, type SequenceModel } from "../recognise/sequence";
import type { FigureProps, StructureView } from "./context";
import { notePointers, sequenceText } from "./parts";
import { Strip } from "./shared/cells";

export const array: StructureView<SequenceModel> = { name: "array", fit: fitArray, Draw };

function Draw({
  figure,
  model: { object },
  picture,
  viewer,
  width,
}: FigureProps<SequenceModel>): JSX.Element {
  const { snapshot, touched, names, notes } = picture;
  const { lookup } = snapshot.state;
  if (object.length === 0) return <p class="ds-empty">{viewer.t("array.empty")}</p>;
  return (
    <Strip
      object={object.id}
      length={object.length}
      text={(i) => cellText(object, i, lookup)}
      note={(i) => noteAt(notes, object.id, String(i), elementAt(object, i))}
      marks={touched.objects.get(object.id) ?? NO_MARKS}
      pointers={[...names.pointersInto(object), ...notePointers(notes, object)]}
      step={snapshot.state.step}
      width={width}
      label={sequenceText(figure.subject.path, object, lookup)}
      viewer={viewer}
    />
  );
}

function cellText(object: HeapObject, i: number, lookup: Lookup): string {
  return formatValue(elementAt(object, i), lookup, CELL_TEXT, 1);
}
