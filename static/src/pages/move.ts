/** Another time for a visit, for who is signed in; `scheduling/move` does the work. */
import { fill, h, icon, one } from "../lib/dom";
import { _ } from "../lib/words";
import { Move, type MoveFacts, movedCard } from "../scheduling/move";

const facts = JSON.parse(one("#book-facts").textContent ?? "{}") as MoveFacts;
const place = one("[data-move-place]");
const over = one('[data-step="done"]');
const mine = document.documentElement.dataset["account"] === facts.appointment.patient;
const back = mine ? "/visits" : "/";

const moving = new Move(
  place,
  facts,
  (moved, slot) => {
    place.hidden = true;
    one(".page-head .quiet").hidden = true;
    fill(one("[data-booked]", over), movedCard(moved, facts, slot));
    fill(
      one("[data-next]", over),
      mine && h("a", { class: "button", href: `/visits/${moved.visit}` }, icon("video"), _("Open my visit")),
      h("a", { class: "button", href: back }, mine ? _("All my visits") : _("Done")),
    );
    over.hidden = false;
    one("h2", over).focus();
  },
  () => location.assign(back),
);
void moving.open();
