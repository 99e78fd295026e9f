/** Parts in a visit in plain words, and what a guest by link is called for. */
import { _ } from "../../lib/words";
import type { Participant } from "../visit";

const WORDS: Readonly<Record<string, string>> = {
  patient: _("patient"),
  guardian: _("guardian"),
  consultant: _("gut-health consultant"),
  nutritionist: _("nutritionist"),
  interpreter: _("interpreter"),
  supporter: _("here for support"),
  student: _("student, here to learn"),
};

/** Who accompanies: their part is always shown beside their name. */
const COMPANIONS = ["interpreter", "supporter", "student"];

export function roleWord(role: string): string {
  return WORDS[role] ?? role;
}

export function accompanies(role: string): boolean {
  return COMPANIONS.includes(role);
}

/** Why somebody cannot be let in yet; empty when they can. Who of a group said no is told to nobody. */
export function heldBack({ consent }: Participant, group: boolean): string {
  if (consent === "asked") return group ? _("Everybody in the room is asked first.") : _("The patient is asked first.");
  if (consent === "refused") return group ? _("Not everybody agreed.") : _("The patient said no.");
  return "";
}

/** Parts to whom a practitioner may show, with the patient's yes, what is beside the video. */
export function maySeePanels(role: string): boolean {
  return role === "interpreter" || role === "supporter";
}
