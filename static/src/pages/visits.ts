/** One's visits: cancelling here, saying that one will be there, moving on a page of its own; news of them as they change. */
import { toast, toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { all, fill, icon, maybe } from "../lib/dom";
import { feed } from "../lib/feed";
import { _ } from "../lib/words";
import { cancelVisit } from "../scheduling/cancel";
import { keepOffers } from "../scheduling/kept";

for (const card of all("[data-visit]")) {
  const id = card.dataset["visit"] ?? "";
  maybe("[data-cancel]", card)?.addEventListener("click", () => {
    const title = _("Cancel {when}, with {names}?", { when: card.dataset["when"] ?? "", names: card.dataset["names"] ?? "" });
    void cancelVisit(id, Number(card.dataset["version"]), title).then((done) => done && location.assign(`/visits?cancelled=${id}`));
  });
  const there = maybe<HTMLButtonElement>("[data-confirm]", card);
  there?.addEventListener("click", () => void confirm(id, there));
}

async function confirm(id: string, button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  try {
    await api.post(`/api/v1/appointments/${id}/confirm`, {});
    fill(button, icon("check"), _("You will be there"));
    toast(_("Thank you. We know that you will be there."));
  } catch (problem) {
    button.disabled = false;
    toastProblem(problem);
  }
}

maybe("[data-print]")?.addEventListener("click", () => print());
keepOffers();
feed().on("appointment.", () => toast(_("One of your visits has changed. Load the page again to see it."), "attention"));
maybe("[data-cancelled-now], [data-booked-now]")?.focus();
