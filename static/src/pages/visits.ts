/** One's visits: cancelling here, moving on the booking page; news of them as they change. */
import { toast } from "../lib/announce";
import { all, maybe } from "../lib/dom";
import { feed } from "../lib/feed";
import { _ } from "../lib/words";
import { cancelVisit } from "../scheduling/cancel";

for (const card of all("[data-visit]")) {
  const button = card.querySelector<HTMLElement>("[data-cancel]");
  button?.addEventListener("click", () => {
    const late = button.dataset["late"] === "yes";
    const text = late ? _("It is soon. Cancelling is all right; please do it only if you really cannot come.") : _("The time becomes free for somebody else at once.");
    const title = _("Cancel {when}, with {names}?", { when: card.dataset["when"] ?? "", names: card.dataset["names"] ?? "" });
    const id = card.dataset["visit"] ?? "";
    void cancelVisit(id, Number(card.dataset["version"]), title, text).then((done) => done && location.assign(`/visits?cancelled=${id}`));
  });
}
feed().on("appointment.", () => toast(_("One of your visits has changed. Load the page again to see it."), "attention"));
maybe("[data-cancelled-now]")?.focus();
