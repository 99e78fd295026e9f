/** A part of the page that stays true: fetched anew when something happens, put in place without losing the focus or an open menu. */
import { all, maybe } from "./dom";
import { feed } from "./feed";

const GATHER_MS = 400;
const MINUTE_MS = 60_000;

interface Live {
  /** The part, such as `[data-live]`. It has to be there, with ids on whatever can have the focus. */
  readonly selector: string;
  /** Beginnings of the events that may change it. */
  readonly events: readonly string[];
  /** After each change: wires what is new. */
  readonly shown: (root: HTMLElement) => void;
  /** Whether a clock is running in it now ("12 minutes late"), so that it is renewed each minute. Each renewal is a reading of records. */
  readonly ticks?: (root: HTMLElement) => boolean;
}

/** Calls `shown` now and after every change. The answer renews it at once, for what one has just done oneself. */
export function keepLive({ selector, events, shown, ticks }: Live): () => void {
  let due: ReturnType<typeof setTimeout> | undefined;
  const refresh = (): void => void renew(selector, shown).catch(() => undefined); // the next event or minute tells
  const soon = (): void => {
    clearTimeout(due);
    due = setTimeout(refresh, GATHER_MS);
  };
  const root = maybe(selector);
  if (root) shown(root);
  for (const prefix of events) feed().on(prefix, soon);
  feed().onFresh(soon);
  setInterval(() => {
    const now = maybe(selector);
    if (now && ticks?.(now) && document.visibilityState === "visible") refresh();
  }, MINUTE_MS);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && soon());
  return refresh;
}

async function renew(selector: string, shown: (root: HTMLElement) => void): Promise<void> {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [old, fresh] = [maybe(selector), maybe(selector, page)];
  if (!old || !fresh || pristine.get(old) === fresh.innerHTML || document.querySelector("dialog[open]")) return;
  const [focused, open] = [document.activeElement, all("details[open][id]", old).map((one) => one.id)];
  const text = fresh.innerHTML;
  const put = document.adoptNode(fresh);
  old.replaceWith(put);
  pristine.set(put, text);
  for (const id of open) maybe(`#${CSS.escape(id)}`, put)?.setAttribute("open", "");
  shown(put);
  if (focused instanceof HTMLElement && !focused.isConnected) focusAgain(focused, put);
}

/** What the server sent for a part, before scripts touched it. */
const pristine = new WeakMap<HTMLElement, string>();

/** The same element in the new part; the summary of a menu has its menu's id. */
function focusAgain(gone: HTMLElement, put: HTMLElement): void {
  const id = gone.id || gone.closest("[id]")?.id || "";
  const found = id ? maybe(`#${CSS.escape(id)}`, put) : null;
  const target = found?.matches("a, button, input, select, textarea") ? found : found ? (maybe("summary, a, button", found) ?? found) : null;
  target?.focus({ preventScroll: true });
}
