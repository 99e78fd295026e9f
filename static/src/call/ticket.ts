/**
 * The ticket that a page brings along for its own first try, so that coming in needs no question of its own. It is good for a
 * minute and for once: whoever comes later, or comes back, asks for another one.
 */
import { maybe } from "../lib/dom";
import type { Ticket } from "./visit";

/** Of its life, on the way and in a slow browser, so much may pass. */
const YOUNG = 0.5;

/** It, while it is young; the page has it once. */
export function brought(): Ticket | null {
  const place = maybe("#ticket");
  if (!place) return null;
  place.remove();
  const ticket = JSON.parse(place.textContent ?? "null") as (Ticket & { readonly good_for_s: number }) | null;
  return ticket && performance.now() < ticket.good_for_s * 1000 * YOUNG ? ticket : null;
}
