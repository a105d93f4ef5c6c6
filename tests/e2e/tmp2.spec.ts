import { expect, test } from "./support/test";

test("explore", async ({ open }) => {
  const notebook = await open("lab", "01-sorting.ipynb");
  const { page } = notebook;
  page.on("console", (m) => console.log("CONSOLE", m.type(), m.text().slice(0, 300)));
  await notebook.runNew("1");
  await page.evaluate(() => {
    const k = (window as any).jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    k.anyMessage.connect((_: any, a: any) =>
      console.log("MSG", a.direction, a.msg.channel, a.msg.header.msg_type, k.hasPendingInput),
    );
  });
  const i = await notebook.add("x = input('name?')\nprint('got', x)");
  await notebook.start(i);
  await page.waitForTimeout(1500);
  await page.screenshot({ path: `/tmp/stop/input1.png` });
  await page.evaluate(() => (window as any).jupyterapp.commands.execute("notebook:interrupt-kernel"));
  const ended = await notebook.finished(i, 3000).catch((e) => "NOT ENDED");
  console.log(ended);
  await page.screenshot({ path: `/tmp/stop/input2.png` });
});
