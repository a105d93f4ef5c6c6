/**
 * Owns the registry of structure views, and nothing else knows which there are. To add a view, write its module and
 * list it here (docs/guides/add-a-view.md). Of views that fit equally well, the first one listed is drawn.
 */

import type { FunctionComponent } from "preact";
import { array } from "./array";
import type { FigureProps, StructureView } from "./context";
import { hashTable } from "./hash-table";
import { heap, unionFind } from "./indexed";
import { boxes, graph, linkedList, tree, trie } from "./linked";
import { matrix } from "./matrix";
import { pile } from "./pile";
import { queue } from "./queue";
import { rows } from "./rows";
import { set } from "./set";
import { string } from "./string";
import { table } from "./table";

/** A view whose model's type nobody else needs to know: what `fit` made is what `Draw` gets. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where views of all models stand side by side.
export type AnyView = StructureView<any>;

export const VIEWS: readonly AnyView[] = [
  array,
  string,
  matrix,
  pile,
  queue,
  heap,
  unionFind,
  rows,
  table,
  hashTable,
  set,
  linkedList,
  tree,
  trie,
  graph,
  boxes,
];

const byName = new Map(VIEWS.map((view) => [view.name, view]));

/** The component that draws figures of a view. */
export function drawingOf(name: string): FunctionComponent<FigureProps> {
  return (byName.get(name) ?? array).Draw as FunctionComponent<FigureProps>;
}
