/** The viewer as a learner meets it: by roles, names and the data attributes of its root. */
import { expect, type Locator } from "@playwright/test";

export class Viewer {
  constructor(readonly root: Locator) {}

  button(name: string): Locator {
    return this.root.getByRole("button", { name, exact: true });
  }

  get slider(): Locator {
    return this.root.getByRole("slider", { name: "Step", exact: true });
  }

  /** Speed and the like. */
  selects(): Promise<Locator[]> {
    return this.root.getByRole("combobox").all();
  }

  private async number(attribute: string): Promise<number> {
    const text = await this.root.getAttribute(attribute);
    if (text === null || !/^\d+$/.test(text)) throw new Error(`${attribute} is ${JSON.stringify(text)}`);
    return Number(text);
  }

  step(): Promise<number> {
    return this.number("data-step");
  }

  steps(): Promise<number> {
    return this.number("data-steps");
  }

  /** What the value of a variable reads in the innermost frame that has it. */
  variable(name: string): Locator {
    const header = this.root.page().getByRole("rowheader", { name: new RegExp(`(^|\\s)${name}$`) });
    return this.root.getByRole("row").filter({ has: header }).getByRole("cell").first();
  }

  /** The sequences drawn as cells: the name on them, and what stands in each cell. */
  arrays(): Promise<{ name: string; cells: string[] }[]> {
    return this.root.locator(".ds-array svg").evaluateAll((pictures) =>
      pictures.map((picture) => ({
        name: (picture.getAttribute("aria-label") ?? "").split(":")[0] ?? "",
        cells: [...picture.querySelectorAll(".ds-cell .ds-cell-text")].map((text) => text.textContent ?? ""),
      })),
    );
  }

  /** Waits until a list is drawn under this name with these elements. */
  async shows(name: string, values: readonly (number | string)[]): Promise<void> {
    const cells = values.map((value) => (typeof value === "string" ? `'${value}'` : String(value)));
    await expect.poll(() => this.arrays()).toContainEqual({ name, cells });
  }

  /** The linked objects drawn: one line a link, as "A next B"; sorted. */
  async links(): Promise<string[]> {
    const labels = await this.root
      .locator(".ds-linked svg")
      .evaluateAll((pictures) => pictures.map((picture) => picture.getAttribute("aria-label") ?? ""));
    return labels
      .flatMap((label) => label.slice(label.indexOf(":") + 1).split(";"))
      .map((link) => link.trim())
      .sort();
  }

  /** Waits until the run has ended in this way. */
  async ended(stopReason: string, timeout?: number): Promise<void> {
    await expect(this.root).toHaveAttribute("data-stop-reason", stopReason, timeout ? { timeout } : {});
  }

  async at(step: number): Promise<void> {
    await expect(this.root).toHaveAttribute("data-step", String(step));
  }

  /** Moves with a mouse's click or a key, and waits until the step has changed; gives the step reached. */
  async move(act: () => Promise<void>): Promise<number> {
    const from = await this.step();
    await act();
    await expect(this.root).not.toHaveAttribute("data-step", String(from));
    return this.step();
  }

  /**
   * Presses a button until a step is reached, each press only after the picture of the last one; gives every step seen.
   * In the page, since a mouse that waits for two still frames each time needs minutes for a lesson.
   */
  walk(button: string, to: number): Promise<number[]> {
    return this.root.evaluate(
      async (root, { button, to }) => {
        const step = (): number => Number(root.getAttribute("data-step"));
        const seen = [step()];
        while (step() !== to) {
          const changed = new Promise<void>((done, fail) => {
            const observer = new MutationObserver(() => {
              observer.disconnect();
              clearTimeout(patience);
              done();
            });
            const patience = setTimeout(
              () => fail(new Error(`${button} did nothing at step ${step()}`)),
              20_000,
            );
            observer.observe(root, { attributeFilter: ["data-step"] });
          });
          root.querySelector<HTMLButtonElement>(`button[aria-label="${button}"]`)?.click();
          await changed;
          seen.push(step());
        }
        return seen;
      },
      { button, to },
    );
  }
}
