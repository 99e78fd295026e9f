/** Typing what stands in a document: lines of names and percentages, their sum, and a second person's look at them. */
import { announce, toast, toastProblem } from "../lib/announce";
import { Problem, api, newKey } from "../lib/api";
import { all, h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

interface Line {
  readonly name: string;
  readonly rank: string;
  readonly percent: number;
  /** Its name is not known here, and whoever types it says that it is a group of organisms. */
  readonly confirmed: boolean;
}

const page = one("[data-typing]");
const form = one<HTMLFormElement>("[data-form]", page);
const lines = one("[data-lines]", form);
const report = page.dataset["report"] ?? "";
let key = newKey();

/** Both ways of writing a fraction; NaN when it is no number. */
function amount(text: string): number {
  const written = text.trim().replace("%", "").trim().replace(",", ".");
  return /^\d{1,3}(\.\d{1,12})?$/.test(written) ? Number(written) : Number.NaN;
}

function cells(row: HTMLElement): { name: HTMLInputElement; rank: HTMLSelectElement; percent: HTMLInputElement } {
  return { name: one<HTMLInputElement>("[name=name]", row), rank: one<HTMLSelectElement>("[name=rank]", row), percent: one<HTMLInputElement>("[name=percent]", row) };
}

function rows(): HTMLElement[] {
  return all("[data-line]", lines);
}

/** Lines with anything in them; an empty line is no line. */
function filled(): HTMLElement[] {
  return rows().filter((row) => cells(row).name.value.trim() !== "" || cells(row).percent.value.trim() !== "");
}

function read(row: HTMLElement): Line {
  const { name, rank, percent } = cells(row);
  return { name: name.value.trim(), rank: rank.value, percent: amount(percent.value), confirmed: maybe<HTMLInputElement>("[name=confirmed]", row)?.checked ?? false };
}

/** Beside a name that is not known here: is it a group at all? */
function question(row: HTMLElement): HTMLInputElement {
  const there = maybe<HTMLInputElement>("[name=confirmed]", row);
  if (there) return there;
  const box = h("input", { type: "checkbox", name: "confirmed" });
  cells(row).name.after(h("label", { class: "choice small typing-confirmed", "data-confirmed": true }, box, h("span", null, _("Not known here. It is a group of bacteria or other organisms."))));
  return box;
}

function add(): void {
  const last = rows().at(-1);
  if (!last) return;
  const number = rows().length + 1;
  const fresh = last.cloneNode(true) as HTMLElement;
  const { name, rank, percent } = cells(fresh);
  name.value = percent.value = "";
  name.removeAttribute("value");
  percent.removeAttribute("value");
  name.setAttribute("aria-label", _("Group, line {n}", { n: number }));
  rank.setAttribute("aria-label", _("Rank, line {n}", { n: number }));
  rank.value = cells(last).rank.value;
  percent.setAttribute("aria-label", _("Percent, line {n}", { n: number }));
  for (const field of [name, percent]) field.removeAttribute("aria-invalid");
  maybe("[data-confirmed]", fresh)?.remove();
  lines.append(fresh);
  name.focus();
}

function sums(): void {
  const told = (["genus", "species"] as const).flatMap((rank) => {
    const found = filled().map(read).filter((line) => line.rank === rank && !Number.isNaN(line.percent));
    const sum = found.reduce((all, line) => all + line.percent, 0).toFixed(1);
    if (found.length === 0) return [];
    return [rank === "genus" ? _("Genera together: {n} %", { n: sum }) : _("Species together: {n} %", { n: sum })];
  });
  one("[data-sum]", form).textContent = told.join(" · ");
}

function say(text: string): void {
  one("[data-said]", form).textContent = text;
  announce(text);
}

/** Marks what cannot be read; the first of it gets the cursor. */
function check(found: readonly HTMLElement[]): boolean {
  const wrong: HTMLInputElement[] = [];
  for (const row of found) {
    const { name, percent } = cells(row);
    const value = amount(percent.value);
    const bad = [name.value.trim() === "" ? name : null, Number.isNaN(value) || value > 100 ? percent : null];
    for (const field of [name, percent]) field.toggleAttribute("aria-invalid", bad.includes(field));
    wrong.push(...bad.filter((field) => field !== null));
  }
  wrong[0]?.focus();
  if (wrong.length > 0) say(_("Every line needs a name and a percentage between 0 and 100."));
  return wrong.length === 0;
}

async function keep(): Promise<void> {
  const found = filled();
  if (found.length === 0) return say(_("Type at least one line of the document."));
  if (!check(found)) return;
  const button = one<HTMLButtonElement>("button[type=submit]", form);
  button.disabled = true;
  try {
    await api.post(`/api/v1/reports/${report}/typed`, { version: Number(page.dataset["version"]), rows: found.map(read) }, { key });
    location.assign(`/reports/${report}`);
  } catch (problem) {
    button.disabled = false;
    if (!(problem instanceof Problem)) return toastProblem(problem);
    if (problem.code === "names_not_known") return asked(problem, found);
    for (const error of problem.errors) {
      const at = /^rows\.(\d+)\.(name|percent)$/.exec(error.field);
      const row = at ? found[Number(at[1])] : undefined;
      if (row && at) cells(row)[at[2] as "name" | "percent"].toggleAttribute("aria-invalid", true);
    }
    say(problem.errors[0]?.message ?? problem.message);
  }
}

function asked(problem: Problem, found: readonly HTMLElement[]): void {
  const boxes = problem.errors.flatMap((error) => {
    const row = found[Number(/^rows\.(\d+)\.confirmed$/.exec(error.field)?.[1])];
    return row ? [question(row)] : [];
  });
  const words = _("Some names are not known to us ({n}). Tick those that are groups of bacteria or other organisms, and remove the other lines.", { n: boxes.length });
  say(words);
  boxes[0]?.focus();
}

async function looked(button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  try {
    await api.post(`/api/v1/reports/${report}/typed/look`, { number: Number(button.dataset["look"]) });
    one("[data-look-said]", page).textContent = _("Thank you. That you compared it is part of the report now.");
    toast(_("Kept."));
    button.hidden = true;
  } catch (problem) {
    button.disabled = false;
    toastProblem(problem);
  }
}

sums();
form.addEventListener("input", (event) => {
  key = newKey();
  const field = event.target as HTMLInputElement;
  if (field.name === "name") maybe("[data-confirmed]", field.parentElement ?? form)?.remove(); // another name is another question
  sums();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void keep();
});
one("[data-more]", form).addEventListener("click", add);
const second = maybe<HTMLButtonElement>("button[data-look]", page);
second?.addEventListener("click", () => void looked(second));
