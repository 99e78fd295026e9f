/** Somebody who does not take part any more has a page open still: it closes, kindly, with nothing of the record left on it. */
import { announce } from "../lib/announce";
import { fill, h, icon, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

/** In place of *root*'s page, or beside a call in place of *root* alone. */
export function closeLeft(root: HTMLElement, beside: boolean): void {
  const place = beside ? root : one("#main");
  const words = _("You do not take part in this conversation any more, so it was closed here. What you wrote stays in the record.");
  fill(place, h("div", { class: "card stack", "data-left": true, tabindex: -1 }, h("h1", { class: beside ? "unseen" : "" }, _("This conversation is closed for you")), h("p", null, icon("door-closed"), " ", words), !beside && h("p", null, h("a", { class: "button", href: "/messages" }, _("To your messages")))));
  if (!beside) {
    // An open question or window may show a name, and so do the page's title and its place in the history.
    for (const dialog of document.querySelectorAll("dialog")) dialog.remove();
    document.title = _("Messages");
    history.replaceState(null, "", "/messages");
  }
  announce(words);
  maybe("[data-left]", place)?.focus();
}
