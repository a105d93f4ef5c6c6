/** How much memory the browser's pages take, by the operating system. */
import { readFileSync } from "node:fs";
import type { Browser } from "@playwright/test";

const PAGE_BYTES = 4096;

/** The resident memory of all renderer processes (pages with their workers), in bytes. Linux only. */
export async function rendererMemory(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    return processInfo
      .filter(({ type }) => type === "renderer")
      .map(({ id }) => Number(readFileSync(`/proc/${id}/statm`, "utf-8").split(" ")[1]) * PAGE_BYTES)
      .reduce((sum, bytes) => sum + bytes, 0);
  } finally {
    await session.detach();
  }
}
