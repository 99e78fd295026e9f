/** Who is free first: the earliest time with each person, in the clinic's order of fairness, one tap from the last step. */
import { api } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { clockTime, inBothZones } from "../lib/time";
import { _ } from "../lib/words";
import { names, otherZone } from "../scheduling/details";
import type { Slot } from "../scheduling/types";
import { choice, facts } from "./facts";

const SHOWN = 3;

export interface First {
  readonly first: Slot | null;
  readonly items: readonly Slot[];
}

let asked = 0;

export async function showFirst(place: HTMLElement, take: (slot: Slot) => void): Promise<void> {
  const mine = ++asked;
  if (!choice.service || choice.interpreter) {
    fill(place);
    return;
  }
  const query = { service: choice.service.id, practitioner: [...choice.practitioners], language: choice.language || null, patient: choice.patient };
  const found = await api.get<First>("/api/v1/slots/first", { query });
  if (mine !== asked) return; // another choice was made meanwhile
  draw(place, found, take);
}

export function draw(place: HTMLElement, found: First, take: (slot: Slot) => void): void {
  const shown = [...found.items].sort((a, b) => Number(isNight(a)) - Number(isNight(b))).slice(0, SHOWN);
  if (!shown.length) {
    fill(place, h("p", { class: "quiet" }, _("No free time in the next weeks with these people.")));
    return;
  }
  fill(place, h("h3", null, _("First free")), h("ul", { class: "plain stack stack-close" }, ...shown.map((slot) => h("li", null, firstButton(slot, take)))));
}

/** Times that few would choose stand behind the others. */
function isNight(slot: Slot): boolean {
  const hour = Number(clockTime(slot.start).slice(0, 2));
  return hour < 7 || hour >= 21;
}

export function firstButton(slot: Slot, take: (slot: Slot) => void): HTMLElement {
  const when = inBothZones(slot.start, otherZone(slot, facts.practitioners));
  return h("button", { type: "button", class: "button button-wide book-first", "data-start": slot.start, onclick: () => take(slot) }, icon("zap"), h("span", null, h("strong", null, when), h("br"), h("span", { class: "quiet small" }, names(slot, facts.practitioners))));
}
