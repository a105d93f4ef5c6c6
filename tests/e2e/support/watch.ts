/** What must stay empty in every test: requests to other origins, console errors, uncaught exceptions. */
import type { BrowserContext, ConsoleMessage, Request, WebError } from "@playwright/test";
import { expect } from "@playwright/test";

const OWN_SCHEMES = ["data:", "blob:", "about:", "chrome-extension:"];

export class Watch {
  readonly foreign: string[] = [];
  readonly errors: string[] = [];
  readonly stop: () => void;

  constructor(context: BrowserContext, origin: string) {
    const onRequest = (request: Request): void => {
      const url = request.url();
      const own =
        url === origin || url.startsWith(`${origin}/`) || OWN_SCHEMES.some((s) => url.startsWith(s));
      if (!own) this.foreign.push(url);
    };
    const onConsole = (message: ConsoleMessage): void => {
      if (message.type() === "error") this.errors.push(`${message.text()} (${message.location().url})`);
    };
    const onError = (error: WebError): void => {
      this.errors.push(`uncaught: ${error.error().stack ?? error.error().message}`);
    };
    context.on("request", onRequest);
    context.on("console", onConsole);
    context.on("weberror", onError);
    this.stop = () => {
      context.off("request", onRequest);
      context.off("console", onConsole);
      context.off("weberror", onError);
    };
  }

  /** Fails when anything was seen. */
  expectNothing(): void {
    expect.soft(this.foreign, "requests to other origins").toEqual([]);
    expect.soft(this.errors, "console errors").toEqual([]);
  }
}
