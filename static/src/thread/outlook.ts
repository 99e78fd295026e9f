/** What a patient is told: by when an owed answer comes, and whom to call when it cannot wait. */
import { h, icon } from "../lib/dom";
import { instant } from "../lib/time";
import { _ } from "../lib/words";

export interface Outlook {
  readonly staffed: boolean;
  readonly answer_by: string | null;
  readonly helplines: readonly { readonly label: string; readonly number: string; readonly dialled: string }[];
}

/** Who spoke last: nobody yet, the patient's side, to whom an answer is owed, or the team. */
export type Turn = "nobody" | "patient" | "team";

/** @param due by when the owed answer comes, if that is known */
export function outlookNote(outlook: Outlook, turn: Turn, due: string | null): HTMLElement | null {
  const by = turn === "patient" ? promise(due) : null;
  if (outlook.staffed && by) return h("p", { class: "small quiet" }, by);
  const ahead = turn !== "patient" && outlook.answer_by !== null ? _("If you write now, you get an answer by {when}.", { when: instant(outlook.answer_by) }) : null;
  if (outlook.staffed || turn === "team") return h("div", null, ahead && h("p", { class: "small quiet" }, ahead), numbers(outlook, "small quiet"));
  return h(
    "div",
    { class: "banner banner-now thread-outlook" },
    icon("moon"),
    h("div", null, h("p", null, h("strong", null, _("Nobody reads messages at this hour.")), " ", by ?? ahead ?? _("We answer as soon as somebody is here.")), numbers(outlook)),
  );
}

function promise(due: string | null): string {
  if (due === null) return _("We answer as soon as somebody is here.");
  if (Date.parse(due) < Date.now()) return _("You should have had an answer by {when}. We are sorry that it is late.", { when: instant(due) });
  return _("You get an answer by {when}.", { when: instant(due) });
}

/** The numbers alone, on one line. */
export function numbers(outlook: Outlook, style = ""): HTMLElement | null {
  if (!outlook.helplines.length) return null;
  const links = outlook.helplines.flatMap(({ label, number, dialled }, n) => [n ? ", " : "", h("a", { href: `tel:${dialled}` }, label === number ? number : `${label}: ${number}`)]);
  const line = h("p", { class: style }, _("If it cannot wait, call now:"), " ");
  line.append(...links);
  return line;
}
