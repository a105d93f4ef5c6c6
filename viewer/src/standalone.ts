/**
 * Owns what a page imports: a log to put chunks into, `mount` to draw it, and what a widget's stub needs. One module for all
 * hosts, so that a page never holds two.
 */

export type { Host, Theme } from "./host";
export { widget } from "./index";
export { parseStatus, type RunStatus, TraceLog } from "./log";
export { parseLanguage } from "./messages";
export { type Mounted, mount, mountPair } from "./mount";
