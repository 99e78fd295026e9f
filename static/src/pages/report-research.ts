/** The decision about research: given or taken back, and the page then says what holds. */
import { toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { all, one } from "../lib/dom";

const page = one("[data-research]");

async function decide(given: boolean): Promise<void> {
  try {
    await api.put(`/api/v1/patients/${page.dataset["patient"] ?? ""}/research-consent`, { given, words: page.dataset["words"] });
    location.reload();
  } catch (problem) {
    toastProblem(problem);
  }
}

for (const button of all("[data-decide]")) {
  button.addEventListener("click", () => void decide(button.dataset["decide"] === "yes"));
}
