/** The Content-Security-Policy holds: what injected markup would do, it cannot. (That the site works under it is what all other tests show.) */
import type { Page } from "@playwright/test";
import { Notebook } from "./support/notebook";
import { expect, test } from "./support/test";

/** Runs something in the page that the policy must refuse; gives the directives that refused something meanwhile. */
function refused(page: Page, attempt: string): Promise<string[]> {
  return page.evaluate(async (attempt) => {
    const seen: string[] = [];
    const note = (event: SecurityPolicyViolationEvent): void => void seen.push(event.effectiveDirective);
    document.addEventListener("securitypolicyviolation", note);
    const holder = document.createElement("div");
    document.body.append(holder);
    holder.innerHTML = attempt;
    for (const script of holder.querySelectorAll("script")) {
      const live = document.createElement("script");
      if (script.src) live.src = script.src;
      else live.textContent = script.textContent;
      script.replaceWith(live);
    }
    holder.querySelector<HTMLElement>("[data-press]")?.click();
    await new Promise((done) => setTimeout(done, 1_000));
    holder.remove();
    document.removeEventListener("securitypolicyviolation", note);
    return [...new Set(seen)];
  }, attempt);
}

const ATTEMPTS: readonly [string, string, string][] = [
  ["an inline script", "<script>window.hit = 1</script>", "script-src-elem"],
  ["an inline handler", '<img src="x:" onerror="window.hit = 1">', "script-src-attr"],
  ["a handler that waits for a press", '<b data-press onclick="window.hit = 1">x</b>', "script-src-attr"],
  ["a link that is a script", '<a data-press href="javascript:window.hit = 1">x</a>', "script-src-elem"],
  ["a script from elsewhere", '<script src="https://elsewhere.example/x.js"></script>', "script-src-elem"],
  ["a picture from elsewhere", '<img src="https://elsewhere.example/x.png">', "img-src"],
  ["a frame", '<iframe srcdoc="<script>parent.hit = 1</script>"></iframe>', ""],
  ["a frame from elsewhere", '<iframe src="https://elsewhere.example/"></iframe>', "frame-src"],
  ["a form", '<form action="https://elsewhere.example/"><button data-press>x</button></form>', "form-action"],
  ["a plug-in", '<object data="https://elsewhere.example/x"></object>', "object-src"],
  ["another base", '<base href="https://elsewhere.example/">', "base-uri"],
];

test("injected markup runs nothing and reaches nothing", async ({ page, atRoot }) => {
  const response = await page.request.get(`${atRoot.url}/lab/index.html`);
  expect(response.headers()["content-security-policy"]).toContain("default-src 'none'");
  expect(await response.text()).toContain('<meta http-equiv="Content-Security-Policy"');
  await Notebook.open(page, atRoot.url, "lab", "01-sorting.ipynb");
  for (const [name, attempt, directive] of ATTEMPTS) {
    const directives = await refused(page, attempt);
    if (directive !== "") expect(directives, name).toContain(directive);
    expect(await page.evaluate(() => "hit" in window), name).toBe(false);
  }
  const reached = await page.evaluate(() =>
    fetch("https://elsewhere.example/").then(
      () => "reached",
      () => "refused",
    ),
  );
  expect(reached).toBe("refused");
});
