/** How long messages are kept, and legal holds: each needs a reason, and what takes words away asks once more. */
import { toast, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, fill, h, icon, one } from "../lib/dom";
import { _ } from "../lib/words";

interface Policy {
  readonly keep_years: number | null;
  readonly version: number;
}

const SAID = "telegut said";
const REASON_MAX = 1000;
let policy = JSON.parse(one("#retention-facts").textContent ?? "{}") as Policy;

function years(n: number | null): string {
  if (n === null) return _("for ever");
  return n === 1 ? _("one year") : _("{n} years", { n });
}

function wrong(text: string): void {
  const place = one('[data-wrong="keep_years"]');
  fill(place, text && icon("circle-alert"), text && h("span", null, text));
  place.hidden = !text;
  one("#keep_years").toggleAttribute("aria-invalid", Boolean(text));
}

function say(text: string): void {
  const banner = one("#years-problem");
  one("[data-text]", banner).textContent = text;
  banner.hidden = !text;
}

/** The page says in many places what is so: it is drawn anew, and then says what was done. */
function again(words: string): void {
  sessionStorage.setItem(SAID, words);
  location.assign("/retention");
}

async function storeYears(): Promise<void> {
  const field = one<HTMLInputElement>("#keep_years");
  const n = field.value === "" ? null : Number(field.value);
  const fits = field.validity.valid && (n === null || (Number.isInteger(n) && n >= 1 && n <= 100));
  wrong(fits ? "" : _("Choose from 1 to 100 years, or leave it empty."));
  if (!fits) return field.focus();
  const shorter = n !== null && (policy.keep_years === null || n < policy.keep_years);
  const question = { title: _("Keep messages {n}?", { n: years(n) }), text: _("Older messages lose their words within the hour, for everybody, and nobody can bring them back. Records that are held stay."), confirm: _("Yes, keep them {n}", { n: years(n) }), grave: true };
  if (shorter && !(await ask(question))) return;
  try {
    policy = await api.put<Policy>("/api/v1/retention", { version: policy.version, keep_years: n });
    again(_("Stored."));
  } catch (problem) {
    const current = problem instanceof Problem && problem.status === 409 ? (problem.body["current"] as Policy | undefined) : undefined;
    if (!current) return toastProblem(problem);
    policy = current;
    say(_("Somebody else has just changed this: messages are kept {n}. Yours is still here and not stored; store it again if it should hold.", { n: years(current.keep_years) }));
  }
}

async function withReason(title: string, text: string, confirm: string, path: string, body: Readonly<Record<string, unknown>>, done: string): Promise<void> {
  const field = h("textarea", { id: "hold-reason", rows: 3, maxlength: REASON_MAX, "aria-describedby": "hold-reason-hint" });
  const content = h("div", { class: "field" }, h("label", { for: "hold-reason" }, _("Why")), h("p", { class: "hint", id: "hold-reason-hint" }, _("Kept sealed with the hold, for example the file number of a court.")), field);
  for (let reason = ""; ; ) {
    if (!(await ask({ title, text, content, confirm }))) return;
    reason = field.value.trim();
    if (!reason) {
      toast(_("Please say why."), "attention");
      continue;
    }
    try {
      await api.post(path, { ...body, reason });
      return again(done);
    } catch (problem) {
      toastProblem(problem);
      if (!(problem instanceof Problem && problem.offline)) return;
    }
  }
}

one("#years-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void storeYears();
});
for (const button of all<HTMLButtonElement>("[data-place]")) {
  const name = button.dataset["name"] ?? "";
  button.addEventListener("click", () => void withReason(_("Hold the record of {name}?", { name }), _("From now on nothing of it is removed or erased."), _("Hold it"), "/api/v1/legal-holds", { patient: button.dataset["place"] }, _("Held.")));
}
for (const button of all<HTMLButtonElement>("[data-lift]")) {
  const name = button.dataset["name"] ?? "";
  const hold = button.closest<HTMLElement>("[data-hold]")?.dataset["hold"] ?? "";
  button.addEventListener("click", () => void withReason(_("Lift the hold on the record of {name}?", { name }), _("From then on the clinic’s years count for it again."), _("Lift it"), `/api/v1/legal-holds/${hold}/lift`, {}, _("Lifted.")));
}
const said = sessionStorage.getItem(SAID);
sessionStorage.removeItem(SAID);
if (said) toast(said);
