/**
 * Owns the viewer's build: the viewer's module, the stub that each widget carries to find it, and the languages that Python
 * hands out. Each is self-contained and minified.
 */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = resolve(here, "../dstruct_lite/static");
/** Gzipped bytes that a bundle may have: the module travels with every notebook that shows a run. */
const BUDGET = 99_000;

/** Style sheets arrive as minified text. */
const inlineCss = {
  name: "inline-css",
  setup(build) {
    build.onResolve({ filter: /\.css\?inline$/ }, (args) => ({
      path: resolve(args.resolveDir, args.path.replace(/\?inline$/, "")),
      namespace: "inline-css",
    }));
    build.onLoad({ filter: /.*/, namespace: "inline-css" }, async (args) => {
      const css = await esbuild.transform(await readFile(args.path, "utf8"), { loader: "css", minify: true });
      return { contents: css.code, loader: "text", watchFiles: [args.path] };
    });
  },
};

async function packLanguages() {
  const from = resolve(here, "locales");
  const into = resolve(outdir, "locales");
  await mkdir(into, { recursive: true });
  for (const file of await readdir(from)) {
    const texts = JSON.parse(await readFile(resolve(from, file), "utf8"));
    await writeFile(resolve(into, file), JSON.stringify(texts));
  }
}

/** Makes a bundle smaller by another thirtieth than esbuild alone. Preact and signals are read by getters: none is dropped. */
async function squeeze(path) {
  const code = await readFile(path, "utf8");
  const smaller = await minify(code, {
    module: true,
    ecma: 2020,
    compress: { passes: 3, unsafe_arrows: true, unsafe_methods: true },
    format: { comments: /^!|@license/ },
  });
  await writeFile(path, smaller.code);
  return Buffer.from(smaller.code);
}

const options = {
  absWorkingDir: here,
  entryPoints: { widget: "src/stub.ts", viewer: "src/standalone.ts" },
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "inline",
  plugins: [inlineCss],
  logLevel: "info",
};

/** What a page that is a file holds: a classic script, which browsers run from disk, too. */
const page = { ...options, entryPoints: { page: "src/page.ts" }, format: "iife" };

await packLanguages();
if (process.argv.includes("--watch")) {
  for (const each of [options, page]) await (await esbuild.context(each)).watch();
} else {
  const { metafile } = await esbuild.build({ ...options, metafile: true });
  await esbuild.build(page);
  if (process.argv.includes("--analyze")) console.log(await esbuild.analyzeMetafile(metafile));
  for (const name of ["widget", "viewer", "page"]) {
    const bytes = await squeeze(resolve(outdir, `${name}.js`));
    const gzipped = gzipSync(bytes, { level: 9 }).length;
    console.log(`${name}.js: ${bytes.length} bytes, ${gzipped} gzipped (budget ${BUDGET})`);
    if (gzipped > BUDGET) {
      console.error(`${name}.js is over its budget`);
      process.exitCode = 1;
    }
  }
}
