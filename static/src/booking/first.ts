/** Who is free first: the earliest time by day with each person, the own care team before others, one tap from the last step; and why. */
import { api } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { inBothZones } from "../lib/time";
import { _ } from "../lib/words";
import { names, otherZone } from "../scheduling/details";
import type { Slot } from "../scheduling/types";
import { choice, facts } from "./facts";

const SHOWN = 3;

/** A first free time and why it stands where it does: `own_team`, they see the patient already; `night`, on the patient's wall. */
export interface FirstSlot extends Slot {
  readonly own_team: boolean;
  readonly night: boolean;
  readonly booked: readonly { readonly count: number }[];
}

export interface First {
  readonly first: FirstSlot | null;
  readonly items: readonly FirstSlot[];
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
  const shown = found.items.slice(0, SHOWN);
  if (!shown.length) {
    fill(place, h("p", { class: "quiet" }, _("No free time in the next weeks with these people.")));
    return;
  }
  fill(place, h("h3", null, _("First free")), h("ul", { class: "plain stack stack-close" }, ...shown.map((slot) => h("li", null, firstButton(slot, take, why(slot, shown))))));
}

/** Why a time stands where it stands, in words; empty: it is the earliest, which everybody sees. */
function why(slot: FirstSlot, shown: readonly FirstSlot[]): string {
  if (slot.night) return _("In the night; no time by day is free.");
  if (slot.own_team) return facts.for_others ? _("Of the care team.") : _("Sees you already.");
  const [first] = shown;
  if (first?.own_team && Date.parse(slot.start) < Date.parse(first.start)) return facts.for_others ? _("Sooner, but not of the care team.") : _("Sooner, with somebody new to you.");
  const equals = shown.filter((each) => each.start === slot.start && !each.own_team);
  const most = Math.max(...equals.map(count));
  return equals.length > 1 && count(slot) < most ? _("Fewest visits lately of those who are free then.") : "";
}

function count(slot: FirstSlot): number {
  return slot.booked.reduce((sum, each) => sum + each.count, 0);
}

export function firstButton(slot: Slot, take: (slot: Slot) => void, why = ""): HTMLElement {
  const when = inBothZones(slot.start, otherZone(slot, facts.practitioners));
  return h("button", { type: "button", class: "button button-wide book-first", "data-start": slot.start, onclick: () => take(slot) }, icon("zap"), h("span", null, h("strong", null, when), h("br"), h("span", { class: "quiet small" }, names(slot, facts.practitioners), why && ` · ${why}`)));
}
