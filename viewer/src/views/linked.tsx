/** Owns the pictures of linked objects: list, tree, trie, graph, and boxes for everything else. */

import { fitAdjacency } from "../recognise/adjacency";
import { fitBoxes } from "../recognise/boxes";
import { fitDictTrie } from "../recognise/dict-trie";
import { fitGraph, fitList, fitTree, fitTrie } from "../recognise/linked";
import type { Net } from "../recognise/net";
import type { StructureView } from "./context";
import { NetFigure as Draw } from "./shared/net";

export const linkedList: StructureView<Net> = { name: "linked-list", fit: fitList, Draw };
export const tree: StructureView<Net> = { name: "tree", fit: fitTree, Draw };
export const trie: StructureView<Net> = {
  name: "trie",
  fit: (subject, scene) => fitTrie(subject, scene) ?? fitDictTrie(subject, scene),
  Draw,
};
export const graph: StructureView<Net> = {
  name: "graph",
  fit: (subject, scene) => fitGraph(subject, scene) ?? fitAdjacency(subject, scene),
  Draw,
};
export const boxes: StructureView<Net> = { name: "boxes", fit: fitBoxes, Draw };
