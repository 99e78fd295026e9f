/** A report in the column beside the thread, opened at the finding that a message points at. */
import { toastProblem } from "../lib/announce";
import { Problem } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { type Cite, pointAt } from "../lib/places";
import { _ } from "../lib/words";
import { mount } from "../panels/report";

let unmount: (() => void) | null = null;

export async function showReport(column: HTMLElement, patient: string, cite: Cite): Promise<void> {
  const back = document.activeElement;
  try {
    const panel = await fetched(`/patients/${patient}/panels/report?report=${encodeURIComponent(cite.id)}`);
    unmount?.();
    const close = (): void => {
      unmount?.();
      unmount = null;
      column.hidden = true;
      fill(column);
      if (back instanceof HTMLElement && back.isConnected) back.focus();
    };
    const head = h("p", { class: "row row-spread" }, h("strong", { tabindex: -1 }, _("What the message points at")), h("button", { type: "button", class: "button button-bare", onclick: close }, icon("x"), _("Close")));
    fill(column, head, panel);
    column.hidden = false;
    unmount = mount(column);
    if (cite.kind === "finding" && pointAt(column, cite)) return;
    head.scrollIntoView({ block: "nearest" });
    head.querySelector("strong")?.focus();
  } catch (problem) {
    toastProblem(problem);
  }
}

async function fetched(path: string): Promise<HTMLElement> {
  const response = await fetch(path, { headers: { Accept: "text/html" }, credentials: "same-origin" }).catch(() => null);
  const panel = response?.ok ? new DOMParser().parseFromString(await response.text(), "text/html").querySelector<HTMLElement>("[data-panel]") : null;
  if (!panel) throw new Problem(response?.status ?? 0, "panel", _("No report"), response ? _("This report is not there any more.") : _("There is no connection right now. Please try again."));
  return document.adoptNode(panel);
}
