/** Comparison groups: load one from a table, and let a second person approve it. */
import { toast, toastProblem } from "../lib/announce";
import { Problem, api, newKey, upload } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, fill, h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { UnknownNames, type UnknownName } from "../report/unknown";

const SAID = "telegut said";
const REASON_MAX = 500;

/** The page says in many places what is so: it is drawn anew, and then says what was done. */
function again(words: string): void {
  sessionStorage.setItem(SAID, words);
  location.assign("/cohorts");
}

function wireLoading(form: HTMLFormElement): void {
  let key = newKey();
  const unknown = new UnknownNames(one("[data-unknown]", form));
  let asked = false;
  form.addEventListener("change", (event) => {
    key = newKey(); // another table or answer is another intention
    if ((event.target as Element).id !== "file") return;
    asked = false; // its columns were not looked at yet
    unknown.show([]);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const open = form.querySelector<HTMLInputElement>(":invalid:not(fieldset)");
    if (open) {
      tell([_("{name} is needed.", { name: labelOf(open.id) })]);
      return open.focus();
    }
    void load();
  });

  async function load(): Promise<void> {
    if (asked && !(await unknown.answered())) return;
    const button = one<HTMLButtonElement>("button[type=submit]", form);
    const progress = one<HTMLProgressElement>("[data-progress]", form);
    button.disabled = true;
    progress.hidden = false;
    tell([]);
    try {
      await upload("/api/v1/cohorts", filled(form, asked ? unknown.confirmed : null), (share) => (progress.value = share), { key });
      return again(_("Kept as a draft. Somebody else approves it."));
    } catch (problem) {
      if (!(problem instanceof Problem)) console.error(problem);
      if (problem instanceof Problem && problem.code === "names_not_known") question(problem);
      else tell(problem instanceof Problem ? worded(problem) : [_("Something went wrong on this page. Please try again.")]);
    }
    progress.hidden = true;
    button.disabled = false;
  }

  function question(problem: Problem): void {
    asked = true;
    unknown.show(problem.body["unknown_names"] as UnknownName[]);
    tell([_("Some columns have names that are not known to us. Please answer below, and check it again.")]);
    one("[data-unknown] input", form).focus();
  }

  function tell(lines: readonly string[]): void {
    const banner = one("[data-problem]", form);
    fill(one("[data-problem-text]", banner), lines.length > 1 ? h("ul", null, ...lines.map((line) => h("li", null, line))) : h("p", null, lines[0] ?? ""));
    banner.hidden = lines.length === 0;
    if (lines.length) banner.scrollIntoView({ block: "nearest" });
  }

  function worded(problem: Problem): string[] {
    const lines = problem.errors.map((error) => (error.field === "file" ? error.message : `${labelOf(error.field)}: ${error.message}`));
    return lines.length ? lines : [problem.message];
  }

  function labelOf(id: string): string {
    return maybe(`label[for="${CSS.escape(id)}"]`, form)?.textContent ?? id;
  }
}

/** The form as the API takes it: the table, and everything that was answered as one JSON object. Confirmed: null before anybody was asked. */
function filled(form: HTMLFormElement, confirmed: readonly string[] | null): FormData {
  const sent = new FormData();
  const facts: Record<string, string | boolean | readonly string[]> = confirmed ? { confirmed, unknown: "leave_out" } : {};
  for (const [name, value] of new FormData(form)) {
    if (value instanceof File) sent.append(name, value);
    else if (name === "dots_allowed") facts[name] = true;
    else if (value.trim() !== "") facts[name] = value.trim();
  }
  sent.append("facts", JSON.stringify(facts));
  return sent;
}

function wireGroup(card: HTMLElement): void {
  const path = `/api/v1/cohorts/${card.dataset["cohort"] ?? ""}`;
  const name = card.dataset["name"] ?? "";
  maybe("[data-approve]", card)?.addEventListener("click", () => void approve());
  maybe("[data-discard]", card)?.addEventListener("click", () => void discard());
  maybe("[data-withdraw]", card)?.addEventListener("click", () => void withdraw());

  async function approve(): Promise<void> {
    const text = _("Reports that were measured the same way are then compared with these people. Nothing of the group can be changed after that.");
    if (await ask({ title: _("Approve {name}?", { name }), text, confirm: _("Approve it") })) await done(() => api.post(`${path}/approve`), _("Approved. It is in use."));
  }

  async function discard(): Promise<void> {
    const text = _("The draft and its values are removed.");
    if (await ask({ title: _("Throw {name} away?", { name }), text, confirm: _("Throw it away"), grave: true })) await done(() => api.delete(path), _("Thrown away."));
  }

  async function withdraw(): Promise<void> {
    const field = h("textarea", { id: "withdraw-why", rows: 3, maxlength: REASON_MAX });
    const content = h("div", { class: "field" }, h("label", { for: "withdraw-why" }, _("Why")), field);
    const text = _("No new report is compared with it. Reports that were say that it was withdrawn.");
    for (;;) {
      if (!(await ask({ title: _("Withdraw {name}?", { name }), text, content, confirm: _("Withdraw it"), grave: true }))) return;
      const why = field.value.trim();
      if (why) return done(() => api.post(`${path}/withdraw`, { why }), _("Withdrawn."));
      toast(_("Please say why."), "attention");
    }
  }
}

async function done(act: () => Promise<unknown>, words: string): Promise<void> {
  try {
    await act();
    again(words);
  } catch (problem) {
    toastProblem(problem);
  }
}

const form = maybe<HTMLFormElement>("[data-load]");
if (form) wireLoading(form);
for (const card of all("[data-cohort]")) wireGroup(card);
const said = sessionStorage.getItem(SAID);
sessionStorage.removeItem(SAID);
if (said) toast(said);
