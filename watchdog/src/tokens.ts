/** Owns the types of what JupyterLab's plugin system hands to the extension's entry. */

import type { Signal } from "./jupyter";

/** A key for a service; the type parameter only says which. */
export interface Token<Service> {
  readonly name: string;
  readonly provides?: Service;
}

export interface StoredSettings {
  readonly composite: Readonly<Record<string, unknown>>;
  readonly changed: Signal<unknown, void>;
}

export interface SettingRegistry {
  load(plugin: string): Promise<StoredSettings>;
}

/** JupyterLab itself, as far as we ask it anything. */
export interface Application {
  readonly commands: {
    execute(id: string): Promise<unknown>;
    readonly commandExecuted: Signal<unknown, { readonly id: string }>;
  };
  readonly shell: { activateById(id: string): void };
  readonly serviceManager: {
    readonly contents: {
      get(path: string, options: { content: false }): Promise<{ readonly last_modified?: string }>;
    };
  };
  resolveOptionalService<Service>(token: Token<Service>): Promise<Service | null>;
}

/** A JupyterLab plugin whose services are all optional: a missing one arrives as null. */
export interface Plugin<Services extends readonly unknown[]> {
  readonly id: string;
  readonly description: string;
  readonly autoStart: boolean;
  readonly optional: { readonly [K in keyof Services]: Token<Services[K]> };
  activate(app: Application, ...services: { [K in keyof Services]: Services[K] | null }): void;
}
