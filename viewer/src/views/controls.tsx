/** Owns the transport: buttons, slider, step counter, speed and granularity. */

import type { JSX } from "preact";
import type { MessageKey } from "../messages";
import { GRANULARITIES, SPEEDS } from "../store";
import type { Granularity } from "../timeline";
import type { Viewer } from "./context";
import { Icon } from "./parts";

export function Controls({ viewer }: { viewer: Viewer }): JSX.Element {
  const { store, t } = viewer;
  const last = store.log.steps.value;
  const step = store.target.value;
  const playing = store.playing.value;
  const values = { step: t.number(step), steps: t.number(last) };
  const button = (
    name: Parameters<typeof Icon>[0]["name"],
    label: MessageKey,
    act: () => void,
    off = false,
  ) => (
    <button
      type="button"
      class="ds-button"
      data-icon={name}
      aria-label={t(label)}
      title={t(label)}
      disabled={off}
      onClick={act}
    >
      <Icon name={name} />
    </button>
  );
  return (
    <div class="ds-controls">
      <div class="ds-transport">
        {button("first", "viewer.first", store.first)}
        {button("previous", "viewer.previous", () => store.move(-1))}
        {playing
          ? button("pause", "viewer.pause", store.toggle)
          : button("play", "viewer.play", store.toggle)}
        {button("next", "viewer.next", () => store.move(1))}
        {button("last", "viewer.last", store.last)}
      </div>
      <input
        class="ds-slider"
        type="range"
        aria-label={t("viewer.slider")}
        aria-valuetext={t("viewer.step", values)}
        min={0}
        max={last}
        step={1}
        value={step}
        style={{ "--ds-done": `${last ? (100 * step) / last : 0}%` }}
        onInput={(event) => store.go(Number(event.currentTarget.value))}
      />
      <output
        class="ds-counter"
        title={t("viewer.step", values)}
        style={{ minWidth: `${2 * values.steps.length + 3}ch` }}
      >
        <b>{values.step}</b> / {values.steps}
      </output>
      <div class="ds-selects">
        <label class="ds-select">
          <span>{t("viewer.granularity")}</span>
          <select
            value={store.granularity.value}
            onChange={(event) => store.setGranularity(event.currentTarget.value as Granularity)}
          >
            {GRANULARITIES.map((name) => (
              <option key={name} value={name}>
                {t(`granularity.${name}`)}
              </option>
            ))}
          </select>
        </label>
        <label class="ds-select">
          <span>{t("viewer.speed")}</span>
          <select
            value={store.speed.value}
            onChange={(event) => {
              store.speed.value = Number(event.currentTarget.value);
            }}
          >
            {SPEEDS.map((speed) => (
              <option key={speed} value={speed}>
                {t("viewer.speed.value", { count: speed })}
              </option>
            ))}
          </select>
        </label>
      </div>
    </div>
  );
}
