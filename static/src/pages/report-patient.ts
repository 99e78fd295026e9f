/** A report as its patient reads it: how much, aloud, and questions about it. The panel itself is brought to life by report.ts. */
import { toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { all, maybe, one } from "../lib/dom";
import { Aloud } from "../report/aloud";
import { collectQuestions } from "../report/questions";

const FOCUS_KEY = "telegut reading level";

const page = one("[data-report-page]");
const panel = one('[data-panel="report"]', page);

new Aloud(one("[data-aloud]", page), () => [...all("h1", page), ...all("[data-sheet]", page)]);
collectQuestions(panel.dataset["patient"] ?? "");

for (const button of all<HTMLButtonElement>("[data-level]", page)) button.addEventListener("click", () => void choose(button));
if (sessionStorage.getItem(FOCUS_KEY)) {
  sessionStorage.removeItem(FOCUS_KEY);
  maybe('[data-level][aria-pressed="true"]', page)?.focus({ preventScroll: true });
}

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
