/** Moving or cancelling a visit on the page of its personal link, in the days before it. */
import { toast } from "../lib/announce";
import { maybe, one } from "../lib/dom";
import { inBothZones } from "../lib/time";
import { _ } from "../lib/words";
import { cancelVisit } from "../scheduling/cancel";
import { otherZone } from "../scheduling/details";
import { Move, type MoveFacts } from "../scheduling/move";

const root = one("#change");
const facts = JSON.parse(one("#change-facts").textContent ?? "{}") as MoveFacts;
const choices = one("[data-change-choices]", root);
const place = one("[data-move-place]", root);
const names = facts.practitioners.map((each) => each.name).join(_(" and "));

function leave(): void {
  place.hidden = true;
  choices.hidden = false;
  maybe<HTMLElement>("[data-move]", choices)?.focus();
}

/** The page itself then says where the visit is now. */
function again(): void {
  location.reload();
}

const moving = new Move(place, facts, again, leave);

maybe("[data-move]", choices)?.addEventListener("click", () => {
  choices.hidden = true;
  place.hidden = false;
  void moving.open();
});

one("[data-cancel]", choices).addEventListener("click", () => {
  const { id, version, start, end, practitioners } = facts.appointment;
  const when = inBothZones(start, otherZone({ start, end, practitioners }, facts.practitioners));
  void cancelVisit(id, version, _("Cancel {when}, with {names}?", { when, names })).then((done) => {
    if (!done) return;
    toast(_("Your visit is cancelled."));
    again();
  });
});
