/** Versions of a report: the newest is signed from here. */
import { toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { ask } from "../lib/dialog";
import { maybe } from "../lib/dom";
import { _ } from "../lib/words";

const page = maybe("[data-versions]");
const button = maybe<HTMLButtonElement>("[data-sign]");

async function sign(report: string, number: string): Promise<void> {
  const sure = await ask({ title: _("Sign version {n}?", { n: number }), text: _("You say that you have looked at this interpretation. It stays as it is for good; a later one is another version."), confirm: _("Sign it") });
  if (!sure) return;
  try {
    await api.post(`/api/v1/reports/${report}/versions/${number}/signature`);
    location.reload();
  } catch (problem) {
    toastProblem(problem);
  }
}

button?.addEventListener("click", () => void sign(page?.dataset["report"] ?? "", button.dataset["sign"] ?? ""));
