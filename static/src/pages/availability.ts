/** One's hours: every rule says in words what it means; each change is stored at once, on top of the version that was read. */
import { announce, toast, toastProblem } from "../lib/announce";
import { type ItemPage, Problem, api } from "../lib/api";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { exceptionInWords, ruleInWords } from "../scheduling/hours";
import type { Appointment, Availability, Exceptional, Rule } from "../scheduling/types";

interface Facts {
  readonly practitioner: string;
  readonly availability: Availability;
  readonly services: readonly { readonly id: string; readonly name: string }[];
}

const facts = JSON.parse(one("#hours-facts").textContent ?? "{}") as Facts;
const services = new Map(facts.services.map((service) => [service.id, service.name]));
const path = `/api/v1/practitioners/${facts.practitioner}/availability`;
const form = one<HTMLFormElement>("#rule-form");
const exceptionForm = one<HTMLFormElement>("#exception-form");
let hours = facts.availability;
/** The place of the rule that the form changes; null: it adds one. */
let editing: number | null = null;

function say(id: string, text: string): void {
  const banner = one(id);
  one("[data-text]", banner).textContent = text;
  banner.hidden = !text;
}

function showHours(): void {
  fill(one("[data-rules]"), ...hours.rules.map((rule, place) => ruleRow(rule, place)));
  fill(one("[data-exceptions]"), ...hours.exceptions.map((each, place) => exceptionRow(each, place)));
  one("[data-rules]").hidden = !hours.rules.length;
  one("[data-no-rules]").hidden = hours.rules.length > 0;
  one("[data-exceptions]").hidden = !hours.exceptions.length;
  one("[data-no-exceptions]").hidden = hours.exceptions.length > 0;
}

function ruleRow(rule: Rule, place: number): HTMLElement {
  const words = ruleInWords(rule, hours.zone, services);
  const change = h("button", { type: "button", class: "button", "aria-label": _("Change: {what}", { what: words }), onclick: () => edit(place) }, _("Change"));
  const remove = h("button", { type: "button", class: "button", "aria-label": _("Remove: {what}", { what: words }), onclick: () => void removeRule(place) }, _("Remove"));
  return h("li", { class: "list-row" }, h("p", null, words), h("p", { class: "row" }, change, remove));
}

function exceptionRow(each: Exceptional, place: number): HTMLElement {
  const words = exceptionInWords(each, hours.zone);
  const remove = h(
    "button",
    { type: "button", class: "button", "aria-label": _("Remove: {what}", { what: words }), onclick: () => void save({ exceptions: hours.exceptions.filter((_each, other) => other !== place) }, _("Removed.")) },
    _("Remove"),
  );
  return h("li", { class: "list-row" }, h("p", null, words), remove);
}

/** Stores a change; true when it is stored. A newer version made elsewhere is shown instead, and nothing is lost from the form. */
async function save(change: Partial<Availability>, done: string): Promise<boolean> {
  say("#hours-problem", "");
  say("#hours-note", "");
  try {
    hours = await api.put<Availability>(path, { ...hours, ...change });
    showHours();
    toast(done);
    return true;
  } catch (problem) {
    refused(problem);
    return false;
  }
}

function refused(problem: unknown): void {
  if (!(problem instanceof Problem)) return toastProblem(problem);
  if (problem.status === 409) {
    hours = problem.body["current"] as Availability;
    showHours();
    one<HTMLSelectElement>("#zone").value = hours.zone;
    say("#hours-problem", _("Your hours were changed elsewhere a moment ago. Here they are as they are now; your change is not stored yet."));
  } else {
    say("#hours-problem", [problem.message, ...problem.errors.map((error) => error.message)].join(" "));
  }
}

// --- weekly hours

function written(): Rule {
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name) ?? "");
  const named = data.getAll("services").map(String);
  return {
    weekdays: data.getAll("weekdays").map(String),
    start: text("start"),
    end: text("end"),
    ...(text("from") ? { from: text("from") } : {}),
    ...(text("until") ? { until: text("until") } : {}),
    ...(named.length ? { services: named } : {}),
  };
}

function wrong(name: string, text: string): boolean {
  const place = one(`[data-wrong="${name}"]`);
  fill(place, text && icon("circle-alert"), text && h("span", null, text));
  place.hidden = !text;
  return text !== "";
}

/** What is missing is said where it is missing; the server has the last word. */
function complaints(rule: Rule): boolean {
  return [
    wrong("weekdays", rule.weekdays.length ? "" : _("Choose at least one day.")),
    wrong("end", !rule.start || !rule.end ? _("Say from when until when.") : rule.start === rule.end ? _("Hours need to end at another time than they start.") : ""),
    wrong("until", rule.from && rule.until && rule.until < rule.from ? _("The last day is before the first.") : ""),
  ].some(Boolean);
}

function preview(): void {
  const rule = written();
  const whole = rule.weekdays.length && rule.start && rule.end && rule.start !== rule.end;
  one("[data-preview]").textContent = whole ? ruleInWords(rule, hours.zone, services) : "";
}

async function submitRule(): Promise<void> {
  const rule = written();
  if (complaints(rule)) return one<HTMLInputElement>(rule.weekdays.length ? "#start" : 'input[name="weekdays"]').focus();
  const rules = editing === null ? [...hours.rules, rule] : hours.rules.map((each, place) => (place === editing ? rule : each));
  if (await save({ rules }, editing === null ? _("Added.") : _("Changed."))) stopEditing();
}

async function removeRule(place: number): Promise<void> {
  if (await save({ rules: hours.rules.filter((_each, other) => other !== place) }, _("Removed."))) stopEditing();
}

function edit(place: number): void {
  const rule = hours.rules[place];
  if (!rule) return;
  editing = place;
  for (const box of all<HTMLInputElement>('input[name="weekdays"]', form)) box.checked = rule.weekdays.includes(box.value);
  for (const box of all<HTMLInputElement>('input[name="services"]', form)) box.checked = (rule.services ?? []).includes(box.value);
  for (const name of ["start", "end", "from", "until"] as const) one<HTMLInputElement>(`#${name}`, form).value = rule[name] ?? "";
  const more = maybe<HTMLDetailsElement>("details", form);
  if (more) more.open = Boolean(rule.from || rule.until || rule.services?.length);
  one("#rule-title").textContent = _("Change these hours");
  one("[data-submit]", form).textContent = _("Store the change");
  one("[data-stop]", form).hidden = false;
  preview();
  one<HTMLInputElement>('input[name="weekdays"]', form).focus();
}

function stopEditing(): void {
  editing = null;
  form.reset();
  complaintsOff();
  one("#rule-title").textContent = _("Add hours");
  one("[data-submit]", form).textContent = _("Add these hours");
  one("[data-stop]", form).hidden = true;
  preview();
}

function complaintsOff(): void {
  for (const name of ["weekdays", "end", "until"]) wrong(name, "");
}

// --- exceptions

async function submitException(): Promise<void> {
  const data = new FormData(exceptionForm);
  const text = (name: string): string => String(data.get(name) ?? "");
  const [start, end] = [text("exception-start"), text("exception-end")];
  if (wrong("exception", !start || !end ? _("Say from when until when.") : end <= start ? _("This needs to end after it starts.") : "")) return one<HTMLInputElement>("#exception-start").focus();
  const note = text("note").trim();
  const added: Exceptional = { start: whole(start), end: whole(end), kind: text("kind") === "extra" ? "extra" : "off", ...(note ? { note } : {}) };
  const exceptions = [...hours.exceptions, added].sort((a, b) => a.start.localeCompare(b.start));
  if (!(await save({ exceptions }, _("Added.")))) return;
  exceptionForm.reset();
  if (added.kind === "off") await warn(added);
}

/** `2026-12-24T09:00` as browsers write it, with seconds as the API does. */
function whole(text: string): string {
  return text.length === 16 ? `${text}:00` : text;
}

/** Visits that are booked in time off stay; somebody has to look at them. A day more on both sides covers every zone. */
async function warn(away: Exceptional): Promise<void> {
  const near = { from: `${away.start}Z`, to: `${away.end}Z` };
  const wide = { from: new Date(Date.parse(near.from) - 86_400_000).toISOString(), to: new Date(Date.parse(near.to) + 86_400_000).toISOString() };
  const found = await api.get<ItemPage<Appointment & { status: string }>>("/api/v1/appointments", { query: { ...wide, practitioner: facts.practitioner } });
  const wall = (instant: string): string => new Intl.DateTimeFormat("sv-SE", { timeZone: hours.zone, dateStyle: "short", timeStyle: "medium" }).format(new Date(instant)).replace(" ", "T");
  const met = found.items.filter((each) => each.status === "booked" && wall(each.start) < away.end && wall(each.end) > away.start);
  if (!met.length) return;
  const text = met.length === 1 ? _("One visit is booked in this time. It stays; move or cancel it on its day.") : _("{n} visits are booked in this time. They stay; move or cancel them on their day.", { n: met.length });
  say("#hours-note", text);
  announce(text);
}

// --- wiring

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void submitRule();
});
form.addEventListener("input", preview);
one("[data-stop]", form).addEventListener("click", stopEditing);
exceptionForm.addEventListener("submit", (event) => {
  event.preventDefault();
  void submitException().catch(toastProblem);
});
one<HTMLSelectElement>("#zone").addEventListener("change", (event) => {
  const select = event.currentTarget as HTMLSelectElement;
  void save({ zone: select.value }, _("All hours are in this zone now.")).then((stored) => {
    if (!stored) select.value = hours.zone;
    preview();
  });
});
showHours();
preview();
