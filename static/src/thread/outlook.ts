/** What a patient is told: by when an owed answer comes, and whom to call when it cannot wait. */
import { h, icon } from "../lib/dom";
import { instant, longDay } from "../lib/time";
import { _ } from "../lib/words";

export interface Helpline {
  readonly label: string;
  readonly number: string;
  readonly dialled: string;
}

export interface Outlook {
  /** False while there is no care team: nobody answers, and nothing is promised. */
  readonly cared_for: boolean;
  readonly staffed: boolean;
  readonly answer_by: string | null;
  readonly helplines: readonly Helpline[];
  /** The owed answer should have come; `answer_by` counts from now. */
  readonly late?: boolean;
  /** Who answers now; null: the team. */
  readonly answers?: string | null;
  /** Whoever usually answers is away, the last day included. */
  readonly away?: { readonly name: string; readonly until: string } | null;
}

/** Who spoke last: nobody yet, the patient's side, to whom an answer is owed, or the team. */
export type Turn = "nobody" | "patient" | "team";

/**
 * @param due by when the owed answer comes, if that is known
 * @param lately whether the team wrote a moment ago, not the clock for them: then somebody is there, whatever the hours say
 */
export function outlookNote(outlook: Outlook, turn: Turn, due: string | null, lately: boolean): HTMLElement | null {
  if (!outlook.cared_for) return banner(outlook, "users", h("strong", null, _("There is no care team here at the moment, so nobody of the clinic reads this.")), " ", _("Whoever joins it can read it later. Please call the clinic."));
  const by = turn === "patient" ? promise(outlook, due) : ahead(outlook);
  const cover = covered(outlook);
  if (outlook.staffed || (turn === "team" && lately)) return h("div", { class: "small quiet" }, cover && h("p", null, cover), by && h("p", null, by), (turn !== "patient" || !outlook.staffed) && numbers(outlook));
  return banner(outlook, "moon", h("strong", null, _("Nobody reads messages at this hour.")), " ", cover ? `${cover} ` : "", by ?? (turn === "team" ? "" : _("We answer as soon as somebody is here.")));
}

function banner(outlook: Outlook, sign: string, ...words: (Node | string)[]): HTMLElement {
  return h("div", { class: "banner banner-now thread-outlook" }, icon(sign), h("div", null, h("p", null, ...words), numbers(outlook)));
}

/** Beside a call: the numbers alone, and outside staffed hours why. */
export function outlookBeside(outlook: Outlook): HTMLElement | null {
  if (outlook.staffed) return numbers(outlook, "small quiet");
  if (!outlook.cared_for) return h("div", { class: "small" }, h("p", null, h("strong", null, _("There is no care team here at the moment, so nobody of the clinic reads messages."))), numbers(outlook));
  return h("div", { class: "small" }, h("p", null, h("strong", null, _("Outside the call nobody reads messages at this hour."))), numbers(outlook));
}

function ahead(outlook: Outlook): string | null {
  return outlook.answer_by === null ? null : _("If you write now, you get an answer by {when}.", { when: instant(outlook.answer_by) });
}

function covered(outlook: Outlook): string | null {
  if (!outlook.away) return null;
  const until = longDay(`${outlook.away.until}T12:00:00Z`, "UTC");
  if (outlook.answers) return _("{name} is away until {day}; {cover} answers.", { name: outlook.away.name, day: until, cover: outlook.answers });
  return _("{name} is away until {day}; the team answers.", { name: outlook.away.name, day: until });
}

function promise(outlook: Outlook, due: string | null): string {
  const late = outlook.late || (due !== null && Date.parse(due) < Date.now());
  if (late) {
    const sorry = due !== null && Date.parse(due) < Date.now() ? _("You should have had an answer by {when}. We are sorry that it is late.", { when: instant(due) }) : _("This took longer than we said. We are sorry.");
    const now = outlook.late && outlook.answer_by !== null && outlook.answer_by !== due ? _("You have it by {when}.", { when: instant(outlook.answer_by) }) : "";
    return `${sorry} ${now}`.trim();
  }
  return due === null ? _("We answer as soon as somebody is here.") : _("You get an answer by {when}.", { when: instant(due) });
}

/** The numbers alone, on one line. */
export function numbers(outlook: Outlook, style = ""): HTMLElement | null {
  if (!outlook.helplines.length) return null;
  const links = outlook.helplines.flatMap(({ label, number, dialled }, n) => [n ? ", " : "", h("a", { href: `tel:${dialled}` }, label === number ? number : `${label}: ${number}`)]);
  const line = h("p", { class: style }, _("If it cannot wait, call now:"), " ");
  line.append(...links);
  return line;
}

/** The numbers as buttons, large enough for a shaking hand. */
export function calls(helplines: readonly Helpline[]): HTMLElement {
  if (!helplines.length) return h("p", null, h("strong", null, _("Call the emergency number of the place where you are.")));
  const buttons = helplines.map(({ label, number, dialled }) => h("a", { class: "button button-wide thread-call", href: `tel:${dialled}` }, icon("phone"), h("span", null, label === number ? "" : `${label}: `, h("strong", null, number))));
  return h("div", { class: "stack stack-close" }, ...buttons);
}
