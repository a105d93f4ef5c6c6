/** Owns the transport: buttons, slider, step counter, speed and granularity. */

import type { JSX } from "preact";
import { type KeyAction, keysOf } from "../keys";
import type { MessageKey } from "../messages";
import type { Clock } from "../pair";
import { GRANULARITIES, SPEEDS } from "../store";
import type { Granularity } from "../timeline";
import type { Viewer } from "./context";
import { openAsking } from "./hits";
import { Overview } from "./overview";
import { Button, type IconName } from "./parts";

interface Props {
  readonly viewer: Viewer;
  readonly clock: Clock;
}

export function Controls({ viewer, clock }: Props): JSX.Element {
  const { t } = viewer;
  const last = clock.steps.value;
  const step = clock.target.value;
  const values = { step: t.number(step), steps: t.number(last) };
  return (
    <div class="ds-controls">
      <Transport viewer={viewer} clock={clock} />
      <Overview viewer={viewer} clock={clock} />
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
            value={clock.granularity.value}
            onChange={(event) => clock.setGranularity(event.currentTarget.value as Granularity)}
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
            value={clock.speed.value}
            onChange={(event) => {
              clock.speed.value = Number(event.currentTarget.value);
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
      {clock === viewer.store && (
        <Button
          icon="ask"
          label={t("key.ask")}
          hint={keysOf("ask")}
          act={(event) => openAsking(viewer, event.currentTarget as Element, true)}
        />
      )}
      <Button
        icon="help"
        label={t("key.help")}
        hint={keysOf("help")}
        act={() => {
          viewer.help.value = true;
        }}
      />
    </div>
  );
}

function Transport({ viewer, clock }: Props): JSX.Element {
  const { store, inquiry, t } = viewer;
  const playing = clock.playing.value;
  const button = (icon: IconName & (KeyAction | "pause"), act: () => void) => {
    const label = icon === "over" || icon === "into" || icon === "out" ? `key.${icon}` : `viewer.${icon}`;
    return (
      <Button
        icon={icon}
        label={t(label as MessageKey)}
        hint={keysOf(icon === "pause" ? "play" : icon)}
        act={act}
      />
    );
  };
  // Units come with the chunks; a program without functions has nothing to step over or into.
  const hasCalls =
    clock === store &&
    store.log.count.value > 0 &&
    store.log.tables.units.some(({ kind }) => kind === "function");
  return (
    <>
      <div class="ds-transport">
        {button("first", clock.first)}
        {button("previous", () => clock.move(-1))}
        {button(playing ? "pause" : "play", clock.toggle)}
        {button("next", () => clock.move(1))}
        {button("last", clock.last)}
      </div>
      {hasCalls && (
        <div class="ds-transport ds-moves">
          {button("over", () => inquiry.step("over", 1))}
          {button("into", () => store.move(1, "line"))}
          {button("out", () => inquiry.step("out", 1))}
        </div>
      )}
    </>
  );
}
