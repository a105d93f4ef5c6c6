/** Serving the built site for the tests, by the program that serves it for people. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");

/** The built site; DSTRUCT_SITE names another one. */
const SITE = resolve(ROOT, process.env.DSTRUCT_SITE ?? "_site");

export interface Served {
  /** Where the site starts, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

function program(): string {
  const own = join(ROOT, ".venv/bin/dstruct-lite");
  return process.env.DSTRUCT_LITE ?? (existsSync(own) ? own : "dstruct-lite");
}

/** Serves the site under a path of its host (`/` is its root) on a free port, with `more` options; resolves when it says where. */
export async function serveSite(prefix: string, more: readonly string[] = []): Promise<Served> {
  const server = spawn(
    program(),
    ["serve", SITE, "--port", "0", "--prefix", prefix, "--no-browser", ...more],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PYTHONUNBUFFERED: "1" },
    },
  );
  const url = await new Promise<string>((done, fail) => {
    let said = "";
    for (const stream of [server.stdout, server.stderr])
      stream.on("data", (text) => {
        said += String(text);
        const [url] = /http:\/\/[\w.:]+\/\S*/.exec(said) ?? [];
        if (url) done(url);
      });
    server.once("error", fail);
    server.once("exit", () => fail(new Error(`dstruct-lite serve ended at once:\n${said}`)));
  });
  return {
    url: url.replace(/\/$/, ""),
    close: () =>
      new Promise((done) => {
        if (server.exitCode !== null) done();
        server.once("exit", () => done());
        server.kill("SIGTERM");
      }),
  };
}
