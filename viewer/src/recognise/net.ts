/** Owns what is drawn of anything made of nodes and links: the model that recognisers fill and the net view draws. */

import type { Mark } from "../marks";
import { NO_NOTE, type Note } from "../notes";
import type { Label } from "../scope";
import type { More } from "./window";

export interface NetNode {
  /** Stable from step to step. */
  readonly id: string;
  /** The object it stands for, or 0. */
  readonly object: number;
  /** What is written on it. */
  readonly lines: readonly string[];
  /** Of an object, the attributes that the lines tell. */
  readonly fields: readonly string[];
  /** For one that stands for what is left out: how many that are; else 0. */
  readonly count: number;
  readonly mark: Mark;
  readonly labels: readonly Label[];
  readonly shape: "round" | "box" | "more";
  /** A second outline: the end of a word, the root of a set. */
  readonly ring: boolean;
  /** In a chain, the compartment its arrow starts from. */
  readonly port: { readonly leads: boolean; readonly mark: Mark } | null;
  readonly note: Readonly<Note>;
}

export interface NetLink {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** The object that holds it, and where: as in `about`; 0 where none does. */
  readonly object: number;
  readonly place: string;
  /** What it is in the program: an attribute, a key, a weight. */
  readonly name: string;
  /** What is written on it. */
  readonly label: string;
  readonly mark: Mark;
  /** Beside the shape proper: a back link, a second parent. */
  readonly minor: boolean;
}

export interface Net {
  readonly layout: "chain" | "tree" | "layers" | "free";
  readonly nodes: readonly NetNode[];
  readonly links: readonly NetLink[];
  /** In a binary tree, the names that mean left and right. */
  readonly sides: readonly [string, string] | null;
  /** Whether links have a direction to be shown. */
  readonly directed: boolean;
  /** Whether arrows of a tree point from the child to its parent. */
  readonly upward: boolean;
  /** Nodes that were left out. */
  readonly elided: number;
  /** In words, for those who do not see it. */
  readonly kind: string;
  /** Objects shown. */
  readonly objects: readonly number[];
}

export const NO_NODE = {
  object: 0,
  lines: [],
  fields: [],
  count: 0,
  mark: "",
  labels: [],
  shape: "round",
  ring: false,
  port: null,
  note: NO_NOTE,
} as const satisfies Omit<NetNode, "id">;

export const NO_LINK = { object: 0, place: "", name: "", label: "", mark: "", minor: false } as const;

export const NO_NET = {
  sides: null,
  directed: true,
  upward: false,
  elided: 0,
} as const;

/** Nodes drawn in one figure. */
export const MAX_NODES = 120;

/** What stands for a part of a forest that is left out. */
export function moreNodes(more: readonly More[]): NetNode[] {
  return more.map(({ id, count }) => ({ ...NO_NODE, id, count, shape: "more" }));
}

/** The links to it, and from it to what hangs from it and is drawn. */
export function moreLinks(more: readonly More[]): NetLink[] {
  return more.flatMap(({ id, from, name, to }): NetLink[] => [
    { ...NO_LINK, id: `${from}-${id}`, from, to: id, name },
    ...to.map((next) => ({ ...NO_LINK, id: `${id}-${next}`, from: id, to: next, name })),
  ]);
}
