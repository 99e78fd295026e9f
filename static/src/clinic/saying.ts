/** What is wrong is said at its field, or on top of the page when it has none there. */
import { toastProblem } from "../lib/announce";
import { Problem } from "../lib/api";
import { all, fill, h, icon, maybe, one } from "../lib/dom";

export function wrong(form: HTMLElement, name: string, text: string): void {
  const place = maybe(`[data-wrong="${CSS.escape(name)}"]`, form);
  if (!place) return;
  fill(place, text && icon("circle-alert"), text && h("span", null, text));
  place.hidden = !text;
}

export function say(text: string): void {
  const banner = one("#clinic-problem");
  one("[data-text]", banner).textContent = text;
  banner.hidden = !text;
  if (text) banner.scrollIntoView({ block: "nearest" });
}

export function allRight(form: HTMLElement): void {
  for (const place of all("[data-wrong]", form)) wrong(form, place.dataset["wrong"] ?? "", "");
  say("");
}

/** Says these at their fields and puts the focus into the first; whether there are any. */
export function complain(form: HTMLElement, complaints: ReadonlyMap<string, string>): boolean {
  for (const [name, text] of complaints) wrong(form, name, text);
  const [first] = complaints.keys();
  if (first !== undefined) focusOn(form, first);
  return complaints.size > 0;
}

export function refused(form: HTMLElement, problem: unknown): void {
  if (!(problem instanceof Problem)) return toastProblem(problem);
  const here = new Map<string, string>();
  const elsewhere: string[] = [];
  for (const error of problem.errors) {
    const name = [error.field, error.field.split(".")[0] ?? ""].find((each) => maybe(`[data-wrong="${CSS.escape(each)}"]`, form));
    if (name === undefined) elsewhere.push(error.message);
    else here.set(name, error.message);
  }
  complain(form, here);
  say(problem.errors.length ? elsewhere.join(" ") : problem.message);
}

function focusOn(form: HTMLElement, name: string): void {
  const place = maybe(`[data-wrong="${CSS.escape(name)}"]`, form)?.closest(".field, fieldset");
  place?.querySelector<HTMLElement>("input, select, button")?.focus();
}
