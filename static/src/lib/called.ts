/** A colleague asks one to join a visit: said on every page, with the way in, until it is taken or closed. */
import { announce } from "./announce";
import { h, icon, maybe } from "./dom";
import { feed } from "./feed";
import { _ } from "./words";

export function watchCalls(): void {
  feed().on("visit.called", (event) => show(String(event["visit"] ?? "")));
}

function show(visit: string): void {
  const shelf = maybe("#toasts");
  if (!shelf || !visit || shelf.querySelector(`[data-called="${visit}"]`)) return;
  const words = _("A colleague asks you to join a visit.");
  const close = h("button", { type: "button", class: "button button-bare", "aria-label": _("Close") }, icon("x"));
  const note = h("div", { class: "toast toast-attention", "data-called": visit }, icon("bell"), h("p", null, words, " ", h("a", { href: `/visits/${visit}` }, _("Join"))), close);
  close.addEventListener("click", () => note.remove());
  shelf.append(note);
  announce(words, true);
}
