/** Owns how the viewer's unit tests run: JSX is Preact's; tests that mount ask for a DOM themselves. */

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    environment: "node",
    setupFiles: ["test/setup.ts"],
    // How fast a test is says nothing here: a machine that is busy must not fail one.
    testTimeout: 60_000,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
