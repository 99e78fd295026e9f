/** Visits whose hour somebody has to look at: one decision each. */
import { toast, toastProblem } from "../lib/announce";
import { api, Problem } from "../lib/api";
import { all, one } from "../lib/dom";
import { _ } from "../lib/words";

async function decide(row: HTMLElement, button: HTMLButtonElement): Promise<void> {
  const buttons = all<HTMLButtonElement>("[data-keep]", row);
  const wrong = one("[data-wrong]", row);
  wrong.hidden = true;
  for (const each of buttons) each.disabled = true;
  try {
    await api.post(`/api/v1/zone-findings/${row.dataset["finding"] ?? ""}/decision`, { keep: button.dataset["keep"] });
    row.remove();
    toast(_("Decided. The patient gets a mail."));
    one("#none-left").hidden = all("[data-finding]").length > 0;
  } catch (problem) {
    for (const each of buttons) each.disabled = false;
    if (!(problem instanceof Problem) || problem.offline) return toastProblem(problem);
    one("span", wrong).textContent = problem.message;
    wrong.hidden = false;
    button.focus();
  }
}

for (const row of all("[data-finding]")) {
  for (const button of all<HTMLButtonElement>("[data-keep]", row)) {
    button.addEventListener("click", () => void decide(row, button));
  }
}
