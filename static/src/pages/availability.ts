/** One's hours in one place: the week as a grid to draw on, the same as sentences, and plain forms. Every change is stored at once and can be taken back. */
import { announce } from "../lib/announce";
import { fill, h, maybe, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { _ } from "../lib/words";
import type { Availability } from "../scheduling/types";
import { Editor, type WeekFacts } from "../week/editor";
import { Lists } from "../week/lists";
import { PROPOSAL } from "../week/model";
import { HoursStore } from "../week/store";

interface Facts {
  readonly practitioner: string;
  readonly availability: Availability;
  readonly services: readonly { readonly id: string; readonly name: string }[];
  readonly week: WeekFacts;
}

const facts = JSON.parse(one("#hours-facts").textContent ?? "{}") as Facts;
const services = new Map(facts.services.map((service) => [service.id, service.name]));
const store = new HoursStore(`/api/v1/practitioners/${facts.practitioner}/availability`, facts.availability, services);

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

orderForWidth();
new Lists(store, facts.practitioner, services);
new Editor(one("#week"), store, facts.week);
store.watch(showProblems);
store.watch(() => {
  const empty = one("#hours-empty");
  empty.hidden = store.hours.rules.length + store.hours.exceptions.length > 0;
});
one("[data-insist]").addEventListener("click", () => void store.insist());
one("[data-yield]").addEventListener("click", () => store.yieldTo());
maybe("[data-propose]")?.addEventListener("click", () => void store.apply((hours) => ({ ...hours, rules: [...hours.rules, PROPOSAL] }), _("Mondays to Fridays 09:00 to 12:30. Change whatever does not fit.")));
document.documentElement.dataset["hoursReady"] = "";
feed().start();
