/** Saying things: to screen readers without moving anything, and to everybody as a short note at the edge of the page. */
import { h, icon, maybe } from "./dom";
import { _ } from "./words";

/** Reads a sentence to people who use a screen reader; `now` interrupts, for what needs them at once. */
export function announce(text: string, now = false): void {
  const region = maybe(now ? "#announce-now" : "#announce");
  if (!region) return;
  region.textContent = "";
  // The pause lets a reader notice the same sentence said twice.
  setTimeout(() => (region.textContent = text), 60);
}

export type Tone = "calm" | "attention" | "trouble";

const ICONS: Readonly<Record<Tone, { readonly icon: string }>> = {
  calm: { icon: "check" },
  attention: { icon: "bell" },
  trouble: { icon: "triangle-alert" },
};

/** How long a calm note stays; one that reports trouble stays until it is closed. */
const STAY_MS = 6000;

/** A note at the edge of the page, read aloud as well. */
export function toast(text: string, tone: Tone = "calm"): void {
  note(text, tone);
}

/** The same; what comes back takes it away, when it is not true any more. */
export function note(text: string, tone: Tone = "calm"): () => void {
  const shelf = maybe("#toasts");
  if (!shelf) return () => undefined;
  const close = h("button", { type: "button", class: "button button-bare", "aria-label": _("Close") }, icon("x"));
  const shown = h("div", { class: `toast toast-${tone}` }, icon(ICONS[tone].icon), h("p", null, text), close);
  close.addEventListener("click", () => shown.remove());
  shelf.append(shown);
  announce(text, tone === "trouble");
  if (tone !== "trouble") setTimeout(() => shown.remove(), STAY_MS);
  return () => shown.remove();
}

/** The kind sentence of a failure; what is no refusal by the server is a mistake of ours and says so. */
export function toastProblem(problem: unknown): void {
  toast(problem instanceof Error && problem.name === "Problem" ? problem.message : _("Something went wrong on this page. Nothing was changed."), "trouble");
  if (!(problem instanceof Error) || problem.name !== "Problem") console.error(problem);
}
