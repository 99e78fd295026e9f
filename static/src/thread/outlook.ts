/** What somebody is told before they write: by when an answer comes, and whom to call when it cannot wait. */
import { h, icon } from "../lib/dom";
import { instant } from "../lib/time";
import { _ } from "../lib/words";

export interface Outlook {
  readonly staffed: boolean;
  readonly answer_by: string | null;
  readonly helplines: readonly { readonly label: string; readonly number: string; readonly dialled: string }[];
}

export function outlookNote(outlook: Outlook): HTMLElement {
  const by = outlook.answer_by ? _("You get an answer by {when}.", { when: instant(outlook.answer_by) }) : _("We answer as soon as somebody is here.");
  if (outlook.staffed) return h("p", { class: "small quiet" }, by);
  return h(
    "div",
    { class: "banner banner-now thread-outlook" },
    icon("moon"),
    h("div", null, h("p", null, h("strong", null, _("Nobody reads messages at this hour.")), " ", by), numbers(outlook)),
  );
}

function numbers(outlook: Outlook): HTMLElement | null {
  if (!outlook.helplines.length) return null;
  const links = outlook.helplines.flatMap(({ label, number, dialled }, n) => [n ? ", " : "", h("a", { href: `tel:${dialled}` }, label === number ? number : `${label}: ${number}`)]);
  const line = h("p", null, _("If it cannot wait, call now:"), " ");
  line.append(...links);
  return line;
}
