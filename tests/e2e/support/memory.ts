/** How much memory the browser's pages take, by the operating system. */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "@playwright/test";

const PAGE_BYTES = 4096;

/** The resident memory of all renderer processes (pages with their workers), in bytes, the page's garbage collected. Linux only. */
export async function rendererMemory(browser: Browser, page: Page): Promise<number> {
  const collector = await page.context().newCDPSession(page);
  await collector.send("HeapProfiler.collectGarbage");
  await collector.detach();
  // Workers that were ended give their memory back a moment later.
  await page.waitForTimeout(3_000);
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

/** What the browser holds of a page, once its garbage is collected: documents, nodes, listeners. */
export async function pageCounts(
  page: Page,
): Promise<{ documents: number; nodes: number; jsEventListeners: number }> {
  const session = await page.context().newCDPSession(page);
  try {
    await session.send("HeapProfiler.collectGarbage");
    return await session.send("Memory.getDOMCounters");
  } finally {
    await session.detach();
  }
}
