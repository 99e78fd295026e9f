/** A dialog with a title, a way to close it and whatever belongs in it; the focus goes back to where it came from. */
import { fill, h, icon } from "../lib/dom";
import { Problem } from "../lib/api";
import { _ } from "../lib/words";

type Child = Node | string | null | false;

export interface Window_ {
  readonly dialog: HTMLDialogElement;
  /** Puts other content in place. */
  readonly show: (title: string, ...content: Child[]) => void;
  readonly close: () => void;
}

let opened = 0;

/** @param kind a class for what is special about it */
export function openWindow(title: string, kind: string, ...content: Child[]): Window_ {
  opened += 1;
  const heading = h("h2", { id: `window-${opened}`, tabindex: -1 });
  const body = h("div", { class: "stack" });
  const close = h("button", { type: "button", class: "button button-bare", onclick: () => dialog.close() }, icon("x"), h("span", { class: "unseen" }, _("Close")));
  const dialog: HTMLDialogElement = h("dialog", { class: `dialog window ${kind}`, "aria-labelledby": heading.id, onclose: () => dialog.remove() }, h("header", { class: "window-head" }, heading, close), body);
  const show = (words: string, ...children: Child[]): void => {
    heading.textContent = words;
    fill(body, ...children);
  };
  show(title, ...content);
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, show, close: () => dialog.close() };
}

/** The sentence for what went wrong while something was fetched or sent. */
export function sentence(problem: unknown): string {
  if (problem instanceof Problem) return problem.offline ? _("This needs a connection, and there is none right now.") : (problem.errors[0]?.message ?? problem.message);
  console.error(problem);
  return _("Something went wrong on this page. Nothing was changed.");
}
