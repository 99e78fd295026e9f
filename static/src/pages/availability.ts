/** One's hours in one place: the week as a grid to draw on, the same as sentences, and plain forms. Every change is stored at once and can be taken back. */
import { announce, toastProblem } from "../lib/announce";
import { type ItemPage, api } from "../lib/api";
import { hintDeviceZone } from "../lib/device-zone";
import { fill, h, maybe, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { civilDay, instant, sameClock, zoneName } from "../lib/time";
import { _ } from "../lib/words";
import type { Availability } from "../scheduling/types";
import { Editor, type WeekFacts } from "../week/editor";
import { Languages } from "../week/languages";
import { Lists } from "../week/lists";
import { PROPOSAL } from "../week/model";
import { HoursStore } from "../week/store";

interface Facts {
  readonly practitioner: string;
  /** In which the account shows times. */
  readonly zone: string;
  /** BCP 47, the best one first. */
  readonly languages: readonly string[];
  readonly availability: Availability;
  readonly services: readonly { readonly id: string; readonly name: string }[];
  readonly week: WeekFacts;
}

const facts = JSON.parse(one("#hours-facts").textContent ?? "{}") as Facts;
const services = new Map(facts.services.map((service) => [service.id, service.name]));
const store = new HoursStore(`/api/v1/practitioners/${facts.practitioner}/availability`, facts.availability, services);

const UNFIT_SHOWN = 3;

/** On a phone the list and the forms come first, in the order of reading as well. */
function orderForWidth(): void {
  const narrow = matchMedia("(max-width: 63.99rem)");
  const place = (): void => {
    const [week, lists] = [one("#week"), one("#lists")];
    if (narrow.matches) lists.after(week);
    else lists.before(week);
  };
  place();
  narrow.addEventListener("change", place);
}

function showProblems(): void {
  const problem = one("#hours-problem");
  one("[data-text]", problem).textContent = store.problem;
  problem.hidden = !store.problem;
  const conflict = one("#hours-conflict");
  const wasHidden = conflict.hidden;
  conflict.hidden = store.conflict === null;
  if (!store.conflict) return;
  one("[data-mine]", conflict).textContent = store.conflict.words;
  fill(one("[data-differences]", conflict), ...store.conflict.differences.map((words) => h("li", null, words)));
  if (wasHidden) {
    announce(_("Your hours were changed elsewhere. Your change is kept, and not stored yet."));
    one("[data-insist]", conflict).focus();
  }
}

interface Unfit {
  readonly appointment: string | null;
  /** Empty for a group session. */
  readonly patient_name: string;
  readonly start: string;
  readonly texts: readonly string[];
}

/** Booked visits that no longer lie in the hours stay, until somebody moves or cancels them: each with the way to its day. */
async function showUnfit(): Promise<void> {
  const { items } = await api.get<ItemPage<Unfit>>(`/api/v1/practitioners/${facts.practitioner}/conflicts`);
  const note = one("#hours-note");
  note.hidden = !items.length;
  const text = items.length === 1 ? _("One booked visit does not lie in your hours. It stays; move or cancel it on its day.") : _("{n} booked visits do not lie in your hours. They stay; move or cancel them on their day.", { n: items.length });
  const days = items.map((each) => h("li", null, h("a", { href: `/day?date=${civilDay(each.start)}` }, instant(each.start)), ` · ${each.patient_name || _("group session")}`));
  const more = days.splice(UNFIT_SHOWN);
  const rest = more.length > 0 && h("details", { class: "more", id: "unfit-more" }, h("summary", null, _("{n} more", { n: more.length })), h("ul", null, ...more));
  fill(one("[data-text]", note), h("p", null, text), h("ul", null, ...days), rest);
}

/** Nobody has said yet on which clock these hours are, and the device shows another one: that comes first. */
function askForZone(): void {
  const device = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { version, zone, rules, exceptions } = store.hours;
  if (version > 0 || rules.length + exceptions.length > 0 || !device || sameClock(new Date().toISOString(), device, zone)) return;
  const section = one("#hours-zone-first");
  const select = one<HTMLSelectElement>("#first-zone", section);
  const known = [...select.options].some((each) => each.value === device);
  select.value = known ? device : zone;
  one("[data-device]", section).textContent = known ? _("Your device is in {zone}.", { zone: zoneName(device) }) : "";
  const button = one<HTMLButtonElement>("[data-use-zone]", section);
  button.addEventListener("click", () => void useZone(select.value, button));
  section.hidden = false;
  for (const each of ["#hours-empty", "#week", "#lists"]) one(each).hidden = true;
}

async function useZone(chosen: string, button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  const before = store.hours.zone;
  try {
    // Who has never set hours sees times in the zone that the account was made with, which was nobody's choice either.
    if (chosen !== before && facts.zone === before) await api.patch("/api/v1/me", { zone: chosen });
  } catch (problem) {
    button.disabled = false;
    return toastProblem(problem);
  }
  if (await store.apply((hours) => ({ ...hours, zone: chosen }), _("Your hours are in {zone}.", { zone: zoneName(chosen) }))) location.reload();
  else button.disabled = false;
}

orderForWidth();
hintDeviceZone(document, store.hours.zone);
store.watch(() => void showUnfit().catch(() => undefined)); // the page is whole without it; the next change asks again
new Lists(store, services);
new Languages(one("#languages"), `/api/v1/practitioners/${facts.practitioner}/languages`, facts.languages);
new Editor(one("#week"), store, facts.week);
store.watch(showProblems);
store.watch(() => {
  const empty = one("#hours-empty");
  empty.hidden = store.hours.rules.length + store.hours.exceptions.length > 0;
});
askForZone();
one("[data-insist]").addEventListener("click", () => void store.insist());
one("[data-yield]").addEventListener("click", () => store.yieldTo());
maybe("[data-propose]")?.addEventListener("click", () => void store.apply((hours) => ({ ...hours, rules: [...hours.rules, PROPOSAL] }), _("Mondays to Fridays 09:00 to 12:30. Change whatever does not fit.")));
document.documentElement.dataset["hoursReady"] = "";
feed().start();
