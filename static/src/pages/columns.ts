/** A table that nobody knows: somebody says what its columns mean, sees how its first rows would be read, and says yes. */
import { announce, toast, toastProblem } from "../lib/announce";
import { Problem, api, newKey } from "../lib/api";
import { all, fill, h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { UnknownNames, type UnknownName } from "../report/unknown";

interface Mapping {
  readonly layout: string;
  readonly taxon: string;
  readonly taxon_is: string;
  readonly rank_from: string;
  readonly rank: string;
  readonly taxid: string;
  readonly value: string;
  readonly sample: string;
  readonly unit: string;
  readonly decimal: string;
  readonly nested: boolean;
  readonly left_out: readonly string[];
}

interface Description {
  readonly id: string;
  readonly number: number;
  readonly laboratory: string;
  readonly mapping: Mapping;
  /** Names in its tables that somebody confirmed as groups of organisms. */
  readonly confirmed: readonly string[];
}

interface Row {
  readonly line: number;
  readonly name: string;
  readonly rank: string;
  readonly amount: number;
  readonly problem: string;
}

interface Preview {
  readonly samples: readonly string[];
  readonly sample: string | null;
  readonly rows: readonly Row[];
  readonly rows_in_all: number;
  readonly problem: string;
  readonly unknown: readonly UnknownName[];
}

type Input = HTMLSelectElement | HTMLInputElement;

/** A change is looked at when nothing else was changed for so long. */
const SETTLED_MS = 250;

const page = one("[data-columns]");
const form = one<HTMLFormElement>("[data-form]", page);
const report = page.dataset["report"] ?? "";
const facts = JSON.parse(page.dataset["facts"] ?? "{}") as { draft: Mapping; descriptions: Description[] };
const unknown = new UnknownNames(one("[data-unknown]", form));
let taken: Description | null = null;
let key = newKey();
let waiting: ReturnType<typeof setTimeout> | undefined;
let turn = 0;

function input(name: string): Input {
  return one<Input>(`#columns-${name}`, form);
}

function show(mapping: Mapping): void {
  for (const name of ["layout", "taxon", "taxon_is", "rank_from", "taxid", "value", "sample", "unit", "decimal"] as const) input(name).value = mapping[name];
  input("rank_column").value = mapping.rank_from === "column" ? mapping.rank : "";
  input("rank_one").value = mapping.rank_from === "one" ? mapping.rank : "genus";
  one<HTMLInputElement>("[name=nested]", form).checked = mapping.nested;
  for (const option of (input("left_out") as HTMLSelectElement).options) option.selected = mapping.left_out.includes(option.value);
  arrange();
}

/** Only what the layout needs is asked. */
function arrange(): void {
  const layout = input("layout").value;
  const lineage = input("taxon_is").value === "lineage";
  for (const field of all("[data-for]", form)) field.hidden = !(field.dataset["for"] ?? "").split(" ").includes(layout);
  for (const field of all("[data-unless-lineage]", form)) field.hidden = lineage;
  for (const field of all("[data-rank]", form)) field.hidden = lineage || field.dataset["rank"] !== input("rank_from").value;
}

function said(): Mapping {
  const layout = input("layout").value;
  const asked = (name: string): string => (input(name).closest<HTMLElement>("[data-for]")?.hidden ? "" : input(name).value);
  const from = input("taxon_is").value === "lineage" ? "name" : input("rank_from").value;
  return {
    layout,
    taxon: asked("taxon"),
    taxon_is: input("taxon_is").value,
    rank_from: from,
    rank: from === "column" ? input("rank_column").value : from === "one" ? input("rank_one").value : "",
    taxid: asked("taxid"),
    value: asked("value"),
    sample: asked("sample"),
    unit: input("unit").value,
    decimal: input("decimal").value,
    nested: one<HTMLInputElement>("[name=nested]", form).checked,
    left_out: layout === "taxa_as_columns" ? [...(input("left_out") as HTMLSelectElement).selectedOptions].map((option) => option.value) : [],
  };
}

async function look(): Promise<void> {
  const mine = ++turn;
  const place = one("[data-preview-said]", page);
  try {
    const preview = await api.post<Preview>(`/api/v1/reports/${report}/columns/preview`, said());
    if (mine !== turn) return;
    place.textContent = told(preview);
    fill(one("[data-preview] tbody", page), ...preview.rows.map(drawn));
    unknown.show(preview.unknown);
  } catch (problem) {
    if (mine !== turn) return;
    if (!(problem instanceof Problem)) return toastProblem(problem);
    place.textContent = problem.errors.map((error) => error.message).join(" ") || problem.message;
    fill(one("[data-preview] tbody", page));
    unknown.show([]);
  }
}

function told(preview: Preview): string {
  if (preview.problem) return preview.problem;
  const rows = _("The first rows of {n}.", { n: preview.rows_in_all });
  if (preview.samples.length > 1) return `${rows} ${_("There are several samples; {name} is shown, and the right one is chosen afterwards.", { name: preview.sample ?? "" })}`;
  return preview.sample ? `${rows} ${_("The sample: {name}.", { name: preview.sample })}` : rows;
}

function drawn(row: Row): HTMLElement {
  const amount = input("unit").value === "counts" ? String(row.amount) : `${Number(row.amount.toPrecision(6))}\u00a0%`; // never broken between the two
  return h(
    "tr",
    null,
    h("th", { scope: "row", class: "figures" }, row.line),
    h("td", null, row.name || "–", row.problem ? h("p", { class: "small quiet" }, row.problem) : null),
    h("td", null, row.rank || "–"),
    h("td", { class: "number figures" }, amount),
  );
}

async function yes(): Promise<void> {
  const button = one<HTMLButtonElement>("button[type=submit]", form);
  const place = one("[data-said]", form);
  await look(); // what is asked is what this description asks
  if (!(await unknown.answered())) return;
  button.disabled = true;
  const body = {
    version: Number(page.dataset["version"]),
    mapping: said(),
    laboratory: one<HTMLInputElement>("#laboratory", form).value.trim(),
    confirmed: unknown.confirmed,
    unknown: "leave_out",
    ...(taken ? { description: taken.id, description_number: taken.number } : {}),
  };
  try {
    await api.post(`/api/v1/reports/${report}/columns`, body, { key });
    location.assign(`/reports/${report}`);
  } catch (problem) {
    button.disabled = false;
    if (!(problem instanceof Problem)) return toastProblem(problem);
    place.textContent = problem.errors.map((error) => error.message).join(" ") || problem.message;
    announce(place.textContent);
  }
}

function take(id: string): void {
  const found = facts.descriptions.find((one) => one.id === id);
  if (!found) return;
  taken = found;
  show(found.mapping);
  one<HTMLInputElement>("#laboratory", form).value = found.laboratory;
  unknown.tick(found.confirmed, true);
  toast(_("Taken over. Please look at the rows below before you say yes."));
  void look();
}

async function withdraw(button: HTMLButtonElement): Promise<void> {
  const found = facts.descriptions.find((one) => one.id === button.dataset["withdraw"]);
  if (!found) return;
  try {
    await api.post(`/api/v1/laboratory-tables/${found.id}/offer`, { number: found.number, offered: false });
    button.closest("li")?.remove();
    if (taken === found) taken = null;
    toast(_("It is not offered any more. Reports that were read by it stay as they are."));
  } catch (problem) {
    toastProblem(problem);
  }
}

show(facts.draft);
void look();
form.addEventListener("change", (event) => {
  key = newKey();
  if ((event.target as Element).closest("[data-unknown]")) return; // an answer changes no row
  arrange();
  clearTimeout(waiting);
  waiting = setTimeout(() => void look(), SETTLED_MS);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void yes();
});
maybe("[data-look]", page)?.addEventListener("click", () => void look());
for (const button of all<HTMLButtonElement>("[data-take]", page)) button.addEventListener("click", () => take(button.dataset["take"] ?? ""));
for (const button of all<HTMLButtonElement>("[data-withdraw]", page)) button.addEventListener("click", () => void withdraw(button));
