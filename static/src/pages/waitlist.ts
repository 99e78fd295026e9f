/** The waitlist: answering offers before they end, joining, leaving, and for staff saying how soon. */
import { announce, toast, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, maybe, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { elapsed } from "../lib/time";
import { _ } from "../lib/words";
import { type PatientField, patientField } from "../board/patients";

const TICK_MS = 1000;
/** The server's time when the page was made, and the moment we read it: a wrong clock here changes nothing. */
const MADE = Date.parse(one("#waitlist").dataset["now"] ?? "");
const READ = performance.now();
/** Said aloud once when so little is left of an offer. */
const SOON_MS = 5 * 60_000;

function reloadLater(text: string): void {
  toast(text, "attention");
  setTimeout(() => location.reload(), 2500);
}

async function answered(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  button.disabled = true;
  try {
    await work();
  } catch (problem) {
    button.disabled = false;
    if (problem instanceof Problem && [404, 409, 410].includes(problem.status)) reloadLater(problem.message);
    else toastProblem(problem);
  }
}

function wireOffer(card: HTMLElement): void {
  const path = `/api/v1/waitlist/offers/${card.dataset["offer"] ?? ""}`;
  const when = card.dataset["when"] ?? "";
  const accept = one<HTMLButtonElement>("[data-accept]", card);
  const decline = one<HTMLButtonElement>("[data-decline]", card);
  accept.addEventListener("click", () =>
    void answered(accept, async () => {
      const booked = await api.post<{ readonly id: string }>(`${path}/accept`, {});
      toast(_("{when} is booked.", { when }));
      location.assign(document.querySelector("[data-urgency]") ? "/waitlist" : `/visits?booked=${booked.id}`);
    }),
  );
  decline.addEventListener("click", () =>
    void ask({ title: _("Pass {when} on?", { when }), text: _("It goes to the next person. You keep your place for another time."), confirm: _("Pass it on"), decline: _("Keep it for now") }).then((agreed) => {
      if (agreed) void answered(decline, () => api.post(`${path}/decline`).then(() => reloadLater(_("Passed on. You keep your place for another time."))));
    }),
  );
  countDown(card, accept, decline);
}

function countDown(card: HTMLElement, ...buttons: HTMLButtonElement[]): void {
  const until = Date.parse(card.dataset["until"] ?? "");
  const left = one("[data-left]", card);
  let said = false;
  const timer = setInterval(tick, TICK_MS);
  tick();

  function tick(): void {
    const remaining = until - (MADE + performance.now() - READ);
    if (remaining <= 0) {
      clearInterval(timer);
      left.textContent = "";
      for (const button of buttons) button.disabled = true;
      toast(_("This offer has ended. You keep your place."), "attention");
      return;
    }
    left.textContent = ` · ${_("{time} left", { time: elapsed(remaining) })}`;
    if (remaining < SOON_MS && !said) announce(_("An offer ends in {time}.", { time: elapsed(remaining) }));
    said ||= remaining < SOON_MS;
  }
}

function wireEntry(entry: HTMLElement): void {
  const path = `/api/v1/waitlist/${entry.dataset["entry"] ?? ""}`;
  const leave = one<HTMLButtonElement>("[data-leave]", entry);
  leave.addEventListener("click", () =>
    void ask({ title: _("Wait no longer for: {name}?", { name: entry.dataset["name"] ?? "" }), text: _("The place in the order is given up. A time that is kept goes to the next person."), confirm: _("Wait no longer"), decline: _("Stay on the list"), grave: true }).then((agreed) => {
      if (agreed) void answered(leave, () => api.delete(path).then(() => location.reload()));
    }),
  );
  const urgency = maybe<HTMLSelectElement>("[data-urgency]", entry);
  urgency?.addEventListener("change", () => void rank(path, Number(entry.dataset["version"]), urgency.value));
}

async function rank(path: string, version: number, urgency: string): Promise<void> {
  try {
    await api.patch(path, { urgency, version });
    location.reload();
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 409) reloadLater(problem.message);
    else toastProblem(problem);
  }
}

const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

function value(name: string): string {
  return one<HTMLInputElement | HTMLSelectElement>(`#${name}`, form()).value;
}

function form(): HTMLFormElement {
  return one<HTMLFormElement>("#join");
}

/** For staff who did not come from a patient's page: whom it is for. */
let patients: PatientField | null = null;

function wish(patient: string | null): Record<string, unknown> {
  const chosen = all<HTMLInputElement>('[name="weekdays"]:checked', form()).map((each) => each.value);
  const [start, end] = [value("start"), value("end")];
  const anyHour = !chosen.length && !start && !end;
  const windows = anyHour ? [] : [{ weekdays: chosen.length ? chosen : DAYS, start: start || "00:00", end: end || "23:59" }];
  const urgency = maybe<HTMLSelectElement>("#urgency", form());
  return {
    service: value("service"),
    practitioners: value("practitioner") ? [value("practitioner")] : [],
    windows,
    from: value("from") || null,
    until: value("until") || null,
    notice_minutes: Number(value("notice")),
    ...(patient ? { patient } : {}),
    ...(urgency ? { urgency: urgency.value } : {}),
  };
}

function complain(place: string, text: string): void {
  const wrong = maybe(`[data-wrong="${place}"]`, form()) ?? one('[data-wrong=""]', form());
  wrong.textContent = text;
  wrong.hidden = false;
}

async function join(): Promise<void> {
  for (const each of all("[data-wrong]", form())) each.hidden = true;
  const patient = patients ? (patients.chosen()?.id ?? null) : (form().dataset["patient"] ?? null);
  if (patients && !patient) {
    complain("", _("Choose who waits, by name."));
    return patients.focus();
  }
  const button = one<HTMLButtonElement>('button[type="submit"]', form());
  button.disabled = true;
  try {
    await api.post("/api/v1/waitlist", wish(patient));
    location.assign("/waitlist");
  } catch (problem) {
    button.disabled = false;
    if (!(problem instanceof Problem)) return toastProblem(problem);
    if (problem.errors.length) for (const each of problem.errors) complain(each.field.split(".")[0] ?? "", each.message);
    else complain("", problem.message);
  }
}

/** Only those who offer the chosen kind of visit can be chosen. */
function narrow(): void {
  const people = one<HTMLSelectElement>("#practitioner", form());
  for (const option of people.options) {
    const services = option.dataset["services"];
    option.hidden = option.disabled = services !== undefined && !services.split(" ").includes(value("service"));
    if (option.selected && option.disabled) people.value = "";
  }
}

all("[data-offer]").forEach(wireOffer);
all("[data-entry]").forEach(wireEntry);
const joining = maybe<HTMLFormElement>("#join");
if (joining) {
  joining.addEventListener("submit", (event) => {
    event.preventDefault();
    void join();
  });
  one("#service", joining).addEventListener("change", narrow);
  narrow();
  const place = maybe("[data-patient-field]", joining);
  if (place) place.replaceWith((patients = patientField()).element);
}
feed().on("waitlist.offered", () => reloadLater(_("A time has become free.")));
