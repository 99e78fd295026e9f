/** "I will be there": one tap before the visit, that the practitioner sees on their day. */
import { announce, toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { one } from "../lib/dom";
import { _ } from "../lib/words";

export function wireAnswer(place: HTMLElement): void {
  const button = one<HTMLButtonElement>("#will-be-there", place);
  button.addEventListener("click", () => void say(place, button));
}

async function say(place: HTMLElement, button: HTMLButtonElement): Promise<void> {
  if (button.disabled) return;
  button.disabled = true;
  try {
    await api.post(`/api/v1/appointments/${place.dataset["appointment"] ?? ""}/confirm`, {});
  } catch (problem) {
    toastProblem(problem);
    return;
  } finally {
    button.disabled = false;
  }
  button.hidden = true;
  const said = one("[data-said]", place);
  said.hidden = false;
  said.focus();
  announce(_("Thank you. Your team sees it."));
}
