/** A thread by keyboard: what Enter does is the person's choice; arrows go through the messages; E edits one's own; Escape goes back to writing. */
import type { View } from "./view";

const CHOICE = "telegut enter";

/** Whether Enter alone sends: unless chosen otherwise, where there is a keyboard with a Shift key beside it. */
export function enterSends(): boolean {
  const chosen = read();
  return chosen === null ? !matchMedia("(pointer: coarse)").matches : chosen === "sends";
}

export function chooseEnter(sending: boolean): void {
  try {
    localStorage.setItem(CHOICE, sending ? "sends" : "breaks");
  } catch {
    // Nothing may be kept here: the choice lasts as long as the page.
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(CHOICE);
  } catch {
    return null;
  }
}

/** Ctrl or Cmd with Enter always sends; Enter alone by choice; never with Shift or while a word is being composed. */
export function sends(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || event.isComposing || event.shiftKey) return false;
  return event.ctrlKey || event.metaKey || enterSends();
}

export interface Keys {
  /** Edits the message with this id, if that may be. */
  readonly edit: (id: string) => void;
  readonly write: () => void;
}

/** Keys on the log: arrows, Home, End, E, Escape. */
export function walk(event: KeyboardEvent, view: View, keys: Keys): void {
  if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest("textarea, input, .menu-body, dialog")) return;
  if (event.key === "Escape") return keys.write();
  const stops = view.stops();
  const here = stops.findIndex((piece) => piece.contains(document.activeElement));
  if (event.key.toLowerCase() === "e") {
    const id = stops[here]?.dataset["message"];
    if (!id) return;
    event.preventDefault();
    return keys.edit(id);
  }
  const to = aim(event.key, here, stops.length);
  if (to === null) return;
  event.preventDefault();
  focusOn(stops, to);
}

function aim(key: string, here: number, count: number): number | null {
  if (!count) return null;
  const last = count - 1;
  switch (key) {
    case "ArrowUp":
      return here < 0 ? last : Math.max(0, here - 1);
    case "ArrowDown":
      return here < 0 ? last : Math.min(last, here + 1);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

/** One stop of the Tab key for the whole log; its own menu and history come behind it, those of the others with the arrows. */
export function stopAt(stops: readonly HTMLElement[], stop: HTMLElement | undefined): void {
  for (const piece of stops) {
    const index = piece === stop ? 0 : -1;
    piece.tabIndex = index;
    for (const summary of piece.querySelectorAll("summary")) summary.tabIndex = index;
  }
}

/** Moves the one stop of the Tab key along. */
export function focusOn(stops: readonly HTMLElement[], to: number): void {
  stopAt(stops, stops[to]);
  stops[to]?.focus();
  stops[to]?.scrollIntoView({ block: "nearest" });
}
