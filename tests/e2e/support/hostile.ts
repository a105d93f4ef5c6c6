/** Programs full of one hostile value, in every place a program can put it, and what a viewer of their traces must not do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";

export interface HostileValue {
  readonly name: string;
  readonly text?: string;
  readonly times?: number;
  /** An expression, where the value is no text. */
  readonly python?: string;
}

const FILE = join(import.meta.dirname, "../../hostile/values.json");

export const HOSTILE_VALUES = JSON.parse(readFileSync(FILE, "utf8")) as readonly HostileValue[];

/** What of a text can stand in a source file: no line ends, no halves of characters, no NUL. */
function comment({ text = "", times = 1 }: HostileValue): string {
  const single = Array.from(text.replace(/[\n\r\f\v\0]/g, " "), (c) =>
    /^[\ud800-\udfff]$/.test(c) ? " " : c,
  );
  return single.join("").repeat(times);
}

function expression({ text = "", times = 1, python }: HostileValue): string {
  if (python !== undefined) return python;
  // By UTF-16 unit, so that halves of surrogate pairs stay halves, but whole pairs become one character.
  const points = Array.from(text, (character) => character.codePointAt(0));
  return `"".join(map(chr, [${points.join(",")}])) * ${times}`;
}

/** A program that has the value as a variable, element, key, member, attribute, name of class, frame and file, output and exception. */
export function hostileProgram(value: HostileValue): string {
  return `import sys
from collections import Counter, deque
V = ${expression(value)}  # ${comment(value)}
T = V if isinstance(V, str) else repr(V)[:100] if not isinstance(V, list) else "values"
K = T[:300]
def named(bases):
    try:
        return type(K, bases, {})
    except (ValueError, UnicodeError):
        return type("Odd", bases, {})
class Node:
    def __init__(self, val, next=None):
        self.val = val
        self.next = next
class Tree:
    def __init__(self, val, left=None, right=None):
        self.val = val
        self.left = left
        self.right = right
Odd = named((Node,))
items = [V, 1, V]
items[1]
items[0] = V
items.append(V)
V in items
grid = [[T, 1], [2, T]]
grid[1][0] = T
pairs = {T: V, 1: T}
pairs[T]
pairs[T] = 2
members = {T}
T in members
members.add(K)
pair = (V, T)
line = deque([T, T])
line.append(V)
line.popleft()
pile = [T, T]
pile.append(V)
pile.pop()
rows = [[T, V, 1, 2, 3], [K]]
rows[0][0]
short = T[:12] + "abc"
for at in range(2):
    short[at]
nest = {K: {"b": {}}, "c": {K: {}}}
nest["c"][K]
chain = Odd(T, Odd(T, Odd(3)))
chain.next.val
chain.next.next = None
tree = Tree(T, Tree(T), Tree(4))
tree.left.val
graph = {K: ["b", K], "b": [K]}
graph["b"][0]
setattr(chain, K, V)
setattr(tree, K, chain)
count = Counter([T])
count[T] += 1
def call(*rest, **options):
    inner = rest
    return options
call(V, T, **{K: T})
call.__qualname__ = K if "\\0" not in K else "f"
def produce():
    yield V
    yield T
next(produce())
print(T[:4_000_000])
print(T[:4_000_000], file=sys.stderr)
try:
    raise ValueError(T)
except ValueError as error:
    caught = error
raise named((Exception,))(T)
`;
}

/** What was found wrong, and what was looked at. */
export interface Looked {
  readonly steps: number;
  /** The kinds of view that were on the page, by class. */
  readonly views: readonly string[];
  /** The structure views that were drawn, by name: those the viewer chose, and then all that its menus offer. */
  readonly kinds: readonly string[];
  /** How many pictures were looked at. */
  readonly pictures: number;
  readonly faults: readonly string[];
  /** What the output panel held in the end. */
  readonly output: string;
}

interface Runner {
  run(
    code: string,
    options: object,
  ): Promise<{ readonly trace: Uint8Array; readonly [key: string]: unknown }>;
}

interface ViewerModule {
  readonly TraceLog: new () => {
    readonly steps: { readonly value: number };
    readonly status: { value: unknown };
    appendFile(bytes: Uint8Array): void;
  };
  parseStatus(status: object): unknown;
  mount(element: HTMLElement, log: unknown): { go(step: number): void; dispose(): void };
}

declare const window: { runner?: Runner; dstructPwned?: unknown };

/** Runs a program in the page's runner, opens a viewer of its trace, and looks at every step of it. */
export function lookAtEveryStep(page: Page, code: string, title: string): Promise<Looked> {
  return page.evaluate(
    async ([code, title]) => {
      const { TraceLog, parseStatus, mount } = (await import(
        new URL("viewer.js", location.href).href
      )) as ViewerModule;
      if (!window.runner) throw new Error("no runner in the page");
      const result = await window.runner.run(code, { callstackSteps: 0 });
      const log = new TraceLog();
      log.appendFile(result.trace);
      log.status.value = parseStatus({ ...result, state: "done", title, chunks: 1 });
      const place = document.body.appendChild(document.createElement("div"));
      const mounted = mount(place, log);
      /** Each fault once, with the first step it was seen at. */
      const faults = new Map<string, number>();
      const views = new Set<string>();
      const kinds = new Set<string>();
      let pictures = 0;

      const BAD =
        "script, iframe, object, embed, img, image, a, form, base, meta, link, foreignObject, use, animate, math, noscript, template, details";
      /** The one of these that the viewer has itself: the search for answers. */
      const OWN = ".ds-ask form:not([action])";
      /** Controls that turn or hide text. Isolates of our own are allowed where they are closed. */
      const TURNS = /[\u202a-\u202e\u2066\u2067\u200e\u200f]/;
      const HIDDEN = /(?![\n\t])\p{Cc}|[\u200b\u2060\ufeff\u2028\u2029]/u;
      const RTL = /[\u0590-\u08ff]/;

      function balanced(text: string): boolean {
        let open = 0;
        for (const c of text) {
          if (c === "\u2068") open++;
          if (c === "\u2069" && --open < 0) return false;
        }
        return open === 0;
      }

      /** Whether the text stands by itself, so that its direction is nobody else's. */
      function alone(node: Node): boolean {
        const parent = node.parentElement as Element;
        if (parent.closest("svg")) return true;
        const style = getComputedStyle(parent);
        if (/isolate|plaintext/.test(style.unicodeBidi)) return true;
        return style.display !== "inline" && parent.childNodes.length === 1;
      }

      function inspect(step: number): void {
        const add = (fault: string): void => {
          if (!faults.has(fault)) faults.set(fault, step);
        };
        const at = (element: Element | null): string =>
          `${element?.tagName.toLowerCase()}.${element?.getAttribute("class")} in .${element?.parentElement?.getAttribute("class")}`;
        pictures++;
        if (window.dstructPwned !== undefined) add("a script ran");
        for (const figure of place.querySelectorAll<HTMLElement>(".ds-figure"))
          kinds.add(figure.dataset.kind ?? "");
        for (const element of place.querySelectorAll("*")) {
          if (element.matches(BAD) && !element.matches(OWN)) add(`${at(element)}: an element from a value`);
          for (const { name, value } of element.attributes) {
            if (/^on|^(srcdoc|srcset|href|xlink:href|action|formaction|is)$/.test(name))
              add(`${at(element)}: attribute ${name}`);
            if (name === "style" && /url\(|expression|javascript/.test(value)) add(`${at(element)}: style`);
            if (/^aria-|^title$/.test(name) && TURNS.test(value)) add(`${at(element)}: ${name} turns text`);
          }
          for (const name of element.classList) if (/^ds-/.test(name)) views.add(name);
        }
        const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const text = node.textContent ?? "";
          if (node.parentElement?.closest("style")) continue;
          const shown = JSON.stringify(text.slice(0, 60));
          if (TURNS.test(text)) add(`${at(node.parentElement)}: turns text: ${shown}`);
          if (HIDDEN.test(text)) add(`${at(node.parentElement)}: hides characters: ${shown}`);
          if (!balanced(text)) add(`${at(node.parentElement)}: leaves text turned: ${shown}`);
          if (RTL.test(text) && !/\u2068/.test(text) && !alone(node))
            add(`${at(node.parentElement)}: turns its neighbours: ${shown}`);
        }
      }

      async function shows(step: number): Promise<void> {
        const root = place.querySelector('[data-dstruct="viewer"]');
        for (let waited = 0; waited < 2_000; waited++) {
          if (root?.getAttribute("data-step") === String(step)) return;
          await new Promise((done) => setTimeout(done, 5));
        }
        faults.set(`step ${step} is never shown`, step);
      }

      const settle = () => new Promise((done) => setTimeout(done, 0));

      /** Draws every figure of the picture in every way its menu offers, then opens every panel. */
      async function otherwise(step: number): Promise<void> {
        const menu = (key: string) =>
          place.querySelector<HTMLSelectElement>(
            `.ds-figure[data-key="${CSS.escape(key)}"] > figcaption .ds-menu`,
          );
        const figures = place.querySelectorAll<HTMLElement>(".ds-figure");
        for (const key of Array.from(figures, (figure) => figure.dataset.key ?? "")) {
          for (const view of Array.from(menu(key)?.options ?? [], ({ value }) => value)) {
            // A figure that stands inside another goes when that is drawn otherwise.
            const select = menu(key);
            if (!select) break;
            select.value = view;
            select.dispatchEvent(new Event("change", { bubbles: true }));
            await settle();
            inspect(step);
          }
        }
        const root = place.querySelector('[data-dstruct="viewer"]');
        root?.dispatchEvent(new KeyboardEvent("keydown", { key: "c", bubbles: true }));
        for (const icon of ["ask", "help"]) {
          place.querySelector<HTMLElement>(`.ds-button[data-icon="${icon}"]`)?.click();
          await settle();
          inspect(step);
        }
      }

      const last = log.steps.value;
      for (let step = 0; step <= last; step++) {
        mounted.go(step);
        await shows(step);
        await settle();
        inspect(step);
      }
      await otherwise(last);
      const output = place.querySelector(".ds-output pre")?.textContent ?? "";
      mounted.dispose();
      place.remove();
      return {
        steps: last,
        views: [...views],
        kinds: [...kinds],
        pictures,
        faults: [...faults].map(([fault, step]) => `${fault}, first at step ${step}`),
        output: output.slice(0, 2_000),
      };
    },
    [code, title] as const,
  );
}
