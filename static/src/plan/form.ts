/** A dialog with a form that keeps what was typed until the server has it, and says beside each field what was wrong. */
import { announce, toastProblem } from "../lib/announce";
import { Problem } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { _ } from "../lib/words";

let made = 0;

export interface Field {
  readonly name: string;
  readonly element: HTMLElement;
}

/** A labelled control; what the server says about *name* appears under it. */
export function field(name: string, label: string, control: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, hint = ""): Field {
  made += 1;
  const id = (control.id = `plan-field-${made}`);
  control.name = name;
  const note = hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null;
  const wrong = h("p", { class: "wrong", id: `${id}-wrong`, "data-wrong": name, hidden: true });
  control.setAttribute("aria-describedby", note ? `${id}-hint ${id}-wrong` : `${id}-wrong`);
  return { name, element: h("div", { class: "field" }, h("label", { for: id }, label), note, control, wrong) };
}

export interface Form {
  readonly title: string;
  readonly confirm: string;
  readonly content: readonly (HTMLElement | null)[];
  /** Sends it; a `Problem` keeps the form open. */
  readonly send: () => Promise<void>;
  /** Shows what a refusal means, and returns whether it did. */
  readonly explain?: (problem: Problem, place: HTMLElement) => boolean;
}

/** Opens the form; resolves to whether it was sent. */
export function openForm(form: Form): Promise<boolean> {
  made += 1;
  const title = `plan-form-${made}`;
  const said = h("div", { class: "stack", role: "alert", tabindex: -1 });
  const submit = h("button", { class: "button button-main", type: "submit" }, form.confirm);
  const cancel = h("button", { class: "button", type: "button" }, _("Not now"));
  const body = h("form", { class: "stack", novalidate: true }, h("h2", { id: title }, form.title), ...form.content, said, h("div", { class: "row row-end" }, cancel, submit));
  const dialog = h("dialog", { class: "dialog plan-dialog", "aria-labelledby": title }, body);
  let sent = false;
  cancel.addEventListener("click", () => dialog.close());
  body.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-disabled") === "true") return;
    submit.setAttribute("aria-disabled", "true"); // not disabled, which would take the focus away
    fill(said);
    clearWrong(body);
    form
      .send()
      .then(() => {
        sent = true;
        dialog.close();
      })
      .catch((problem: unknown) => show(problem, form, body, said))
      .finally(() => submit.removeAttribute("aria-disabled"));
  });
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(sent);
    });
  });
}

function show(problem: unknown, form: Form, body: HTMLElement, said: HTMLElement): void {
  if (!(problem instanceof Problem)) return toastProblem(problem);
  if (form.explain?.(problem, said)) {
    said.scrollIntoView({ block: "nearest" });
    return said.focus();
  }
  const loose: string[] = [];
  for (const error of problem.errors) {
    const place = body.querySelector<HTMLElement>(`[data-wrong="${CSS.escape(error.field.split(".")[0] ?? "")}"]`);
    if (!place) loose.push(error.message);
    else wrong(place, error.message);
  }
  if (!problem.errors.length || loose.length) fill(said, h("p", { class: "wrong" }, icon("circle-alert"), h("span", null, [problem.detail || problem.title, ...loose].join(" "))));
  const first = body.querySelector<HTMLElement>("[aria-invalid]");
  (first ?? said).scrollIntoView({ block: "nearest" });
  (first ?? said).focus();
  announce(problem.message, true);
}

function wrong(place: HTMLElement, message: string): void {
  fill(place, icon("circle-alert"), h("span", null, message));
  place.hidden = false;
  place.parentElement?.querySelector("input, textarea, select")?.setAttribute("aria-invalid", "true");
}

function clearWrong(body: HTMLElement): void {
  for (const place of body.querySelectorAll<HTMLElement>("[data-wrong]")) place.hidden = true;
  for (const control of body.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/** A select of words by value. */
export function select(words: Readonly<Record<string, string>>, value: string): HTMLSelectElement {
  const control = h("select");
  for (const [name, text] of Object.entries(words)) control.append(h("option", { value: name, selected: name === value }, text));
  control.value = value;
  return control;
}
