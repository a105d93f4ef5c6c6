/**
 * Owns the widget state that a notebook carries, as values: which models are pictures of ours and what they need, what a
 * notebook that is saved again must keep, and the way from base64 back to bytes.
 */

/** One model as saved. */
export interface SavedModel {
  readonly model_name: string;
  readonly model_module: string;
  readonly model_module_version: string;
  readonly state: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly SavedBuffer[];
}

interface SavedBuffer {
  readonly path: readonly (string | number)[];
  readonly encoding: string;
  readonly data: string;
}

export type SavedModels = Readonly<Record<string, SavedModel>>;

/** The state a notebook's metadata hold, or none. What is not of the expected shape counts as none. */
export function savedModels(metadata: unknown): SavedModels {
  if (!isRecord(metadata)) return {};
  const held = metadata[STATE_MIME];
  if (!isRecord(held) || held.version_major !== 2 || !isRecord(held.state)) return {};
  return Object.fromEntries(Object.entries(held.state).filter(([, model]) => isModel(model))) as SavedModels;
}

export const STATE_MIME = "application/vnd.jupyter.widget-state+json";
export const VIEW_MIME = "application/vnd.jupyter.widget-view+json";

/** The name anywidget gives the models of our pictures. */
const PICTURE = "dstruct_lite.widget.Visualizer";

/** Our pictures among `ids`, with every model they refer to. */
export function picturesOf(models: SavedModels, ids: Iterable<string>): SavedModels {
  const found: Record<string, SavedModel> = {};
  const visit = (id: string): void => {
    const model = models[id];
    if (!model || Object.hasOwn(found, id)) return;
    found[id] = model;
    for (const value of Object.values(model.state))
      if (typeof value === "string" && value.startsWith("IPY_MODEL_")) visit(value.slice(10));
  };
  for (const id of ids) if (models[id]?.state._anywidget_id === PICTURE) visit(id);
  return found;
}

/** What a notebook's metadata become so that no picture is lost; null where they need no change. */
export function withPictures(metadata: unknown, kept: SavedModels): object | null {
  const missing = Object.entries(kept).filter(([id]) => !Object.hasOwn(savedModels(metadata), id));
  if (!isRecord(metadata) || !isRecord(metadata[STATE_MIME]) || missing.length === 0) return null;
  const state = { ...savedModels(metadata), ...Object.fromEntries(missing) };
  return { ...metadata, [STATE_MIME]: { version_major: 2, version_minor: 0, state } };
}

/** A saved model's state with its buffers where they belong. */
export function stateOf({ state, buffers = [] }: SavedModel): Record<string, unknown> {
  const whole = structuredClone(state) as Record<string, unknown>;
  for (const { path, encoding, data } of buffers) {
    const bytes = encoding === "hex" ? fromHex(data) : fromBase64(data);
    let place: unknown = whole;
    for (const key of path.slice(0, -1)) place = (place as Record<string | number, unknown>)[key];
    const last = path.at(-1);
    if (typeof place === "object" && place !== null && last !== undefined)
      (place as Record<string | number, unknown>)[last] = new DataView(bytes.buffer);
  }
  return whole;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function isModel(value: unknown): value is SavedModel {
  return isRecord(value) && typeof value.model_name === "string" && isRecord(value.state);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
