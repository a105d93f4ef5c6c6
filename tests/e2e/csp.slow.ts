/**
 * How tight the Content-Security-Policy is: each thing it allows is taken away, and the site must be seen to need it. The page's own
 * policy stays as it is; of two, the tighter one holds.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Notebook } from "./support/notebook";
import { serveSite } from "./support/site";
import { expect, test } from "./support/test";

const ROOT = resolve(import.meta.dirname, "../..");

interface Allowed {
  readonly directive: string;
  readonly source: string;
}

/** What `dstruct_lite.site.csp` allows, and the policy in full, as it is served. */
function allowed(): Allowed[] {
  const program =
    "import json; from dataclasses import asdict; from dstruct_lite.site.csp import ALLOWED; print(json.dumps([asdict(a) for a in ALLOWED]))";
  return JSON.parse(execFileSync(join(ROOT, ".venv/bin/python"), ["-c", program], { encoding: "utf-8" }));
}

/** The policy without one source. */
function without(policy: string, { directive, source }: Allowed): string {
  return policy
    .split("; ")
    .map((part) => part.split(" "))
    .map(([name, ...sources]) => [
      name,
      ...(name === directive ? sources.filter((each) => each !== source) : sources),
    ])
    .filter(([name, ...sources]) => sources.length > 0 || name !== directive)
    .map((part) => part.join(" "))
    .join("; ");
}

/**
 * These only forbid: there is nothing to miss when they are gone. csp.spec.ts shows what they refuse. (Without `worker-src`
 * what `script-src` allows would hold for workers.)
 */
const FORBIDS = ["default-src", "worker-src", "base-uri", "form-action"];

/** Whether the page's stop switches are there for Python. */
const SWITCHES =
  "from dstruct_lite.cancel import switches; switches.ready(); print(len(switches._addresses))";

for (const each of allowed().filter(({ directive }) => !FORBIDS.includes(directive))) {
  test(`${each.directive} ${each.source} is needed`, async ({ page, atRoot }) => {
    const full =
      (await page.request.get(`${atRoot.url}/lab/index.html`)).headers()["content-security-policy"] ?? "";
    const directory = mkdtempSync(join(tmpdir(), "dstruct-csp-"));
    const headers = join(directory, "_headers");
    writeFileSync(headers, `/*\n  Content-Security-Policy: ${without(full, each)}\n`);
    const served = await serveSite("/", ["--headers", headers]);
    const missed: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) missed.push(message.text());
    });
    const used = async (): Promise<void> => {
      const notebook = await Notebook.open(page, served.url, "lab", "01-sorting.ipynb");
      const traced = await notebook.runNew(
        "%%dstruct\na = [3, 1, 2]\nfor i in range(40_000):\n    a.sort()",
        40_000,
      );
      await (await notebook.viewer(traced.index)).ended("ok", 20_000);
      expect((await notebook.runNew(SWITCHES)).text.trim()).toBe("3");
      const { errors } = await (await page.context().newCDPSession(page)).send("Page.getAppManifest");
      expect(errors).toEqual([]);
    };
    let works = true;
    await Promise.race([
      used().catch(() => {
        works = false;
      }),
      page.waitForEvent("console", {
        predicate: (message) => /Content Security Policy/.test(message.text()),
        timeout: 120_000,
      }),
    ]).catch(() => undefined);
    await served.close();
    rmSync(directory, { recursive: true });
    console.log(
      `  without ${each.directive} ${each.source}: ${missed[0]?.slice(0, 160) ?? (works ? "works" : "does not work")}`,
    );
    expect(missed.length > 0 || !works, "the site works without it: the policy can be tightened").toBe(true);
  });
}
