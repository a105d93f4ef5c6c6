/**
 * Owns how the program's code uses its containers: which places of the source touched which object, as far as the
 * chunks decoded so far tell, and what those places say (called names, index variables, the code around them).
 */

import { signal } from "@preact/signals";
import type { Site, Tables } from "./tables";
import { isRef, refId, type Value } from "./values";

/** How one object is used. */
export interface Use {
  /** Names called with it, such as `append` and `heappush`; `pop(0)`, `insert(0)` where the text says so. */
  readonly calls: ReadonlySet<string>;
  /** Expressions it goes by where it is looked into, with the code around each. */
  readonly bases: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether a variable indexes it. */
  readonly indexed: boolean;
}

const NO_USE: Use = { calls: new Set<string>(), bases: new Map<string, Set<string>>(), indexed: false };
/** Objects remembered; a program with more containers is drawn by their shapes alone. */
const MAX_OBJECTS = 50_000;

interface Known {
  readonly sites: Set<Site>;
  use: Use | null;
}

export class Usage {
  /** Grows when something new is known about an object that somebody has asked about. */
  readonly version = signal(0);
  private readonly asked = new Set<number>();
  private news = false;
  /** By site, what it touched last: mostly the same again. */
  private readonly last: Value[] = [];
  private readonly objects = new Map<number, Known>();
  private readonly codes = new Map<number, string>();
  private readonly calls = new Map<number, string>();
  private readonly sources = new Map<number, readonly string[]>();

  constructor(private readonly tables: Tables) {}

  /** Takes in that a site touched what may be an object. */
  readonly touch = (site: Site, subject: Value): void => {
    if (this.last[site.id] === subject || !isRef(subject)) return;
    if (site.id >= 0) this.last[site.id] = subject;
    this.add(refId(subject), site);
  };

  /** Says what is new, if anything is. */
  tell(): void {
    if (!this.news) return;
    this.news = false;
    this.asked.clear();
    this.version.value++;
  }

  private add(id: number, site: Site): void {
    let known = this.objects.get(id);
    if (!known) {
      if (this.objects.size >= MAX_OBJECTS) return;
      known = { sites: new Set(), use: null };
      this.objects.set(id, known);
    }
    if (known.sites.has(site)) return;
    known.sites.add(site);
    known.use = null;
    if (this.asked.has(id)) this.news = true;
  }

  of(id: number): Use {
    this.asked.add(id);
    const known = this.objects.get(id);
    if (!known) return NO_USE;
    known.use ??= this.useOf(known.sites);
    return known.use;
  }

  private useOf(sites: ReadonlySet<Site>): Use {
    const calls = new Set<string>();
    const bases = new Map<string, Set<string>>();
    let indexed = false;
    for (const site of sites) {
      if (site.event === "call") {
        calls.add(this.callOf(site));
        continue;
      }
      if (site.index.length > 0) indexed = true;
      if (!site.base) continue;
      const codes = bases.get(site.base) ?? new Set<string>();
      bases.set(site.base, codes.add(this.codeOf(site.unit)));
    }
    return { calls, bases, indexed };
  }

  private callOf(site: Site): string {
    let name = this.calls.get(site.id);
    if (name === undefined) {
      name = calledName(this.textOf(site));
      this.calls.set(site.id, name);
    }
    return name;
  }

  private lines(source: number): readonly string[] {
    let lines = this.sources.get(source);
    if (!lines) {
      lines = (this.tables.sources[source]?.text ?? "").split("\n");
      this.sources.set(source, lines);
    }
    return lines;
  }

  /** The text of a site. */
  textOf(site: Site): string {
    const lines = this.lines(this.tables.units[site.unit]?.source ?? -1).slice(site.line - 1, site.endLine);
    if (lines.length === 0) return "";
    const chars = lines.map((line) => Array.from(line));
    (chars[chars.length - 1] as string[]).length = Math.min(
      (chars[chars.length - 1] as string[]).length,
      site.endCol,
    );
    return chars.map((line, i) => line.slice(i === 0 ? site.col : 0).join("")).join("\n");
  }

  /** The code around a site: the class or the outermost function it stands in, or the module's own text. */
  private codeOf(unit: number): string {
    let code = this.codes.get(unit);
    if (code === undefined) {
      code = this.readCode(unit);
      this.codes.set(unit, code);
    }
    return code;
  }

  private readCode(id: number): string {
    const { units } = this.tables;
    let unit = units[id];
    for (let parent = units[unit?.parent ?? -1]; unit && parent; parent = units[unit.parent]) {
      if (parent.kind === "module") break;
      unit = parent;
    }
    if (!unit) return "";
    const lines = this.lines(unit.source);
    return unit.kind === "module" ? lines.join("\n") : blockAt(lines, unit.line - 1);
  }
}

/** The lines of a `def` or `class` that begins at a line (decorators first), by their indentation. */
function blockAt(lines: readonly string[], start: number): string {
  const indent = (line: string) => line.length - line.trimStart().length;
  let head = start;
  while (head < lines.length && !/^\s*(async\s+def|def|class)\b/.test(lines[head] as string)) head++;
  let end = head + 1;
  const depth = indent(lines[head] ?? "");
  while (end < lines.length && ((lines[end] as string).trim() === "" || indent(lines[end] as string) > depth))
    end++;
  return lines.slice(start, end).join("\n");
}

/** The name that a call's text calls; with the position where `pop` and `insert` name the front. */
export function calledName(text: string): string {
  const end = text.lastIndexOf(")");
  let depth = 0;
  for (let i = end; i >= 0; i--) {
    if (text[i] === ")") depth++;
    else if (text[i] === "(" && --depth === 0) {
      const name = /(\w+)\s*$/.exec(text.slice(0, i))?.[1] ?? "";
      const front = /^\s*0\s*(,|$)/.test(text.slice(i + 1, end));
      return front && (name === "pop" || name === "insert") ? `${name}(0)` : name;
    }
  }
  return "";
}
