/** A form before a visit: one group of questions a screen, each answer kept as it is given, handed in once. */
import { announce, toastProblem } from "../lib/announce";
import { type Problem, api } from "../lib/api";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { answeredBefore, field, knownBefore } from "../intake/field";
import { Keep, type State } from "../intake/keep";
import type { Question, Sheet, Value } from "../intake/types";

const root = one("#intake");
const appointment = root.dataset["appointment"] ?? "";
let sheet = JSON.parse(one("#intake-facts").textContent ?? "{}") as Sheet;
const questions = sheet.form?.questions ?? [];
const screens = grouped(questions);
/** What was typed in this tab: shown again when one goes back, also by a link that reads nothing from the server. */
const typed = new Map<string, Value | null>();
const reopened = new Set<string>();
/** Questions whose earlier answer still holds. */
const kept = new Set<string>();
/** What was said to be missing or wrong, until it is mended. */
let complaints: Problem["errors"] = [];
const keeper = new Keep(appointment, told);
for (const [name, value] of Object.entries(keeper.unsent)) typed.set(name, value);
let place = 0;

function grouped(all: readonly Question[]): [string, Question[]][] {
  const found: [string, Question[]][] = [];
  for (const each of all) {
    const last = found.at(-1);
    if (last?.[0] === each.group) last[1].push(each);
    else found.push([each.group, [each]]);
  }
  return found;
}

type Part = "begin" | "questions" | "done" | "closed";

function show(part: Part): void {
  for (const each of all("[data-part]", root)) each.hidden = each.dataset["part"] !== part;
  maybe("h2", one(`[data-part="${part}"]`, root))?.focus();
}

function told(state: State, problem?: Problem, fresh?: Sheet): void {
  if (fresh) sheet = fresh;
  const words: Readonly<Record<State, string>> = {
    saving: _("Saving …"),
    saved: _("Saved"),
    offline: _("Offline: kept on this device until there is a connection."),
    refused: problem?.errors.length ? _("One answer is not kept yet. See above.") : (problem?.message ?? ""),
  };
  one("[data-saved]", root).textContent = words[state];
  if (state === "saved") complain(complaints.filter((error) => isMissing(asked(error.field))));
  if (state === "refused" && problem) {
    complain(problem.errors);
    if (problem.code === "intake_closed") show("closed");
  }
}

function asked(name: string): Question | undefined {
  return questions.find((each) => `answers.${each.id}` === name);
}

function isMissing(question: Question | undefined): boolean {
  if (!question?.required || kept.has(question.id)) return false;
  return typed.has(question.id) ? typed.get(question.id) === null : !sheet.answers[question.id];
}

/** Says above how many answers are missing or wrong, and beside each question what. */
function complain(errors: Problem["errors"]): void {
  complaints = errors;
  mark(errors);
  const missing = errors.filter((error) => isMissing(asked(error.field))).length;
  const banner = one("[data-missing]", root);
  banner.hidden = !missing;
  one("[data-text]", banner).textContent = missing === 1 ? _("One answer is still missing. Everything you wrote is kept.") : _("{n} answers are still missing. Everything you wrote is kept.", { n: missing });
}

/** Says beside each question what is wrong with its answer; takes back what was said before. */
function mark(errors: Problem["errors"]): void {
  for (const each of all("[data-wrong]", root)) {
    const error = errors.find((one) => one.field === `answers.${each.dataset["wrong"]}`);
    each.hidden = !error;
    const text = maybe("span", each);
    if (text) text.textContent = error?.message ?? "";
    for (const input of all("input, textarea", each.parentElement ?? root)) {
      if (error) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
}

// --- one screen

function draw(): void {
  const screen = screens[place];
  if (!screen) return;
  one("[data-group]", root).textContent = screen[0];
  one("[data-progress-words]", root).textContent = _("{n} of {all}", { n: place + 1, all: screens.length });
  const bar = one<HTMLProgressElement>("[data-progress]", root);
  bar.max = screens.length;
  bar.value = place + 1;
  fill(one("[data-questions]", root), ...screen[1].map(drawn));
  const here = screen[1].map((each) => `answers.${each.id}`);
  complain(complaints.filter((error) => here.includes(error.field)));
  one("[data-next]", root).textContent = place === screens.length - 1 ? _("Hand it in") : _("Next");
  show("questions");
}

function drawn(question: Question): HTMLElement {
  const given = sheet.answers[question.id];
  const known = sheet.known[question.id];
  if (!typed.has(question.id) && !reopened.has(question.id)) {
    if (given?.hidden) return answeredBefore(question, given, () => reopen(question, null));
    if (!given && known) return knownBefore(question, known, () => keepKnown(question), () => reopen(question, known.value));
  }
  const value = typed.has(question.id) ? (typed.get(question.id) ?? null) : (given?.value ?? null);
  return field(question, value, (now) => {
    typed.set(question.id, now);
    keeper.put(question.id, now);
  });
}

function reopen(question: Question, value: Value | null): void {
  reopened.add(question.id);
  kept.delete(question.id);
  if (value !== null) {
    // What stands in the box is an answer, whether or not it is written anew.
    typed.set(question.id, value);
    keeper.put(question.id, value);
  }
  redraw(question);
  maybe<HTMLElement>("input, textarea", one(`[data-question="${question.id}"]`, root))?.focus();
}

function redraw(question: Question): void {
  const old = maybe(`[data-known="${question.id}"], [data-answered="${question.id}"], [data-question="${question.id}"]`, root);
  old?.replaceWith(drawn(question));
}

function keepKnown(question: Question): void {
  kept.add(question.id);
  keeper.still(question.id);
  const card = one(`[data-known="${question.id}"]`, root);
  const again = h("button", { type: "button", class: "button", onclick: () => reopen(question, sheet.known[question.id]?.value ?? sheet.answers[question.id]?.value ?? null) }, icon("pencil"), _("Change it after all"));
  fill(card, h("p", null, h("strong", null, question.text)), h("p", { class: "quiet" }, _("Kept: still as you told us before.")), h("p", null, again));
  again.focus();
  announce(_("Kept: still as you told us before."));
}

// --- the way through

function go(to: number, push = true): void {
  place = Math.min(Math.max(to, 0), screens.length - 1);
  if (push) history.pushState({ place }, "", `#${place + 1}`);
  draw();
}

async function handIn(): Promise<void> {
  const button = one<HTMLButtonElement>("[data-next]", root);
  button.disabled = true;
  try {
    if (!(await keeper.send())) return;
    sheet = await api.post<Sheet>(`/api/v1/appointments/${appointment}/intake/submit`);
    history.replaceState({}, "", location.pathname);
    show("done");
  } catch (problem) {
    waits(problem as Problem);
  } finally {
    button.disabled = false;
  }
}

/** Something still needs an answer: to the first of it, with words. */
function waits(problem: Problem): void {
  const names = (problem.errors ?? []).map((error) => error.field.replace(/^answers\./, ""));
  const first = screens.findIndex(([, asked]) => asked.some((each) => names.includes(each.id)));
  if (problem.code !== "not_complete" || first < 0) {
    if (problem.code === "intake_closed") show("closed");
    else toastProblem(problem);
    return;
  }
  complaints = problem.errors;
  go(first);
  maybe<HTMLElement>("[aria-invalid], [data-wrong]:not([hidden]) ~ * button", root)?.focus();
}

/** Whether to stay on this screen: the first time that something is missing on it. Who goes on regardless comes back at the end. */
function staysFor(screen: readonly Question[]): boolean {
  const missing = screen.filter(isMissing);
  const again = missing.every((each) => complaints.some((error) => error.field === `answers.${each.id}`));
  if (!missing.length || again) return false;
  complain(missing.map((each) => ({ field: `answers.${each.id}`, message: _("This one needs an answer. You can also go on, and come back to it.") })));
  maybe<HTMLElement>("[aria-invalid]", root)?.focus();
  return true;
}

one("[data-form]", root).addEventListener("submit", (event) => {
  event.preventDefault();
  if (place < screens.length - 1) {
    if (staysFor(screens[place]?.[1] ?? [])) return;
    void keeper.send();
    go(place + 1);
  } else void handIn();
});
one("[data-previous]", root).addEventListener("click", () => (place > 0 ? history.back() : show("begin")));
one("[data-begin]", root).addEventListener("click", () => go(0));
one("[data-again]", root).addEventListener("click", () => go(0));
addEventListener("popstate", () => {
  const at = Number(location.hash.slice(1));
  if (at > 0) go(at - 1, false);
  else show("begin");
});

if (!sheet.editable) show("closed");
else if (Number(location.hash.slice(1)) > 0) go(Number(location.hash.slice(1)) - 1, false);
else show(sheet.state === "submitted" ? "done" : "begin");
