/** How one is told: by which ways, when, on which devices; and the code that shows whose number it is. */
import { toast, toastProblem } from "../lib/announce";
import { api, Problem } from "../lib/api";
import { all, fill, h, maybe, one } from "../lib/dom";
import { canPush, type Device, type PushState, pushState, register, thisDevice, turnOff, turnOn } from "../lib/push";
import { _ } from "../lib/words";

interface Chosen extends Record<string, unknown> {
  mobile: string | null;
  verified: boolean;
  texts: boolean;
}

const account = document.documentElement.dataset["account"] ?? "";
const form = one<HTMLFormElement>("#notices-form");
const codeForm = maybe<HTMLFormElement>("#code-form");
const MATTERS = ["message", "urgent", "visit", "plan", "report"];
const TIMES = ["quiet_from", "quiet_until", "daily_at"];

/** Puts the sentence under the form, and marks the field it is about. */
function sayWrong(place: HTMLElement, field: HTMLInputElement | null, sentence: string): void {
  one("span", place).textContent = sentence;
  place.hidden = !sentence;
  if (sentence) field?.setAttribute("aria-invalid", "true");
  else field?.removeAttribute("aria-invalid");
  if (sentence) field?.focus();
}

/** What the form says; of what it does not show, what was chosen before. */
function wanted(): Record<string, unknown> {
  const before = JSON.parse(form.dataset["chosen"] ?? "{}") as Chosen;
  const now = new FormData(form);
  const ways = MATTERS.map((name) => [name, maybe(`[data-matter="${name}"]`) ? now.getAll(name) : before[name]]);
  const times = TIMES.map((name) => [name, now.get(name) || before[name]]);
  return {
    ...Object.fromEntries([...ways, ...times]),
    quiet: now.get("quiet"),
    pace: now.get("pace"),
    again: now.get("again") !== null,
    changes_by_mail: now.get("changes_by_mail") !== null,
    mobile: (now.get("mobile") as string | null)?.trim() || null,
  };
}

async function save(): Promise<void> {
  const wrong = one("#notices-wrong");
  for (const field of all<HTMLInputElement>("[aria-invalid]", form)) field.removeAttribute("aria-invalid");
  sayWrong(wrong, null, "");
  try {
    const found = await api.put<Chosen>("/api/v1/me/notices", wanted());
    form.dataset["chosen"] = JSON.stringify(found);
    show(found);
    toast(codeForm && !codeForm.hidden ? _("Saved. We sent a code to your number.") : _("Saved."));
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.offline) return toastProblem(problem);
    const [first] = problem.errors;
    sayWrong(wrong, first ? maybe<HTMLInputElement>(`#${CSS.escape(first.field)}`) : null, first?.message ?? problem.message);
  }
}

async function verify(asked: HTMLFormElement): Promise<void> {
  const code = one<HTMLInputElement>("#code", asked);
  const wrong = one("#code-wrong", asked);
  sayWrong(wrong, code, "");
  try {
    show(await api.post<Chosen>("/api/v1/me/mobile-code", { code: code.value }));
    asked.reset();
    toast(_("Thank you. Text messages go to this number now."));
    one<HTMLElement>("button[type=submit]", form).focus();
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.offline) return toastProblem(problem);
    sayWrong(wrong, code, problem.errors[0]?.message ?? problem.message);
  }
}

function show(found: Chosen): void {
  const field = maybe<HTMLInputElement>("#mobile");
  if (field) field.value = found.mobile ?? "";
  if (codeForm) codeForm.hidden = found.mobile === null || found.verified;
  const state = maybe("#number-state");
  if (!state) return;
  const words = found.verified ? _("This is your number") : _("Not shown to be yours yet");
  fill(state, ...(found.mobile ? [h("span", { class: found.verified ? "tag tag-leaf" : "tag tag-now" }, words)] : []));
}

/** Fields that belong to one choice are there with it. */
function showDependents(): void {
  const now = new FormData(form);
  for (const place of all("[data-shown-for]", form)) {
    const [name = "", value] = (place.dataset["shownFor"] ?? "").split("=");
    place.hidden = now.get(name) !== value;
  }
}

const SAYS: Readonly<Record<PushState, string>> = {
  on: _("Notices are shown on this device, also while no page of ours is open."),
  off: _("A notice can be shown on this device as soon as something waits for you."),
  denied: _("Your browser does not let us show notices here. You can change that in its settings for this site."),
  missing: _("This browser cannot show notices. On an iPhone, add this page to the home screen first."),
};

async function showDevice(): Promise<void> {
  const state = canPush() ? await pushState(account) : "missing";
  one("[data-push-text]").textContent = SAYS[state];
  one("[data-push-choice]").hidden = state !== "off" && state !== "on";
  one("[data-push-on]").hidden = state !== "off";
  one("[data-push-off]").hidden = state !== "on";
  for (const row of all("[data-device]")) row.hidden = row.dataset["device"] === thisDevice(account) && state === "on";
  one("[data-others]").hidden = all("[data-device]").every((row) => row.hidden);
}

async function changeDevice(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (problem) {
    if (problem instanceof Problem) toastProblem(problem);
    else toast(_("Your browser could not do it. Please try again later."));
  }
  await showDevice();
}

async function remove(row: HTMLElement): Promise<void> {
  const id = row.dataset["device"] ?? "";
  if (id === thisDevice(account)) await turnOff(account);
  else await api.delete<Device>(`/api/v1/me/push-devices/${id}`);
  row.remove();
  one("#push h2").setAttribute("tabindex", "-1");
  one("#push h2").focus();
}

/** Runs *work* for a press of *button*, once at a time. */
function pressed(button: HTMLButtonElement, work: () => Promise<void>): void {
  if (button.disabled) return;
  button.disabled = true;
  void work().finally(() => (button.disabled = false));
}

form.addEventListener("change", showDependents);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  pressed(one<HTMLButtonElement>("button[type=submit]", form), save);
});
codeForm?.addEventListener("submit", (event) => {
  event.preventDefault();
  pressed(one<HTMLButtonElement>("button[type=submit]", codeForm), () => verify(codeForm));
});
const onPress = (selector: string, work: (button: HTMLButtonElement) => Promise<void>): void => {
  for (const button of all<HTMLButtonElement>(selector)) button.addEventListener("click", () => pressed(button, () => work(button)));
};
onPress("#code-again", save);
onPress("[data-push-on]", () => changeDevice(() => turnOn(account, form.dataset["key"] ?? "")));
onPress("[data-push-off]", () => changeDevice(() => turnOff(account)));
onPress("[data-remove]", (button) => changeDevice(() => remove(button.closest<HTMLElement>("[data-device]") ?? button)));
showDependents();
register()
  .catch(() => null)
  .then(showDevice)
  .catch(() => undefined);
