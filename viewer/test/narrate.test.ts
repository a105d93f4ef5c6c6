/** The step in words. */

import { describe, expect, it } from "vitest";
import { formatValue } from "../src/format";
import { TraceLog } from "../src/log";
import { translator } from "../src/messages";
import { narrate } from "../src/narrate";
import { type Granularity, Timeline } from "../src/timeline";
import { NONE, nameAtom, smallInt } from "../src/values";
import { int, none, Recording } from "./encode";
import { bubble, insertTree, mixed, reverseList } from "./programs";

async function words(bytes: Uint8Array, granularity: Granularity = "operation"): Promise<string[]> {
  const log = new TraceLog();
  log.appendFile(bytes);
  const timeline = new Timeline(log);
  const said: string[] = [];
  for (let step = 1; step <= timeline.last; step++) {
    const snapshot = await timeline.load(step, granularity);
    const pieces = log.tables.output
      .slice(snapshot.before.outputs, snapshot.state.outputs)
      .map(({ text }) => text);
    said.push(
      narrate(snapshot, log.tables, pieces, translator())
        .map(({ text }) => text)
        .join("; "),
    );
  }
  return said;
}

describe("words", () => {
  it("tell reads, writes, bindings, output and the end", async () => {
    const said = await words(bubble());
    expect(said[0]).toBe("binds numbers = [5, 2, 9, 1]");
    expect(said).toContain("reads numbers[1] = 2");
    expect(said).toContain("writes numbers[1] = 5 (was 2)");
    expect(said.at(-2)).toBe('prints "[1, 2, 5, 9]\\n"');
    expect(said.at(-1)).toBe("the program ends");
  });

  it("tell calls, returns and attributes", async () => {
    const said = await words(insertTree());
    expect(said).toContain("calls insert(None, 5)");
    expect(said).toContain("insert returns TreeNode 2; binds root = TreeNode 5".split(";")[0]);
    expect(said).toContain("reads node.key = 5");
    expect(said).toContain("writes node.left = TreeNode 2 (was None)");
    expect(await words(reverseList())).toContain("reads current.next = Node 'B'; binds following = Node 'B'");
  });

  it("tell exceptions, and new entries without an old value", async () => {
    const said = await words(mixed());
    expect(said).toContain("raises ValueError: no more");
    expect(said.at(-1)).toBe("ValueError: no more ends the program");
    expect(said).toContain("writes ages['Grace'] = 85");
  });

  it("tell methods with what they did, and a line's doings together, not without end", async () => {
    const r = new Recording("x");
    const list = r.line(1).object("list", "list", []);
    r.bind({ items: list });
    r.line(2).append(list, int(7), "items");
    for (let i = 0; i < 9; i++) r.get(list, 0, { base: "items" });
    r.leave(none);
    const bytes = r.finish();
    expect((await words(bytes))[2]).toBe("calls append on items; adds 7 at items[0]");
    const line = (await words(bytes, "line"))[11] as string;
    expect(line).toContain("and ");
    expect(line.split("; ").length).toBe(5);
  });
});

describe("comparisons and swaps", () => {
  it("are told with both places, instead of the reads and writes they are made of", async () => {
    const r = new Recording("x");
    const list = r.line(1).object("list", "list", [int(4), int(2)]);
    r.bind({ a: list });
    r.line(2).get(list, 0, { base: "a" }).get(list, 1, { base: "a" });
    r.event("compare", { base: "a" }, [list, int(0), list, int(1)]);
    r.line(3).set(list, int(0), int(2), { base: "a" }).set(list, int(1), int(4), { base: "a" });
    r.event("swap", { base: "a" }, [list, int(0), int(1)]);
    r.leave(none);
    const bytes = r.finish();
    const said = await words(bytes);
    expect(said[2]).toBe("reads a[0] = 4");
    expect(said[3]).toBe("compares a[0] = 4 with a[1] = 2");
    expect(said[5]).toBe("writes a[0] = 2 (was 4)");
    expect(said[6]).toBe("swaps a[0] and a[1]");
    const lines = await words(bytes, "line");
    expect(lines[3]).toBe("compares a[0] = 4 with a[1] = 2");
    expect(lines[6]).toBe("swaps a[0] and a[1]");
  });

  it("of two containers go by the names of both", async () => {
    const r = new Recording("x");
    const a = r.line(1).object("list", "list", [int(4)]);
    const b = r.object("list", "list", [int(5)]);
    r.bind({ a, b })
      .line(2)
      .event("compare", { base: "a" }, [a, int(0), b, int(0)]);
    r.leave(none);
    expect((await words(r.finish()))[1]).toBe("compares a[0] = 4 with b[0] = 5");
  });
});

describe("values", () => {
  const none = () => undefined;

  it("look as in Python, and invisible characters show", () => {
    expect(formatValue(NONE, none)).toBe("None");
    expect(formatValue(smallInt(-5), none)).toBe("-5");
    expect(formatValue(nameAtom("it's"), none)).toBe('"it\'s"');
    expect(formatValue(nameAtom("a\nb\u202e\u0000\ud800"), none)).toBe("'a\\nb\\u202e\\x00\\ud800'");
    expect(formatValue(nameAtom("😀".repeat(40)), none, 10)).toBe("'😀😀😀😀…");
  });
});
