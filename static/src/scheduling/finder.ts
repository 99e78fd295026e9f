/**
 * Free times week by week: seven days to choose from, the chosen day's times below, and a way on when a week has none.
 *
 * Four weeks are asked for at once, so that turning pages waits for nobody; what is free is asked again on every opening.
 */
import { announce } from "../lib/announce";
import { fill, h, icon } from "../lib/dom";
import { civilDay, day } from "../lib/time";
import { _ } from "../lib/words";
import { byDay, elsewhere, nearest, partsOfDay, timeButton } from "./times";
import type { Named, Slot } from "./types";
import { dayNumber, mondayOf, plusDays, weekInWords, weekOf, weekday, wholeDay } from "./weeks";

const DAY_MS = 86_400_000;
const LOOK_DAYS = 28;
/** So far one looks for the next free day before saying that there is none. */
const FAR_DAYS = 84;
const NEAREST = 4;

export interface Wish {
  /** Instants in milliseconds. */
  readonly now: number;
  readonly until: number;
  readonly people: readonly Named[];
  /** The free times between two instants. */
  ask(from: number, to: number): Promise<readonly Slot[]>;
  choose(slot: Slot): void;
  /** Who it would be with, where a time may be with anybody; empty: that is said elsewhere. */
  whom?(slot: Slot): string;
  /** What helps when there is no free time at all. */
  nothing(): readonly (HTMLElement | false)[];
  /** The day that is looked at now, to find the place again. */
  looked?(civil: string): void;
}

export class Finder {
  private slots: Slot[] = [];
  private lookedUntil = 0;
  private monday = "";
  private chosen = "";

  constructor(
    private readonly root: HTMLElement,
    private readonly wish: Wish,
  ) {}

  /** Asks afresh and shows the week of `civil`, else the first with a free time. */
  async open(civil = ""): Promise<void> {
    this.slots = [];
    this.lookedUntil = this.wish.now;
    this.loading();
    await this.lookUntil(civil ? Date.parse(`${civil}T00:00Z`) + 8 * DAY_MS : this.wish.now + LOOK_DAYS * DAY_MS);
    while (!this.slots.length && this.lookedUntil < Math.min(this.wish.until, this.wish.now + FAR_DAYS * DAY_MS)) await this.lookUntil(this.lookedUntil + LOOK_DAYS * DAY_MS);
    const days = byDay(this.slots);
    this.chosen = civil && days.has(civil) ? civil : (this.after(civil || civilDay(this.wish.now)) ?? "");
    this.monday = mondayOf(this.chosen || civil || civilDay(this.wish.now));
    this.draw();
  }

  /** Those still free that are nearest to one that is gone, as buttons. */
  near(gone: Slot): HTMLElement | null {
    const found = nearest(this.slots, gone.start, NEAREST);
    if (!found.length) return null;
    return h("div", { class: "stack stack-close", "data-nearest": "" }, h("h3", { class: "label" }, _("Nearest times")), h("div", { class: "book-times" }, ...found.map((slot) => this.button(slot, true))));
  }

  /** The same time with others, of what was found last. */
  equals(taken: Slot): Slot[] {
    return this.slots.filter((slot) => slot.start === taken.start && slot.practitioners.join() !== taken.practitioners.join());
  }

  /** Something above the weeks, such as the nearest times. */
  above(element: HTMLElement | null): void {
    if (element) this.root.prepend(element);
  }

  private async lookUntil(until: number): Promise<void> {
    const to = Math.min(until, this.wish.until);
    while (this.lookedUntil < to) {
      const next = Math.min(this.lookedUntil + LOOK_DAYS * DAY_MS, to);
      this.slots.push(...(await this.wish.ask(this.lookedUntil, next)));
      this.lookedUntil = next;
    }
  }

  private after(civil: string): string | null {
    return [...byDay(this.slots).keys()].find((each) => each >= civil) ?? null;
  }

  private loading(): void {
    this.root.setAttribute("aria-busy", "true");
    fill(this.root, h("div", { class: "book-skeleton", role: "status" }, h("span", { class: "unseen" }, _("Looking for free times …")), ...Array.from({ length: 10 }, () => h("span", { "aria-hidden": "true" }))));
  }

  // --- drawing

  private draw(): void {
    this.root.removeAttribute("aria-busy");
    if (!this.slots.length) {
      fill(this.root, h("div", { class: "empty" }, icon("calendar-x"), h("p", null, h("strong", null, _("There is no free time in the next weeks."))), ...this.wish.nothing()));
      announce(_("No free times."));
      return;
    }
    const days = byDay(this.slots);
    const found = weekOf(this.monday).filter((civil) => days.has(civil));
    if (!found.includes(this.chosen)) this.chosen = found[0] ?? "";
    fill(this.root, this.pager(), this.strip(days), this.chosen ? h("div", { class: "stack", "data-one-day": "" }) : this.jump());
    if (this.chosen) this.showDay(days.get(this.chosen) ?? []);
    announce(found.length ? _("{week}: free times on {n} days.", { week: weekInWords(this.monday), n: found.length }) : _("{week}: no free times.", { week: weekInWords(this.monday) }));
  }

  private pager(): HTMLElement {
    const first = mondayOf(civilDay(this.wish.now));
    const last = mondayOf(civilDay(this.wish.until));
    const turn = (weeks: number, name: string, text: string, off: boolean): HTMLElement =>
      h("button", { type: "button", class: "button", "data-turn": name, "aria-label": text, disabled: off, onclick: () => void this.turn(weeks, name) }, icon(name === "back" ? "chevron-left" : "chevron-right"));
    return h(
      "div",
      { class: "row row-spread book-pager" },
      turn(-1, "back", _("The week before"), this.monday <= first),
      h("h3", null, weekInWords(this.monday)),
      turn(1, "on", _("The next week"), this.monday >= last),
    );
  }

  private async turn(weeks: number, name: string): Promise<void> {
    const monday = plusDays(this.monday, 7 * weeks);
    const end = Date.parse(`${monday}T00:00Z`) + 8 * DAY_MS;
    if (end > this.lookedUntil && this.lookedUntil < this.wish.until) {
      this.loading();
      await this.lookUntil(end + LOOK_DAYS * DAY_MS);
    }
    this.monday = monday;
    this.draw();
    this.root.querySelector<HTMLElement>(`[data-turn="${name}"]:not(:disabled)`)?.focus();
  }

  private strip(days: ReadonlyMap<string, Slot[]>): HTMLElement {
    const strip = h("fieldset", { class: "book-days" }, h("legend", { class: "unseen" }, _("Day")));
    for (const civil of weekOf(this.monday)) {
      const count = days.get(civil)?.length ?? 0;
      const input = h("input", { type: "radio", name: "day", value: civil, checked: civil === this.chosen, disabled: !count });
      input.addEventListener("change", () => {
        this.chosen = civil;
        this.showDay(days.get(civil) ?? []);
      });
      const free = !count ? _("no free time") : count === 1 ? _("1 time") : _("{n} times", { n: count });
      strip.append(h("label", null, input, h("span", null, h("span", { class: "unseen" }, `${wholeDay(civil)}, ${free}`), h("span", { class: "small", "aria-hidden": "true" }, weekday(civil)), h("strong", { "aria-hidden": "true" }, dayNumber(civil)), h("span", { class: "book-count", "aria-hidden": "true" }, count ? String(count) : "–"))));
    }
    strip.append(h("p", { class: "quiet small book-legend", "aria-hidden": "true" }, _("Below each day: how many times are free.")));
    return strip;
  }

  private jump(): HTMLElement {
    const next = this.after(plusDays(this.monday, 7));
    const go = (civil: string): void => {
      this.monday = mondayOf(civil);
      this.chosen = civil;
      this.draw();
      this.root.querySelector<HTMLElement>("input:checked")?.focus();
    };
    if (next) return h("p", { class: "row" }, _("No free time in this week."), h("button", { type: "button", class: "button", "data-jump": "", onclick: () => go(next) }, _("Next free day: {day}", { day: wholeDay(next) })));
    return h("div", { class: "stack stack-close" }, h("p", null, _("No free time in this week, and none after it so far.")), ...this.wish.nothing().filter((each): each is HTMLElement => each !== false));
  }

  private showDay(found: readonly Slot[]): void {
    if (found[0]) this.wish.looked?.(this.chosen);
    const place = this.root.querySelector("[data-one-day]");
    if (!place) return;
    const parts = partsOfDay(found).map(([name, times]) => h("div", { class: "stack stack-close" }, h("h4", { class: "label" }, name), h("div", { class: "book-times" }, ...times.map((slot) => this.button(slot, false)))));
    fill(place, h("h3", null, wholeDay(this.chosen)), ...parts);
  }

  private button(slot: Slot, withDay: boolean): HTMLButtonElement {
    const button = timeButton(slot, elsewhere(slot, this.wish.people), withDay, this.wish.whom?.(slot) ?? "", () => this.wish.choose(slot));
    if (!withDay) button.prepend(h("span", { class: "unseen" }, day(slot.start)));
    return button;
  }
}
