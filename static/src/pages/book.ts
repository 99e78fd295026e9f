/**
 * Booking in three steps.
 *
 *     what → when → check → done
 *
 * Choosing a time keeps it for some minutes (a hold), so that nobody is faster while the last step is read. When somebody was, nothing
 * is lost: the page says so and shows the nearest times. The address holds the place, for a reload and the back button.
 */
import { type ItemPage, Problem, api, newKey } from "../lib/api";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { inBothZones, myZone, sameClock, zoneName } from "../lib/time";
import { _ } from "../lib/words";
import { type Kept, type Step, address, choice, facts, remember, remembered } from "../booking/facts";
import { Keeping } from "../booking/hold";
import { What, offered } from "../booking/what";
import { names, otherZone, summary } from "../scheduling/details";
import { Finder } from "../scheduling/finder";
import type { Appointment, Hold, Slot } from "../scheduling/types";

const root = one("#book");
const MINUTE_MS = 60_000;
let kept: Kept | null = null;
let current: Step = "what";

const finder = new Finder(one("[data-times]", root), {
  now: Date.parse(facts.now),
  until: Date.parse(facts.until),
  people: facts.practitioners,
  ask,
  choose: (slot) => void keep(slot),
  whom: (slot) => (choice.practitioners.length ? "" : names(slot, facts.practitioners)),
  nothing: helps,
  looked: (civil) => {
    choice.day = civil;
    if (current === "when") history.replaceState({}, "", address("when"));
  },
});
const what = new What(one('[data-step="what"]', root), (slot) => void keep(slot), () => go("when"), explain);
const keeping = new Keeping(
  one("[data-kept]", root),
  facts.hold_minutes,
  (hold, until) => {
    if (kept) remember((kept = { ...kept, hold: { ...hold, renewable: false }, until }));
  },
  () => void ranOut(),
);

function section(step: Step): HTMLElement {
  return one(`[data-step="${step}"]`, root);
}

function show(step: Step, focus = true): void {
  current = step;
  for (const each of all("[data-step]", root)) each.hidden = each !== section(step);
  for (const mark of all("[data-mark]", root)) {
    if (mark.dataset["mark"] === step) mark.setAttribute("aria-current", "step");
    else mark.removeAttribute("aria-current");
  }
  one(".book-steps", root).hidden = step === "done";
  const line = maybe(".page-head .quiet");
  if (line) line.hidden = step === "done";
  if (step !== "check") keeping.stop();
  complain("");
  if (focus) one("h2", section(step)).focus();
}

/** To a step, with a place of its own for the back button. */
function go(step: Step): void {
  history.pushState({}, "", address(step));
  void enter(step);
}

async function enter(step: Step, focus = true): Promise<void> {
  if (step === "check" && kept) showCheck(kept, focus);
  else if (step !== "what" && choice.service) await openTimes(focus);
  else show("what", focus);
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

// --- when

async function ask(from: number, to: number): Promise<readonly Slot[]> {
  const query = { service: choice.service?.id, practitioner: [...choice.practitioners], language: choice.language || null, interpreter: choice.interpreter || null, from: new Date(from).toISOString(), to: new Date(to).toISOString(), patient: choice.patient };
  return (await api.get<ItemPage<Slot>>("/api/v1/slots", { query })).items;
}

async function openTimes(focus = true): Promise<void> {
  giveBack();
  show("when", focus);
  about();
  const waitlist = one<HTMLAnchorElement>("[data-waitlist]", root);
  waitlist.href = waitlistAddress();
  try {
    await finder.open(choice.day);
  } catch (problem) {
    explain(problem);
  }
}

function waitlistAddress(): string {
  const query = new URLSearchParams();
  if (choice.service) query.set("service", choice.service.id);
  for (const id of choice.practitioners) query.append("practitioner", id);
  return `/waitlist?${query}`;
}

function about(): void {
  const people = facts.practitioners.filter((each) => choice.practitioners.includes(each.id));
  const possible = people.length ? people : facts.practitioners.filter((each) => choice.service && each.services.includes(choice.service.id));
  const others = [...new Set(possible.map((each) => each.zone))].filter((zone) => !sameClock(Date.now(), zone, myZone()));
  const names = people.map((each) => each.name).join(_(" and "));
  const title = names ? _("{what} with {names}.", { what: choice.service?.name ?? "", names }) : `${choice.service?.name ?? ""}.`;
  const clocks = others.length ? _("Times are yours, in {mine}. Below each: the time in {theirs}.", { mine: zoneName(myZone()), theirs: others.map(zoneName).join(", ") }) : _("Times are yours, in {mine}.", { mine: zoneName(myZone()) });
  one("[data-about]", root).textContent = `${title} ${clocks}`;
}

/** Ways on when nothing is free: somebody else, another kind of visit, the waitlist. */
function helps(): readonly (HTMLElement | false)[] {
  const anybody = h("button", { type: "button", class: "button button-main" }, _("Look with anybody"));
  anybody.addEventListener("click", () => {
    choice.practitioners = [];
    choice.day = "";
    go("when");
  });
  const other = h("button", { type: "button", class: "button" }, _("Another kind of visit"));
  other.addEventListener("click", () => go("what"));
  return [choice.practitioners.length > 0 && choice.service?.needs.length === 1 && anybody, h("a", { class: "button", href: waitlistAddress() }, icon("bell"), _("Tell me when a time is free")), offered().length > 1 && other];
}

// --- check

let choosing = false;

/** A second tap while the first is under way chooses nothing more. */
async function keep(slot: Slot): Promise<void> {
  if (!choice.service || choosing) return;
  choosing = true;
  complain("");
  try {
    await keepFirst([slot, ...(choice.practitioners.length ? [] : finder.equals(slot))]);
  } catch (problem) {
    await taken(problem, slot);
  } finally {
    choosing = false;
  }
}

/** Keeps the first of some equal times that is still free: who wants anybody is not sent away because one of them is taken. */
async function keepFirst([slot, ...others]: readonly Slot[]): Promise<void> {
  if (!slot) return;
  try {
    const hold = await api.post<Hold>("/api/v1/holds", { service: choice.service?.id, practitioners: slot.practitioners, start: slot.start, patient: choice.patient, ...(choice.interpreter ? { interpreter: choice.interpreter } : {}) });
    kept = { slot, hold, until: Date.now() + facts.hold_minutes * MINUTE_MS, reason: kept?.reason ?? "" };
    remember(kept);
    go("check");
  } catch (problem) {
    if (!others.length || !(problem instanceof Problem) || problem.code !== "slot_taken") throw problem;
    await keepFirst(others);
  }
}

function showCheck(now: Kept, focus = true): void {
  fill(one("[data-summary]", root), ...summary(now.slot, facts.practitioners, choice.service?.name ?? ""));
  one("[data-rule]", root).textContent = rule(now.slot);
  one<HTMLTextAreaElement>("#book-reason", root).value = now.reason;
  show("check", focus);
  keeping.start(now.hold, now.until);
}

/** Until when one moves and cancels by oneself, in plain words. */
function rule(slot: Slot): string {
  const minutes = facts.cancel_notice_minutes[choice.service?.id ?? ""] ?? 0;
  if (!minutes) return _("You can move or cancel it by yourself until it begins.");
  const until = Date.parse(slot.start) - minutes * MINUTE_MS;
  if (until < Date.now()) return _("It is soon: from now on, write to us if you need another time. Cancelling is always possible.");
  return _("You can move it by yourself until {when}. After that write to us; cancelling is always possible.", { when: inBothZones(until, otherZone(slot, facts.practitioners)) });
}

/** The time that was kept goes back at once, for somebody else. */
function giveBack(): void {
  if (!kept) return;
  api.delete(`/api/v1/holds/${kept.hold.id}`).catch(() => undefined); // it ends by itself as well
  kept = null;
  remember(null);
}

async function ranOut(): Promise<void> {
  const slot = kept?.slot;
  kept = null;
  remember(null);
  if (!slot) return;
  history.replaceState({}, "", address("when"));
  await openTimes();
  complain(_("The time that was kept for you has run out. Nothing is booked. What you wrote is still there."));
  finder.above(finder.near(slot));
}

/** Somebody was faster, or the time that was kept has run out: say so, look again, offer what is near. */
async function taken(problem: unknown, slot: Slot): Promise<void> {
  if (!(problem instanceof Problem) || ![409, 410].includes(problem.status)) {
    explain(problem);
    return;
  }
  kept = null;
  remember(null);
  history.replaceState({}, "", address("when"));
  await openTimes();
  complain(problem.code === "slot_taken" ? _("That time was taken a moment ago. Nothing is booked. Here are the nearest ones.") : problem.message);
  finder.above(finder.near(slot));
}

let intention = { what: "", key: "" };

/** One key for one kept time and its words: however often it is sent, there is one visit and the same answer. */
function keyFor(hold: string, reason: string): string {
  const wanted = `${hold} ${reason}`;
  if (intention.what !== wanted) intention = { what: wanted, key: newKey() };
  return intention.key;
}

async function confirm(button: HTMLButtonElement): Promise<void> {
  const now = kept;
  if (!now) return;
  button.disabled = true;
  const reason = one<HTMLTextAreaElement>("#book-reason", root).value.trim();
  try {
    const booked = await api.post<Appointment>("/api/v1/appointments", { hold: now.hold.id, ...(reason ? { reason } : {}) }, { key: keyFor(now.hold.id, reason) });
    kept = null;
    remember(null);
    showDone(booked, now.slot);
  } catch (problem) {
    await taken(problem, now.slot);
  } finally {
    button.disabled = false;
  }
}

function showDone(booked: Appointment, slot: Slot): void {
  fill(one("[data-booked]", root), ...summary({ ...slot, start: booked.start, end: booked.end }, facts.practitioners, choice.service?.name ?? ""));
  const mine = document.documentElement.dataset["account"] === booked.patient;
  fill(
    one("[data-next]", root),
    mine && h("a", { class: "button button-main", href: `/visits/${booked.visit}` }, icon("video"), _("Open my visit")),
    h("a", { class: "button", href: `/api/v1/appointments/${booked.id}.ics` }, icon("calendar-arrow-down"), _("Add to my calendar")),
    facts.for_others && !mine ? h("a", { class: "button", href: "/" }, _("Done")) : h("a", { class: "button", href: "/visits" }, _("All my visits")),
  );
  // Back leads to the visits: nobody should wonder whether it was booked, and book again.
  history.replaceState({}, "", "/book#done");
  document.title = _("Your visit is booked");
  show("done");
  const head = maybe(".page-head h1");
  if (head) head.textContent = _("Thank you");
  if (mine) offerForm(booked.id).catch(() => undefined); // the form is also on the page of the visit
}

async function offerForm(appointment: string): Promise<void> {
  const sheet = await api.get<{ readonly state: string; readonly form: { readonly minutes: number } | null }>(`/api/v1/appointments/${appointment}/intake`);
  if (!sheet.form) return;
  // The form is what comes next; the visit itself is later.
  one("[data-next] .button-main", root).classList.remove("button-main");
  fill(one("[data-form]", root), h("p", null, h("a", { class: "button button-now", href: `/intake/${appointment}` }, icon("clipboard-list"), _("Fill in the form ({n} minutes)", { n: sheet.form.minutes }))));
}

// --- wiring

for (const button of all("[data-go]", root)) button.addEventListener("click", () => go(button.dataset["go"] as Step));
one<HTMLButtonElement>("[data-confirm]", root).addEventListener("click", (event) => void confirm(event.currentTarget as HTMLButtonElement));
one<HTMLTextAreaElement>("#book-reason", root).addEventListener("input", (event) => {
  if (kept) remember((kept = { ...kept, reason: (event.target as HTMLTextAreaElement).value }));
});
addEventListener("popstate", () => {
  if (current === "done") location.assign(facts.for_others ? "/" : "/visits");
  else void enter((location.hash.slice(1) || "what") as Step);
});

kept = remembered();
if (location.hash === "#done") history.replaceState({}, "", "/book"); // loaded again after booking: a new booking
void enter((location.hash.slice(1) || "what") as Step, false);
what.open().catch(explain);
