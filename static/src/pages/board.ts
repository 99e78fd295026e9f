/** Everybody's day: free times are booked where they stand, visits are moved and cancelled where they stand. */
import { toast } from "../lib/announce";
import { type ItemPage, Problem, api } from "../lib/api";
import { hintDeviceZone } from "../lib/device-zone";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { keepLive } from "../lib/live";
import { instant } from "../lib/time";
import { _ } from "../lib/words";
import { bookFree, bookOther } from "../board/book";
import { placeAll } from "../board/place";
import { cancelVisit } from "../scheduling/cancel";

interface Facts {
  readonly service: string | null;
  readonly service_name: string;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly starts: readonly { readonly text: string; readonly start: string }[];
}

interface Unfit {
  readonly appointment: string | null;
  readonly start: string;
  readonly texts: readonly string[];
}

const facts = JSON.parse(one("#board-facts").textContent ?? "{}") as Facts;
/** Whom a narrow screen shows. */
let person = facts.people[0]?.id ?? "";

function booked(done: boolean): void {
  if (done) location.reload();
}

function wireFree(button: HTMLElement): void {
  button.addEventListener("click", () => {
    const start = button.dataset["start"] ?? "";
    const practitioners = (button.dataset["with"] ?? "").split(" ");
    const names = facts.people.filter((each) => practitioners.includes(each.id)).map((each) => each.name);
    const title = _("{service} with {names}, {when}", { service: facts.service_name, names: names.join(", "), when: instant(start) });
    void bookFree({ service: facts.service ?? "", practitioners, start }, title).then(booked);
  });
}

/** What can be done about a visit: only names and times are known here. */
function wireVisit(button: HTMLElement): void {
  const { appointment = "", version = "", patient = "", name = "", when = "", service = "", whom = "" } = button.dataset;
  button.addEventListener("click", () => {
    const close = h("button", { class: "button", type: "button", onclick: () => dialog.close() }, _("Close"));
    const cancel = h("button", { class: "button", type: "button", "data-cancel": "" }, icon("calendar-x"), _("Cancel the visit"));
    const decided = button.dataset["decided"] === undefined ? null : h("div", { class: "stack stack-close" });
    if (decided) void showDecision(appointment, button.dataset["decided"] ?? "", decided);
    const ahead = button.dataset["ahead"] !== undefined;
    const dialog = h(
      "dialog",
      { class: "dialog stack", "aria-labelledby": "board-visit" },
      h("h2", { id: "board-visit" }, name),
      h("p", null, `${service}, ${when}`, h("br"), h("span", { class: "quiet" }, _("with {names}", { names: whom }))),
      button.dataset["confirmed"] !== undefined && h("p", { class: "quiet" }, icon("check"), _("They said that they come.")),
      decided,
      !ahead && h("p", { class: "quiet" }, _("This visit has begun or is over.")),
      h("div", { class: "row row-end" }, close, ahead && cancel, ahead && h("a", { class: "button button-main", href: `/book?move=${appointment}&patient=${patient}` }, icon("calendar-clock"), _("Move"))),
    );
    cancel.addEventListener("click", () => {
      dialog.close();
      const title = _("Cancel {when}, with {names}?", { when, names: name });
      void cancelVisit(appointment, Number(version), title, _("{name} hears of it at once, and the time becomes free.", { name })).then(booked);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      button.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

interface Decided {
  readonly override?: { readonly at: string; readonly reasons: readonly string[]; readonly why?: string } | null;
}

/** Who decided against the rules, when, and why as far as the reader may know. */
async function showDecision(appointment: string, name: string, place: HTMLElement): Promise<void> {
  const { override } = await api.get<Decided>(`/api/v1/appointments/${appointment}`);
  if (!override) return;
  fill(place, h("p", null, h("strong", null, _("Booked against the rules by {name}, {when}.", { name, when: instant(override.at) })), override.why && h("br"), override.why && `“${override.why}”`));
}

function choosePerson(root: HTMLElement): void {
  const select = maybe<HTMLSelectElement>("[data-person]", root);
  if (!select) return;
  const show = (): void => {
    for (const column of all("[data-column]", root)) column.classList.toggle("board-other", column.dataset["column"] !== person);
  };
  select.value = person;
  select.addEventListener("change", () => {
    person = select.value;
    show();
  });
  show();
}

/** Asked for one practitioner after the other, and only when somebody wants to know. */
async function lookForUnfit(place: HTMLElement): Promise<void> {
  const rows: HTMLElement[] = [];
  for (const each of facts.people) {
    const { items } = await api.get<ItemPage<Unfit>>(`/api/v1/practitioners/${each.id}/conflicts`);
    rows.push(...items.map((one) => h("li", { class: "list-row" }, h("p", null, h("strong", null, each.name), `, ${instant(one.start)}`, h("br"), h("span", { class: "quiet" }, one.texts.join(" "))), h("a", { class: "button", href: `/board?date=${one.start.slice(0, 10)}` }, _("Look at that day")))));
  }
  fill(place, rows.length ? h("ul", { class: "list card" }, ...rows) : h("p", { class: "quiet" }, _("Every booked visit lies in somebody's hours.")));
}

function wireUnfit(root: HTMLElement): void {
  const more = maybe<HTMLDetailsElement>("[data-unfit]", root);
  const look = (): void => {
    if (!more?.open) return;
    lookForUnfit(one("[data-unfit-list]", more)).catch((problem: unknown) => toast(problem instanceof Problem ? problem.message : _("That did not work."), "attention"));
  };
  more?.addEventListener("toggle", look);
}

function shown(root: HTMLElement): void {
  const board = maybe("[data-board]", root);
  if (board) placeAll(board);
  for (const button of all("[data-free]", root)) wireFree(button);
  for (const button of all("[data-appointment]", root)) wireVisit(button);
  maybe("[data-other]", root)?.addEventListener("click", () => void bookOther(_("Book {service} at another time", { service: facts.service_name }), facts.service ?? "", facts.people, facts.starts).then(booked));
  maybe("[data-print]", root)?.addEventListener("click", () => window.print());
  choosePerson(root);
  wireUnfit(root);
  hintDeviceZone(root);
  document.documentElement.dataset["boardReady"] = "";
}

keepLive({ selector: "[data-live]", events: ["appointment.", "availability.", "hold.", "slot."], shown });
