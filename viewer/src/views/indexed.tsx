/** Owns the pictures of trees that live in a list: the list itself and the tree, side by side and marked alike. */

import type { JSX } from "preact";
import { CELL_TEXT, formatValue } from "../format";
import { elementAt, isSequence } from "../heap";
import { NO_MARKS } from "../marks";
import { noteAt } from "../notes";
import { fitHeap, fitSets, type IndexedTreeModel } from "../recognise/indexed-tree";
import type { FigureProps, StructureView } from "./context";
import { notePointers, sequenceText } from "./parts";
import { Strip } from "./shared/cells";
import { NetView } from "./shared/net";

export const heap: StructureView<IndexedTreeModel> = { name: "heap", fit: fitHeap, Draw };
export const unionFind: StructureView<IndexedTreeModel> = { name: "union-find", fit: fitSets, Draw };

function Draw({ figure, model, picture, viewer, width }: FigureProps<IndexedTreeModel>): JSX.Element {
  const { object, net } = model;
  const { snapshot, touched, names, notes } = picture;
  const { lookup, step } = snapshot.state;
  if (object.length === 0) return <p class="ds-empty">{viewer.t("array.empty")}</p>;
  return (
    <div class="ds-indexed">
      {isSequence(object) && (
        <Strip
          object={object.id}
          length={object.length}
          text={(i) => formatValue(elementAt(object, i), lookup, CELL_TEXT, 1)}
          note={(i) => noteAt(notes, object.id, String(i), elementAt(object, i))}
          marks={touched.objects.get(object.id) ?? NO_MARKS}
          pointers={[...names.pointersInto(object), ...notePointers(notes, object)]}
          step={step}
          width={width}
          label={sequenceText(figure.subject.path, object, lookup)}
          viewer={viewer}
        />
      )}
      <NetView net={net} viewer={viewer} width={width} />
    </div>
  );
}
