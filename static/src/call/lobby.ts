/** What is said before the door: why somebody is where they are, and what happens next. */
import { _ } from "../lib/words";
import type { Participant, Place, Visit } from "./visit";

/** Put back by a host, seen from this page: out of the `room` to wait, or from waiting to one's check, "not now" at the `door`. */
export type PutBack = "room" | "door" | null;

/** What a step from one place to the next means; `before` is null for who has just come. */
export function putBack(before: Place | null, now: Place, meant: PutBack): PutBack {
  if (before === now) return meant;
  if (before === "inside" && now === "waiting") return "room";
  if (before === "waiting" && now === "checking") return "door";
  return null;
}

export function lobbyWords(visit: Visit, mine: Participant, back: PutBack): string {
  const hosts = visit.participants.filter((person) => person.host);
  const name = names(hosts);
  const there = names(hosts.filter((person) => person.state === "inside"));
  if (mine.state === "waiting" && back === "room") return _("You are back in the waiting room for a moment. Nobody sees or hears you here. You come in by yourself when {name} lets you in.", { name: there || name });
  if (mine.state === "waiting") {
    return there
      ? _("{name} sees that you are waiting. You come in by yourself, nothing more to do.", { name: there })
      : _("You are next. {name} is not here yet; you come in by yourself, nothing more to do.", { name });
  }
  if (back === "door") return _("{name} cannot let you in right now. Your place is kept: tell us again in a moment that you are ready.", { name: there || name });
  return there ? _("The room is open and {name} is there. Tell us when you are ready.", { name: there }) : _("The room is open. Tell us when you are ready.");
}

function names(people: readonly Participant[]): string {
  return people.map((person) => person.name).join(", ");
}
