import { expect, test } from "./support/test";

test("explore", async ({ open }) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  const { page } = notebook;
  page.on("console", (m) => console.log("CONSOLE", m.type(), m.text().slice(0, 300)));
  await notebook.logKernel();
  console.log(
    (
      await notebook.runNew(`from dstruct_lite import cancel
import time
print(cancel.switches._addresses, cancel._waiting.name)
t=time.perf_counter()
for i in range(100): cancel._exists_in_browser(cancel.switches._addresses[0])
print((time.perf_counter()-t)*10, "ms a look")
from pyodide.ffi import can_run_sync
print(can_run_sync())
`)
    ).text,
  );
  // stop by event
  const index = await notebook.add("%%dstruct --seconds 20\nitems=[0]\nwhile True:\n    items[0]+=1");
  await notebook.start(index);
  const viewer = await notebook.viewer(index);
  await page.waitForTimeout(2000);
  const took = await page.evaluate(async () => {
    const root = document.querySelector('[data-dstruct="viewer"][data-stop-reason=""]') as HTMLElement;
    return root.outerHTML.slice(0, 200);
  });
  console.log(took);
  const ms = await page.evaluate(async () => {
    const w = window as any;
    const kernel = w.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const t0 = performance.now();
    const p = new Promise((done) =>
      kernel.statusChanged.connect((_: unknown, s: string) => {
        if (s === "idle") done(performance.now() - t0);
      }),
    );
    await w.jupyterapp.commands.execute("notebook:interrupt-kernel");
    return p;
  });
  console.log("interrupt -> idle", ms);
  await viewer.ended("interrupted");
  console.log(await notebook.finished(index), await viewer.steps());
  console.log((await notebook.runNew("print(items[0]>0)")).text);
  // await sleep
  for (const code of [
    "import asyncio\nawait asyncio.sleep(100)",
    "x = input('name?')",
    "%%dstruct\nx = input('name?')\ny = 1",
    "%%dstruct\nimport time\ntime.sleep(8)\nz=1",
    "import time\ntime.sleep(8)",
    "while True:\n    pass",
  ]) {
    const i = await notebook.add(code);
    await notebook.start(i);
    await page.waitForTimeout(1500);
    const t = Date.now();
    await page.evaluate(() => (window as any).jupyterapp.commands.execute("notebook:interrupt-kernel"));
    const ended = await notebook.finished(i, 3000).catch((e) => "NOT ENDED");
    console.log(code, "=>", ended, Date.now() - t);
    await notebook.show(i);
    await page.waitForTimeout(300);
    await page.screenshot({ path: `/tmp/stop/shot-${i}.png` });
    if (ended === "NOT ENDED") {
      const toast = page.locator(".Toastify__toast");
      console.log(await toast.allInnerTexts());
      const b = page.getByRole("button", { name: "Restart Python" });
      if (await b.count()) {
        const t1 = Date.now();
        await b.click();
        await expect(toast).toContainText("Python is ready again");
        console.log("restarted in", Date.now() - t1);
        await page.screenshot({ path: `/tmp/stop/shot-${i}-after.png` });
        await page
          .locator(".Toastify__close-button, .jp-toast-button")
          .first()
          .click()
          .catch(() => {});
      }
    }
  }
  console.log(await notebook.kernelLog());
});
