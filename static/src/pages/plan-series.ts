/** Planning a series: what, with whom and how often; the first time; then every visit before any is booked. */
import { announce } from "../lib/announce";
import { type ItemPage, Problem, api } from "../lib/api";
import { all, fill, h, one } from "../lib/dom";
import { zoneName } from "../lib/time";
import { _ } from "../lib/words";
import { Finder } from "../scheduling/finder";
import { type Practitioner, type Service, type Slot, roleName } from "../scheduling/types";
import { type Occurrence, Occurrences } from "../series/occurrences";

interface Facts {
  readonly services: readonly Service[];
  readonly practitioners: readonly Practitioner[];
  readonly patient: string | null;
  readonly service: string | null;
  readonly for_others: boolean;
  readonly at_most: number;
  readonly now: string;
  readonly until: string;
}

interface Preview {
  readonly zone: string;
  readonly occurrences: readonly Occurrence[];
  readonly allowed: number | null;
}

const facts = JSON.parse(one("#plan-facts").textContent ?? "{}") as Facts;
const kind = one<HTMLSelectElement>("#series-kind");
const patient = one<HTMLSelectElement>("#series-patient");
const people = one("[data-people]");
let first: Slot | null = null;
let looked: Occurrences | null = null;
let allowed: number | null = null;

function service(): Service {
  const found = facts.services.find((each) => each.id === kind.value) ?? facts.services[0];
  if (!found) throw new Error("there is no kind of visit");
  return found;
}

function wish(): Record<string, unknown> {
  return { service: service().id, practitioners: all<HTMLSelectElement>("select", people).map((each) => each.value), ...(facts.for_others ? { patient: patient.value } : {}) };
}

// --- what and with whom

function showKinds(): void {
  const offered = facts.services.filter((each) => each.needs.every((role) => offering(each, role).length));
  fill(kind, ...offered.map((each) => h("option", { value: each.id, selected: each.id === facts.service }, each.name)));
  kind.addEventListener("change", showPeople);
  showPeople();
  if (offered.length) return;
  complain(_("There is nothing to book yet. Please write to us."));
  one("#wish").hidden = true;
}

function offering(what: Service, role: string): readonly Practitioner[] {
  return facts.practitioners.filter((each) => each.role === role && each.services.includes(what.id));
}

function showPeople(): void {
  if (!kind.value) return;
  const what = service();
  const field = (role: string, place: number): HTMLElement => {
    const id = `series-with-${place}`;
    return h("div", { class: "field" }, h("label", { for: id }, what.needs.length > 1 ? _("With which {role}?", { role: roleName(role, _) }) : _("With whom?")), h("select", { id }, ...offering(what, role).map((each) => h("option", { value: each.id }, each.name))));
  };
  fill(people, ...what.needs.map(field));
}

async function showPatients(): Promise<void> {
  if (!facts.for_others) return;
  const found = (await api.get<ItemPage<{ readonly id: string; readonly name: string }>>("/api/v1/patients")).items;
  fill(patient, ...found.map((each) => h("option", { value: each.id, selected: each.id === facts.patient }, each.name)));
  one("[data-patients]").hidden = false;
}

// --- when

function step(name: "when" | "check" | ""): void {
  for (const each of all("[data-step]")) each.hidden = each.dataset["step"] !== name;
  if (name) one(`[data-step="${name}"] h2`).focus();
}

async function find(): Promise<void> {
  complain("");
  const count = one<HTMLInputElement>("#series-count");
  const wrong = one("#series-count-wrong");
  wrong.hidden = count.validity.valid && count.value !== "";
  wrong.textContent = wrong.hidden ? "" : _("A series has 2 to {n} visits.", { n: facts.at_most });
  if (!wrong.hidden) return count.focus();
  step("when");
  const { service, practitioners, patient } = wish();
  const query = { service: service as string, practitioner: practitioners as string[], ...(patient ? { patient: patient as string } : {}) };
  const finder = new Finder(one("[data-times]"), {
    now: Date.parse(facts.now),
    until: Date.parse(facts.until),
    people: facts.practitioners,
    ask: async (from, to) => (await api.get<ItemPage<Slot>>("/api/v1/slots", { query: { ...query, from: new Date(from).toISOString(), to: new Date(to).toISOString() } })).items,
    choose: (slot) => {
      first = slot;
      void look();
    },
    nothing: () => [],
  });
  await finder.open();
}

// --- check

async function look(): Promise<void> {
  if (!first) return;
  const body = { ...wish(), start: first.start, every: one<HTMLSelectElement>("#series-every").value, count: one<HTMLInputElement>("#series-count").valueAsNumber };
  const found = await trying(() => api.post<Preview>("/api/v1/series/preview", body));
  if (!found) return;
  allowed = found.allowed;
  looked = new Occurrences(one("[data-occurrences]"), found.occurrences, found.zone, showCount);
  one("[data-clock]").textContent = _("The hour stays the same on the clock in {zone}.", { zone: zoneName(found.zone) });
  const against = found.occurrences.filter((each) => !each.offered).length;
  showCount();
  step("check");
  announce(against ? _("{n} of these visits cannot be had at their time.", { n: against }) : _("All of these times are free."));
}

function showCount(): void {
  const starts = looked?.starts() ?? [];
  const book = one<HTMLButtonElement>("[data-book]");
  const tooMany = allowed !== null && starts.length > allowed;
  book.textContent = _("Book these {n} visits", { n: starts.length });
  book.disabled = starts.length < 2 || tooMany;
  const note = one("[data-allowed]");
  note.hidden = !tooMany && starts.length >= 2;
  note.textContent = tooMany ? _("You can book {n} more at once. Leave some out, or write to us.", { n: allowed ?? 0 }) : _("A series has at least two visits.");
  one("[data-clock-change]").hidden = !looked?.clockChanges();
}

async function book(): Promise<void> {
  if (!looked) return;
  const changes = looked.clockChanges();
  const fine = one<HTMLInputElement>("#clock-change");
  if (changes && !fine.checked) {
    complain(_("Please say that the other hour is fine, or leave that visit out."));
    return fine.focus();
  }
  const button = one<HTMLButtonElement>("[data-book]");
  button.disabled = true;
  const body = { ...wish(), starts: looked.starts(), reason: one<HTMLTextAreaElement>("#series-reason").value, clock_change_confirmed: changes };
  const made = await trying(() => api.post<{ readonly id: string }>("/api/v1/series", body));
  if (made) location.assign(`/series/${made.id}`);
  else button.disabled = false;
}

/** What the server refuses is said; a time that was taken meanwhile is looked at again, with the times near it. */
async function trying<T>(call: () => Promise<T>): Promise<T | null> {
  complain("");
  try {
    return await call();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 409 && looked) {
      looked = null;
      await look();
      complain(_("Somebody was faster with one of these times. Nothing is booked yet; look at the list again."));
    } else complain([problem.message, ...problem.errors.map((error) => error.message)].join(" "));
    return null;
  }
}

function complain(text: string): void {
  const banner = one("#plan-problem");
  one("[data-text]", banner).textContent = text;
  banner.hidden = !text;
  if (text) banner.scrollIntoView({ block: "nearest" });
}

function explain(problem: unknown): void {
  if (!(problem instanceof Problem)) throw problem;
  complain([problem.message, ...problem.errors.map((error) => error.message)].join(" "));
}

showKinds();
showPatients().catch(explain);
one<HTMLFormElement>("#wish").addEventListener("submit", (event) => {
  event.preventDefault();
  find().catch(explain);
});
one("#wish").addEventListener("change", () => step(""));
one("[data-again]").addEventListener("click", () => void find().catch(explain));
one("[data-book]").addEventListener("click", () => void book());
