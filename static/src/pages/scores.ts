/** The check-in: how today was, and questionnaires. What was chosen stays on the page until the server has it. */
import { announce, toastProblem } from "../lib/announce";
import { api, Problem } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, fill, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

interface Scored {
  readonly total: number | null;
  readonly missing: readonly string[];
}

const root = one("[data-patient]");
const base = `/api/v1/patients/${root.dataset["patient"]}`;

const diary = maybe<HTMLFormElement>("[data-diary]", root);
if (diary) onSubmit(diary, writeDiary);
for (const form of all<HTMLFormElement>("[data-instrument]", root)) onSubmit(form, respond);

function onSubmit(form: HTMLFormElement, send: (form: HTMLFormElement, say: (words: string) => void) => Promise<void>): void {
  const said = one("[data-said]", form);
  const button = one<HTMLButtonElement>("button[type=submit]", form);
  const say = (words: string): void => {
    fill(said, words);
    announce(words);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true"); // not disabled, which would take the focus away
    send(form, say)
      .catch((problem: unknown) => {
        if (!(problem instanceof Problem)) return toastProblem(problem);
        say(problem.errors[0]?.message ?? problem.detail);
        said.tabIndex = -1;
        said.focus();
      })
      .finally(() => button.removeAttribute("aria-disabled"));
  });
}

async function writeDiary(form: HTMLFormElement, say: (words: string) => void): Promise<void> {
  say(_("Saving …"));
  const data = new FormData(form);
  const felt: Record<string, unknown> = { day: form.dataset["diary"], note: String(data.get("note") ?? "") };
  for (const name of ["mood", "gut", "sleep"]) if (data.get(name)) felt[name] = Number(data.get(name));
  await api.post(`${base}/diary`, felt);
  say(_("Saved. Thank you."));
}

async function respond(form: HTMLFormElement, say: (words: string) => void): Promise<void> {
  const answers = answersOf(form);
  const open = Object.values(answers).filter((value) => value === null).length;
  const asked = Object.keys(answers).length;
  if (open > 0 && open < asked) {
    const text = open === 1 ? _("One question is open. Without it there is no total.") : _("{n} questions are open. Without them there is no total.", { n: open });
    if (!(await ask({ title: _("Send it as it is?"), text, confirm: _("Send it"), decline: _("Go back") }))) return;
  }
  say(_("Saving …"));
  const scored = await api.post<Scored>(`${base}/responses`, { instrument: form.dataset["instrument"], version: Number(form.dataset["version"]), answers });
  form.reset();
  say(result(scored));
}

function result(scored: Scored): string {
  if (scored.missing.length) return _("Saved. Some questions are open, so there is no total.");
  if (scored.total === null) return _("Saved. Thank you.");
  return _("Saved. The total is {total}. It says how these days were, and is no diagnosis; your care team sees it.", { total: scored.total });
}

function answersOf(form: HTMLFormElement): Record<string, number | null> {
  const answers: Record<string, number | null> = {};
  for (const input of all<HTMLInputElement>("input", form)) {
    if (input.type === "radio") answers[input.name] = input.checked ? Number(input.value) : (answers[input.name] ?? null);
    else answers[input.dataset["item"] ?? input.name] = input.value === "" ? null : Number(input.value);
  }
  return answers;
}
