/** A series of visits: one is cancelled or the rest; what changes meanwhile stands here at once. */
import { toast, toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { ask } from "../lib/dialog";
import { h, one } from "../lib/dom";
import { keepLive } from "../lib/live";
import { _ } from "../lib/words";
import { cancelVisit } from "../scheduling/cancel";

const series = one("#series").dataset["series"] ?? "";
const renew = keepLive({ selector: "[data-live]", events: ["appointment."], shown: () => undefined });

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-cancel], [data-rest]") : null;
  const row = button?.closest<HTMLElement>("[data-visit]");
  if (!button || !row) return;
  if (button.matches("[data-rest]")) void cancelRest(row, Number(button.dataset["count"]));
  else void cancelOne(row);
});

async function cancelOne(row: HTMLElement): Promise<void> {
  const title = _("Cancel {when}, with {names}?", { when: row.dataset["when"] ?? "", names: row.dataset["names"] ?? "" });
  if (!(await cancelVisit(row.dataset["visit"] ?? "", Number(row.dataset["version"]), title))) return;
  toast(_("Cancelled. The other visits of the series stay."));
  renew();
}

/** From this visit on: visits before it stay. */
async function cancelRest(row: HTMLElement, count: number): Promise<void> {
  const words = h("textarea", { class: "input", id: "rest-reason", rows: 2, maxlength: 2000 });
  const content = h("div", { class: "field" }, h("label", { for: "rest-reason" }, _("In your own words (if you like; only the care team reads it)")), words);
  const agreed = await ask({
    title: _("Cancel {n} visits, from {when} on?", { n: count, when: row.dataset["when"] ?? "" }),
    text: _("What is before it stays. Everybody who takes part is told."),
    confirm: _("Cancel these {n}", { n: count }),
    decline: _("Keep them"),
    grave: true,
    content,
  });
  if (!agreed) return;
  try {
    await api.post(`/api/v1/series/${series}/cancel`, { from: row.dataset["start"], reason: words.value });
    toast(_("{n} visits are cancelled.", { n: count }));
    renew();
  } catch (problem) {
    toastProblem(problem);
  }
}
