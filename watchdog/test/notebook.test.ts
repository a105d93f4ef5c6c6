/** What the watchdog does with notebooks: limits of their own, the cells above a stopped one, edits kept. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import type { NotebookPanel } from "../src/jupyter";
import { keepEdits, SAVE_AFTER_MS } from "../src/keep-edits";
import { isNotebook, notebookPort } from "../src/notebook";
import { Deferred, FakeClock, FakeSession, FakeSignal, panelOf, settle } from "./fakes";

class FakeModel {
  dirty = false;
  metadata: Record<string, unknown> = {};
  readonly metadataChanged = new FakeSignal<unknown>();
  readonly contentChanged = new FakeSignal<unknown>();

  getMetadata(key: string): unknown {
    return this.metadata[key];
  }

  edit(): void {
    this.dirty = true;
    this.contentChanged.emit(undefined);
  }
}

class FakeContext {
  readonly path = "a.ipynb";
  isReady = true;
  isDisposed = false;
  readonly ready = Promise.resolve();
  contentsModel = { last_modified: "1" };
  readonly disposed = new FakeSignal<void>();
  saves = 0;
  onSave: () => Promise<void> = () => Promise.resolve();

  constructor(private readonly model: FakeModel) {}

  async save(): Promise<void> {
    this.saves += 1;
    await this.onSave();
    this.model.dirty = false;
  }
}

const cell = (id: string, type = "code", message?: string) => ({
  model: { id, type },
  ...(message ? { outputArea: { future: { msg: { header: { msg_id: message } } } } } : {}),
});

function notebook(cells: ReturnType<typeof cell>[] = []) {
  const model = new FakeModel();
  const context = new FakeContext(model);
  const content = { activeCellIndex: 9, widgets: cells, model };
  const panel = { ...panelOf(new FakeSession()), content, context } as NotebookPanel;
  return { model, context, content, panel };
}

describe("a notebook", () => {
  it("is told from a console", () => {
    expect(isNotebook(notebook().panel)).toBe(true);
    expect(isNotebook(panelOf(new FakeSession()))).toBe(false);
  });

  it("names limits of its own, and says when they change", () => {
    const { model, panel } = notebook();
    const port = notebookPort(panel, () => undefined);
    expect(port.metadata()).toBeUndefined();
    let changes = 0;
    const listening = port.onMetadata(() => {
      changes += 1;
    });
    model.metadata = { dstruct: { seconds: 5 } };
    model.metadataChanged.emit(undefined);
    expect([port.metadata(), changes]).toEqual([{ seconds: 5 }, 1]);
    listening.dispose();
    expect(model.metadataChanged.size).toBe(0);
  });
});

describe("the cells above", () => {
  it("are those above the one that ran when it was stopped, wherever it is by then", () => {
    const cells = [
      cell("a", "code", "m1"),
      cell("b", "markdown"),
      cell("c", "code", "m2"),
      cell("d", "code", "m3"),
    ];
    const { panel, content } = notebook(cells);
    const ran: unknown[] = [];
    const { above, began } = notebookPort(panel, (at) => ran.push(at.content.activeCellIndex));
    began("m2");
    above.mark();
    began("m3");
    expect(above.any()).toBe(true);
    cells.splice(1, 1);
    above.run();
    expect([ran, content.activeCellIndex]).toEqual([[1], 1]);
  });

  it("are none above the first, under text only, or when the cell is gone or unknown", () => {
    const cells = [cell("t", "markdown"), cell("a", "code", "m1"), cell("b", "code", "m2")];
    const { panel } = notebook(cells);
    const ran: unknown[] = [];
    const { above, began } = notebookPort(panel, (at) => ran.push(at));
    above.mark();
    expect(above.any()).toBe(false);
    began("m1");
    above.mark();
    expect(above.any()).toBe(false);
    began("m2");
    above.mark();
    expect(above.any()).toBe(true);
    cells.pop();
    expect(above.any()).toBe(false);
    above.run();
    expect(ran).toEqual([]);
  });
});

describe("edits", () => {
  const kept = async (lastModified: () => Promise<string | undefined> = async () => "1") => {
    const clock = new FakeClock();
    const all = notebook();
    const watch = keepEdits(all.panel, clock, lastModified);
    await settle();
    return { ...all, clock, watch };
  };
  beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => undefined));

  it("are saved once, soon after the last one", async () => {
    const { model, context, clock } = await kept();
    for (let i = 0; i < 5; i += 1) {
      model.edit();
      await clock.advance(SAVE_AFTER_MS - 1);
    }
    expect(context.saves).toBe(0);
    await clock.advance(1);
    expect(context.saves).toBe(1);
    await clock.advance(60_000);
    expect(context.saves).toBe(1);
  });

  it("that change nothing save nothing", async () => {
    const { model, context, clock } = await kept();
    model.contentChanged.emit(undefined);
    await clock.advance(SAVE_AFTER_MS);
    expect(context.saves).toBe(0);
  });

  it("do not overwrite what another tab saved", async () => {
    const { model, context, clock } = await kept(async () => "2");
    model.edit();
    await clock.advance(SAVE_AFTER_MS);
    expect(context.saves).toBe(0);
  });

  it("made while saving are saved after it, and a failure is not the end", async () => {
    const { model, context, clock } = await kept();
    const slow = new Deferred();
    context.onSave = () => slow.promise;
    model.edit();
    await clock.advance(SAVE_AFTER_MS);
    model.edit();
    await clock.advance(SAVE_AFTER_MS);
    expect(context.saves).toBe(1);
    slow.reject(new Error("quota"));
    await settle();
    context.onSave = () => Promise.resolve();
    await clock.advance(SAVE_AFTER_MS);
    expect(context.saves).toBe(2);
  });

  it("of a closed notebook are nobody's: nothing is left behind", async () => {
    const { model, context, clock } = await kept();
    model.edit();
    context.disposed.emit();
    expect([model.contentChanged.size, context.disposed.size, clock.pending]).toEqual([0, 0, 0]);
  });
});
