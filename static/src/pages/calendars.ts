/** One's visits in one's own calendars: private addresses, app passwords, and calendars elsewhere. */
import { announce, toast, toastProblem } from "../lib/announce";
import { api, Problem, type ItemPage } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

interface Made {
  readonly id: string;
  readonly opens: "feed" | "caldav";
  readonly url: string;
  readonly user: string | null;
  readonly password: string | null;
}

interface Source {
  readonly id: string;
  readonly read_at: string | null;
  readonly failure: string | null;
}

/** How often and how long the page asks whether a new calendar elsewhere was read. */
const LOOK_MS = 2000;
const LOOKS = 30;

function wireMaking(form: HTMLFormElement): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void sending(form, () => make(form));
  });
}

async function make(form: HTMLFormElement): Promise<void> {
  const opens = form.dataset["make"] ?? "feed";
  const name = one<HTMLInputElement>("input[type=text]", form).value.trim();
  const initials = maybe<HTMLInputElement>("[name=initials]", form)?.checked;
  const made = await api.post<Made>("/api/v1/calendar-feeds", { name, opens, ...(initials ? { shows: "initials" } : {}) });
  form.hidden = true;
  show(made, one("[data-made]", form.parentElement ?? document));
}

/** What was made is shown this once; the page is fresh after it. */
function show(made: Made, place: HTMLElement): void {
  const done = h("button", { type: "button", class: "button button-main", onclick: () => location.reload() }, _("I have it"));
  const title = h("p", { tabindex: "-1" }, h("strong", null, _("Copy this now. It is not shown again.")));
  const parts =
    made.opens === "feed"
      ? [
          copied(_("Address for your calendar"), made.url),
          h("p", { class: "quiet" }, _("In your calendar, choose “subscribe” or “add by URL” and paste it. Whoever has it sees when you have visits; if it gets lost, remove it here.")),
          h("p", { class: "row" }, done, h("a", { class: "button", href: made.url.replace(/^https?:/, "webcal:") }, icon("calendar-plus"), _("Open in my calendar"))),
        ]
      : [
          copied(_("Server"), made.url),
          copied(_("User name"), made.user ?? ""),
          copied(_("App password"), made.password ?? ""),
          h("p", { class: "quiet" }, _("It opens your visits to read, and nothing else here.")),
          h("p", { class: "row" }, done),
        ];
  fill(place, h("div", { class: "banner stack" }, h("div", { class: "stack calendars-made" }, title, ...parts)));
  place.hidden = false;
  title.focus();
}

let fields = 0;

function copied(label: string, value: string): HTMLElement {
  fields += 1;
  const id = `made-${fields}`;
  const input = h("input", { id, type: "text", readonly: true, value, spellcheck: "false", onfocus: () => input.select() });
  const button = h("button", { type: "button", class: "button", "aria-label": _("Copy: {what}", { what: label }), onclick: () => void copy(input) }, icon("copy"), _("Copy"));
  return h("div", { class: "field" }, h("label", { for: id }, label), h("div", { class: "calendars-copy" }, input, button));
}

async function copy(input: HTMLInputElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(input.value);
    toast(_("It is copied."));
  } catch {
    input.select(); // no clipboard without TLS: marked, so that the keyboard's own copying takes it
    announce(_("It is selected. Copy it with your keyboard."));
  }
}

function wireRemoving(): void {
  for (const button of all<HTMLButtonElement>("[data-revoke]")) {
    button.addEventListener("click", () => {
      const question = _("“{name}” does not read your visits any more from now on.", { name: button.dataset["name"] ?? "" });
      void remove(button, `/api/v1/calendar-feeds/${button.closest<HTMLElement>("[data-key]")?.dataset["key"] ?? ""}`, question);
    });
  }
  for (const button of all<HTMLButtonElement>("[data-remove]")) {
    button.addEventListener("click", () => {
      const question = _("You can be booked while “{name}” has something.", { name: button.dataset["name"] ?? "" });
      void remove(button, `/api/v1/busy-calendars/${button.closest<HTMLElement>("[data-source]")?.dataset["source"] ?? ""}`, question);
    });
  }
}

async function remove(button: HTMLButtonElement, path: string, text: string): Promise<void> {
  if (!(await ask({ title: _("Remove this calendar?"), text, confirm: _("Remove it"), grave: true }))) return;
  button.disabled = true;
  try {
    await api.delete(path);
    location.reload();
  } catch (problem) {
    button.disabled = false;
    toastProblem(problem);
  }
}

function wireBusy(form: HTMLFormElement): void {
  const signIn = one("[data-sign-in]", form);
  for (const kind of all<HTMLInputElement>("[name=kind]", form)) {
    kind.addEventListener("change", () => (signIn.hidden = one<HTMLInputElement>("[name=kind]:checked", form).value !== "caldav"));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void sending(form, () => add(form));
  });
}

async function add(form: HTMLFormElement): Promise<void> {
  const value = (id: string): string => one<HTMLInputElement>(`#busy-${id}`, form).value.trim();
  const kind = one<HTMLInputElement>("[name=kind]:checked", form).value;
  const signIn = kind === "caldav" ? { user: value("user"), password: one<HTMLInputElement>("#busy-password", form).value } : {};
  await api.post("/api/v1/busy-calendars", { kind, name: value("name"), url: value("url"), ...signIn });
  location.reload();
}

/** Sends a form once; what was wrong stands under it, and nothing typed is lost. */
async function sending(form: HTMLFormElement, work: () => Promise<void>): Promise<void> {
  const [button, wrong] = [one<HTMLButtonElement>("[type=submit]", form), one("[data-wrong]", form)];
  button.disabled = true;
  wrong.hidden = true;
  for (const input of all("[aria-invalid]", form)) input.removeAttribute("aria-invalid");
  try {
    await work();
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.offline) toastProblem(problem);
    else refuse(form, wrong, problem);
  } finally {
    button.disabled = false;
  }
}

function refuse(form: HTMLFormElement, wrong: HTMLElement, problem: Problem): void {
  const error = problem.errors[0];
  const field = maybe<HTMLInputElement>(`[id$="-${error?.field ?? "name"}"]`, form);
  const words = field && !field.value.trim() ? _("This cannot stay empty.") : (error?.message ?? problem.message);
  fill(wrong, icon("circle-alert"), h("span", null, words));
  wrong.hidden = false;
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

/** A calendar that was just named is read within moments; the page shows how that went. */
async function watch(): Promise<void> {
  const waiting = all("[data-waiting]").map((row) => row.dataset["source"]);
  for (let looks = 0; waiting.length && looks < LOOKS; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const { items } = await api.get<ItemPage<Source>>("/api/v1/busy-calendars");
    if (items.some((each) => waiting.includes(each.id) && (each.read_at || each.failure)) && !typing()) return location.reload();
  }
}

/** Nobody loses what they are writing because something was read. */
function typing(): boolean {
  return all<HTMLInputElement>("form input").some((input) => !["radio", "checkbox"].includes(input.type) && input.value) || maybe("[data-made]:not([hidden])") !== null;
}

for (const form of all<HTMLFormElement>("[data-make]")) wireMaking(form);
const busy = maybe<HTMLFormElement>("#busy-form");
if (busy) wireBusy(busy);
wireRemoving();
watch().catch(() => undefined); // nobody asked for it; the next visit of the page shows it
