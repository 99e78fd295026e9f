/** The forms of the care team: a step, a goal, a checked safety question. */
import { api, Problem } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { _ } from "../lib/words";
import { field, openForm, select } from "./form";
import { notedField } from "./noted";
import type { Evidence, Gate, Goal, Labels, Plan, Step, Week } from "./types";

let library: Promise<readonly Evidence[]> | undefined;

function evidence(): Promise<readonly Evidence[]> {
  return (library ??= api.get<{ items: Evidence[] }>("/api/v1/evidence").then((page) => page.items));
}

/** Proposes a step, or changes *step*. */
export async function editStep(base: string, labels: Labels, step: Step | null): Promise<boolean> {
  const rows = await evidence();
  const title = h("input", { type: "text", value: step?.title ?? "", maxlength: 200, required: true });
  const kind = select(labels.kind, step?.kind ?? "fibre");
  const details = h("textarea", { rows: 3, value: step?.details ?? "" });
  const why = select(labels.why, step?.why ?? "preference");
  const whyWords = h("textarea", { rows: 2, value: step?.why_words ?? "" });
  const cites = h("select");
  const starts = h("input", { type: "date", value: step?.starts_on ?? "" });
  const restricts = h("input", { type: "checkbox" });
  restricts.checked = step?.restricts ?? false;
  const about = h("div", { class: "evidence small" });
  const weeks = schedule(step?.schedule ?? []);
  const noted = notedField(base, step?.noted ?? []);
  let version = step?.version ?? 0;

  const offer = (chosen: string): void => {
    const fitting = rows.filter((row) => row.kinds.includes(kind.value));
    const none = h("option", { value: "" }, _("No study for this step"));
    fill(cites, none, ...fitting.map((row) => h("option", { value: row.id }, `${row.intervention} (${labels.certainty[row.certainty] ?? row.certainty})`)));
    cites.value = fitting.some((row) => row.id === chosen) ? chosen : "";
    explain();
  };
  const explain = (): void => {
    const row = rows.find((one) => one.id === cites.value);
    fill(
      about,
      row && h("p", null, h("strong", null, _("May say: ")), row.may_say),
      ...(row?.shown_beside ?? []).map((other) => h("p", null, h("strong", null, _("And beside it: ")), other.may_say)),
      row && h("p", null, h("strong", null, _("Must not say: ")), row.must_not_say),
      row && h("p", { class: "quiet" }, `${row.population}. ${row.effect}`),
    );
  };
  kind.addEventListener("change", () => offer(cites.value));
  cites.addEventListener("change", explain);
  offer(step?.evidence?.id ?? "");

  const said = (): Record<string, unknown> => ({
    title: title.value,
    kind: kind.value,
    details: details.value,
    why: why.value,
    why_words: whyWords.value,
    evidence: cites.value || null,
    restricts: restricts.checked,
    schedule: weeks.value(),
    noted: noted.value(),
    starts_on: starts.value || null,
  });
  return openForm({
    title: step ? _("Change this step") : _("Propose a step"),
    confirm: step ? _("Save the change") : _("Propose it"),
    content: [
      field("title", _("What to do, in a few words"), title).element,
      field("kind", _("What it is about"), kind).element,
      field("details", _("How, in words the patient uses"), details).element,
      field("why", _("Why this step"), why).element,
      field("why_words", _("Why, in your words"), whyWords, _("Preference, intake, symptom or goal. A bacterium is never a reason.")).element,
      field("evidence", _("What studies say"), cites).element,
      about,
      weeks.element,
      noted.element,
      field("starts_on", _("Starts on"), starts, _("Leave empty when it already goes on.")).element,
      h("label", { class: "choice" }, restricts, _("This step takes food away or limits it")),
    ],
    send: async () => {
      if (step) await api.patch(`${base}/steps/${step.id}`, { ...said(), version });
      else await api.post(`${base}/steps`, said());
    },
    explain: (problem, place) => explainGates(problem, place, base) || explainRace<Step>(problem, place, (current) => (version = current.version)),
  });
}

/** Adds a goal, or changes *goal*. */
export async function editGoal(base: string, goal: Goal | null): Promise<boolean> {
  const title = h("input", { type: "text", value: goal?.title ?? "", maxlength: 200, required: true });
  const details = h("textarea", { rows: 3, value: goal?.details ?? "" });
  const status = select({ active: _("On the way"), reached: _("Reached"), dropped: _("Left behind") }, goal?.status ?? "active");
  let version = goal?.version ?? 0;
  return openForm({
    title: goal ? _("Change this goal") : _("Add a goal"),
    confirm: _("Save"),
    content: [
      field("title", _("What should be better"), title, _("In the patient's own words, such as: wake up rested on four mornings a week.")).element,
      field("details", _("What it means"), details).element,
      goal ? field("status", _("Where it is"), status).element : null,
    ],
    send: async () => {
      const said = { title: title.value, details: details.value };
      if (goal) await api.patch(`${base}/goals/${goal.id}`, { ...said, status: status.value, version });
      else await api.post(`${base}/goals`, said);
    },
    explain: (problem, place) => explainRace<Goal>(problem, place, (current) => (version = current.version)),
  });
}

/** Writes down that somebody checked a risk and let the step go on. */
export async function clearGate(base: string, gate: Gate): Promise<boolean> {
  const note = h("textarea", { rows: 3, required: true });
  return openForm({
    title: _("It was checked"),
    confirm: _("Let these steps go on"),
    content: [h("p", null, gate.question), h("p", { class: "quiet" }, gate.caution), field("note", _("Who checked it, and what they said"), note).element],
    send: async () => {
      await api.put(`${base}/gates/${gate.id}`, { answer: "yes", cleared: true, note: note.value, version: gate.version });
    },
    explain: (problem, place) => {
      if (problem.code !== "stale_version") return false;
      fill(place, h("p", null, _("Somebody answered this question a moment ago. Please close this and look again.")));
      return true;
    },
  });
}

interface Schedule {
  readonly element: HTMLElement;
  readonly value: () => Week[];
}

/** Rows of "from week … : amount"; empty rows are left out. */
function schedule(weeks: readonly Week[]): Schedule {
  const list = h("div", { class: "stack stack-close" });
  const add = (week: Week | null): void => {
    const number = h("input", { type: "number", class: "input", min: 1, max: 52, value: week?.week ?? list.childElementCount + 1, "aria-label": _("From week") });
    const amount = h("input", { type: "text", class: "input", maxlength: 200, value: week?.amount ?? "", "aria-label": _("Amount") });
    const row = h("div", { class: "amount-row" }, h("span", { class: "small quiet" }, _("From week")), number, amount);
    const remove = h("button", { type: "button", class: "button button-bare", "aria-label": _("Take this week out") }, icon("x"));
    remove.addEventListener("click", () => row.remove());
    row.append(remove);
    list.append(row);
  };
  for (const week of weeks) add(week);
  const more = h("button", { type: "button", class: "button" }, icon("plus"), _("Add a week"));
  more.addEventListener("click", () => add(null));
  const wrong = h("p", { class: "wrong", "data-wrong": "schedule", hidden: true });
  const element = h("fieldset", { class: "stack stack-close" }, h("legend", { class: "label" }, _("Step by step, if it grows over weeks")), list, wrong, h("p", null, more));
  const value = (): Week[] =>
    [...list.children].flatMap((row) => {
      const [number, amount] = row.querySelectorAll("input");
      return amount?.value.trim() ? [{ week: Number(number?.value), amount: amount.value.trim() }] : [];
    });
  return { element, value };
}

/** The safety questions that stand in the way, answered right here without losing the form. */
function explainGates(problem: Problem, place: HTMLElement, base: string): boolean {
  if (problem.code !== "gate_blocks") return false;
  const ids = problem.errors.map((error) => error.field.replace(/^gates\./, ""));
  fill(place, h("p", { class: "wait" }, _("Looking at the safety questions …")));
  void api.get<Plan>(base).then((plan) => {
    const gates = plan.gates.filter((gate) => ids.includes(gate.id));
    fill(place, h("p", null, h("strong", null, _("These safety questions come first. Answer them with the patient, then send the step again."))), ...gates.map((gate) => gateRow(gate, base)));
    place.scrollIntoView({ block: "nearest" });
    if (document.activeElement === place) place.querySelector<HTMLElement>("input:checked, input")?.focus();
  });
  return true;
}

function gateRow(gate: Gate, base: string): HTMLElement {
  const said = h("p", { class: "small", role: "status" });
  let version = gate.version;
  const choices = Object.entries({ no: _("No"), yes: _("Yes"), unknown: _("Not known") }).map(([value, text]) => {
    const input = h("input", { type: "radio", name: `form-gate-${gate.id}`, value });
    input.checked = gate.answer === value;
    input.addEventListener("change", () => {
      fill(said, _("Saving …"));
      api.put<Plan>(`${base}/gates/${gate.id}`, { answer: value, version }).then(
        (plan) => {
          version = plan.gates.find((each) => each.id === gate.id)?.version ?? version;
          fill(said, value === "no" ? _("Saved.") : gate.caution);
        },
        (problem: unknown) => fill(said, problem instanceof Error ? problem.message : ""),
      );
    });
    return h("label", null, input, h("span", null, text));
  });
  return h("fieldset", { class: "stack stack-close" }, h("legend", null, gate.question), h("div", { class: "segments" }, ...choices), said);
}

/** Somebody was faster: their words are shown, and sending again puts ours over them knowingly. */
function explainRace<T extends { version: number; title: string; details: string; changed_by: { name: string } }>(problem: Problem, place: HTMLElement, take: (current: T) => void): boolean {
  const current = problem.body["current"] as T | undefined;
  if (problem.code !== "stale_version" || !current) return false;
  take(current);
  fill(
    place,
    h("p", null, h("strong", null, _("{name} changed this a moment ago. It now says:", { name: current.changed_by.name }))),
    h("blockquote", { class: "plan-words" }, `${current.title}\n${current.details}`),
    h("p", null, _("What you wrote is still here. Send it again to put it in place of theirs, or close this to keep theirs.")),
  );
  return true;
}
