/** Owns the checks that every reader of a meta shares: each gives the value it was asked for, or refuses the meta. */

import { TraceError } from "./wire";

export type Json = Record<string, unknown>;

/** The largest integer of a meta that is no table reference. */
export const MAX_INTEGER = 0x7fffffff;

export function refuse(what: string): never {
  throw new TraceError(`a chunk's meta has a wrong entry in "${what}"`);
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function text(value: unknown, what: string): string {
  return typeof value === "string" ? value : refuse(what);
}

export function integer(value: unknown, low: number, high: number, what: string): number {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high
    ? (value as number)
    : refuse(what);
}

export function rows(meta: Json, key: string): unknown[] {
  const value = meta[key];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : refuse(key);
}

export function row(value: unknown, size: number, what: string): unknown[] {
  return Array.isArray(value) && value.length === size ? value : refuse(what);
}

/** A list of texts, as frozen words. */
export function words(value: unknown, what: string): ReadonlySet<string> {
  if (!Array.isArray(value)) return refuse(what);
  return value.length === 0 ? NO_WORDS : new Set(value.map((entry) => text(entry, what)));
}

const NO_WORDS: ReadonlySet<string> = new Set();
