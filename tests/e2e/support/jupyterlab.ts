/** A JupyterLab of the checkout's own environment, with its server and its ordinary kernels, in a directory of its own. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, type Page } from "@playwright/test";
import { Notebook } from "./notebook";

const ROOT = resolve(import.meta.dirname, "../../..");

/** Nothing is asked of other hosts, and no news covers the page. */
const SETTINGS = {
  "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
};

const NOTEBOOK = {
  cells: [],
  metadata: { kernelspec: { name: "python3", display_name: "Python 3" } },
  nbformat: 4,
  nbformat_minor: 5,
};

export interface Lab {
  /** Opens a new notebook of this name, with our extension loaded in its kernel. */
  open(page: Page, name: string): Promise<Notebook>;
  /** Opens a notebook that is there. */
  again(page: Page, name: string): Promise<Notebook>;
  close(): Promise<void>;
}

/** Starts the server on a free port; resolves when it says where. */
export async function startLab(): Promise<Lab> {
  const home = mkdtempSync(join(tmpdir(), "dstruct-lab-"));
  const [files, settings] = ["files", "settings"].map((name) => join(home, name)) as [string, string];
  for (const directory of [files, settings]) mkdirSync(directory);
  writeFileSync(join(settings, "overrides.json"), JSON.stringify(SETTINGS));
  const server = spawn(
    join(ROOT, ".venv/bin/jupyter-lab"),
    [
      ...["--allow-root", "--no-browser", "--expose-app-in-browser", "--ip=127.0.0.1", "--port=0"],
      ...["--IdentityProvider.token=", `--ServerApp.root_dir=${files}`],
      `--LabApp.app_settings_dir=${settings}`,
    ],
    {
      stdio: ["ignore", "pipe", "pipe"],
      // Nothing of the person's own, who runs the tests.
      env: {
        ...process.env,
        JUPYTER_CONFIG_DIR: join(home, "config"),
        JUPYTER_DATA_DIR: join(home, "data"),
        JUPYTER_RUNTIME_DIR: join(home, "runtime"),
        JUPYTERLAB_WORKSPACES_DIR: join(home, "workspaces"),
        JUPYTERLAB_SETTINGS_DIR: join(home, "user-settings"),
        IPYTHONDIR: join(home, "ipython"),
        DSTRUCT_EXEC_MODE: "",
      },
    },
  );
  const url = await new Promise<string>((done, fail) => {
    let said = "";
    for (const stream of [server.stdout, server.stderr])
      stream.on("data", (text) => {
        said += String(text);
        const [, url] = /(http:\/\/127\.0\.0\.1:\d+)\/lab/.exec(said) ?? [];
        if (url) done(url);
      });
    server.once("error", fail);
    server.once("exit", () => fail(new Error(`jupyter lab ended at once:\n${said}`)));
  });
  const again = (page: Page, name: string): Promise<Notebook> =>
    Notebook.at(page, `${url}/lab/tree/${name}?reset`, "lab");
  return {
    again,
    async open(page, name) {
      writeFileSync(join(files, name), JSON.stringify(NOTEBOOK));
      const notebook = await again(page, name);
      expect((await notebook.runNew("%load_ext dstruct_lite")).error).toBeNull();
      return notebook;
    },
    close: () =>
      new Promise((done) => {
        server.once("exit", () => {
          rmSync(home, { recursive: true, force: true });
          done();
        });
        // Once is a question on a terminal, and a clean shutdown of kernels elsewhere.
        server.kill("SIGTERM");
      }),
  };
}
