/** Free times, by day and by hour of the reader's own clock. */
import { h } from "../lib/dom";
import { civilDay, clockTime, day, sameClock, zoneName } from "../lib/time";
import { _ } from "../lib/words";
import type { Named, Slot } from "./types";

/** Each start once, by the civil day it falls on for the reader. With several people for one start, the first listed stands for it. */
export function byDay(slots: readonly Slot[]): Map<string, Slot[]> {
  const days = new Map<string, Slot[]>();
  let last = "";
  for (const slot of slots) {
    if (slot.start === last) continue;
    last = slot.start;
    const key = civilDay(slot.start);
    const found = days.get(key);
    if (found) found.push(slot);
    else days.set(key, [slot]);
  }
  return days;
}

/** The times nearest to one that is gone, in order. */
export function nearest(slots: readonly Slot[], gone: string, count: number): Slot[] {
  const at = Date.parse(gone);
  const apart = (slot: Slot): number => Math.abs(Date.parse(slot.start) - at);
  const once = [...byDay(slots).values()].flat();
  return once
    .sort((a, b) => apart(a) - apart(b))
    .slice(0, count)
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}

/** Where the clock differs from the reader's: "09:30 New York". Empty when it does not. */
export function elsewhere(slot: Slot, people: readonly Named[]): string {
  const zones = new Set(people.filter((one) => slot.practitioners.includes(one.id)).map((one) => one.zone));
  return [...zones]
    .filter((zone) => !sameClock(slot.start, zone, ownZone()))
    .map((zone) => {
      const other = civilDay(slot.start) === civilDay(slot.start, zone) ? "" : `${day(slot.start, zone)}, `;
      return `${other}${clockTime(slot.start, zone)} ${zoneName(zone)}`;
    })
    .join(", ");
}

function ownZone(): string {
  return document.documentElement.dataset["zone"] || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** One time as a button. Both clocks stand on it when they differ, and with whom where that is not said above. */
export function timeButton(slot: Slot, other: string, withDay: boolean, who: string, choose: () => void): HTMLButtonElement {
  const own = withDay ? `${day(slot.start)}, ${clockTime(slot.start)}` : clockTime(slot.start);
  return h(
    "button",
    { type: "button", class: "button book-time", "data-start": slot.start, onclick: choose },
    h("span", { class: "figures" }, own),
    other && h("span", { class: "book-elsewhere" }, other),
    who && h("span", { class: "book-elsewhere" }, who),
  );
}

/** Morning, afternoon, evening, and last the night, so that a long day stays easy to look over. */
export function partsOfDay(slots: readonly Slot[]): [string, Slot[]][] {
  const parts: [string, Slot[]][] = [
    [_("Morning"), []],
    [_("Afternoon"), []],
    [_("Evening"), []],
    [_("Night and early morning"), []],
  ];
  for (const slot of slots) {
    const hour = Number(clockTime(slot.start).slice(0, 2));
    parts[hour < 7 ? 3 : hour < 12 ? 0 : hour < 17 ? 1 : 2]?.[1].push(slot);
  }
  return parts.filter(([, found]) => found.length > 0);
}
