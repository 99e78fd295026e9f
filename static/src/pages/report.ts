/** Reports: one on its own page, or a patient's list with the place to hand in a new one. */
import { announce } from "../lib/announce";
import { Problem, newKey, upload } from "../lib/api";
import { maybe, one } from "../lib/dom";
import { arrive } from "../lib/places";
import { _ } from "../lib/words";
import { mount } from "../panels/report";
import { renewed } from "../report/arriving";

interface Received {
  readonly id: string;
  readonly state: string;
}

const SECTION = '[data-panel="report"]';
const SO_FAR = "[data-so-far]";

function wireUpload(list: HTMLElement): void {
  const patient = list.dataset["patient"] ?? "";
  const form = one<HTMLFormElement>("[data-upload]", list);
  let key = newKey();
  let unmount: (() => void) | null = null;
  let shown = "";
  let turn = 0;
  new MutationObserver(() => void settle().catch(console.warn)).observe(one("[data-result]", list), { childList: true });
  form.addEventListener("change", () => (key = newKey())); // another file or answer is another intention
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void handIn();
  });

  async function handIn(): Promise<void> {
    const button = one<HTMLButtonElement>("button[type=submit]", form);
    const progress = one("[data-progress]", form);
    const bar = one<HTMLProgressElement>("progress", progress);
    button.disabled = true;
    progress.hidden = false;
    say(_("Sending the file …"));
    try {
      const kept = await upload<Received>(`/api/v1/patients/${patient}/reports`, filled(form), (share) => (bar.value = share), { key });
      say(_("The file is kept. It is being read now."));
      form.reset();
      key = newKey();
      await showResult(kept.id);
    } catch (problem) {
      say(problem instanceof Problem ? worded(problem, form) : _("Something went wrong on this page. Please try again."));
      if (!(problem instanceof Problem)) console.error(problem);
    }
    progress.hidden = true;
    bar.value = 0;
    button.disabled = false;
  }

  async function showResult(report: string): Promise<void> {
    const place = one("[data-result]", list);
    const answer = await fetch(`/patients/${patient}/panels/report?report=${report}`, { credentials: "same-origin" });
    const section = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector<HTMLElement>(SECTION);
    if (!section) return location.assign(`/reports/${report}`);
    unmount?.();
    section.classList.add("card");
    place.replaceChildren(section);
    shown = report;
    unmount = mount(place);
    place.scrollIntoView({ block: "nearest" });
  }

  /** The panel in the result has just been drawn, or drawn anew: say how far the file is, and list it. */
  async function settle(): Promise<void> {
    const section = maybe(SECTION, list);
    if (!section || section.dataset["report"] !== shown) return; // another report is looked at
    const state = section.dataset["state"] ?? "";
    if (state !== "refused") one("[data-said]", form).textContent = told(state);
    const mine = ++turn;
    const answer = await fetch(`/patients/${patient}/reports`, { credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector<HTMLElement>(SO_FAR);
    if (!fresh || mine !== turn) return;
    one(SO_FAR, list).replaceWith(fresh);
    const stands = maybe(`[data-report="${CSS.escape(shown)}"] .tag`, fresh)?.textContent?.trim();
    if (state === "refused" && stands) one("[data-said]", form).textContent = `${stands}.`; // not read, or kept for somebody to explain
  }

  function say(text: string): void {
    one("[data-said]", form).textContent = text;
    announce(text);
  }
}

/** Fields whose answers are numbers; the others are words and days. */
const NUMBERS = new Set(["age", "bmi", "stool_form"]);

/** The form as the API takes it: the file, and everything that was answered as one JSON object. */
function filled(form: HTMLFormElement): FormData {
  const sent = new FormData();
  const metadata: Record<string, string | number> = {};
  for (const [name, value] of new FormData(form)) {
    if (value instanceof File) sent.append(name, value);
    else if (value.trim() !== "") metadata[name] = NUMBERS.has(name) ? Number(value) : value.trim();
  }
  sent.append("metadata", JSON.stringify(metadata));
  return sent;
}

function told(state: string): string {
  if (state === "ready") return _("Read.");
  return state === "choose_sample" ? _("Read. Please choose the sample.") : _("The file is kept. It is being read now.");
}

/** The problem, and the first field that is wrong by the name that the form gives it. */
function worded(problem: Problem, form: HTMLFormElement): string {
  const first = problem.errors[0];
  if (!first) return problem.message;
  const label = maybe(`label[for="${CSS.escape(first.field)}"]`, form)?.textContent ?? first.field;
  return `${problem.message} (${label}: ${first.message})`;
}

/** A report on its own page; when it has been read while somebody waits, the page is drawn with it in place. */
function wireReport(root: HTMLElement): void {
  const stop = mount(root);
  arrive(root);
  maybe("[data-print]", root)?.addEventListener("click", () => print());
  root.addEventListener("report-arrived", () => {
    stop();
    renewed(root).then(
      (fresh) => {
        wireReport(fresh);
        announce(_("The report is ready."));
      },
      () => location.reload(),
    );
  }, { once: true });
}

const list = maybe("[data-report-list]");
if (list) wireUpload(list);
const page = maybe("[data-report-page]");
if (page) wireReport(page);
