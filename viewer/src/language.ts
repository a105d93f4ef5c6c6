/** Owns which language a widget's viewers speak: what the engine holds, and asking Python for the page's own. */

import { ENGLISH, type Language, parseLanguage } from "./messages";
import type { EngineModel } from "./session";

/** Engines that were asked already: an answer may not come, and asking again would not bring it. */
const asked = new WeakSet<EngineModel>();

const primary = (tag: string) => tag.toLowerCase().split(/[-_]/)[0] ?? "";

/** Asks for the page's language where nobody chose another and the engine has not got it. */
function ask(engine: EngineModel, held: Language): void {
  const wanted = document.documentElement.lang;
  const { auto } = (engine.get("_language") ?? {}) as { auto?: unknown };
  if (auto === false || !wanted || primary(wanted) === primary(held.tag) || asked.has(engine)) return;
  asked.add(engine);
  engine.send({ type: "language", tag: wanted });
}

/** Tells the engine's language now and whenever it changes; returns its clean-up. */
export function watchLanguage(engine: EngineModel, tell: (language: Language) => void): () => void {
  const update = () => tell(parseLanguage(engine.get("_language")) ?? ENGLISH);
  engine.on("change:_language", update);
  update();
  ask(engine, parseLanguage(engine.get("_language")) ?? ENGLISH);
  return () => engine.off("change:_language", update);
}
