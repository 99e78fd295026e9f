/**
 * Another time for a visit, in two steps: when, check. The same on the booking page and behind the visit's personal link.
 *
 * The visit keeps its old time until the server has said that it has the new one.
 */
import { announce } from "../lib/announce";
import { type ItemPage, Problem, api } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { inBothZones, myZone, sameClock, zoneName } from "../lib/time";
import { _ } from "../lib/words";
import { names, otherZone, summary } from "./details";
import { Finder } from "./finder";
import type { Appointment, Named, Slot } from "./types";

export interface MoveFacts {
  readonly appointment: Appointment & { readonly service_name: string };
  readonly practitioners: readonly Named[];
  readonly now: string;
  readonly until: string;
  readonly late: boolean;
  readonly late_from: string;
}

/** Draws into `root`; `done` is called with the visit at its new time, `leave` when the old one is kept. */
export class Move {
  private current: MoveFacts["appointment"];
  private readonly finder: Finder;
  private readonly problem = h("div", { class: "banner banner-now", role: "alert", hidden: true });
  private readonly times = h("div", { class: "stack", "data-times": "" });
  private readonly place = h("div", { class: "stack" });

  constructor(
    root: HTMLElement,
    private readonly facts: MoveFacts,
    private readonly done: (moved: Appointment, slot: Slot) => void,
    private readonly leave: () => void,
    private readonly others: () => readonly (HTMLElement | false)[] = () => [],
  ) {
    this.current = facts.appointment;
    this.finder = new Finder(this.times, {
      now: Date.parse(facts.now),
      until: Date.parse(facts.until),
      people: facts.practitioners,
      ask: (from, to) => this.ask(from, to),
      choose: (slot) => this.check(slot),
      nothing: () => this.others(),
    });
    fill(root, this.problem, this.place);
  }

  async open(): Promise<void> {
    const heading = h("h2", { tabindex: -1 }, _("When suits you?"));
    fill(this.place, heading, h("p", { class: "quiet" }, this.clocks()), this.times, h("p", { class: "row" }, h("button", { type: "button", class: "button", "data-leave": "", onclick: this.leave }, icon("arrow-left"), _("Keep the old time"))));
    heading.focus();
    try {
      await this.finder.open();
    } catch (problem) {
      this.explain(problem);
    }
  }

  private async ask(from: number, to: number): Promise<readonly Slot[]> {
    const query = { service: this.current.service, practitioner: [...this.current.practitioners], from: new Date(from).toISOString(), to: new Date(to).toISOString(), moving: this.current.id };
    const found = (await api.get<ItemPage<Slot>>("/api/v1/slots", { query })).items;
    return found.filter((slot) => slot.start !== this.current.start);
  }

  private clocks(): string {
    const zones = [...new Set(this.facts.practitioners.map((each) => each.zone))].filter((zone) => !sameClock(Date.now(), zone, myZone()));
    const mine = zoneName(myZone());
    return zones.length ? _("Large: your time in {mine}. Small: the time in {theirs}.", { mine, theirs: zones.map(zoneName).join(", ") }) : _("Times are yours, in {mine}.", { mine });
  }

  private check(slot: Slot): void {
    this.complain("");
    const heading = h("h2", { tabindex: -1 }, _("Move to this time?"));
    const old = inBothZones(this.current.start, otherZone({ ...slot, start: this.current.start }, this.facts.practitioners));
    const move = h("button", { type: "button", class: "button button-main", "data-confirm": "" }, _("Move my visit"));
    move.addEventListener("click", () => void this.send(slot, move));
    fill(
      this.place,
      heading,
      h("div", { class: "card stack", "data-summary": "" }, ...summary(slot, this.facts.practitioners, this.current.service_name), h("p", { class: "quiet" }, _("Until now: {when}", { when: old }))),
      h("p", { class: "quiet" }, _("The old time stays yours until the new one is.")),
      h("p", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => void this.open() }, icon("arrow-left"), _("Another time")), move),
    );
    heading.focus();
  }

  private async send(slot: Slot, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    const { id, version } = this.current;
    try {
      const moved = await api.post<Appointment>(`/api/v1/appointments/${id}/reschedule`, { start: slot.start, version }, { key: `move ${id} ${version} ${slot.start}` });
      announce(_("Your visit with {names} has a new time.", { names: names(slot, this.facts.practitioners) }));
      this.done(moved, slot);
    } catch (problem) {
      await this.refused(problem, slot);
    } finally {
      button.disabled = false;
    }
  }

  private async refused(problem: unknown, slot: Slot): Promise<void> {
    if (problem instanceof Problem && (problem.code === "stale" || problem.code === "not_booked")) {
      this.complain(problem.code === "stale" ? _("This visit was changed a moment ago. Nothing was moved. Load the page again to see it as it is now.") : _("This visit is no longer booked. Nothing was moved."));
      return;
    }
    if (!(problem instanceof Problem) || problem.status !== 409) {
      this.explain(problem);
      return;
    }
    await this.open();
    this.complain(problem.code === "slot_taken" ? _("That time was taken a moment ago. Your visit stays where it was. Here are the nearest ones.") : problem.message);
    this.finder.above(this.finder.near(slot));
  }

  private complain(text: string): void {
    fill(this.problem, icon("bell"), h("div", null, text));
    this.problem.hidden = !text;
  }

  private explain(problem: unknown): void {
    if (!(problem instanceof Problem)) throw problem;
    this.complain([problem.message, ...problem.errors.map((error) => error.message)].join(" "));
  }
}

/** What stands on the page once a visit has moved. */
export function movedCard(moved: Appointment, facts: MoveFacts, slot: Slot): HTMLElement {
  const people = facts.practitioners;
  return h(
    "div",
    { class: "card stack", "data-booked": "" },
    ...summary({ ...slot, start: moved.start, end: moved.end }, people, facts.appointment.service_name),
    h("p", { class: "row" }, h("a", { class: "button button-main", href: `/api/v1/appointments/${moved.id}.ics` }, icon("calendar-arrow-down"), _("Add to my calendar"))),
  );
}
