/** The week as a picture: hours and visits are put where their times are. Without this script they stand in a list. */
import { toast } from "../lib/announce";
import { all, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { _ } from "../lib/words";

const week = one(".agenda");
const first = Number(week.dataset["first"]);
const last = Number(week.dataset["last"]);

function place(element: HTMLElement, from: number, to: number): void {
  element.style.setProperty("--from", String((from - first) / (last - first)));
  element.style.setProperty("--long", String((to - from) / (last - first)));
}

/** Visits at the same time stand side by side: each takes the first lane that is free. */
function giveLanes(visits: readonly HTMLElement[]): void {
  const ends: number[] = [];
  for (const visit of visits) {
    const from = Number(visit.dataset["from"]);
    const free = ends.findIndex((end) => end <= from);
    const lane = free >= 0 ? free : ends.length;
    ends[lane] = Number(visit.dataset["to"]);
    visit.style.setProperty("--lane", String(lane));
  }
  for (const visit of visits) visit.style.setProperty("--lanes", String(Math.max(1, ends.length)));
}

week.style.setProperty("--hours", String((last - first) / 60));
for (const each of all("[data-from]", week)) place(each, Number(each.dataset["from"]), Number(each.dataset["to"]));
for (const each of all("[data-minute]", week)) place(each, Number(each.dataset["minute"]), Number(each.dataset["minute"]));
for (const body of all(".agenda-body", week)) giveLanes(all(".agenda-visit", body));
week.classList.add("agenda-placed");
feed().on("appointment.", () => toast(_("Your week has changed. Load the page again to see it."), "attention"));
