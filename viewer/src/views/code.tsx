/** Owns the code panel: the source with the current line, the expression at work, and the line that runs next. */

import { Component, type JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { formatValue } from "../format";
import { cutTokens, highlight, type Token } from "../highlight";
import type { Site, Source } from "../tables";
import type { Snapshot } from "../timeline";
import type { Picture, Viewer } from "./context";
import { Panel } from "./parts";

/** Lines of a source that are drawn around the current one where it is longer than twice that. */
const WINDOW = 1000;

interface Focus {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly tone: "read" | "write" | "error" | "flow";
}

export function Code({ viewer, picture }: { viewer: Viewer; picture: Picture | null }): JSX.Element {
  const { t, store } = viewer;
  const place = picture ? placeOf(picture) : firstPlace(viewer);
  const lines = useMemo(
    () => (place ? highlight(place.source.text.replace(/\r\n?/g, "\n").replace(/\n$/, "")) : []),
    [place?.source],
  );
  const body = useRef<HTMLElement | null>(null);
  useEffect(() => {
    if (body.current && place) keepInView(body.current);
  }, [picture?.snapshot]);
  const title = store.log.status.value.title || t("panel.code");
  const counts = picture && place ? countsOf(picture, place, viewer) : null;
  const pauses = pausesOf(viewer, place?.sourceIndex ?? -1);
  const start = lines.length > 2 * WINDOW && place ? Math.max(0, place.line - WINDOW) : 0;
  const error = picture ? errorOf(picture, viewer) : null;
  return (
    <Panel
      name="code"
      title={title}
      bodyRef={(element) => {
        body.current = element;
      }}
    >
      {place ? (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the key B pauses at the current line.
        // biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside are what is pressed.
        <div class="ds-lines" onClick={(event) => onNumber(event, viewer, place.sourceIndex)}>
          {lines.slice(start, start + 2 * WINDOW).map((tokens, i) => {
            const number = start + i + 1;
            const current = number === place.line;
            return (
              <Line
                key={number}
                number={number}
                tokens={tokens}
                current={current}
                next={number === place.next}
                focus={current ? place.focus : null}
                error={current ? error : null}
                count={counts?.get(number) ?? 0}
                pauses={pauses.has(number)}
                pause={t("trail.pause", { question: t("question.line", { line: String(number) }) })}
                label={current ? t("code.current") : number === place.next ? t("code.next") : ""}
              />
            );
          })}
        </div>
      ) : (
        <p class="ds-muted">{t("code.none")}</p>
      )}
    </Panel>
  );
}

interface Place {
  readonly source: Source;
  readonly sourceIndex: number;
  readonly line: number;
  readonly next: number;
  readonly focus: Focus | null;
}

/** The source before any step has arrived or begun. */
function firstPlace({ store }: Viewer): Place | null {
  const source = store.log.count.value > 0 ? store.log.tables.sources[0] : undefined;
  return source ? { source, sourceIndex: 0, line: 0, next: 0, focus: null } : null;
}

function placeOf({ snapshot, tables }: Picture): Place | null {
  const { state, next } = snapshot;
  const top = state.stack[state.stack.length - 1];
  const unit = tables.units[top?.unit ?? next?.unit ?? 0];
  const sourceIndex = unit?.source ?? 0;
  const source = tables.sources[sourceIndex];
  if (!source) return null;
  const sameSource = next !== null && tables.units[next.unit]?.source === unit?.source;
  const line = state.step === 0 || !top ? 0 : top.line;
  return { source, sourceIndex, line, next: sameSource && next ? next.line : 0, focus: focusOf(snapshot) };
}

/** How often each line has run so far; null while that is still being counted. */
function countsOf({ snapshot, tables }: Picture, { sourceIndex }: Place, { inquiry, store }: Viewer) {
  const { indexed, index, walk } = inquiry;
  const { step } = snapshot.state;
  if (indexed.value < walk.chunkOf(step)) return null;
  const here = store.timeline.stopsAt(step);
  return (
    here && index.executed(here.chunk, (stop) => here.stops.siteOf(stop), here.count, sourceIndex, tables)
  );
}

/** The lines of a source at which playing pauses. */
function pausesOf({ inquiry }: Viewer, source: number): ReadonlySet<number> {
  const lines = inquiry.asked.value.flatMap(({ question, pauses }) =>
    question.ask === "line" && question.source === source && pauses.value ? [question.line] : [],
  );
  return new Set(lines);
}

/** A click on a line's number makes playing pause there, or no longer. */
function onNumber(event: MouseEvent, { inquiry, t }: Viewer, source: number): void {
  const line = Number((event.target as Element).closest<HTMLElement>("[data-line]")?.dataset.line);
  if (line) inquiry.toggleLine(source, line, t("question.line", { line: String(line) }));
}

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** The expression of the step's last event that has one. */
function focusOf({ happenings }: Snapshot): Focus | null {
  for (let i = happenings.length - 1; i >= 0; i--) {
    const happening = happenings[i];
    const site = happening?.site;
    if (
      !happening?.isStop ||
      !site ||
      site.event === "enter" ||
      site.event === "leave" ||
      site.event === "line"
    )
      continue;
    if (site.endLine < site.line || (site.endLine === site.line && site.endCol <= site.col)) continue;
    const to = site.endLine > site.line ? Number.POSITIVE_INFINITY : site.endCol;
    return { line: site.line, from: site.col, to, tone: toneOf(site) };
  }
  return null;
}

function toneOf({ event }: Site): Focus["tone"] {
  if (event === "get" || event === "getattr" || event === "iter" || event === "contains") return "read";
  if (event === "raise" || event === "unwind") return "error";
  return event === "set" || event === "setattr" || event === "del" || event === "delattr" ? "write" : "flow";
}

/** The exception to show at the current line: one that is on its way at this step, or the one that ended the run. */
function errorOf({ snapshot }: Picture, { store }: Viewer): string | null {
  for (const { event, value } of [...snapshot.happenings].reverse()) {
    if ((event === "raise" || event === "unwind") && value !== null)
      return formatValue(value, snapshot.state.lookup, 200);
  }
  const { error, state } = store.log.status.value;
  if (!error || state !== "done" || snapshot.state.step !== store.timeline.last) return null;
  return error.message ? `${error.name}: ${error.message}` : error.name;
}

interface LineProps {
  readonly number: number;
  readonly tokens: readonly Token[];
  readonly current: boolean;
  readonly next: boolean;
  readonly focus: Focus | null;
  readonly error: string | null;
  readonly label: string;
  /** How often it has run. */
  readonly count: number;
  readonly pauses: boolean;
  /** What its number's button is called. */
  readonly pause: string;
}

/** One line; drawn anew only when something about it changes, since most lines never do. */
class Line extends Component<LineProps> {
  override shouldComponentUpdate(after: LineProps): boolean {
    const before = this.props;
    const same =
      before.tokens === after.tokens && before.current === after.current && before.next === after.next;
    const quiet = before.count === after.count && before.pauses === after.pauses;
    return !(same && quiet && before.error === after.error && !before.focus && !after.focus);
  }

  override render(props: LineProps): JSX.Element {
    const { number, tokens, current, next, focus, error, label, count, pauses, pause } = props;
    const cut = focus && focus.line === number ? focus : null;
    const [before, inside, after] = cut ? cutTokens(tokens, cut.from, cut.to) : [tokens, [], []];
    return (
      <div
        class="ds-line"
        data-current={current}
        data-next={next}
        data-error={error !== null}
        aria-current={current ? "step" : undefined}
      >
        <button
          type="button"
          class="ds-number"
          tabIndex={-1}
          data-line={number}
          aria-pressed={pauses}
          aria-label={pause}
          title={pause}
        >
          {number}
        </button>
        <span class="ds-count" aria-hidden="true">
          {count > 0 ? COMPACT.format(count) : ""}
        </span>
        <code>
          <Spans tokens={before} />
          {cut && inside.length > 0 && (
            <mark class="ds-focus" data-tone={cut.tone}>
              <Spans tokens={inside} />
            </mark>
          )}
          <Spans tokens={after} />
          {"\n"}
        </code>
        {label && <span class="ds-hidden">{label}</span>}
        {error && (
          <div class="ds-inline-error">
            <span>{error}</span>
          </div>
        )}
      </div>
    );
  }
}

function Spans({ tokens }: { tokens: readonly Token[] }): JSX.Element {
  return (
    <>
      {tokens.map(({ kind, text }, i) =>
        // Tokens have no identity of their own: their place in the line is it.
        kind === "name" ? (
          text
        ) : (
          <span key={i} class={`ds-t-${kind}`}>
            {text}
          </span>
        ),
      )}
    </>
  );
}

/** Scrolls the panel, never the page, so that the current line stands in its middle part. */
function keepInView(body: HTMLElement): void {
  const line = body.querySelector<HTMLElement>('[data-current="true"]');
  if (!line) return;
  const top = line.offsetTop;
  const margin = Math.min(64, body.clientHeight / 4);
  if (top < body.scrollTop + margin) body.scrollTop = Math.max(0, top - margin);
  else if (top + line.offsetHeight > body.scrollTop + body.clientHeight - margin) {
    body.scrollTop = top + line.offsetHeight - body.clientHeight + margin;
  }
  const focus = line.querySelector<HTMLElement>("mark");
  const right = focus ? focus.offsetLeft + focus.offsetWidth + 24 : 0;
  // From the left edge where the expression is to be seen from there: lines that shift with every step are hard to read.
  body.scrollLeft = Math.max(0, right - body.clientWidth);
}
