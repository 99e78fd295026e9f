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
  const inside = hosts.filter((person) => person.state === "inside");
  const [one, several] = [names(hosts), hosts.length > 1];
  const [there, severalThere] = [names(inside), inside.length > 1];
  if (mine.state === "waiting" && back === "room") return `${_("You are back in the waiting room for a moment. Nobody sees or hears you here.")} ${(there ? severalThere : several) ? _("You come in by yourself when {names} let you in.", { names: there || one }) : _("You come in by yourself when {name} lets you in.", { name: there || one })}`;
  if (mine.state === "waiting" && there) return severalThere ? _("{names} see that you are waiting. You come in by yourself, nothing more to do.", { names: there }) : _("{name} sees that you are waiting. You come in by yourself, nothing more to do.", { name: there });
  if (mine.state === "waiting") return several ? _("You are next. {names} are not here yet; you come in by yourself, nothing more to do.", { names: one }) : _("You are next. {name} is not here yet; you come in by yourself, nothing more to do.", { name: one });
  if (back === "door") return _("{name} cannot let you in right now. Your place is kept: tell us again in a moment that you are ready.", { name: there || one });
  if (!there) return _("The room is open. Tell us when you are ready.");
  return severalThere ? _("The room is open and {names} are there. Tell us when you are ready.", { names: there }) : _("The room is open and {name} is there. Tell us when you are ready.", { name: there });
}

/** As said aloud: "A", "A and B", "A, B and C". */
function names(people: readonly Participant[]): string {
  const told = people.map((person) => person.name);
  return told.length < 2 ? told.join("") : _("{names} and {last}", { names: told.slice(0, -1).join(", "), last: told.at(-1) ?? "" });
}
