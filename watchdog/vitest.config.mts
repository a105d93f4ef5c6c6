/** Owns how the watchdog's tests run: plain Node, whose event targets are the page's. */
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["test/**/*.test.ts"] } });
