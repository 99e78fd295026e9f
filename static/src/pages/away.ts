/** Out of office: from when until when, who answers meanwhile, and back. */
import { toast, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { fill, h, icon, maybe, one } from "../lib/dom";
import { longDay } from "../lib/time";
import { _ } from "../lib/words";

interface Away {
  readonly from: string;
  readonly until: string;
  readonly cover: { readonly account: string; readonly name: string };
  readonly version: number;
}

const FIELDS = ["from", "until", "cover"] as const;
let { away } = JSON.parse(one("#away-facts").textContent ?? "{}") as { away: Away | null };

function wrong(name: string, text: string): void {
  const place = one(`[data-wrong="${name}"]`);
  fill(place, text && icon("circle-alert"), text && h("span", null, text));
  place.hidden = !text;
  one(`#${name}`).toggleAttribute("aria-invalid", Boolean(text));
}

function say(text: string): void {
  const banner = one("#away-problem");
  one("[data-text]", banner).textContent = text;
  banner.hidden = !text;
}

function dayText(day: string): string {
  return longDay(`${day}T12:00Z`, "UTC");
}

/** What somebody, or another page, stored meanwhile; what was typed here stays. */
function changed(current: Away | null): void {
  away = current;
  say(
    current
      ? _("This was changed on another page: away from {from} until {until}, {name} answers. What you typed is still here and not stored; store it again if it should hold.", { from: dayText(current.from), until: dayText(current.until), name: current.cover.name })
      : _("This was changed on another page: you are not away any more. What you typed is still here and not stored; store it again if it should hold."),
  );
}

function refused(problem: unknown): void {
  if (!(problem instanceof Problem)) return toastProblem(problem);
  if (problem.code === "away_changed") return changed((problem.body["current"] as Away | undefined) ?? null);
  for (const error of problem.errors) if ((FIELDS as readonly string[]).includes(error.field)) wrong(error.field, error.message);
  const first = problem.errors.find((error) => (FIELDS as readonly string[]).includes(error.field));
  if (first) one(`#${first.field}`).focus();
  else toastProblem(problem);
}

async function store(form: HTMLFormElement): Promise<void> {
  const value = (name: string): string => one<HTMLInputElement | HTMLSelectElement>(`#${name}`, form).value;
  say("");
  wrong("from", value("from") ? "" : _("Choose the first day."));
  wrong("until", value("until") ? (value("until") < value("from") ? _("Choose a last day on or after the first.") : "") : _("Choose the last day."));
  wrong("cover", value("cover") ? "" : _("Choose who answers meanwhile."));
  const open = maybe("[aria-invalid]", form);
  if (open) return open.focus();
  await once(one<HTMLButtonElement>("button[type=submit]", form), async () => {
    await api.put<Away>("/api/v1/me/away", { from: value("from"), until: value("until"), cover: value("cover"), version: away?.version ?? null });
    sessionStorage.setItem("telegut said", _("Stored. Your patients read who answers."));
    location.reload();
  });
}

async function end(button: HTMLButtonElement): Promise<void> {
  await once(button, async () => {
    await api.delete(`/api/v1/me/away?version=${away?.version ?? ""}`);
    sessionStorage.setItem("telegut said", _("Stored. You answer yourself again."));
    location.reload();
  });
}

async function once(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  button.disabled = true;
  try {
    await work();
  } catch (problem) {
    refused(problem);
  } finally {
    button.disabled = false;
  }
}

const form = maybe<HTMLFormElement>("#away-form");
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  void store(form);
});
const back = maybe<HTMLButtonElement>("[data-end]");
back?.addEventListener("click", () => void end(back));

const said = sessionStorage.getItem("telegut said");
sessionStorage.removeItem("telegut said");
if (said) toast(said);
