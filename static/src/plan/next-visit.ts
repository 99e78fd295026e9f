/** On a patient's plan, for the team: when they should come again. The patient is asked on /book. */
import { announce, toastProblem } from "../lib/announce";
import { type ItemPage, api } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { date } from "../lib/time";
import { _ } from "../lib/words";

interface Service {
  readonly id: string;
  readonly name: string;
}

interface Visit {
  readonly id: string;
  readonly status: string;
  readonly service: string;
  readonly practitioners: readonly string[];
  readonly start: string;
}

interface FollowUp {
  readonly appointment: string;
  readonly service: string;
  readonly service_name: string;
  readonly weeks: number;
  readonly from: string;
  readonly to: string;
  readonly open: boolean;
}

const WEEKS = [1, 2, 3, 4, 6, 8, 12, 26];
const USUAL_WEEKS = 4;
const LOOK_BACK_MS = 180 * 86_400_000;

/** Fills `place`; leaves it hidden while there is no visit of one's own with this patient to start from. */
export async function nextVisit(place: HTMLElement): Promise<void> {
  const patient = place.dataset["patient"] ?? "";
  const me = document.documentElement.dataset["account"] ?? "";
  const from = new Date(Date.now() - LOOK_BACK_MS).toISOString();
  const [visits, people, services, suggested] = await Promise.all([
    api.get<ItemPage<Visit>>("/api/v1/appointments", { query: { patient, practitioner: me, from } }),
    api.get<ItemPage<{ readonly id: string; readonly services: readonly string[] }>>("/api/v1/practitioners"),
    api.get<ItemPage<Service>>("/api/v1/services"),
    api.get<ItemPage<FollowUp>>(`/api/v1/patients/${patient}/follow-ups`),
  ]);
  const latest = visits.items.filter((each) => each.status !== "cancelled").at(-1);
  const mine = people.items.find((each) => each.id === me)?.services ?? [];
  const kinds = services.items.filter((each) => mine.includes(each.id));
  if (!latest || !kinds.length) return;
  show(place, latest, kinds, suggested.items.find((each) => each.appointment === latest.id) ?? null);
  place.hidden = false;
}

function show(place: HTMLElement, visit: Visit, kinds: readonly Service[], found: FollowUp | null): void {
  const title = h("h2", { id: "next-visit-title", class: "row", tabindex: "-1" }, icon("calendar-plus"), h("span", null, _("See again")));
  fill(place, title, ...(found ? said(place, visit, kinds, found) : [form(place, visit, kinds, null)]));
}

function said(place: HTMLElement, visit: Visit, kinds: readonly Service[], found: FollowUp): HTMLElement[] {
  const words = _("{what}, between {from} and {to}.", { what: found.service_name, from: date(found.from), to: date(found.to) });
  const change = h("button", { type: "button", class: "button" }, icon("pencil"), _("Change"));
  change.addEventListener("click", () => {
    fill(place, place.querySelector("h2") ?? "", form(place, visit, kinds, found));
    place.querySelector("select")?.focus();
  });
  const back = h("button", { type: "button", class: "button" }, icon("x"), _("Take back"));
  back.addEventListener("click", () => void work(back, () => api.delete(`/api/v1/appointments/${visit.id}/follow-up`).then(() => again(place, visit, kinds, null, _("Taken back.")))));
  return [h("p", null, words), h("p", { class: "quiet small" }, found.open ? _("The patient is asked to book it.") : _("A visit of this kind is booked.")), h("p", { class: "row" }, change, back)];
}

function form(place: HTMLElement, visit: Visit, kinds: readonly Service[], found: FollowUp | null): HTMLElement {
  const kind = h("select", { id: "next-visit-kind" }, ...kinds.map((each) => h("option", { value: each.id, selected: each.id === (found?.service ?? visit.service) }, each.name)));
  const weeks = h("select", { id: "next-visit-weeks" }, ...WEEKS.map((each) => h("option", { value: String(each), selected: each === (found?.weeks ?? USUAL_WEEKS) }, each === 1 ? _("a week after the last visit") : _("{n} weeks after the last visit", { n: each }))));
  const button = h("button", { type: "submit", class: "button" }, _("Suggest it"));
  const made = h("form", { class: "stack" }, h("div", { class: "field" }, h("label", { for: "next-visit-kind" }, _("Kind of visit")), kind), h("div", { class: "field" }, h("label", { for: "next-visit-weeks" }, _("When")), weeks), h("p", null, button));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    void work(button, async () => {
      const all = await api.put<ItemPage<FollowUp>>(`/api/v1/appointments/${visit.id}/follow-up`, { service: kind.value, weeks: Number(weeks.value) });
      again(place, visit, kinds, all.items.find((each) => each.appointment === visit.id) ?? null, _("Suggested. The patient is asked to book it."));
    });
  });
  return made;
}

function again(place: HTMLElement, visit: Visit, kinds: readonly Service[], found: FollowUp | null, words: string): void {
  show(place, visit, kinds, found);
  place.querySelector<HTMLElement>("h2")?.focus();
  announce(words);
}

async function work(button: HTMLButtonElement, doing: () => Promise<unknown>): Promise<void> {
  button.disabled = true;
  try {
    await doing();
  } catch (problem) {
    toastProblem(problem);
  } finally {
    button.disabled = false;
  }
}
