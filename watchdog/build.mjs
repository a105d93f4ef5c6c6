/**
 * Owns the packing of the compiled extension (lib/) into the prebuilt labextension, by JupyterLab's own
 * builder. Every JupyterLab package is taken from the running application and none is bundled, so the builder
 * only needs the list of what the application shares (core-meta).
 */

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const builder = require.resolve("@jupyter/builder/lib/build-labextension.js");
const core = require.resolve("@jupyterlab/core-meta/core.package.json");
const here = fileURLToPath(new URL(".", import.meta.url));

const done = spawnSync(process.execPath, [builder, "--core-package-file", core, here], { stdio: "inherit" });
process.exitCode = done.status ?? 1;
