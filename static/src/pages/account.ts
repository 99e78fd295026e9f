/** One's own account: sign-ins, password, zone. */
import { toast, toastProblem } from "../lib/announce";
import { api, Problem } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

function wireSessions(): void {
  for (const row of all("[data-session]")) {
    const button = maybe<HTMLButtonElement>("[data-end]", row);
    button?.addEventListener("click", () => void endSession(row, button));
  }
  const everywhere = one<HTMLButtonElement>("#everywhere");
  everywhere.addEventListener("click", () => void endAll(everywhere));
}

async function endSession(row: HTMLElement, button: HTMLButtonElement): Promise<void> {
  await once(button, async () => {
    await api.delete(`/api/v1/me/sessions/${row.dataset["session"] ?? ""}`);
    row.remove();
    toast(_("That device is signed out."));
    one("#everywhere").focus();
  });
}

async function endAll(button: HTMLButtonElement): Promise<void> {
  const sure = await ask({
    title: _("Sign out everywhere?"),
    text: _("Every device is signed out, this one too, and calls that are open end. Nothing that you wrote is lost."),
    confirm: _("Sign out everywhere"),
    grave: true,
  });
  if (!sure) return;
  await once(button, async () => {
    await api.delete("/api/v1/me/sessions");
    location.assign("/sign-in");
  });
}

function wirePassword(form: HTMLFormElement): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void changePassword(form);
  });
}

async function changePassword(form: HTMLFormElement): Promise<void> {
  const [present, password] = [one<HTMLInputElement>("#present"), one<HTMLInputElement>("#password")];
  sayWrong(null, "");
  await once(one<HTMLButtonElement>("button[type=submit]", form), async () => {
    try {
      await api.put("/api/v1/me/password", { present: present.value, password: password.value });
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.offline) throw problem;
      sayWrong(problem.code === "wrong_password" ? present : password, problem.errors[0]?.message ?? problem.message);
      return;
    }
    form.reset();
    for (const row of all("[data-session]")) if (maybe("[data-end]", row)) row.remove();
    toast(_("Your password is changed."));
  });
}

/** Puts the sentence under the field it is about; an empty one takes it away. */
function sayWrong(field: HTMLInputElement | null, sentence: string): void {
  const place = one("#password-wrong");
  for (const input of [one("#present"), one("#password")]) input.removeAttribute("aria-invalid");
  one("span", place).textContent = sentence;
  place.hidden = !sentence;
  if (!field) return;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

function wireZone(form: HTMLFormElement): void {
  const field = one<HTMLInputElement>("#zone", form);
  one("#zones").append(...Intl.supportedValuesOf("timeZone").map((name) => h("option", { value: name })));
  offerHere(field);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void saveZone(form, field);
  });
}

/** Somebody who travels is offered the zone of the device. */
function offerHere(field: HTMLInputElement): void {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const offer = one("#zone-here");
  if (!here || here === field.value) return;
  one("span", offer).textContent = _("This device is in {zone}.", { zone: here.replaceAll("_", " ") });
  one("button", offer).addEventListener("click", () => {
    field.value = here;
    offer.hidden = true;
    field.focus();
  });
  offer.hidden = false;
}

async function saveZone(form: HTMLFormElement, field: HTMLInputElement): Promise<void> {
  await once(one<HTMLButtonElement>("button[type=submit]", form), async () => {
    await api.patch("/api/v1/me", { zone: field.value.trim() });
    location.reload(); // every time on the page is in the zone
  });
}

/** One try at a time; what fails is said, and nothing typed is lost. */
async function once(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  button.disabled = true;
  try {
    await work();
  } catch (problem) {
    toastProblem(problem);
  } finally {
    button.disabled = false;
  }
}

wireSessions();
wirePassword(one<HTMLFormElement>("#password-form"));
wireZone(one<HTMLFormElement>("#zone-form"));
