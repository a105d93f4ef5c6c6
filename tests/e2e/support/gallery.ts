/**
 * Owns showing a scene in viewer/dev.html: without Jupyter, a server or a network, and with fonts that come along, so that it is the same
 * picture on every machine.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Locator, Page } from "@playwright/test";
import type { Scene } from "./scenes";

const ROOT = resolve(import.meta.dirname, "../../..");
const ORIGIN = "http://dstruct.test";
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  woff2: "font/woff2",
};

interface Run {
  readonly trace: string;
  readonly steps: Readonly<Record<string, readonly number[]>>;
}

let recorded: Readonly<Record<string, Run>> | null = null;

/** All programs, recorded by this checkout's recorder. */
function runs(): Readonly<Record<string, Run>> {
  if (recorded) return recorded;
  const own = join(ROOT, ".venv/bin/python");
  const python = process.env.DSTRUCT_PYTHON ?? (existsSync(own) ? own : "python3");
  const env = { ...process.env, PYTHONPATH: [join(ROOT, "harness"), ROOT].join(":") };
  const options = { env, maxBuffer: 1 << 28, encoding: "utf8" } as const;
  recorded = JSON.parse(execFileSync(python, [join(ROOT, "tests/looks/record.py")], options));
  return recorded as Readonly<Record<string, Run>>;
}

/** The step a scene is about. */
export function stepOf({ programs, at, visit = 1, after = 0 }: Scene): number {
  const steps = programs.map((program) => runs()[program]?.steps[at]?.[visit - 1]);
  const step = Math.max(...steps.map((each) => each ?? Number.NaN));
  if (Number.isNaN(step)) throw new Error(`${programs}: no mark ${at} is reached ${visit} times`);
  return step + after;
}

const FACES = ["sans", "mono"].flatMap((kind) =>
  [400, 700].flatMap((weight) =>
    ["normal", "italic"].map((style) => {
      const url = `/node_modules/@fontsource/dejavu-${kind}/files/dejavu-${kind}-latin-${weight}-${style}.woff2`;
      return `@font-face { font-family: Looks ${kind}; font-weight: ${weight}; font-style: ${style}; src: url(${url}) }`;
    }),
  ),
);
const FONTS = `${FACES.join("\n")}
:root { --jp-ui-font-family: Looks sans; --jp-code-font-family: Looks mono }
body { font-family: Looks sans !important }`;

/** All of the structures, not what a panel shows of them. */
const TALL = `.ds-root .ds-main { grid-template-rows: auto }
.ds-root .ds-main .ds-body { height: auto; max-height: none }`;

/** Answers what the page asks for out of the checkout, and nothing else. */
async function serve(page: Page): Promise<void> {
  await page.route(`${ORIGIN}/**`, (route) => {
    const path = new URL(route.request().url()).pathname;
    const program = /^\/traces\/(\w+)\.trace$/.exec(path)?.[1];
    const body = program
      ? Buffer.from(runs()[program]?.trace ?? "", "base64")
      : path === "/favicon.ico"
        ? Buffer.alloc(0)
        : readFileSync(join(ROOT, path));
    const text = path === "/viewer/dev.html" ? `${body}<style>${FONTS}</style>` : body;
    return route.fulfill({
      body: text,
      contentType: TYPES[path.split(".").pop() ?? ""] ?? "application/octet-stream",
    });
  });
}

const served = new WeakSet<Page>();

/** Opens a scene and does what its reader does; gives the viewer's root once the step is drawn. */
export async function open(page: Page, scene: Scene): Promise<Locator> {
  if (!served.has(page)) {
    served.add(page);
    await serve(page);
  }
  const step = stepOf(scene);
  const traces = scene.programs.map((program) => `trace=/traces/${program}.trace`).join("&");
  await page.goto(`${ORIGIN}/viewer/dev.html?${traces}&step=${step}`);
  const root = page.locator('[data-dstruct="viewer"], .ds-pair').first();
  await page.locator(`[data-dstruct="viewer"][data-step="${step}"] .ds-panel`).first().waitFor();
  await page.evaluate(() => document.fonts.ready);
  if (scene.part === "structures") await page.addStyleTag({ content: TALL });
  if (scene.view) await choose(root, scene.view);
  await scene.act?.(root, page);
  return root;
}

/** Makes sure that some figure is drawn in this view. */
async function choose(root: Locator, view: string): Promise<void> {
  const drawn = root.locator(`.ds-figure[data-kind="${view}"]`).first();
  await drawn.waitFor({ timeout: 5_000 });
}

/** What of a scene is in the picture. */
export function partOf({ part }: Scene, root: Locator): Locator {
  return part === "viewer" ? root : root.locator(".ds-data").first();
}
