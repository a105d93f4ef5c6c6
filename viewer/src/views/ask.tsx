/** Owns the panel of questions: what can be asked about a place or a step, and the search field. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Offer, topicsFor } from "../suggest";
import type { Asking, Picture, Viewer } from "./context";

export function AskPanel({
  viewer,
  picture,
}: {
  viewer: Viewer;
  picture: Picture | null;
}): JSX.Element | null {
  const asking = viewer.asking.value;
  if (!asking || !picture) return null;
  return <Panel key={`${asking.x},${asking.y}`} viewer={viewer} picture={picture} asking={asking} />;
}

interface Props {
  readonly viewer: Viewer;
  readonly picture: Picture;
  readonly asking: Asking;
}

function Panel({ viewer, picture, asking }: Props): JSX.Element {
  const { t, inquiry } = viewer;
  const box = useRef<HTMLDivElement>(null);
  const [topics] = useState(() => topicsFor(asking.subject, picture, t));
  const close = () => closeAsking(viewer, box.current);
  useEffect(() => {
    const wanted = asking.subject || !asking.search ? "button" : "input";
    box.current?.querySelector<HTMLElement>(wanted)?.focus({ preventScroll: true });
    const outside = (event: Event) => {
      if (!event.composedPath().includes(box.current as EventTarget)) viewer.asking.value = null;
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  const choose = ({ question, label, go, pauses }: Offer) => {
    const asked = inquiry.ask(question, label, go);
    if (pauses) asked.pauses.value = true;
    close();
  };
  return (
    <div
      ref={box}
      class="ds-ask"
      role="dialog"
      aria-label={t("key.ask")}
      style={{ "--ds-x": `${asking.x}px`, "--ds-y": `${asking.y}px` }}
    >
      {!asking.subject && <Search viewer={viewer} close={close} />}
      {topics.map(({ title, offers }) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          {offers.map((offer) => (
            <button key={offer.text} type="button" onClick={() => choose(offer)}>
              {offer.text}
            </button>
          ))}
        </fieldset>
      ))}
      {!asking.subject && <Exceptions viewer={viewer} choose={choose} />}
    </div>
  );
}

/** Closes the panel and gives the focus back to the viewer. */
export function closeAsking(viewer: Viewer, inside: Element | null): void {
  viewer.asking.value = null;
  inside?.closest<HTMLElement>(".ds-root")?.focus({ preventScroll: true });
}

function Search({ viewer, close }: { viewer: Viewer; close: () => void }): JSX.Element {
  const { t, inquiry } = viewer;
  const submit = (event: Event) => {
    event.preventDefault();
    const text = new FormData(event.currentTarget as HTMLFormElement).get("text");
    if (typeof text !== "string" || !text.trim()) return;
    inquiry.ask({ ask: "text", text: text.trim() }, t("question.text", { text: text.trim() }), "next");
    close();
  };
  return (
    <form onSubmit={submit}>
      <input
        name="text"
        type="search"
        maxLength={200}
        placeholder={t("ask.search")}
        aria-label={t("ask.search")}
      />
    </form>
  );
}

function Exceptions({
  viewer,
  choose,
}: {
  viewer: Viewer;
  choose: (offer: Offer) => void;
}): JSX.Element | null {
  const { t, inquiry } = viewer;
  if (!inquiry.index.density.lanes.error.some((count) => count > 0)) return null;
  const label = t("question.errors");
  const offer: Offer = { text: label, question: { ask: "errors" }, label, go: "next", pauses: false };
  return (
    <fieldset>
      <button type="button" onClick={() => choose(offer)}>
        {label}
      </button>
    </fieldset>
  );
}
