/** How one is reminded: a choice, a number, and the code that shows whose number it is. */
import { toast, toastProblem } from "../lib/announce";
import { api, Problem } from "../lib/api";
import { fill, h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

interface Reached {
  mobile: string | null;
  verified: boolean;
  texts: boolean;
}

const form = one<HTMLFormElement>("#reminders-form");
const codeForm = maybe<HTMLFormElement>("#code-form");

/** Puts the sentence under the form, and marks the field it is about. */
function sayWrong(place: HTMLElement, field: HTMLInputElement | null, sentence: string): void {
  one("span", place).textContent = sentence;
  place.hidden = !sentence;
  if (sentence) field?.setAttribute("aria-invalid", "true");
  else field?.removeAttribute("aria-invalid");
  if (sentence) field?.focus();
}

async function save(): Promise<void> {
  const chosen = new FormData(form);
  const mobile = maybe<HTMLInputElement>("#mobile");
  const wrong = one("#reminders-wrong");
  sayWrong(wrong, mobile, "");
  try {
    const found = await api.put<Reached>("/api/v1/me/reminders", {
      reminders: chosen.get("reminders"),
      changes_by_mail: chosen.get("changes") !== null,
      mobile: mobile?.value.trim() || null,
    });
    show(found);
    toast(codeForm && !codeForm.hidden ? _("Saved. We sent a code to your number.") : _("Saved."));
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.offline) return toastProblem(problem);
    sayWrong(wrong, problem.errors[0]?.field === "mobile" ? mobile : null, problem.errors[0]?.message ?? problem.message);
  }
}

async function verify(asked: HTMLFormElement): Promise<void> {
  const code = one<HTMLInputElement>("#code", asked);
  const wrong = one("#code-wrong", asked);
  sayWrong(wrong, code, "");
  try {
    show(await api.post<Reached>("/api/v1/me/mobile-code", { code: code.value }));
    asked.reset();
    toast(_("Thank you. Text messages go to this number now."));
    one<HTMLElement>("button[type=submit]", form).focus();
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.offline) return toastProblem(problem);
    sayWrong(wrong, code, problem.errors[0]?.message ?? problem.message);
  }
}

function show(found: Reached): void {
  const field = maybe<HTMLInputElement>("#mobile");
  if (field) field.value = found.mobile ?? "";
  if (codeForm) codeForm.hidden = found.mobile === null || found.verified;
  const state = maybe("#number-state");
  if (!state) return;
  const words = found.verified ? _("This is your number") : _("Not shown to be yours yet");
  fill(state, ...(found.mobile ? [h("span", { class: found.verified ? "tag tag-leaf" : "tag tag-now" }, words)] : []));
}

/** Runs *work* for a press of *button*, once at a time. */
function pressed(button: HTMLButtonElement, work: () => Promise<void>): void {
  if (button.disabled) return;
  button.disabled = true;
  void work().finally(() => (button.disabled = false));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  pressed(one<HTMLButtonElement>("button[type=submit]", form), save);
});
codeForm?.addEventListener("submit", (event) => {
  event.preventDefault();
  pressed(one<HTMLButtonElement>("button[type=submit]", codeForm), () => verify(codeForm));
});
maybe<HTMLButtonElement>("#code-again")?.addEventListener("click", (event) => {
  pressed(event.currentTarget as HTMLButtonElement, save);
});
