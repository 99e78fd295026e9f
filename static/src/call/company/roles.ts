/** Parts in a visit in plain words, and what a guest by link is called for. */
import { _ } from "../../lib/words";

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
