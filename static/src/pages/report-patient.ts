/** A report as its patient reads it: how much, aloud, and questions about it. The panel itself is brought to life by report.ts. */
import { toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { all, maybe, one } from "../lib/dom";
import { Aloud } from "../report/aloud";
import { collectQuestions } from "../report/questions";

const FOCUS_KEY = "telegut reading level";

const started = new WeakSet<HTMLElement>();
let asking: ReturnType<typeof collectQuestions> = null;

/** Brings *page* to life, once; also one that was drawn after the report arrived. */
export function start(page: HTMLElement): void {
  if (started.has(page)) return;
  started.add(page);
  const panel = one('[data-panel="report"]', page);
  const aloud = new Aloud(one("[data-aloud]", page), () => [...all("h1", page), ...all("[data-sheet]", page)]);
  asking?.stop(); // of a page that is no more
  const questions = (asking = collectQuestions(panel.dataset["patient"] ?? ""));
  page.addEventListener("report-shown", () => {
    aloud.stop(); // what it read is no more
    questions?.show();
  });
  for (const button of all<HTMLButtonElement>("[data-level]", page)) button.addEventListener("click", () => void choose(button));
  if (sessionStorage.getItem(FOCUS_KEY)) {
    sessionStorage.removeItem(FOCUS_KEY);
    maybe('[data-level][aria-pressed="true"]', page)?.focus({ preventScroll: true });
  }
}

start(one("[data-report-page]"));

/** The server writes the page, so it is asked for it again. */
async function choose(button: HTMLButtonElement): Promise<void> {
  if (button.getAttribute("aria-pressed") === "true") return;
  try {
    await api.put("/api/v1/me/reading-level", { level: button.dataset["level"] });
    sessionStorage.setItem(FOCUS_KEY, "1");
    location.reload();
  } catch (problem) {
    toastProblem(problem);
  }
}
