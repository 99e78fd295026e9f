/** Versions of a report, all of them or one: the newest is signed from here; what others sign or read anew appears. */
import { toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { ask } from "../lib/dialog";
import { maybe } from "../lib/dom";
import { keepLive } from "../lib/live";
import { _ } from "../lib/words";

const PAGE = "[data-versions]";
const renew = keepLive({ selector: PAGE, events: ["report."], shown: wire });

function wire(page: HTMLElement): void {
  const button = maybe<HTMLButtonElement>("[data-sign]", page);
  button?.addEventListener("click", () => void sign(page.dataset["report"] ?? "", button.dataset["sign"] ?? ""));
}

async function sign(report: string, number: string): Promise<void> {
  const sure = await ask({ title: _("Sign version {n}?", { n: number }), text: _("You say that you have looked at this interpretation. It stays as it is for good; a later one is another version."), confirm: _("Sign it") });
  if (!sure) return;
  try {
    await api.post(`/api/v1/reports/${report}/versions/${number}/signature`);
  } catch (problem) {
    toastProblem(problem);
  }
  renew();
}
