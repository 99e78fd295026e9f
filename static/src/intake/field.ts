/** One question as a field. */
import { h, icon } from "../lib/dom";
import { date } from "../lib/time";
import { _ } from "../lib/words";
import type { Given, Question, Value } from "./types";

const SHORT = 300;
const LONG = 4000;

/** Calls `changed` with what is answered now, null for nothing. */
export function field(question: Question, value: Value | null, changed: (value: Value | null) => void): HTMLElement {
  const body = control(question, value, changed);
  return h("div", { class: "field", "data-question": question.id }, body, wrong(question));
}

function wrong(question: Question): HTMLElement {
  return h("p", { class: "wrong", id: `${question.id}-wrong`, "data-wrong": question.id, hidden: true }, icon("circle-alert"), h("span", null));
}

function label(question: Question): (Node | string)[] {
  return [question.text, ...(question.required ? [] : [" ", h("span", { class: "quiet" }, _("(if you like)"))])];
}

function described(question: Question): { "aria-describedby": string } {
  return { "aria-describedby": question.help ? `${question.id}-hint ${question.id}-wrong` : `${question.id}-wrong` };
}

function hint(question: Question): HTMLElement | false {
  return question.help !== "" && h("p", { class: "hint", id: `${question.id}-hint` }, question.help);
}

function control(question: Question, value: Value | null, changed: (value: Value | null) => void): DocumentFragment {
  const parts = document.createDocumentFragment();
  const add = (...nodes: (Node | false)[]): void => parts.append(...nodes.filter((node): node is Node => node !== false));
  if (question.kind === "consent") add(consent(question, value === true, changed), hint(question));
  else if (question.kind === "yes_no") add(choices(question, [_("Yes"), _("No")], value === null ? [] : [value === true ? _("Yes") : _("No")], "radio", ([chosen]) => changed(chosen === undefined ? null : chosen === _("Yes"))));
  else if (question.kind === "choice") add(choices(question, question.options, typeof value === "string" ? [value] : [], "radio", ([chosen]) => changed(chosen ?? null)));
  else if (question.kind === "choices") add(choices(question, question.options, Array.isArray(value) ? (value as string[]) : [], "checkbox", (chosen) => changed(chosen.length ? chosen : null)));
  else add(h("label", { for: question.id }, ...label(question)), hint(question), written(question, value, changed));
  return parts;
}

function written(question: Question, value: Value | null, changed: (value: Value | null) => void): HTMLElement {
  const shown = value === null ? "" : String(value);
  const shared = { id: question.id, name: question.id, ...described(question) };
  if (question.kind === "long_text") {
    const area = h("textarea", { ...shared, rows: 4, maxlength: LONG });
    area.value = shown;
    area.addEventListener("input", () => changed(area.value.trim() || null));
    return area;
  }
  const type = question.kind === "number" ? "text" : question.kind === "date" ? "date" : "text";
  const input = h("input", { ...shared, class: "input", type, maxlength: SHORT, ...(question.kind === "number" ? { inputmode: "decimal" } : {}) });
  input.value = shown;
  input.addEventListener("input", () => changed(read(question, input.value.trim())));
  return question.unit ? h("div", { class: "row intake-number" }, input, h("span", { class: "quiet" }, question.unit)) : input;
}

/** A number may be written with a comma; what is no number goes to the server as it is, which says so kindly. */
function read(question: Question, text: string): Value | null {
  if (!text) return null;
  const number = Number(text.replace(",", "."));
  return question.kind === "number" && Number.isFinite(number) ? number : text;
}

function consent(question: Question, given: boolean, changed: (value: Value | null) => void): HTMLElement {
  const input = h("input", { type: "checkbox", id: question.id, ...described(question) });
  input.checked = given;
  input.addEventListener("change", () => changed(input.checked ? true : null));
  return h("label", { class: "choice" }, input, h("span", null, ...label(question)));
}

function choices(question: Question, options: readonly string[], chosen: readonly string[], type: "radio" | "checkbox", changed: (chosen: string[]) => void): HTMLElement {
  const inputs = options.map((option) => {
    const input = h("input", { type, name: question.id, value: option, ...described(question) });
    input.checked = chosen.includes(option);
    input.addEventListener("change", () => changed(inputs.filter((each) => each.checked).map((each) => each.value)));
    return input;
  });
  const legend = h("legend", null, ...label(question));
  return h("fieldset", { class: "intake-choices", id: question.id }, legend, hint(question), ...inputs.map((input) => h("label", { class: "choice" }, input, h("span", null, input.value))));
}

/** What was said before: kept with one tap, or answered anew. */
export function knownBefore(question: Question, given: Given, keep: () => void, change: () => void): HTMLElement {
  const said = given.hidden ? _("You told us about this on {when}. Still so?", { when: date(given.at) }) : _("You told us on {when}: “{said}”. Still so?", { when: date(given.at), said: inWords(question, given.value) });
  return h(
    "div",
    { class: "card stack stack-close", role: "group", "aria-label": question.text, "data-known": question.id },
    h("p", null, h("strong", null, question.text)),
    h("p", null, said),
    wrong(question),
    h("p", { class: "row" }, h("button", { type: "button", class: "button", "data-keep": "", onclick: keep }, icon("check"), _("Yes, still so")), h("button", { type: "button", class: "button", onclick: change }, icon("pencil"), _("Something changed"))),
  );
}

/** Answered already: by the link it can be written anew, and not read. */
export function answeredBefore(question: Question, given: Given, change: () => void): HTMLElement {
  const note = given.kept ? _("Kept: still as you told us before.") : _("You have answered this. By this link it is not shown again; sign in to read it.");
  return h(
    "div",
    { class: "card stack stack-close", role: "group", "aria-label": question.text, "data-answered": question.id },
    h("p", null, h("strong", null, question.text)),
    h("p", { class: "quiet" }, note),
    h("p", null, h("button", { type: "button", class: "button", onclick: change }, icon("pencil"), _("Answer anew"))),
  );
}

export function inWords(question: Question, value: Value | null): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? _("Yes") : _("No");
  if (typeof value === "number") return `${value} ${question.unit}`.trim();
  if (typeof value === "string") return value;
  return value.join(", ");
}
