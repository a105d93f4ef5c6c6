/**
 * Owns the tree of all calls: each with its arguments and what came of it, those to come paler, the way to the current one
 * open. A click goes to where the call begins. Drawn as rows, of which only those in sight are in the page.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Row, rowsOf } from "../call-rows";
import { type CallText, callTextOf } from "../call-text";
import { shortName } from "../narrate";
import type { Picture, Viewer } from "./context";

const ROW = 24;
/** Rows drawn beyond what is in sight. */
const SPARE = 6;
/** Texts kept. */
const MAX_TEXTS = 2000;

export function CallTree({
  viewer,
  picture,
  body,
}: {
  viewer: Viewer;
  picture: Picture | null;
  body: { current: HTMLElement | null };
}): JSX.Element {
  const { inquiry, t, store } = viewer;
  const [toggled] = useState(() => new Map<number, boolean>());
  const [focus, setFocus] = useState(0);
  const [, redraw] = useState(0);
  const view = useView(body);
  const { calls } = inquiry.index;
  const indexed = inquiry.indexed.value;
  const step = picture?.snapshot.state.step ?? 0;
  const path = calls.pathOf(picture?.snapshot.state.stack ?? [], step);
  const current = path[path.length - 1] ?? 0;
  const rows = rowsOf(calls, path, toggled);
  const at = rows.findIndex(({ id }) => id === current);
  useEffect(() => {
    if (body.current && at >= 0) keepInView(body.current, at * ROW);
  }, [current, indexed]);
  const toggle = (row: Row) => {
    toggled.set(row.id, !row.open);
    redraw((n) => n + 1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const i = rows.findIndex(({ id }) => id === focus);
    const row = rows[i];
    const moves: Record<string, (() => void) | undefined> = {
      ArrowDown: () => setFocus(rows[Math.min(i + 1, rows.length - 1)]?.id ?? 0),
      ArrowUp: () => setFocus(rows[Math.max(i - 1, 0)]?.id ?? 0),
      ArrowRight: row?.open === false ? () => toggle(row) : undefined,
      ArrowLeft: row?.open ? () => toggle(row) : undefined,
      Enter: row ? () => store.go(calls.at(row.id)?.start ?? 0) : undefined,
    };
    const move = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined;
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  };
  const first = Math.max(0, Math.floor(view.top / ROW) - SPARE);
  const shown = rows.slice(first, first + Math.ceil(view.height / ROW) + 2 * SPARE);
  const texts = useTexts(viewer, shown, indexed);
  return (
    <>
      <div
        class="ds-calls"
        role="tree"
        aria-label={t("calls.title")}
        tabIndex={0}
        onKeyDown={onKeyDown}
        style={{ height: `${rows.length * ROW}px` }}
      >
        {shown.map((row, i) => (
          <CallRow
            key={`${row.id}${row.more}`}
            {...{ row, viewer, step }}
            text={texts.get(row.id)}
            top={(first + i) * ROW}
            current={row.id === current}
            focused={row.id === focus}
            toggle={() => toggle(row)}
          />
        ))}
      </div>
      {calls.seen > calls.length && (
        <p class="ds-muted">{t("structures.more", { count: calls.seen - calls.length })}</p>
      )}
    </>
  );
}

interface RowProps {
  readonly row: Row;
  readonly viewer: Viewer;
  readonly step: number;
  readonly text: CallText | undefined;
  readonly top: number;
  readonly current: boolean;
  readonly focused: boolean;
  readonly toggle: () => void;
}

function CallRow({ row, viewer, step, text, top, current, focused, toggle }: RowProps): JSX.Element {
  const { store, inquiry, t } = viewer;
  const place = { top: `${top}px`, paddingLeft: `${4 + row.depth * 16}px` };
  if (row.more) {
    return (
      <div class="ds-call ds-muted" style={place} role="treeitem" tabIndex={-1} aria-level={row.depth + 1}>
        {t("structures.more", { count: row.more })}
      </div>
    );
  }
  const call = inquiry.index.calls.at(row.id);
  const unit = store.log.tables.units[call?.unit ?? -1];
  const name = unit?.kind === "module" ? t("stack.main") : shortName(unit?.name ?? "?");
  const { start, end } = call ?? { start: 0, end: -1 };
  const when = start > step ? "future" : end >= 0 && end <= step ? "past" : "active";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it has the keys.
    <div
      class="ds-call"
      role="treeitem"
      aria-level={row.depth + 1}
      aria-expanded={row.open ?? undefined}
      aria-current={current ? "step" : undefined}
      aria-selected={focused}
      data-when={when}
      style={place}
      tabIndex={-1}
      onClick={() => store.go(Math.max(0, start))}
    >
      {row.open !== null && (
        <button
          type="button"
          class="ds-twist"
          tabIndex={-1}
          data-open={row.open}
          aria-label={t(row.open ? "calls.fold" : "calls.unfold")}
          onClick={(event) => {
            event.stopPropagation();
            toggle();
          }}
        />
      )}
      <b>{name}</b>
      {unit?.kind !== "module" && <span>({text?.args ?? "…"})</span>}
      {text?.result && unit?.kind === "function" && (
        <span class="ds-result" data-failed={text.failed} data-seen={when === "past"}>
          {text.failed ? " ✕ " : " → "}
          {text.result}
        </span>
      )}
    </div>
  );
}

/** The texts of the rows in sight, fetched one by one and kept. */
function useTexts(viewer: Viewer, rows: readonly Row[], indexed: number): ReadonlyMap<number, CallText> {
  const [texts] = useState(() => new Map<number, CallText>());
  const [, redraw] = useState(0);
  const wanted = rows.map(({ id }) => id).join();
  useEffect(() => {
    let going = true;
    const { index, walk } = viewer.inquiry;
    const fetch = async () => {
      for (const { id, more } of rows) {
        const call = index.calls.at(id);
        const known = texts.get(id);
        if (!going) return;
        if (!call || more || (known && (known.result !== null || call.end < 0))) continue;
        texts.set(id, await callTextOf(walk, call));
        if (texts.size > MAX_TEXTS) texts.delete(texts.keys().next().value as number);
        if (going) redraw((n) => n + 1);
      }
    };
    fetch().catch(() => undefined);
    return () => {
      going = false;
    };
  }, [wanted, indexed]);
  return texts;
}

/** How far a scrolling element is scrolled, and how much of it is in sight. */
function useView(body: { current: HTMLElement | null }): { top: number; height: number } {
  const [view, setView] = useState({ top: 0, height: 240 });
  useEffect(() => {
    const element = body.current;
    if (!element) return;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight || 240 });
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => element.removeEventListener("scroll", look);
  }, []);
  return view;
}

function keepInView(body: HTMLElement, top: number): void {
  if (top < body.scrollTop + ROW) body.scrollTop = Math.max(0, top - 2 * ROW);
  else if (top + 2 * ROW > body.scrollTop + body.clientHeight)
    body.scrollTop = top + 3 * ROW - body.clientHeight;
}
