/** The practitioner's day: who waits rises to the top at once, cancelling asks first, changes are shown as they come. */
import { announce, toast } from "../lib/announce";
import { type ItemPage, api } from "../lib/api";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { clockTime } from "../lib/time";
import { _ } from "../lib/words";
import { cancelVisit } from "../scheduling/cancel";

interface Waiting {
  readonly visit: string;
  readonly account: string;
  readonly name: string;
  readonly since: string;
}

const list = maybe("[data-waiting-list]");
let known = new Set<string>();

async function showWaiting(place: HTMLElement): Promise<void> {
  const { items } = await api.get<ItemPage<Waiting>>("/api/v1/visits/waiting");
  one("[data-nobody]").hidden = items.length > 0;
  place.hidden = !items.length;
  one("[data-waiting]").classList.toggle("card-now", items.length > 0);
  fill(
    place,
    ...items.map((each) =>
      h(
        "li",
        { class: "list-row" },
        h("p", null, h("strong", null, each.name), h("br"), h("span", { class: "quiet" }, _("waits since {time}", { time: clockTime(each.since) }))),
        h("a", { class: "button button-now", href: `/visits/${each.visit}#admit=${each.account}` }, icon("door-open"), _("Admit")),
      ),
    ),
  );
  for (const each of items) if (!known.has(each.visit)) announce(_("{name} is waiting.", { name: each.name }));
  known = new Set(items.map((each) => each.visit));
  for (const row of all("[data-visit]")) markWaiting(row, known.has(row.dataset["visit"] ?? ""));
}

function markWaiting(row: HTMLElement, waiting: boolean): void {
  row.classList.toggle("card-now", waiting);
  const tags = one("[data-tags]", row);
  maybe("[data-is-waiting]", tags)?.remove();
  if (waiting) tags.prepend(h("span", { class: "tag tag-now", "data-is-waiting": "" }, icon("door-open"), _("Waiting")));
}

if (list) {
  const refresh = (): void => void showWaiting(list).catch(() => undefined); // the next event or the next load tells
  refresh();
  feed().onFresh(refresh);
  feed().on("visit.", refresh);
}

for (const row of all("[data-appointment]")) {
  const button = maybe("[data-cancel]", row);
  button?.addEventListener("click", () => {
    const text = _("{name} hears of it at once, and the time becomes free.", { name: button.dataset["name"] ?? "" });
    const title = _("Cancel {when}, with {names}?", { when: row.dataset["when"] ?? "", names: button.dataset["name"] ?? "" });
    void cancelVisit(row.dataset["appointment"] ?? "", Number(row.dataset["version"]), title, text).then((done) => done && location.reload());
  });
}
feed().on("appointment.", () => toast(_("Your day has changed. Load the page again to see it."), "attention"));
