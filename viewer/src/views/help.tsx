/** Owns the help sheet: every key and what it does, from the table of keys. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { KEYS, keyCap } from "../keys";
import type { Viewer } from "./context";
import { Button } from "./parts";

/** The sheet, as a modal dialog: the browser keeps the focus in it, closes it with Escape, and gives the focus back. */
export function Help({ viewer: { t, help } }: { viewer: Viewer }): JSX.Element | null {
  const sheet = useRef<HTMLDialogElement>(null);
  const open = help.value;
  useEffect(() => {
    if (open) sheet.current?.showModal();
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={sheet}
      class="ds-help"
      aria-label={t("help.title")}
      onClose={() => {
        help.value = false;
      }}
      onClick={(event) => event.target === sheet.current && sheet.current?.close()}
      // The keys are explained here, not obeyed.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <header>
        <h3>{t("help.title")}</h3>
        <Button icon="close" label={t("key.close")} act={() => sheet.current?.close()} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
      <div class="ds-keys" tabIndex={0}>
        <table>
          <tbody>
            {KEYS.map(({ action, keys, name }) => (
              <tr key={action}>
                <th scope="row">
                  {keys.map((key) => (
                    <kbd key={key}>{keyCap(key)}</kbd>
                  ))}
                </th>
                <td>{t(name)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </dialog>
  );
}
