/** The questions that go with a change of hands: to whom, and why. A reason is for the team; the patient reads only who answers. */
import { all, h } from "../lib/dom";
import { _ } from "../lib/words";
import type { Member } from "./turn";

/** `to` null: the team; undefined: nothing chosen before. */
export interface Handing {
  readonly to: string | null | undefined;
  readonly reason: string;
}

interface Wanted {
  readonly me: string;
  /** Whether the one who hands over answers until now: then the next person is told why. */
  readonly mine: boolean;
  /** Whether it can be given back to the team. */
  readonly toTeam: boolean;
  readonly patient: string;
  readonly draft: Handing;
}

const REASON_MAX = 1000;

export function handingForm(members: readonly Member[], { me, mine, toTeam, patient, draft }: Wanted): { place: HTMLElement; said: () => Handing } {
  const people = [...members].sort((a, b) => Number(a.account === me) - Number(b.account === me) || a.name.localeCompare(b.name));
  const choices: [string, string, string][] = people.map((member) => [member.account, member.account === me ? _("{name} (you)", { name: member.name }) : member.name, member.role]);
  if (toTeam) choices.push(["", _("The team"), _("whoever comes first")]);
  const chosen = draft.to === undefined ? choices[0]?.[0] : (draft.to ?? "");
  const radios = choices.map(([value, name, role]) => h("label", { class: "choice" }, h("input", { type: "radio", name: "to", value, checked: value === chosen }), h("span", null, name, " ", h("span", { class: "quiet" }, role))));
  const reason = reasonField(mine ? _("Why, for the team") : _("Why, for the team (if you like)"), _("Only the team reads this. {name} reads who answers, and no reason.", { name: patient }), draft.reason);
  const place = h("div", { class: "stack" }, h("fieldset", null, h("legend", null, _("Who answers")), ...radios), reason.place);
  const to = (): string | null => all<HTMLInputElement>("input[name=to]", place).find((input) => input.checked)?.value || null;
  const said = (): Handing => ({ to: to(), reason: reason.said() });
  const insist = (): void => reason.insist(mine && to() !== null);
  place.addEventListener("change", insist);
  place.addEventListener("input", insist);
  insist();
  return { place, said };
}

export function asideForm(before: string): { place: HTMLElement; said: () => string } {
  return reasonField(_("Why, for the team (if you like)"), _("Only the team reads this."), before);
}

function reasonField(label: string, hint: string, before: string): { place: HTMLElement; said: () => string; insist: (wanted: boolean) => void } {
  const field = h("textarea", { id: "turn-reason", rows: 3, maxlength: REASON_MAX, "aria-describedby": "turn-reason-hint" });
  field.value = before;
  const place = h("div", { class: "field" }, h("label", { for: "turn-reason" }, label), h("p", { class: "hint", id: "turn-reason-hint" }, hint), field);
  const insist = (wanted: boolean): void => {
    field.required = wanted;
    field.setCustomValidity(wanted && !field.value.trim() ? _("Say in a few words why you hand it over. Only the team reads it.") : "");
  };
  return { place, said: () => field.value.trim(), insist };
}
