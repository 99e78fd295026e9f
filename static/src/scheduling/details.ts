/** A chosen time in words: who, when on both clocks, how long. */
import { h, icon } from "../lib/dom";
import { inBothZones, myZone } from "../lib/time";
import { _ } from "../lib/words";
import type { Named, Slot } from "./types";

export function names(slot: Slot, people: readonly Named[]): string {
  return slot.practitioners.flatMap((id) => people.find((each) => each.id === id)?.name ?? []).join(_(" and "));
}

/** The zone of the first of them whose clock differs from the reader's. */
export function otherZone(slot: Slot, people: readonly Named[]): string {
  const zones = slot.practitioners.flatMap((id) => people.find((each) => each.id === id)?.zone ?? []);
  return zones.find((zone) => zone !== myZone()) ?? zones[0] ?? myZone();
}

export function summary(slot: Slot, people: readonly Named[], what: string): HTMLElement[] {
  const minutes = Math.round((Date.parse(slot.end) - Date.parse(slot.start)) / 60_000);
  return [
    h("p", { class: "lead" }, h("strong", null, names(slot, people))),
    h("p", null, icon("calendar"), " ", h("time", { datetime: slot.start }, inBothZones(slot.start, otherZone(slot, people)))),
    h("p", { class: "quiet" }, `${what} · ${_("{n} minutes, by video", { n: minutes })}`),
  ];
}

