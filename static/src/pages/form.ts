/** The questions before one kind of visit: changed here, asked from when they are published. */
import { type Authored, QuestionCard, called, idFor } from "../intake/authoring";
import { announce, toast, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

interface Form {
  readonly version: number;
  readonly service: string;
  readonly title: string;
  readonly intro: string;
  readonly minutes: number;
  readonly questions: readonly Authored[];
}

interface Facts {
  readonly service: string;
  readonly form: Form | null;
  readonly facts: readonly string[];
}

const NEW_ID = "new-";
const facts = JSON.parse(one("#form-facts").textContent ?? "{}") as Facts;
const others = JSON.parse(one("#other-forms").textContent ?? "[]") as readonly { readonly form: Form }[];
const form = one<HTMLFormElement>("#form");
const list = one("[data-questions]", form);
let version = facts.form?.version ?? 0;
let cards: QuestionCard[] = [];
let stored = "";
let made = 0;

const moves = {
  up: (card: QuestionCard): void => shift(card, -1),
  down: (card: QuestionCard): void => shift(card, 1),
  remove: (card: QuestionCard): void => {
    const index = cards.indexOf(card);
    cards = cards.filter((each) => each !== card);
    draw();
    announce(_("Removed: {question}. It is asked until you publish.", { question: called(card.value().text) }));
    const next = cards[Math.min(index, cards.length - 1)];
    if (next) next.focus();
    else one("[data-add]", form).focus();
  },
};

function shift(card: QuestionCard, by: number): void {
  const index = cards.indexOf(card);
  const other = cards[index + by];
  if (!other) return;
  cards[index] = other;
  cards[index + by] = card;
  draw();
  const again = one<HTMLButtonElement>(by < 0 ? "[data-up]" : "[data-down]", card.element);
  (again.disabled ? one<HTMLButtonElement>(by < 0 ? "[data-down]" : "[data-up]", card.element) : again).focus();
  announce(_("Question {n} now.", { n: index + by + 1 }));
}

function draw(): void {
  list.replaceChildren(...cards.map((card) => card.element));
  cards.forEach((card, index) => card.place(index, cards.length));
  list.hidden = !cards.length;
  one("[data-none]", form).hidden = cards.length > 0;
  for (const each of all("[data-begin]", form)) each.hidden = cards.length > 0;
}

function show(from: Form | null): void {
  one<HTMLInputElement>("#title").value = from?.title ?? _("Before we meet");
  one<HTMLTextAreaElement>("#intro").value = from?.intro ?? "";
  one<HTMLInputElement>("#minutes").value = String(from?.minutes ?? 3);
  cards = (from?.questions ?? []).map((each) => new QuestionCard(each, facts.facts, moves));
  draw();
}

function state(): void {
  one("[data-state]", form).textContent = version ? _("Version {n} is asked now.", { n: version }) : _("Nothing was published yet.");
}

function add(): void {
  const last = cards[cards.length - 1]?.value();
  made += 1;
  const card = new QuestionCard({ id: `${NEW_ID}${made}`, group: last?.group ?? _("About you"), kind: "text", text: "", help: "", required: false, options: [], unit: "", low: null, high: null, fact: null }, facts.facts, moves);
  cards.push(card);
  draw();
  card.focus();
}

function written(): Record<string, unknown> {
  const taken = new Set(cards.map((card) => card.value().id));
  const questions = cards.map((card) => {
    const value = card.value();
    if (!value.id.startsWith(NEW_ID)) return value;
    const id = idFor(value.text, taken);
    taken.add(id);
    return { ...value, id };
  });
  const minutes = one<HTMLInputElement>("#minutes").valueAsNumber;
  return { service: facts.service, title: one<HTMLInputElement>("#title").value.trim(), intro: one<HTMLTextAreaElement>("#intro").value.trim(), minutes: Number.isNaN(minutes) ? 3 : minutes, questions };
}

function say(text: string): void {
  const banner = one("#form-problem");
  one("[data-text]", banner).textContent = text;
  banner.hidden = !text;
  if (text) banner.scrollIntoView({ block: "nearest" });
}

async function publish(): Promise<void> {
  for (const card of cards) card.allRight();
  say("");
  const wanted = written();
  if (!wanted["title"]) {
    say(_("Please give the form a title."));
    return one("#title").focus();
  }
  if (!cards.length && version && !(await ask({ title: _("Ask nothing before this visit?"), text: _("Answers that were given are kept."), confirm: _("Ask nothing") }))) return;
  try {
    const made = await api.post<Form>("/api/v1/intake/forms", { ...wanted, version });
    version = made.version;
    show(made);
    stored = JSON.stringify(written());
    state();
    toast(_("Published. It is asked from now on; forms that were begun keep their questions."));
  } catch (problem) {
    await refused(problem);
  }
}

async function refused(problem: unknown): Promise<void> {
  if (!(problem instanceof Problem)) return toastProblem(problem);
  if (problem.status === 409) {
    const current = (await api.get<{ readonly items: readonly Form[] }>("/api/v1/intake/forms")).items.find((each) => each.service === facts.service);
    version = current?.version ?? version;
    state();
    return say(_("Somebody else has just published version {n}. What you wrote is still here and not published; publish it again if it should replace theirs.", { n: version }));
  }
  const elsewhere: string[] = [];
  for (const error of problem.errors) {
    const [, place, part] = /^questions\.(\d+)\.(\w+)/.exec(error.field) ?? [];
    const card = cards[Number(place)];
    if (card && part) card.complain(part, error.message);
    else elsewhere.push(error.message);
  }
  say(problem.errors.length ? [_("Some questions are not finished yet."), ...elsewhere].join(" ") : problem.message);
  cards.find((card) => maybe(".wrong:not([hidden])", card.element))?.focus();
}

show(facts.form);
state();
stored = JSON.stringify(written());
one("[data-add]", form).addEventListener("click", add);
for (const each of all("[data-begin]", form)) each.addEventListener("click", () => show(others[Number(each.dataset["begin"])]?.form ?? null));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void publish();
});
addEventListener("beforeunload", (event) => {
  if (JSON.stringify(written()) !== stored) event.preventDefault();
});
