/** What is said of a call that does not carry everything: to whom it concerns, kindly, and without alarm. */
import { _ } from "../lib/words";
import type { Rung } from "./ladder";
import type { Ends } from "./quality";
import type { Quality, Status, Visit } from "./visit";

const WHOLE: Readonly<Record<Quality, string>> = {
  excellent: _("Connection excellent"),
  good: _("Connection good"),
  poor: _("Connection poor"),
  lost: _("Connection lost"),
};
const PART: Readonly<Record<Quality, string>> = { excellent: _("excellent"), good: _("good"), poor: _("poor"), lost: _("lost") };

/** One's own line, or somebody's: one word where up and down are alike. */
export function endsWords(ends: Ends): string {
  return ends.up === ends.down ? WHOLE[ends.up] : _("Sending {up}, receiving {down}", { up: PART[ends.up], down: PART[ends.down] });
}

/** Worth a word on somebody's picture. */
export function worthSaying(ends: Ends): boolean {
  return [ends.up, ends.down].some((word) => word === "poor" || word === "lost");
}

/** As the ladder knows it: a line that does not carry the whole picture sends poorly, whatever its packets say. */
export function asCarried(own: Ends, rung: Rung): Ends {
  return rung === "video" || own.up === "lost" ? own : { ...own, up: "poor" };
}

/** The way to our server is lost; picture and sound may go on without it. */
export function awayWords(own: Ends | null): string {
  const goesOn = own !== null && own.up !== "lost" && own.down !== "lost";
  if (goesOn) return _("Our server does not answer right now. Picture and sound go on; the rest comes back by itself.");
  return _("We lost the connection. Trying again … your seat is kept.");
}

/** To who is alone in the room: nobody has come yet, or who has left and what one may do. */
export function aloneWords(visit: Visit, me: string): string {
  const gone = visit.participants.filter((person) => person.account !== me && person.state === "left").map((person) => person.name);
  const iLead = visit.participants.some((person) => person.account === me && person.host);
  if (gone.length === 0) return _("Nobody else is in the room yet. You will see them here.");
  const names = gone.join(", ");
  if (iLead) return gone.length > 1 ? _("{names} have left. They can ask to come in again until you end the visit.", { names }) : _("{name} has left, and can ask to come in again until you end the visit.", { name: names });
  return gone.length > 1 ? _("{names} have left. If they do not come back in a moment, the visit is over for you: you can leave, or write.", { names }) : _("{name} has left. If they do not come back in a moment, the visit is over for you: you can leave, or write.", { name: names });
}

/** What one should know about one's own side; empty when all is well. While our server is *away* that is said, and no chat offered. */
export function ownWords(own: Ends | null, rung: Rung, held: boolean, away = false): string {
  if (away && (rung === "text" || own?.up === "lost")) return "";
  if (held) return _("Something else on this device has your microphone, perhaps a phone call. The others do not hear you until it gives it back.");
  if (rung === "text") return _("Neither voice nor picture comes through right now. You can write to each other; we keep trying.");
  if (own?.up === "lost" && own.down === "lost") return _("Your line is gone for the moment. Trying again; your seat is kept.");
  if (rung === "audio") return _("Your line is weak, so only your voice goes out. Your picture comes back by itself.");
  if (rung === "low") return _("Your line is weak, so the others see a smaller picture. It grows again by itself.");
  return "";
}

/** Why somebody is not seen or heard as usual, beyond their own wish; empty when there is nothing to say. */
export function theirWords(name: string, status: Status | null, own: Ends | null, pictureStopped: boolean): string {
  if (status?.held) return _("Something else on {name}'s device has the microphone, perhaps a phone call. They come back by themselves.", { name });
  if (status?.sends === "text") return _("{name}'s line is too weak for the voice. You can write to each other; we keep trying.", { name });
  if (status?.sends === "audio") return _("{name}'s line is weak: only the voice comes. The picture returns by itself.", { name });
  const narrow = own?.down === "poor" && pictureStopped && status?.camera === true;
  return narrow ? _("Your line is too weak for {name}'s picture right now. The voice goes on.", { name }) : "";
}
