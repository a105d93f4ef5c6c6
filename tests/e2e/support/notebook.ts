/** A notebook open in a page, in the Lab or the Notebook app: its cells, its kernel, and running one with the other. */
import { expect, type Locator, type Page } from "@playwright/test";
import type { JupyterPage, KernelEvent, NotebookPanel } from "./jupyter";
import { Viewer } from "./viewer";

export type App = "lab" | "notebooks";

export interface CellInfo {
  readonly index: number;
  readonly id: string;
  readonly type: string;
  readonly source: string;
}

/** How one cell ended: `error` is the name of the exception in its output, or null. */
export interface CellOutcome {
  readonly count: number | null;
  readonly error: string | null;
  readonly text: string;
}

declare const window: JupyterPage;

export class Notebook {
  private constructor(
    readonly page: Page,
    readonly app: App,
    private readonly url: string,
  ) {}

  static async open(page: Page, base: string, app: App, path: string): Promise<Notebook> {
    return Notebook.at(page, `${base}/${app}/index.html?path=${encodeURIComponent(path)}`, app);
  }

  /** Opens the notebook at an address. */
  static async at(page: Page, url: string, app: App): Promise<Notebook> {
    await page.goto(url);
    const notebook = new Notebook(page, app, url);
    await notebook.ready();
    return notebook;
  }

  /** Opens it anew, whatever the page remembers: it may not have got to remembering the notebook yet. */
  async reopen(): Promise<void> {
    await this.page.goto("about:blank");
    await this.page.goto(this.url);
    await this.ready();
  }

  /** Waits until the notebook is there and its kernel can be asked; a run started earlier would be lost. */
  async ready(): Promise<void> {
    await this.page.waitForFunction(
      () => {
        const panel = window.jupyterapp?.shell.currentWidget as NotebookPanel | null | undefined;
        const session = panel?.sessionContext;
        return Boolean(panel?.content?.model && session?.isReady && session.session?.kernel);
      },
      undefined,
      { timeout: 120_000 },
    );
  }

  cells(): Promise<CellInfo[]> {
    return this.page.evaluate(() =>
      (window.jupyterapp.shell.currentWidget as NotebookPanel).content.widgets.map((cell, index) => ({
        index,
        id: cell.model.id,
        type: cell.model.type,
        source: cell.model.sharedModel.getSource(),
      })),
    );
  }

  /** Adds a code cell at the end, or at a place; gives its index. */
  add(source: string, at?: number): Promise<number> {
    return this.page.evaluate(
      ([source, at]) => {
        const { model } = (window.jupyterapp.shell.currentWidget as NotebookPanel).content;
        const index = at ?? model.cells.length;
        model.sharedModel.insertCell(index, { cell_type: "code", source, metadata: { trusted: true } });
        return index;
      },
      [source, at] as const,
    );
  }

  /** Deletes all cells but the first so many. */
  keep(count: number): Promise<void> {
    return this.page.evaluate((count) => {
      const { model } = (window.jupyterapp.shell.currentWidget as NotebookPanel).content;
      model.sharedModel.deleteCellRange(count, model.cells.length);
    }, count);
  }

  /** Starts a cell and does not wait for its end. */
  async start(index: number): Promise<void> {
    await this.page.evaluate((index) => {
      const { content } = window.jupyterapp.shell.currentWidget as NotebookPanel;
      content.activeCellIndex = index;
      content.deselectAll();
      const run = { done: false };
      window.dstructRuns = { ...window.dstructRuns, [index]: run };
      const end = (): void => {
        run.done = true;
      };
      void window.jupyterapp.commands.execute("notebook:run-cell").then(end, end);
    }, index);
  }

  /** Waits until a cell that was started has ended, and says how. */
  async finished(index: number, timeout = 120_000): Promise<CellOutcome> {
    await this.page.waitForFunction((index) => window.dstructRuns?.[index]?.done === true, index, {
      timeout,
      polling: 50,
    });
    return this.outcome(index);
  }

  async run(index: number, timeout?: number): Promise<CellOutcome> {
    await this.start(index);
    return this.finished(index, timeout);
  }

  /** Adds a cell with this source and runs it. */
  async runNew(source: string, timeout?: number): Promise<CellOutcome & { readonly index: number }> {
    const index = await this.add(source);
    return { index, ...(await this.run(index, timeout)) };
  }

  /** Saves the notebook. */
  async save(): Promise<void> {
    await this.page.evaluate(async () => {
      await (window.jupyterapp.shell.currentWidget as NotebookPanel).context.save();
    });
  }

  outcome(index: number): Promise<CellOutcome> {
    return this.page.evaluate((index) => {
      const { content } = window.jupyterapp.shell.currentWidget as NotebookPanel;
      const { sharedModel } = content.widgets[index]?.model ?? {};
      const outputs = sharedModel?.outputs ?? [];
      const text = outputs.map((output) =>
        output.output_type === "stream" ? [output.text].flat().join("") : (output.data?.["text/plain"] ?? ""),
      );
      return {
        count: sharedModel?.execution_count ?? null,
        error: outputs.find((output) => output.output_type === "error")?.ename ?? null,
        text: text.join(""),
      };
    }, index);
  }

  cell(index: number): Locator {
    return this.page.locator(`.jp-Notebook .jp-Cell[data-windowed-list-index="${index}"]`);
  }

  /** Brings a cell to the screen: cells far away are not in the page. */
  async show(index: number): Promise<void> {
    await this.page.evaluate(async (index) => {
      const { content } = window.jupyterapp.shell.currentWidget as NotebookPanel;
      content.activeCellIndex = index;
      await content.scrollToItem(index, "start");
    }, index);
    await this.cell(index).scrollIntoViewIfNeeded();
  }

  /** The viewer below a cell, once it is there: after the kernel's cold start, when this is the first run. */
  async viewer(index: number): Promise<Viewer> {
    await this.show(index);
    const root = this.cell(index).locator('[data-dstruct="viewer"]');
    await expect(root).toHaveCount(1, { timeout: 120_000 });
    return new Viewer(root);
  }

  /** Writes down, from now on, when runs arm the watchdog and disarm it, and every status of the kernel. */
  async logKernel(): Promise<void> {
    await this.page.evaluate(() => {
      const { sessionContext } = window.jupyterapp.shell.currentWidget as NotebookPanel;
      const events: KernelEvent[] = [];
      window.dstructEvents = events;
      const log = (what: string): void => {
        events.push({ at: performance.now(), what });
      };
      sessionContext.statusChanged.connect((_, status) => log(status));
      const comms = new Set<unknown>();
      sessionContext.iopubMessage.connect((_, { header, content }) => {
        if (header.msg_type === "comm_open" && content.target_name === "dstruct-lite.watchdog") {
          comms.add(content.comm_id);
          log("armed");
        } else if (header.msg_type === "comm_close" && comms.has(content.comm_id)) log("disarmed");
      });
    });
  }

  /** What `logKernel` has written down since. */
  kernelLog(): Promise<readonly KernelEvent[]> {
    return this.page.evaluate(() => [...(window.dstructEvents ?? [])]);
  }

  /** Changes JupyterLab's theme, as its Settings menu does. */
  async theme(name: "JupyterLab Light" | "JupyterLab Dark"): Promise<void> {
    await this.page.evaluate(
      (theme) => window.jupyterapp.commands.execute("apputils:change-theme", { theme }),
      name,
    );
    const light = String(name === "JupyterLab Light");
    await expect(this.page.locator("body")).toHaveAttribute("data-jp-theme-light", light);
  }

  /** The kernel's status now. */
  kernelStatus(): Promise<string> {
    return this.page.evaluate(
      () =>
        (window.jupyterapp.shell.currentWidget as NotebookPanel).sessionContext.session?.kernel?.status ??
        "none",
    );
  }
}
