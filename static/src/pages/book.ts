/**
 * Booking in three steps, or moving a visit in two.
 *
 *     what → when → check → done
 *
 * Choosing a time keeps it for some minutes (a hold), so that nobody is faster while the last step is read. When somebody was, nothing
 * is lost: the page says so and shows the nearest times.
 */
import { announce } from "../lib/announce";
import { type ItemPage, Problem, api } from "../lib/api";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { day, inBothZones, myZone, sameClock, zoneName } from "../lib/time";
import { _ } from "../lib/words";
import { byDay, elsewhere, nearest, partsOfDay, timeButton } from "../scheduling/times";
import { type Appointment, type Hold, type Practitioner, type Service, type Slot, roleName } from "../scheduling/types";

interface Facts {
  readonly services: readonly Service[];
  readonly practitioners: readonly Practitioner[];
  readonly moved: Appointment | null;
  readonly patient: string | null;
  readonly service: string | null;
  readonly practitioner: string | null;
  readonly for_others: boolean;
  readonly now: string;
}

type Step = "what" | "when" | "check" | "done";

const facts = JSON.parse(one("#book-facts").textContent ?? "{}") as Facts;
const root = one("#book");
const DAY_MS = 86_400_000;
/** How far one look goes; "Look further ahead" adds as much. */
const LOOK_DAYS = 28;
const NEAREST = 4;

const chosen = {
  service: facts.services.find((service) => service.id === (facts.moved?.service ?? facts.service)) ?? null,
  practitioners: (facts.moved?.practitioners ?? (facts.practitioner ? [facts.practitioner] : [])) as readonly string[],
  patient: facts.moved?.patient ?? facts.patient,
  slot: null as Slot | null,
  hold: null as Hold | null,
};
let slots: Slot[] = [];
let lookedUntil = 0;
let openDay = "";

function section(step: Step): HTMLElement {
  return one(`[data-step="${step}"]`, root);
}

function show(step: Step, focus = true): void {
  for (const each of all("[data-step]", root)) each.hidden = each !== section(step);
  for (const mark of all("[data-mark]", root)) {
    if (mark.dataset["mark"] === step) mark.setAttribute("aria-current", "step");
    else mark.removeAttribute("aria-current");
  }
  const over = step === "done";
  one(".book-steps", root).hidden = over;
  const line = maybe(".page-head .quiet");
  if (line) line.hidden = over;
  if (step !== "when") complain("");
  if (focus) one("h2", section(step)).focus();
}

function complain(text: string): void {
  const banner = one("#book-problem");
  one("[data-text]", banner).textContent = text;
  banner.hidden = !text;
}

function explain(problem: unknown): void {
  if (!(problem instanceof Problem)) throw problem;
  complain([problem.message, ...problem.errors.map((error) => error.message)].join(" "));
}

// --- what and with whom

function needs(service: Service): string {
  const roles = service.needs.map((role) => roleName(role, _));
  return _("{minutes} minutes, with a {roles}", { minutes: service.duration_minutes, roles: roles.join(_(" and a ")) });
}

function showServices(): void {
  const offered = facts.services.filter((service) => service.needs.every((role) => facts.practitioners.some((one) => one.role === role && one.services.includes(service.id))));
  const rows = offered.map((service) => {
    const input = h("input", { type: "radio", name: "service", value: service.id, ...(chosen.service === service ? { checked: true } : {}) });
    input.addEventListener("change", () => choose(service));
    return h("li", null, h("label", { class: "choice" }, input, h("span", null, h("span", { class: "list-title" }, service.name), h("br"), h("span", { class: "quiet" }, needs(service)))));
  });
  const list = one("[data-services]", root);
  if (rows.length) fill(list, ...rows);
  else fill(list, h("li", { class: "quiet" }, _("There is nothing to book yet. Please write to us.")));
}

function choose(service: Service): void {
  chosen.service = service;
  chosen.practitioners = [];
  showPeople();
}

/** For a visit with one practitioner: who is free first, or one by name. A joint visit takes whoever of each role is free together. */
function showPeople(): void {
  const service = chosen.service;
  one("[data-people]", root).hidden = !service;
  if (!service) return;
  const people = service.needs.length > 1 ? [] : facts.practitioners.filter((one) => one.services.includes(service.id));
  const choices: [string, string, string][] = [["", service.needs.length > 1 ? _("Whoever is free together") : _("Whoever is free first"), ""]];
  for (const each of people) choices.push([each.id, each.name, roleName(each.role, _)]);
  const mine = chosen.practitioners[0] ?? "";
  fill(
    one("[data-choices]", root),
    ...choices.map(([id, name, role]) => {
      const input = h("input", { type: "radio", name: "practitioner", value: id, ...(id === mine ? { checked: true } : {}) });
      input.addEventListener("change", () => (chosen.practitioners = id ? [id] : []));
      return h("label", null, input, h("span", null, h("strong", null, name), role && h("span", { class: "quiet small" }, role)));
    }),
  );
}

interface Patient {
  readonly id: string;
  readonly name: string;
}

/** Staff and guardians say for whom. */
async function showPatients(): Promise<void> {
  if (!facts.for_others || facts.moved) return;
  const patients = (await api.get<ItemPage<Patient>>("/api/v1/patients")).items;
  chosen.patient ??= patients[0]?.id ?? null;
  const select = one<HTMLSelectElement>("#book-patient", root);
  fill(select, ...patients.map((each) => h("option", { value: each.id, ...(each.id === chosen.patient ? { selected: true } : {}) }, each.name)));
  select.addEventListener("change", () => (chosen.patient = select.value));
  one("[data-patients]", root).hidden = false;
}

// --- when

async function look(from: number, days: number): Promise<void> {
  if (!chosen.service) return;
  const wait = one("[data-wait]", root);
  wait.hidden = false;
  try {
    const until = from + days * DAY_MS;
    const found = await api.get<ItemPage<Slot>>("/api/v1/slots", {
      query: {
        service: chosen.service.id,
        practitioner: [...chosen.practitioners],
        from: new Date(from).toISOString(),
        to: new Date(until).toISOString(),
        patient: chosen.patient,
      },
    });
    slots = from > Date.parse(facts.now) && lookedUntil === from ? [...slots, ...found.items] : found.items;
    lookedUntil = until;
  } finally {
    wait.hidden = true;
  }
}

async function lookAgain(): Promise<void> {
  await look(Date.now(), LOOK_DAYS);
}

async function openTimes(): Promise<void> {
  show("when");
  about();
  fill(one("[data-times]", root));
  try {
    await lookAgain();
    showTimes();
    const count = byDay(slots).size;
    announce(count ? _("Free times on {count} days.", { count }) : _("No free times."));
  } catch (problem) {
    explain(problem);
  }
}

function about(): void {
  const people = facts.practitioners.filter((each) => chosen.practitioners.includes(each.id));
  const possible = people.length ? people : facts.practitioners.filter((each) => chosen.service && each.services.includes(chosen.service.id));
  const others = [...new Set(possible.map((each) => each.zone))].filter((zone) => !sameClock(Date.now(), zone, myZone()));
  const names = people.map((each) => each.name).join(_(" and "));
  const what = names ? _("{what} with {names}.", { what: chosen.service?.name ?? "", names }) : `${chosen.service?.name ?? ""}.`;
  const clocks = others.length ? _("Large: your time in {mine}. Small: the time in {theirs}.", { mine: zoneName(myZone()), theirs: others.map(zoneName).join(", ") }) : _("Times are yours, in {mine}.", { mine: zoneName(myZone()) });
  one("[data-about]", root).textContent = `${what} ${clocks}`;
}

function showTimes(): void {
  const days = byDay(slots);
  one("[data-later]", root).hidden = false;
  if (!days.size) {
    fill(one("[data-times]", root), h("p", null, _("There is no free time in these weeks. Look further ahead, or choose somebody else.")));
    return;
  }
  if (!days.has(openDay)) openDay = [...days.keys()][0] ?? "";
  const strip = h("fieldset", { class: "segments book-days", "aria-label": _("Day") });
  for (const [key, found] of days) {
    const input = h("input", { type: "radio", name: "day", value: key, ...(key === openDay ? { checked: true } : {}) });
    input.addEventListener("change", () => {
      openDay = key;
      showDay(found);
    });
    const first = found[0];
    strip.append(h("label", null, input, h("span", null, h("strong", null, first ? day(first.start) : key), h("span", { class: "quiet small" }, found.length === 1 ? _("1 time") : _("{n} times", { n: found.length })))));
  }
  fill(one("[data-times]", root), strip, h("div", { class: "stack", "data-one-day": "" }));
  showDay(days.get(openDay) ?? []);
}

function showDay(found: readonly Slot[]): void {
  const parts = partsOfDay(found).map(([name, times]) => h("div", { class: "stack stack-close" }, h("h3", { class: "label" }, name), h("div", { class: "book-times" }, ...times.map((slot) => timeFor(slot, false)))));
  fill(one("[data-one-day]", root), ...parts);
}

function timeFor(slot: Slot, withDay: boolean): HTMLButtonElement {
  return timeButton(slot, elsewhere(slot, facts.practitioners), withDay, () => void keep(slot));
}

// --- check

/** Keeps the time; a visit that moves keeps its old time instead, so it needs no hold. */
async function keep(slot: Slot): Promise<void> {
  complain("");
  chosen.slot = slot;
  chosen.hold = null;
  try {
    if (!facts.moved && chosen.service) {
      chosen.hold = await api.post<Hold>("/api/v1/holds", { service: chosen.service.id, practitioners: slot.practitioners, start: slot.start, patient: chosen.patient });
    }
    showCheck(slot);
  } catch (problem) {
    await taken(problem, slot);
  }
}

function names(slot: Slot): string {
  return slot.practitioners.map((id) => facts.practitioners.find((each) => each.id === id)?.name ?? "").join(_(" and "));
}

function zoneOf(slot: Slot): string {
  return facts.practitioners.find((each) => each.id === slot.practitioners[0])?.zone ?? myZone();
}

function summary(slot: Slot): HTMLElement[] {
  return [
    h("p", { class: "lead" }, h("strong", null, names(slot))),
    h("p", null, h("time", { datetime: slot.start }, inBothZones(slot.start, zoneOf(slot)))),
    h("p", { class: "quiet" }, `${chosen.service?.name ?? ""} · ${_("{n} minutes, by video", { n: Math.round((Date.parse(slot.end) - Date.parse(slot.start)) / 60_000) })}`),
  ];
}

function showCheck(slot: Slot): void {
  fill(one("[data-summary]", root), ...summary(slot));
  one("[data-kept]", root).textContent = chosen.hold ? kept(chosen.hold.expires_at) : "";
  show("check");
}

/** For how long the chosen time stays theirs; as a length, since a clock time under a visit reads as part of it. */
function kept(until: string): string {
  const minutes = Math.max(1, Math.round((Date.parse(until) - Date.now()) / 60_000));
  return minutes === 1 ? _("We keep it for one minute.") : _("We keep it for {n} minutes.", { n: minutes });
}

/** Somebody was faster, or the time that was kept has run out: say so, look again, offer what is near. */
async function taken(problem: unknown, slot: Slot): Promise<void> {
  if (!(problem instanceof Problem) || ![409, 410].includes(problem.status)) {
    explain(problem);
    return;
  }
  await openTimes();
  const near = nearest(slots, slot.start, NEAREST);
  const text = problem.code === "slot_taken" ? _("That time was taken a moment ago. Nothing is booked. Here are the nearest ones.") : problem.message;
  complain(text);
  if (near.length) one("[data-times]", root).prepend(h("div", { class: "stack stack-close", "data-nearest": "" }, h("h3", { class: "label" }, _("Nearest times")), h("div", { class: "book-times" }, ...near.map((each) => timeFor(each, true)))));
}

async function confirm(button: HTMLButtonElement): Promise<void> {
  const slot = chosen.slot;
  if (!slot) return;
  button.disabled = true;
  try {
    showDone(await send(slot), slot);
  } catch (problem) {
    await taken(problem, slot);
  } finally {
    button.disabled = false;
  }
}

function send(slot: Slot): Promise<Appointment> {
  if (facts.moved) return api.post<Appointment>(`/api/v1/appointments/${facts.moved.id}/reschedule`, { start: slot.start, version: facts.moved.version });
  const reason = maybe<HTMLTextAreaElement>("#book-reason", root)?.value.trim();
  return api.post<Appointment>("/api/v1/appointments", { hold: chosen.hold?.id, ...(reason ? { reason } : {}) });
}

function showDone(booked: Appointment, slot: Slot): void {
  fill(one("[data-booked]", root), ...summary({ ...slot, start: booked.start, end: booked.end }));
  const mine = document.documentElement.dataset["account"] === booked.patient;
  fill(
    one("[data-next]", root),
    mine && h("a", { class: "button button-main", href: `/visits/${booked.visit}` }, icon("video"), _("Open my visit")),
    h("a", { class: "button", href: `/api/v1/appointments/${booked.id}.ics` }, icon("calendar-arrow-down"), _("Add to my calendar")),
    facts.for_others && !mine ? h("a", { class: "button", href: "/" }, _("Done")) : h("a", { class: "button", href: "/visits" }, _("All my visits")),
  );
  show("done");
}

// --- wiring

for (const button of all("[data-go]", root)) {
  button.addEventListener("click", () => {
    const step = button.dataset["go"] as Step;
    if (step === "when") void openTimes();
    else show(step);
  });
}
one("[data-later]", root).addEventListener("click", () => {
  complain("");
  look(lookedUntil, LOOK_DAYS).then(showTimes, explain);
});
one<HTMLButtonElement>("[data-confirm]", root).addEventListener("click", (event) => void confirm(event.currentTarget as HTMLButtonElement));

if (facts.moved) void openTimes();
else {
  showServices();
  showPeople();
  show("what", false);
  showPatients().catch(explain);
}
