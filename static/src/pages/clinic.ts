/** The clinic's numbers, holidays and kinds of visit. What somebody else changed meanwhile is said, and nothing typed is lost. */
import { announce, toast, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { longDay } from "../lib/time";
import { _ } from "../lib/words";

interface Holiday {
  readonly day: string;
  readonly name: string;
  readonly visits?: number | null;
}

interface Holidays {
  readonly version: number;
  readonly holidays: readonly Holiday[];
}

type Numbers = Readonly<Record<string, number | string | boolean | null>> & { readonly version: number };

interface Facts {
  readonly numbers: Numbers;
  readonly holidays: Holidays;
}

const facts = JSON.parse(one("#clinic-facts").textContent ?? "{}") as Facts;
let { numbers, holidays } = facts;

function wrong(name: string, text: string): void {
  const place = maybe(`[data-wrong="${name}"]`);
  if (!place) return;
  fill(place, text && icon("circle-alert"), text && h("span", null, text));
  place.hidden = !text;
}

function say(text: string): void {
  const banner = one("#clinic-problem");
  one("[data-text]", banner).textContent = text;
  banner.hidden = !text;
  if (text) banner.scrollIntoView({ block: "nearest" });
}

/** What the server refused is said at its field, or on top when it has none here. */
function refused(problem: unknown): void {
  if (!(problem instanceof Problem)) return toastProblem(problem);
  const elsewhere = problem.errors.filter((error) => !maybe(`[data-wrong="${error.field}"]`));
  for (const error of problem.errors) wrong(error.field, error.message);
  const own = problem.errors.length ? elsewhere.map((error) => error.message) : [problem.message];
  say(own.join(" "));
  const first = problem.errors.find((error) => maybe(`#${CSS.escape(error.field)}`));
  if (first) one(`#${CSS.escape(first.field)}`).focus();
}

// --- numbers

function written(form: HTMLFormElement): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const input of all<HTMLInputElement | HTMLSelectElement>("input[name], select[name]", form)) {
    if (input instanceof HTMLInputElement && input.type === "checkbox") found[input.name] = input.checked;
    else if (input.type === "time") found[input.name] = input.value.slice(0, 5);
    else if (input.value !== "") found[input.name] = Number(input.value);
    else if (input.name === "max_visits_a_day") found[input.name] = null;
  }
  return found;
}

async function storeNumbers(form: HTMLFormElement): Promise<void> {
  for (const place of all("[data-wrong]", form)) wrong(place.dataset["wrong"] ?? "", "");
  say("");
  try {
    numbers = await api.put<Numbers>("/api/v1/scheduling/policy", { version: numbers.version, ...written(form) });
    toast(_("Stored. It holds from now on."));
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 409 || !problem.body["current"]) return refused(problem);
    const current = problem.body["current"] as Numbers;
    const changed = all<HTMLInputElement>("input[name], select[name]", form).filter((input) => String(current[input.name] ?? "") !== String(numbers[input.name] ?? ""));
    numbers = current;
    say(_("Somebody else has just changed: {what}. What you typed is still here and not stored yet; store it again if it should hold.", { what: changed.map((input) => `${input.labels?.[0]?.textContent ?? input.name} (${String(current[input.name] ?? "–")})`).join(", ") || _("a number that is not shown here") }));
  }
}

// --- holidays

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
  const remove = h("button", { class: "button", type: "button", "aria-label": _("Remove {day}", { day }), onclick: () => void storeHolidays((days) => days.filter((other) => other.day !== each.day), _("Removed.")) }, _("Remove"));
  return h("li", { class: "list-row" }, words, remove);
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
        refused(problem);
        return false;
      }
      holidays = problem.body["current"] as Holidays;
    }
  }
  return false;
}

async function addHoliday(form: HTMLFormElement): Promise<void> {
  const day = one<HTMLInputElement>("#holiday-day", form).value;
  const name = one<HTMLInputElement>("#holiday-name", form).value.trim();
  const twice = holidays.holidays.some((each) => each.day === day);
  wrong("holiday", !day ? _("Choose a day.") : twice ? _("This day is a holiday already.") : "");
  if (!day || twice) return one("#holiday-day", form).focus();
  if (await storeHolidays((days) => [...days.filter((each) => each.day !== day), { day, name }].sort((a, b) => a.day.localeCompare(b.day)), _("Added."))) {
    form.reset();
    const visits = holidays.holidays.find((each) => each.day === day)?.visits ?? 0;
    if (visits) announce(_("{n} visits are booked on it and stay.", { n: visits }));
  }
}

// --- kinds of visit

async function storeService(form: HTMLFormElement): Promise<void> {
  const id = form.dataset["service"] ?? "";
  const value = (field: string): number | null => {
    const text = one<HTMLInputElement>(`#${CSS.escape(`${field}-${id}`)}`, form).value;
    return text === "" ? null : Number(text);
  };
  say("");
  try {
    await api.put(`/api/v1/services/${id}/numbers`, { minimum_notice_minutes: value("notice"), horizon_days: value("horizon"), grid_minutes: value("grid") });
    toast(_("Stored."));
  } catch (problem) {
    refused(problem);
  }
}

function onSubmit(form: HTMLFormElement, act: (form: HTMLFormElement) => Promise<void>): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void act(form);
  });
}

showHolidays();
onSubmit(one<HTMLFormElement>("#numbers"), storeNumbers);
onSubmit(one<HTMLFormElement>("#holiday"), addHoliday);
for (const form of all<HTMLFormElement>("form[data-service]")) onSubmit(form, storeService);
