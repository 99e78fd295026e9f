/** Reports: one on its own page, or a patient's list with the place to hand in a new one. */
import { announce } from "../lib/announce";
import { Problem, newKey, upload } from "../lib/api";
import { maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { mount } from "../panels/report";

interface Received {
  readonly id: string;
  readonly state: string;
}

const SECTION = '[data-panel="report"]';

function wireUpload(list: HTMLElement): void {
  const patient = list.dataset["patient"] ?? "";
  const form = one<HTMLFormElement>("[data-upload]", list);
  let key = newKey();
  let unmount: (() => void) | null = null;
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
      say(problem instanceof Problem ? worded(problem) : _("Something went wrong on this page. Please try again."));
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
    unmount = mount(place);
    place.scrollIntoView({ block: "nearest" });
  }

  function say(text: string): void {
    one("[data-said]", form).textContent = text;
    announce(text);
  }
}

/** The form as the API takes it: the file, and everything that was answered as one JSON object. */
function filled(form: HTMLFormElement): FormData {
  const sent = new FormData();
  const metadata: Record<string, string | number> = {};
  for (const [name, value] of new FormData(form)) {
    if (value instanceof File) sent.append(name, value);
    else if (value.trim() !== "") metadata[name] = name === "age" || name === "bmi" ? Number(value) : value.trim();
  }
  sent.append("metadata", JSON.stringify(metadata));
  return sent;
}

function worded(problem: Problem): string {
  const first = problem.errors[0];
  return first ? `${problem.message} (${first.field}: ${first.message})` : problem.message;
}

const list = maybe("[data-report-list]");
if (list) wireUpload(list);
const page = maybe("[data-report-page]");
if (page) mount(page);
