/** Where Chromium is: named by DSTRUCT_CHROMIUM, or found on the PATH. No browser is ever downloaded. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of the browser; throws, saying what to do, when there is none. */
export function chromiumPath(): string {
  const named = process.env.DSTRUCT_CHROMIUM;
  if (named) {
    if (runnable(named)) return named;
    throw new Error(`DSTRUCT_CHROMIUM is ${named}, which is not a program that can be run`);
  }
  const places = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"];
  for (const name of NAMES) {
    const found = places.map((place) => join(place, name)).find(runnable);
    if (found) return found;
  }
  throw new Error("No Chromium found: install it (Debian: apt-get install chromium) or set DSTRUCT_CHROMIUM");
}
