/** Owns what a page without Jupyter imports: a log to put chunks into, and `mount` to draw it. */

export type { Host, Theme } from "./host";
export { parseStatus, type RunStatus, TraceLog } from "./log";
export { type Mounted, mount } from "./mount";
