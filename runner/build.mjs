/** Owns the runner's build: the module a page imports, the worker beside it, and the plain page, each self-contained. */

import { copyFile, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = resolve(here, "../dstruct_lite/static/runner");
const COPIED = ["index.html", "page.css"];

/** The page takes runner and viewer as files beside it, as any other page would. */
const beside = {
  name: "beside",
  setup(build) {
    build.onResolve({ filter: /^\.\.\/src\/index$/ }, () => ({ path: "./runner.js", external: true }));
    build.onResolve({ filter: /viewer\/src\/standalone$/ }, () => ({ path: "./viewer.js", external: true }));
  },
};

const options = {
  absWorkingDir: here,
  entryPoints: { runner: "src/index.ts", worker: "src/worker.ts", page: "page/page.ts" },
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "inline",
  loader: { ".py": "text" },
  plugins: [beside],
  logLevel: "info",
};

await mkdir(outdir, { recursive: true });
for (const name of COPIED) await copyFile(resolve(here, "page", name), resolve(outdir, name));
if (process.argv.includes("--watch")) await (await esbuild.context(options)).watch();
else await esbuild.build(options);
