/** A question that needs an answer before anything happens. */
import { h, icon } from "./dom";
import { _ } from "./words";

export interface Question {
  readonly title: string;
  readonly text?: string;
  readonly confirm: string;
  readonly decline?: string;
  /** The action takes something away: said with colour and icon besides the words. */
  readonly grave?: boolean;
  /** Further fields inside the dialog, between text and buttons. */
  readonly content?: HTMLElement;
}

let asked = 0;

/** Resolves to whether the person agreed; Escape and the back gesture decline. */
export function ask(question: Question): Promise<boolean> {
  asked += 1;
  const title = `question-${asked}`;
  const form = h(
    "form",
    { method: "dialog", class: "stack" },
    h("h2", { id: title }, question.title),
    question.text && h("p", null, question.text),
    question.content,
    h(
      "div",
      { class: "row row-end" },
      h("button", { class: "button", value: "no", formnovalidate: true }, question.decline ?? _("Not now")),
      h("button", { class: question.grave ? "button button-grave" : "button button-main", value: "yes" }, question.grave && icon("triangle-alert"), question.confirm),
    ),
  );
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": title }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
