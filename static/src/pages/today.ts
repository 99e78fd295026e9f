/** The patient's today: how each step went, and the room's opening without a reload. */
import { announce, toast, toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { all, maybe, one } from "../lib/dom";
import { type FeedEvent, feed } from "../lib/feed";
import { _ } from "../lib/words";
import { keepOffers } from "../scheduling/kept";

const root = one("[data-patient]");
const patient = root.dataset["patient"] ?? "";
const today = root.dataset["day"] ?? "";

function countDone(): void {
  const place = maybe("[data-steps-done]");
  if (!place) return;
  const steps = all("[data-step]");
  const done = steps.filter((step) => maybe<HTMLInputElement>("input:checked", step) && !maybe('input[value="not"]:checked', step));
  place.textContent = _("{done} of {all} done", { done: done.length, all: steps.length });
}

/** The answer is on the screen at once; when the server will not have it, the former one comes back. */
function wireStep(step: HTMLElement): void {
  let stored = maybe<HTMLInputElement>("input:checked", step);
  step.addEventListener("change", (event) => {
    const chosen = event.target as HTMLInputElement;
    countDone();
    api
      .put(`/api/v1/patients/${patient}/care-plan/steps/${step.dataset["step"]}/days/${today}`, { result: chosen.value })
      .then(() => {
        stored = chosen;
        announce(_("Saved"));
      })
      .catch((problem: unknown) => {
        chosen.checked = false;
        if (stored) stored.checked = true;
        countDone();
        toastProblem(problem);
      });
  });
}

/** What was not chosen stays unsaid; the fields keep everything until the server has it. */
function wireYesterday(form: HTMLFormElement): void {
  const said = one("[data-saved]", form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form);
    const felt = Object.fromEntries(["mood", "gut", "sleep"].flatMap((name) => (given.has(name) ? [[name, Number(given.get(name))]] : [])));
    const note = String(given.get("note") ?? "").trim();
    if (!Object.keys(felt).length && !note) {
      said.textContent = _("Choose a number or write a line, and save then.");
      said.tabIndex = -1;
      said.focus();
      return;
    }
    said.textContent = _("Saving …");
    api
      .post(`/api/v1/patients/${patient}/diary`, { day: form.dataset["yesterday"], ...felt, note })
      .then(() => (said.textContent = _("Saved. Thank you.")))
      .catch((problem: unknown) => {
        said.textContent = "";
        toastProblem(problem);
      });
  });
}

/** Longest delay that a browser's timer can hold; a later moment is looked at again on the way. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function wakeAt(instant: number, act: () => void): void {
  const left = instant - Date.now();
  setTimeout(() => (left > LONGEST_TIMER_MS ? wakeAt(instant, act) : act()), Math.min(Math.max(0, left), LONGEST_TIMER_MS));
}

const opens = maybe("[data-visit-card]")?.dataset["opens"];
if (opens && Date.parse(opens) > Date.now()) wakeAt(Date.parse(opens), () => location.reload());

all("[data-step]").forEach(wireStep);
all<HTMLFormElement>("[data-yesterday]").forEach(wireYesterday);
feed().on("message.sent", (event) => {
  if (event["sender"] !== document.documentElement.dataset["account"]) toast(_("A new message has come."), "attention");
});
/** What others changed; the patient's own answers about a day come back here as well and are no news. */
function changedElsewhere(event: FeedEvent): void {
  if (event["part"] !== "day") toast(_("Something here has changed. Load the page again to see it."), "attention");
}
feed().on("appointment.", changedElsewhere);
feed().on("plan.", changedElsewhere);
feed().on("test_order.", changedElsewhere);
keepOffers();
