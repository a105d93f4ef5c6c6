/** Owns the extension's entry: one plugin that ties JupyterLab's services to the watchdog. It only wires. */

import { Notification } from "@jupyterlab/apputils";
import { IConsoleTracker } from "@jupyterlab/console";
import { PageConfig } from "@jupyterlab/coreutils";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import type { Tracker } from "./jupyter";
import { pageClock, pagePort } from "./page";
import { readSettings, SettingsCell } from "./settings";
import type { Plugin, SettingRegistry } from "./tokens";
import { watchPanels } from "./watch-panels";

// Every service is optional: the notebook app, the console app and a bare Lite page lack some of them.
const plugin: Plugin<[Tracker, Tracker, SettingRegistry]> = {
  id: "dstruct-lite:watchdog",
  description: "Restarts the kernel of a traced run that outlived its limit, and says so.",
  autoStart: true,
  optional: [INotebookTracker, IConsoleTracker, ISettingRegistry],
  activate(_app, notebooks, consoles, registry) {
    const settings = new SettingsCell();
    void followSettings(registry, settings);
    watchPanels(
      [notebooks, consoles].filter((tracker) => tracker !== null),
      {
        clock: pageClock,
        page: () => pagePort(document, () => Notification),
        settings,
        // Only JupyterLite's pages have settings for plugins that are Lite's own.
        kernelsListComms: PageConfig.getOption("litePluginSettings") === "",
      },
    );
  },
};

async function followSettings(registry: SettingRegistry | null, settings: SettingsCell): Promise<void> {
  try {
    const stored = await registry?.load(plugin.id);
    if (!stored) return;
    const read = (): void => settings.set(readSettings(stored.composite));
    stored.changed.connect(read);
    read();
  } catch (error) {
    console.warn("dstruct-lite: the settings could not be read; the defaults apply", error);
  }
}

export default plugin;
