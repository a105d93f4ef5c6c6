/** Owns the call stack panel: active calls innermost first, with their variables. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { formatObject, formatValue, isDefinition, LINE_TEXT } from "../format";
import { keysOf } from "../keys";
import { shortName } from "../narrate";
import type { Frame } from "../state";
import { isRef, NOTHING, refId, type Value } from "../values";
import { CallTree } from "./calls";
import type { Picture, Viewer } from "./context";
import { Crossing } from "./crossing";
import { Panel, Sign } from "./parts";

/** Calls shown at either end of a deep stack. */
const INNER = 8;
const OUTER = 2;

export function Stack({ viewer, picture }: { viewer: Viewer; picture: Picture | null }): JSX.Element {
  const { t } = viewer;
  const stack = picture ? [...picture.snapshot.state.stack].reverse() : [];
  const hidden = stack.length - INNER - OUTER;
  const inner = hidden > 0 ? stack.slice(0, INNER) : stack;
  const outer = hidden > 0 ? stack.slice(-OUTER) : [];
  const card = (frame: Frame) => (
    <FrameCard
      key={frame.id}
      frame={frame}
      current={frame === stack[0]}
      viewer={viewer}
      picture={picture as Picture}
    />
  );
  const body = useRef<HTMLElement | null>(null);
  const all = viewer.allCalls.value;
  const many = viewer.inquiry.indexed.value > 0 && viewer.inquiry.index.calls.seen > 1;
  const bodyRef = (element: HTMLElement | null) => {
    body.current = element;
  };
  const other = many && (
    <button
      type="button"
      class="ds-link"
      title={`${t("key.calls")} (${keysOf("calls")})`}
      onClick={() => {
        viewer.allCalls.value = !all;
      }}
    >
      {t(all ? "panel.stack" : "calls.title")}
    </button>
  );
  if (all && many) {
    return (
      <Panel name="stack" title={t("calls.title")} aside={other} bodyRef={bodyRef}>
        <CallTree viewer={viewer} picture={picture} body={body} />
      </Panel>
    );
  }
  return (
    <Panel name="stack" title={t("panel.stack")} aside={other} bodyRef={bodyRef}>
      <Crossing viewer={viewer} picture={picture} />
      {stack.length === 0 && <p class="ds-muted">{t("stack.none")}</p>}
      {inner.map(card)}
      {hidden > 0 && <p class="ds-muted">{t("stack.hidden", { count: hidden })}</p>}
      {outer.map(card)}
      {picture?.snapshot.state.suspended.map(card)}
    </Panel>
  );
}

interface CardProps {
  readonly frame: Frame;
  readonly current: boolean;
  readonly viewer: Viewer;
  readonly picture: Picture;
}

function FrameCard({ frame, current, viewer, picture }: CardProps): JSX.Element {
  const { t } = viewer;
  const unit = picture.tables.units[frame.unit];
  const changed = picture.touched.variables.get(frame.id);
  const variables = [...frame.vars].filter(([, value]) => value !== NOTHING);
  const data = variables.filter(([, value]) => !isDefinition(value));
  const definitions = variables.filter(([, value]) => isDefinition(value)).map(([name]) => name);
  const where =
    frame.status === "active"
      ? t("stack.line", { line: String(frame.line) })
      : t(frame.status === "finished" ? "stack.finished" : "stack.suspended");
  return (
    <article class="ds-frame" data-current={current} data-status={frame.status}>
      <header>
        <b>{unit?.kind === "module" ? t("stack.main") : shortName(unit?.name ?? "?")}</b>
        <span>{where}</span>
      </header>
      {data.length > 0 && (
        <table>
          <tbody>
            {data.map(([name, value]) => (
              <tr
                key={name}
                data-changed={changed?.has(name) ?? false}
                data-variable={name}
                data-unit={frame.unit}
              >
                <th scope="row">
                  {changed?.has(name) && (
                    <>
                      <Sign tone="write" />
                      <span class="ds-hidden">{t("stack.changed")} </span>
                    </>
                  )}
                  {name}
                </th>
                <td>
                  <ValueText value={value} viewer={viewer} picture={picture} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {definitions.length > 0 && (
        <p class="ds-muted">{t("stack.definitions", { names: definitions.join(", ") })}</p>
      )}
    </article>
  );
}

/** A value in a frame; a reference is a chip that lights up its object while the pointer is on it. */
function ValueText({
  value,
  viewer,
  picture,
}: {
  value: Value;
  viewer: Viewer;
  picture: Picture;
}): JSX.Element {
  const { lookup } = picture.snapshot.state;
  const object = isRef(value) ? lookup(refId(value)) : undefined;
  if (!object) return <span class="ds-value">{formatValue(value, lookup, LINE_TEXT)}</span>;
  const { hot } = viewer;
  return (
    <span
      class="ds-ref"
      data-hot={hot.value === object.id}
      onPointerEnter={() => {
        hot.value = object.id;
      }}
      onPointerLeave={() => {
        hot.value = 0;
      }}
    >
      {formatObject(object, lookup, 30, 1)}
    </span>
  );
}
