/** Notices that did not leave: trying one again. */
import { toast, toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { all } from "../lib/dom";
import { _ } from "../lib/words";

async function tryAgain(button: HTMLButtonElement, id: string): Promise<void> {
  button.disabled = true;
  try {
    await api.post(`/api/v1/notices/${id}/again`);
    toast(_("It is tried again now."));
    button.remove();
  } catch (problem) {
    button.disabled = false;
    toastProblem(problem);
  }
}

for (const button of all<HTMLButtonElement>("[data-again]")) {
  const id = button.closest<HTMLElement>("[data-notice]")?.dataset["notice"] ?? "";
  button.addEventListener("click", () => void tryAgain(button, id));
}
