/**
 * Owns what there is to be looked at: by name, a program of tests/looks or tests/structures, the step, and what a reader did there.
 * The same scenes are compared with pictures (looks.spec.ts) and asked by axe (access.spec.ts).
 */
import type { Locator, Page } from "@playwright/test";

export interface Scene {
  readonly name: string;
  /** Two programs are shown side by side. */
  readonly programs: readonly [string] | readonly [string, string];
  /** A mark in the program, how often it has been reached, and steps after it. */
  readonly at: string;
  readonly visit?: number;
  readonly after?: number;
  /** The view that the scene is about: drawn, or chosen in the figure's menu where it is not. */
  readonly view?: string;
  /** What of the viewer is in the picture: the panel of structures, or all of it. */
  readonly part: "structures" | "viewer";
  readonly act?: (root: Locator, page: Page) => Promise<void>;
  /** Looked at in `make test` already, not only in `make test-slow`. */
  readonly always?: true;
}

function view(view: string, program: string, at: string, more: Partial<Scene> = {}): Scene {
  return { name: view, programs: [program], at, view, part: "structures", ...more };
}

function whole(name: string, program: string, at: string, more: Partial<Scene> = {}): Scene {
  return { name, programs: [program], at, part: "viewer", ...more };
}

const press = (key: string) => (root: Locator) => root.press(key);

async function askAboutCell(root: Locator): Promise<void> {
  await root.locator(".ds-cell").nth(2).click();
  await root.locator(".ds-ask").waitFor();
}

async function askAboutVariable(root: Locator): Promise<void> {
  await askAboutCell(root);
  await root.locator(".ds-ask button").first().click();
  await root.locator(".ds-question .ds-rank").first().waitFor();
}

/** Every structure view, each at a step that reads or writes something in it. */
export const VIEW_SCENES: readonly Scene[] = [
  view("array", "swap", "swap", { visit: 1, after: 4, always: true }),
  view("string", "palindrome", "string", { visit: 3, after: 2 }),
  view("matrix", "edit_distance", "matrix", { after: -3 }),
  view("stack", "rpn", "stack", { visit: 3, after: -2 }),
  view("queue", "ticket_desk", "queue", { visit: 4, after: 3 }),
  view("heap", "own_heap", "heap", { visit: 5, after: -3, always: true }),
  view("union-find", "clubs", "union-find", { visit: 3, after: -1 }),
  view("rows", "buckets", "rows", { after: -1 }),
  view("dict", "memo_stairs", "dict", { visit: 6, after: -1 }),
  view("hash-table", "table", "hash-table", { after: 1, always: true }),
  view("set", "longest_unique", "string", { visit: 5, after: 1 }),
  view("linked-list", "train", "linked-list", { after: -7, always: true }),
  view("linked-list", "playlist", "linked-list", { name: "doubly-linked", after: -2 }),
  view("linked-list", "josephus", "linked-list", { name: "circular", visit: 2, after: -1 }),
  view("tree", "search_tree", "tree", { after: -2, always: true }),
  view("tree", "folders", "tree", { name: "n-ary-tree", after: 4 }),
  view("trie", "word_tree", "trie", { after: -4 }),
  view("trie", "word_dict", "trie", { name: "dict-trie", after: -2 }),
  view("graph", "roads", "graph", { visit: 3, after: 1, always: true }),
  view("graph", "subway", "graph", { name: "undirected-graph", at: "queue", visit: 3, after: -2 }),
  view("graph", "people", "graph", { name: "object-graph" }),
  view("boxes", "snake", "boxes", { after: 2 }),
  view("boxes", "adventure", "boxes", { name: "dict-boxes", after: 2 }),
];

/** What else a picture may have in it. */
export const STRUCTURE_SCENES: readonly Scene[] = [
  view("array", "slices", "slice-read", { name: "slice-read", after: 1 }),
  view("array", "slices", "slice-write", { name: "slice-write", after: 1 }),
  view("array", "slices", "slice-delete", { name: "slice-delete", after: 1 }),
  view("array", "annotated", "annotated", { name: "annotated", always: true }),
  view("array", "annotated", "annotated-moved", { name: "annotated-moved", after: 1 }),
  view("array", "annotated", "annotated-cleared", { name: "annotated-cleared" }),
  view("array", "aliases", "aliases", { name: "aliases", after: 1 }),
  view("array", "crowd", "crowd", { name: "crowd", always: true }),
  view("array", "large", "large-array", { name: "large-array" }),
  view("dict", "large", "large-dict", { name: "large-dict", after: -1 }),
  view("tree", "large", "large-tree", { name: "large-tree", after: -1 }),
];

/** The viewer as a whole, and its panels. */
export const PANEL_SCENES: readonly Scene[] = [
  whole("whole", "swap", "swap", { visit: 1, after: 4, always: true }),
  whole("ask-element", "swap", "swap", { visit: 1, after: 4, act: askAboutCell }),
  whole("ask-step", "swap", "swap", { visit: 1, after: 4, act: press("q") }),
  whole("answered", "swap", "swap", { visit: 1, after: 4, act: askAboutVariable }),
  whole("call-tree", "calls", "calls", { visit: 5, after: 14, act: press("c"), always: true }),
  whole("help", "bubble", "end", { act: press("?") }),
  whole("suspended", "generators", "suspended"),
  whole("exception", "crossing", "caught", { after: -3 }),
  whole("caught", "crossing", "end"),
  {
    name: "compare",
    programs: ["bubble", "quick"],
    at: "end",
    after: -40,
    part: "viewer",
    always: true,
  },
];

export const SCENES: readonly Scene[] = [...VIEW_SCENES, ...STRUCTURE_SCENES, ...PANEL_SCENES];
