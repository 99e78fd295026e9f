/** The week as a picture: hours and visits are put where their times are. Without this script they stand in a list. */
import { toast } from "../lib/announce";
import { all, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { _ } from "../lib/words";

const week = one(".week");
const first = Number(week.dataset["first"]);
const last = Number(week.dataset["last"]);

function place(element: HTMLElement, from: number, to: number): void {
  element.style.setProperty("--from", String((from - first) / (last - first)));
  element.style.setProperty("--long", String((to - from) / (last - first)));
}

week.style.setProperty("--hours", String((last - first) / 60));
for (const each of all("[data-from]", week)) place(each, Number(each.dataset["from"]), Number(each.dataset["to"]));
for (const each of all("[data-minute]", week)) place(each, Number(each.dataset["minute"]), Number(each.dataset["minute"]));
week.classList.add("week-placed");
feed().on("appointment.", () => toast(_("Your week has changed. Load the page again to see it."), "attention"));
