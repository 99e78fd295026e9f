/** Places in the record that a message points at: a finding, a report, a step of the plan, a visit, a day of the diary. Each is a chip that opens there. */
import { h, icon } from "../lib/dom";
import { type Cite, hereOrLeave, samePlace } from "../lib/places";
import { date, day, instant, longDay } from "../lib/time";
import { _ } from "../lib/words";

/** What draws the day of a diary inside a message. */
export type DayCard = (patient: string, day: string) => HTMLElement;

const ICONS: Readonly<Record<Cite["kind"], { readonly icon: string }>> = {
  finding: { icon: "microscope" },
  report: { icon: "file-text" },
  plan_step: { icon: "sprout" },
  visit: { icon: "calendar" },
  diary_day: { icon: "notebook-pen" },
};

/** What kind of place it is, in a word. */
function kindOf(cite: Cite): string {
  const words: Readonly<Record<Cite["kind"], string>> = { finding: _("Finding"), report: _("Report"), plan_step: _("Step of the plan"), visit: _("Visit"), diary_day: _("Diary") };
  return words[cite.kind];
}

/** Its name; a place that came without one is named by its kind alone. */
export function nameOf(cite: Cite): string {
  const place = cite.place ?? "";
  if (cite.kind === "diary_day") return longDay(`${cite.id}T12:00:00Z`, "UTC");
  const at = /^\d{4}-\d{2}-\d{2}/.test(place) ? Date.parse(place) : Number.NaN;
  if (cite.kind === "visit" && !Number.isNaN(at)) return instant(at);
  if (cite.kind === "report" && !Number.isNaN(at)) return _("Sample of {day}", { day: date(at, "UTC") });
  return place;
}

/** The whole of it on one line, for a list or a screen reader: `Step of the plan: Oats at breakfast`. */
export function saidOf(cite: Cite): string {
  const name = nameOf(cite);
  return name ? `${kindOf(cite)}: ${name}` : kindOf(cite);
}

/** The page that shows the place. The name of a finding is never part of an address. */
export function pageOf(cite: Cite, patient: string): string {
  switch (cite.kind) {
    case "finding":
    case "report":
      return `/reports/${cite.id}`;
    case "plan_step":
      return `/patients/${patient}/plan#step-${cite.id}`;
    case "visit":
      return `/appointments/${cite.id}`;
    case "diary_day":
      return `/patients/${patient}/scores#day-${cite.id}`;
  }
}

/** The places of a message. *beside*: next to a call, which no link may end. */
export function citesOf(cites: readonly Cite[], patient: string, beside: boolean, dayCard: DayCard): HTMLElement | null {
  if (!cites.length) return null;
  return h("ul", { class: "message-cites plain" }, ...cites.map((cite) => h("li", null, chip(cite, patient, beside), cite.kind === "diary_day" && dayCard(patient, cite.id))));
}

function chip(cite: Cite, patient: string, beside: boolean): HTMLElement {
  const guest = document.documentElement.dataset["signedIn"] === undefined;
  if (guest && (cite.kind === "visit" || cite.kind === "diary_day")) return h("span", { class: "cite" }, ...faceOf(cite));
  const link = h("a", { class: "cite", href: pageOf(cite, patient), ...(beside ? { target: "_blank", rel: "noopener" } : {}) }, ...faceOf(cite));
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    if (hereOrLeave({ patient, cite })) event.preventDefault();
  });
  return link;
}

/** Icon, kind and name. */
export function faceOf(cite: Cite): Node[] {
  const name = nameOf(cite);
  const words = h("span", null, h("span", { class: "cite-kind" }, name ? `${kindOf(cite)}: ` : kindOf(cite)), name);
  return [icon(ICONS[cite.kind].icon), words];
}

/** Places that the next message will point at, above the box it is written in. */
export class CiteTray {
  private chosen: Cite[] = [];

  constructor(
    private readonly list: HTMLElement,
    private readonly changed: () => void,
  ) {}

  get cites(): readonly Cite[] {
    return this.chosen;
  }

  add(...cites: readonly Cite[]): void {
    const fresh = cites.filter((cite) => !this.chosen.some((one) => samePlace(one, cite)));
    this.chosen = [...this.chosen, ...fresh];
    this.draw();
    if (fresh.length) this.changed();
  }

  /** Takes them out, for a message. */
  empty(): readonly Cite[] {
    const taken = this.chosen;
    this.chosen = [];
    this.draw();
    return taken;
  }

  private remove(cite: Cite): void {
    this.chosen = this.chosen.filter((one) => one !== cite);
    this.draw();
    this.changed();
  }

  private draw(): void {
    this.list.hidden = this.chosen.length === 0;
    this.list.replaceChildren(
      ...this.chosen.map((cite) =>
        h(
          "li",
          { class: "cite cite-chosen" },
          ...faceOf(cite),
          h("button", { type: "button", class: "button button-bare", "aria-label": _("Take out {what}", { what: saidOf(cite) }), onclick: () => this.remove(cite) }, icon("x")),
        ),
      ),
    );
  }
}

/** `Tue 24 Nov` of a civil day. */
export function civilDayName(civil: string): string {
  return day(`${civil}T12:00:00Z`, "UTC");
}
