/** How long before a visit its reminders go out: none to five times, each a number and a unit. */
import { announce } from "../lib/announce";
import { all, fill, h, icon, one } from "../lib/dom";
import { _ } from "../lib/words";
import { inWords, lengthInputs, meant, minutesUnits } from "./lengths";

const AT_MOST = 5;
const SHORTEST = 5;
const LONGEST = 14 * 1440;
/** What a further reminder begins with: the first of these that is not there. */
const USUAL = [1440, 60, 2880, 120, 10080] as const;

export class ReminderTimes {
  private readonly list: HTMLElement;
  private readonly more: HTMLButtonElement;

  constructor(private readonly root: HTMLElement) {
    this.list = one("[data-reminders]", root);
    this.more = one<HTMLButtonElement>("[data-add-reminder]", root);
    this.more.addEventListener("click", () => this.add());
  }

  show(minutes: readonly number[]): void {
    fill(this.list, ...minutes.map((each) => this.row(each)));
    this.tidy();
  }

  /** In minutes, the longest first; what is not a length is NaN. */
  values(): number[] {
    return all("[data-reminder]", this.list)
      .map((row) => meant(row) ?? Number.NaN)
      .sort((a, b) => b - a);
  }

  /** What is wrong with them; empty: nothing. */
  complaint(): string {
    const values = this.values();
    if (values.some((each) => !Number.isInteger(each) || each < SHORTEST || each > LONGEST)) return _("Each can be from 5 minutes to 14 days before a visit.");
    return new Set(values).size < values.length ? _("Two reminders are at the same time.") : "";
  }

  inWords(minutes: readonly number[]): string {
    return minutes.map((each) => inWords(each, minutesUnits())).join(", ") || _("none");
  }

  private add(): void {
    const there = this.values();
    const row = this.row(USUAL.find((each) => !there.includes(each)) ?? 30);
    this.list.append(row);
    this.tidy();
    one("input", row).focus();
  }

  private row(minutes: number): HTMLElement {
    const remove = h("button", { type: "button", class: "button", "aria-label": _("Leave this reminder out") }, icon("x"));
    const row = h("li", { class: "length-row", "data-reminder": "" }, ...lengthInputs(minutes, minutesUnits(), _("A reminder, before a visit")), h("span", null, _("before")), remove);
    remove.addEventListener("click", () => {
      row.remove();
      this.tidy();
      announce(_("Left out. Store the numbers to make it hold."));
      this.more.focus();
    });
    return row;
  }

  private tidy(): void {
    const count = this.list.childElementCount;
    this.more.disabled = count >= AT_MOST;
    one("[data-no-reminders]", this.root).hidden = count > 0;
  }
}
