/**
 * How the browser tests run: one Chromium, one worker, no retries, against the built site.
 *
 * `make test` runs the project "browser", without the tests that are tagged `@slow`; `make test-slow` runs "slow", the specs that have more to do there and `*.slow.ts`;
 * `make screenshots` runs "screenshots", which writes docs/images.
 */
import { defineConfig } from "@playwright/test";
import { chromiumPath } from "./support/chromium";

export default defineConfig({
  testDir: ".",
  outputDir: "../../test-results",
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  // A kernel's cold start is CPU-bound: on a machine that is busy with other things it takes its time.
  timeout: 300_000,
  expect: {
    timeout: 60_000,
    // Fonts come along; what is left is how a machine smooths their edges.
    toHaveScreenshot: {
      animations: "disabled",
      caret: "hide",
      scale: "css",
      maxDiffPixels: 40,
      threshold: 0.2,
    },
  },
  snapshotPathTemplate: "{testDir}/looks/{arg}{ext}",
  use: {
    viewport: { width: 1280, height: 900 },
    locale: "en-US",
    screenshot: "only-on-failure",
    trace: "off",
    launchOptions: {
      executablePath: chromiumPath(),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--font-render-hinting=none",
        "--disable-lcd-text",
      ],
    },
  },
  projects: [
    { name: "browser", testMatch: "*.spec.ts", grepInvert: /@slow/ },
    { name: "slow", testMatch: ["*.slow.ts", "hostile.spec.ts", "looks.spec.ts", "access.spec.ts"] },
    { name: "screenshots", testMatch: "screenshots.ts" },
  ],
});
