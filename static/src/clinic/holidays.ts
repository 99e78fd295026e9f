/** The days on which the clinic is closed. */
import { announce, toast } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { fill, h, one } from "../lib/dom";
import { longDay } from "../lib/time";
import { _ } from "../lib/words";
import { refused, wrong } from "./saying";

interface Holiday {
  readonly day: string;
  readonly name: string;
  readonly visits?: number | null;
}

export interface Holidays {
  readonly version: number;
  readonly holidays: readonly Holiday[];
}

let holidays: Holidays = { version: 0, holidays: [] };

function showHolidays(): void {
  const list = one("[data-holidays]");
  list.hidden = !holidays.holidays.length;
  one("[data-no-holidays]").hidden = holidays.holidays.length > 0;
  fill(list, ...holidays.holidays.map((each) => holidayRow(each)));
}

function holidayRow(each: Holiday): HTMLElement {
  const day = `${longDay(`${each.day}T12:00Z`, "UTC")} ${each.day.slice(0, 4)}`;
  const visits = each.visits ?? 0;
  const stay = visits === 1 ? _("One visit is booked on it and stays.") : _("{n} visits are booked on it and stay.", { n: visits });
  const words = h("p", null, h("strong", null, day), each.name && ` · ${each.name}`, visits > 0 && h("br"), visits > 0 && h("span", { class: "late" }, stay));
  const remove = h("button", { class: "button", type: "button", "aria-label": _("Remove {day}", { day }), onclick: () => void removeHoliday(each.day) }, _("Remove"));
  return h("li", { class: "list-row" }, words, remove);
}

async function removeHoliday(day: string): Promise<void> {
  if (await storeHolidays((days) => days.filter((other) => other.day !== day), _("Removed. The day is open again."))) one("#holiday-day").focus();
}

/** Made again on top of a list that somebody else has changed: adding and removing one day never clash. */
async function storeHolidays(change: (days: readonly Holiday[]) => readonly Holiday[], done: string): Promise<boolean> {
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      const days = change(holidays.holidays).map(({ day, name }) => ({ day, name }));
      holidays = await api.put<Holidays>("/api/v1/scheduling/holidays", { version: holidays.version, holidays: days });
      showHolidays();
      toast(done);
      return true;
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 409 || !problem.body["current"]) {
        refused(one("#holiday"), problem);
        return false;
      }
      holidays = problem.body["current"] as Holidays;
    }
  }
  return false;
}

export function holidayForm(form: HTMLFormElement, known: Holidays): void {
  holidays = known;
  showHolidays();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void addHoliday(form);
  });
}

async function addHoliday(form: HTMLFormElement): Promise<void> {
  const day = one<HTMLInputElement>("#holiday-day", form).value;
  const name = one<HTMLInputElement>("#holiday-name", form).value.trim();
  const twice = holidays.holidays.some((each) => each.day === day);
  wrong(form, "holiday", !day ? _("Choose a day.") : twice ? _("This day is a holiday already.") : "");
  if (!day || twice) return one("#holiday-day", form).focus();
  if (await storeHolidays((days) => [...days.filter((each) => each.day !== day), { day, name }].sort((a, b) => a.day.localeCompare(b.day)), _("Added."))) {
    form.reset();
    const visits = holidays.holidays.find((each) => each.day === day)?.visits ?? 0;
    if (visits) announce(_("{n} visits are booked on it and stay.", { n: visits }));
  }
}
