/** What the page of the three steps begins with, what is chosen so far, and what survives a reload. */
import { one } from "../lib/dom";
import type { Hold, Practitioner, Service, Slot } from "../scheduling/types";

export interface Facts {
  readonly services: readonly Service[];
  readonly practitioners: readonly Practitioner[];
  readonly patient: string | null;
  readonly for_others: boolean;
  /** Languages that somebody here translates. */
  readonly translated: readonly string[];
  readonly hold_minutes: number;
  readonly cancel_notice_minutes: Readonly<Record<string, number>>;
  readonly now: string;
  readonly until: string;
}

export type Step = "what" | "when" | "check" | "done";

export interface Choice {
  service: Service | null;
  practitioners: readonly string[];
  patient: string | null;
  language: string;
  /** The language that somebody is to translate; empty: nobody. */
  interpreter: string;
  topic: string;
  day: string;
}

/** A chosen time that is kept; `until` by this machine's clock, from how long the server keeps it. */
export interface Kept {
  readonly slot: Slot;
  readonly hold: Hold;
  readonly until: number;
  readonly reason: string;
}

export const facts = JSON.parse(one("#book-facts").textContent ?? "{}") as Facts;

const asked = new URLSearchParams(location.search);

export const choice: Choice = {
  service: facts.services.find((each) => each.id === asked.get("service")) ?? null,
  practitioners: asked.getAll("practitioner").filter((id) => facts.practitioners.some((each) => each.id === id)),
  patient: facts.patient,
  language: asked.get("language") ?? "",
  interpreter: asked.get("interpreter") ?? "",
  topic: asked.get("topic") ?? "",
  day: asked.get("day") ?? "",
};

/** The address holds what was chosen, so that a reload and the back button find the place again. */
export function address(step: Step): string {
  const query = new URLSearchParams();
  if (choice.service) query.set("service", choice.service.id);
  for (const id of choice.practitioners) query.append("practitioner", id);
  if (choice.patient) query.set("patient", choice.patient);
  if (choice.language) query.set("language", choice.language);
  if (choice.interpreter) query.set("interpreter", choice.interpreter);
  if (choice.topic) query.set("topic", choice.topic);
  if (choice.day) query.set("day", choice.day);
  return `/book${query.size ? `?${query}` : ""}#${step}`;
}

const SHELF = "telegut-book";

export function remember(kept: Kept | null): void {
  try {
    if (kept) sessionStorage.setItem(SHELF, JSON.stringify(kept));
    else sessionStorage.removeItem(SHELF);
  } catch {
    // Without storage a reload in the last step goes back to the times.
  }
}

export function remembered(): Kept | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(SHELF) ?? "null") as Kept | null;
    return found && found.until > Date.now() ? found : null;
  } catch {
    return null;
  }
}
