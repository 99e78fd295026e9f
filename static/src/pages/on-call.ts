/** The on-call list: people in an order, each with hours. What somebody else changed meanwhile is said, and nothing typed is lost. */
import { announce, toast, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

interface Listed {
  readonly person: string;
  readonly name: string;
  readonly hours: string;
}

interface OnCall {
  readonly version: number;
  readonly items: readonly Listed[];
}

interface Facts {
  readonly list: OnCall;
  readonly people: readonly { readonly id: string; readonly name: string }[];
}

const facts = JSON.parse(one("#on-call-facts").textContent ?? "{}") as Facts;
let { version } = facts.list;
let made = 0;
const list = one("[data-list]");

function row(item: { person: string; hours: string }): HTMLElement {
  made += 1;
  const [who, when] = [`person-${made}`, `hours-${made}`];
  const known = facts.people.some((person) => person.id === item.person);
  const select = h(
    "select",
    { id: who, "data-person": true },
    h("option", { value: "" }, _("Choose somebody")),
    !known && item.person && h("option", { value: item.person }, facts.list.items.find((each) => each.person === item.person)?.name ?? ""),
    ...facts.people.map((person) => h("option", { value: person.id }, person.name)),
  );
  select.value = item.person;
  const hours = h("input", { id: when, type: "text", "data-hours": true, maxlength: 200, value: item.hours, autocomplete: "off", spellcheck: "false", placeholder: _("always"), "aria-describedby": `hours-hint ${when}-wrong` });
  const line = h(
    "li",
    { class: "on-call-row" },
    h("div", { class: "field" }, h("label", { for: who }, _("Who")), select, h("p", { class: "wrong", "data-wrong": "person", hidden: true })),
    h("div", { class: "field" }, h("label", { for: when }, _("When")), hours, h("p", { class: "wrong", id: `${when}-wrong`, "data-wrong": "hours", hidden: true })),
    h("div", { class: "row on-call-acts" }, tool("arrow-up", _("Earlier"), () => move(line, -1)), tool("arrow-down", _("Later"), () => move(line, 1)), tool("trash-2", _("Remove"), () => remove(line))),
  );
  return line;
}

function tool(name: "arrow-up" | "arrow-down" | "trash-2", label: string, run: () => void): HTMLElement {
  const sign = name === "arrow-up" ? icon("arrow-up") : name === "arrow-down" ? icon("arrow-down") : icon("trash-2");
  return h("button", { class: "button button-bare", type: "button", "data-tool": name, onclick: run }, sign, h("span", { class: "unseen" }, label));
}

function move(line: HTMLElement, by: number): void {
  const other = by < 0 ? line.previousElementSibling : line.nextElementSibling;
  if (!other) return;
  if (by < 0) other.before(line);
  else other.after(line);
  maybe(`[data-tool="arrow-${by < 0 ? "up" : "down"}"]`, line)?.focus();
  announce(_("Now in place {n}.", { n: all("li", list).indexOf(line) + 1 }));
  touched();
}

function remove(line: HTMLElement): void {
  const next = line.nextElementSibling ?? line.previousElementSibling;
  line.remove();
  (next ? one("select", next) : one("[data-add]")).focus();
  touched();
}

function touched(): void {
  one("[data-changed]").textContent = _("Not stored yet.");
  one("[data-nobody]").hidden = list.childElementCount > 0;
}

function show(items: readonly { person: string; hours: string }[]): void {
  fill(list, ...items.map(row));
  one("[data-nobody]").hidden = items.length > 0;
}

function say(text: string): void {
  const banner = one("#on-call-problem");
  one("[data-text]", banner).textContent = text;
  banner.hidden = !text;
}

function wrong(line: Element, field: string, text: string): void {
  const place = one(`[data-wrong="${field}"]`, line);
  fill(place, text && icon("circle-alert"), text && h("span", null, text));
  place.hidden = !text;
  one(`[data-${field}]`, line).toggleAttribute("aria-invalid", Boolean(text));
}

function refused(problem: unknown): void {
  if (!(problem instanceof Problem)) return toastProblem(problem);
  const current = problem.body["current"] as OnCall | undefined;
  if (problem.status === 409 && current) {
    version = current.version;
    const now = current.items.map(({ name, hours }) => (hours ? `${name} (${hours})` : name)).join(", ");
    return say(_("Somebody else has just stored another list: {now}. Yours is still here and not stored; store it again if it should hold.", { now: now || _("nobody") }));
  }
  const lines = all("li", list);
  const rest = problem.errors.filter(({ field, message }) => {
    const [, number, name] = /^items\.(\d+)\.(person|hours)$/.exec(field) ?? [];
    const line = lines[Number(number)];
    if (!line || !name) return true;
    wrong(line, name, message);
    return false;
  });
  if (!problem.errors.length || rest.length) say(rest.map((error) => error.message).join(" ") || problem.message);
  maybe("[aria-invalid]", list)?.focus();
}

async function store(): Promise<void> {
  say("");
  const lines = all("li", list);
  for (const line of lines) {
    wrong(line, "hours", "");
    wrong(line, "person", one<HTMLSelectElement>("[data-person]", line).value ? "" : _("Choose somebody, or remove this row."));
  }
  const open = maybe("[aria-invalid]", list);
  if (open) return open.focus();
  const items = lines.map((line) => ({ person: one<HTMLSelectElement>("[data-person]", line).value, hours: one<HTMLInputElement>("[data-hours]", line).value.trim() }));
  try {
    const stored = await api.put<OnCall>("/api/v1/on-call", { version, items });
    version = stored.version;
    show(stored.items);
    one("[data-changed]").textContent = "";
    toast(_("Stored. It holds from now on."));
  } catch (problem) {
    refused(problem);
  }
}

show(facts.list.items);
list.addEventListener("input", touched);
one("[data-add]").addEventListener("click", () => {
  const line = row({ person: "", hours: "" });
  list.append(line);
  touched();
  one("select", line).focus();
});
one("#on-call").addEventListener("submit", (event) => {
  event.preventDefault();
  void store();
});
