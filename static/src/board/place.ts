/** Puts what carries `data-from` and `data-to` (minutes of a wall) where it belongs on that wall. */
import { all } from "../lib/dom";

function place(element: HTMLElement, from: number, to: number, first: number, last: number): void {
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

/** *wall* carries `data-first` and `data-last`, its own minutes. */
export function placeAll(wall: HTMLElement): void {
  const [first, last] = [Number(wall.dataset["first"]), Number(wall.dataset["last"])];
  wall.style.setProperty("--hours", String((last - first) / 60));
  for (const each of all("[data-from]", wall)) place(each, Number(each.dataset["from"]), Number(each.dataset["to"]), first, last);
  for (const each of all("[data-minute]", wall)) place(each, Number(each.dataset["minute"]), Number(each.dataset["minute"]), first, last);
  for (const body of all(".agenda-body", wall)) giveLanes(all(".agenda-visit", body));
  wall.classList.add("agenda-placed");
}
