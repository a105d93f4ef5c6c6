// Makes the pictures in docs/images from the built site: `make screenshots`.
import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const args = ["playwright", "test", "--config", "tests/e2e/playwright.config.ts", "--project", "screenshots"];
const { status, error } = spawnSync("npx", args, { cwd: root, stdio: "inherit" });
if (error) throw error;
process.exit(status ?? 1);
