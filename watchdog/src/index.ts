/** Owns the extension's entry: one plugin that ties JupyterLab's services to the watchdog. It only wires. */

import { Notification } from "@jupyterlab/apputils";
import { IConsoleTracker } from "@jupyterlab/console";
import { PageConfig } from "@jupyterlab/coreutils";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import type { NotebookPanel, Panel, SessionContext, Tracker } from "./jupyter";
import { subscribe } from "./jupyter";
import { keepEdits } from "./keep-edits";
import { Crashes, watchLiteKernels } from "./lite";
import { isNotebook, notebookPort } from "./notebook";
import { onStopEvent, pageClock, pagePort } from "./page";
import { keepPictures, type NotebookTracker } from "./pictures";
import type { Surroundings } from "./session";
import { readSettings, SettingsCell } from "./settings";
import { browserSwitches, Switches } from "./switches";
import type { Application, Plugin, SettingRegistry } from "./tokens";
import { watchPanels } from "./watch-panels";

/** The commands behind the applications' own Interrupt buttons. */
const INTERRUPT = { notebook: "notebook:interrupt-kernel", console: "console:interrupt-kernel" };

// Every service is optional: the notebook app, the console app and a bare Lite page lack some of them.
const plugin: Plugin<[Tracker, Tracker, SettingRegistry]> = {
  id: "dstruct-lite:watchdog",
  description: "Stops traced runs, restarts the kernel of one that outlived its limit, and says so.",
  autoStart: true,
  optional: [INotebookTracker, IConsoleTracker, ISettingRegistry],
  activate(app, notebooks, consoles, registry) {
    const settings = new SettingsCell();
    const crashes = new Crashes();
    // Only JupyterLite's pages have settings for plugins that are Lite's own.
    const lite = PageConfig.getOption("litePluginSettings") !== "";
    void followSettings(registry, settings);
    if (lite) void watchLite(app, settings, crashes);
    if (lite && notebooks) keepAllEdits(app, notebooks);
    // Lite's kernels never list their comms.
    if (notebooks) keepPictures(notebooks as unknown as NotebookTracker, !lite);
    const around: Surroundings = {
      clock: pageClock,
      page: (above) => pagePort(document, () => Notification, above),
      settings,
      switches: lite ? (broke) => new Switches(browserSwitches, broke) : null,
      onStop: (asked) => onStopEvent(document, asked),
      onInterrupt: (asked) => onInterrupt(app, notebooks, consoles, asked),
      onCrash: (crashed) => crashes.onCrash(crashed),
    };
    watchPanels(
      [notebooks, consoles].filter((tracker) => tracker !== null),
      around,
      (panel) => (isNotebook(panel) ? notebookPort(panel, (notebook) => runCellsAbove(app, notebook)) : null),
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

async function watchLite(app: Application, settings: SettingsCell, crashes: Crashes): Promise<void> {
  try {
    const { IKernelSpecs } = await import("@jupyterlite/services");
    const specs = await app.resolveOptionalService(IKernelSpecs);
    if (specs) watchLiteKernels(specs, settings, pageClock, crashes);
  } catch (error) {
    console.warn("dstruct-lite: this JupyterLite's kernels cannot be watched; restarts are cold", error);
  }
}

function keepAllEdits(app: Application, notebooks: Tracker): void {
  const lastModified = async (path: string): Promise<string | undefined> =>
    (await app.serviceManager.contents.get(path, { content: false })).last_modified;
  const add = (panel: Panel): void => {
    if (isNotebook(panel)) keepEdits(panel, pageClock, lastModified);
  };
  notebooks.forEach(add);
  notebooks.widgetAdded.connect((_, panel) => add(panel));
}

function onInterrupt(
  app: Application,
  notebooks: Tracker | null,
  consoles: Tracker | null,
  asked: (context: SessionContext) => void,
) {
  return subscribe(app.commands.commandExecuted, (_, { id }) => {
    const tracker = id === INTERRUPT.notebook ? notebooks : id === INTERRUPT.console ? consoles : null;
    const panel = tracker?.currentWidget;
    if (panel) asked(panel.sessionContext);
  });
}

function runCellsAbove(app: Application, panel: NotebookPanel): void {
  app.shell.activateById(panel.id);
  void app.commands.execute("notebook:run-all-above");
}

export default plugin;
