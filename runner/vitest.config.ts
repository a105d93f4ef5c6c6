/** Owns how the runner's unit tests run: plain Node; workers and clocks are fakes. */

import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["test/**/*.test.ts"], environment: "node" } });
