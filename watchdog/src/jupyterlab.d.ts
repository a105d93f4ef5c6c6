/**
 * Owns the types of the few names imported from JupyterLab. Its packages are shared by the running application
 * and not installed here; what their objects can do is in jupyter.ts.
 */

declare module "@jupyterlab/apputils" {
  export const Notification: import("./page").Notifier;
}

declare module "@jupyterlab/console" {
  export const IConsoleTracker: import("./tokens").Token<import("./jupyter").Tracker>;
}

declare module "@jupyterlab/coreutils" {
  export const PageConfig: { getOption(name: string): string };
}

declare module "@jupyterlab/notebook" {
  export const INotebookTracker: import("./tokens").Token<import("./jupyter").Tracker>;
}

declare module "@jupyterlab/settingregistry" {
  export const ISettingRegistry: import("./tokens").Token<import("./tokens").SettingRegistry>;
}

declare module "@jupyterlite/services" {
  export const IKernelSpecs: import("./tokens").Token<import("./lite-kernels").LiteKernelSpecs>;
}
