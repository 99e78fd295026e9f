/** Lengths of time as people say them: a number and a unit. The server's unit is a minute or a day; `data-length` says how the form does it. */
import { all, h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

interface Unit {
  /** How many of the server's unit one of these is. */
  readonly size: number;
  readonly single: string;
  readonly word: string;
}

export function minutesUnits(): readonly Unit[] {
  return [
    { size: 1, single: _("minute"), word: _("minutes") },
    { size: 60, single: _("hour"), word: _("hours") },
    { size: 1440, single: _("day"), word: _("days") },
  ];
}

export function daysUnits(): readonly Unit[] {
  return [
    { size: 1, single: _("day"), word: _("days") },
    { size: 7, single: _("week"), word: _("weeks") },
  ];
}

/** `2 hours`, `90 minutes`, `1 day`: the largest unit that says it whole. */
export function inWords(value: number, units: readonly Unit[]): string {
  const unit = largest(value, units);
  const count = value / unit.size;
  return `${count} ${count === 1 ? unit.single : unit.word}`;
}

function largest(value: number, units: readonly Unit[]): Unit {
  const whole = units.filter((unit) => value % unit.size === 0 && (value > 0 || unit.size <= 60));
  const found = whole[whole.length - 1] ?? units[0];
  if (!found) throw new Error("a length needs a unit");
  return found;
}

/** A number and a unit that stand for `value`; `name` is what a screen reader calls them. */
export function lengthInputs(value: number, units: readonly Unit[], name: string, marks: Readonly<Record<string, string>> = {}): HTMLElement[] {
  const unit = largest(value, units);
  const number = h("input", { class: "input", type: "number", inputmode: "decimal", min: 0, step: "any", value: value / unit.size, "aria-label": name, "data-amount": "", ...marks });
  const select = h("select", { class: "input", "aria-label": _("Unit of: {name}", { name }), "data-unit": "" }, ...units.map((each) => h("option", { value: each.size, selected: each === unit }, each.word)));
  agree(number, select, units);
  return [number, select];
}

/** One hour, two hours: the units are named as the number asks for. */
function agree(number: HTMLInputElement, select: HTMLSelectElement, units: readonly Unit[]): void {
  const name = (): void => {
    for (const [place, unit] of units.entries()) {
      const option = select.options[place];
      if (option) option.textContent = number.valueAsNumber === 1 ? unit.single : unit.word;
    }
  };
  number.addEventListener("input", name);
  name();
}

/** Lengths that the server drew. */
export function enliven(root: ParentNode): void {
  for (const place of all("[data-length]", root)) {
    const select = maybe("select[data-unit]", place);
    if (select instanceof HTMLSelectElement) agree(one<HTMLInputElement>("[data-amount]", place), select, unitsOf(place));
  }
}

/** What a number and its unit mean in the server's unit; null when empty. Half an hour is 0.5 hours. */
export function meant(place: ParentNode): number | null {
  const amount = one<HTMLInputElement>("[data-amount]", place);
  if (amount.value === "" && !amount.validity.badInput) return null;
  const size = Number(one<HTMLInputElement | HTMLSelectElement>("[data-unit]", place).value);
  return Number.isNaN(amount.valueAsNumber) ? Number.NaN : Math.round(amount.valueAsNumber * size * 1e6) / 1e6;
}

/** Every length of a form by its name, and what is wrong with those that cannot be. */
export function lengthsOf(form: HTMLElement): { values: Map<string, number | null>; wrong: Map<string, string> } {
  const values = new Map<string, number | null>();
  const wrong = new Map<string, string>();
  for (const place of all("[data-length]", form)) {
    const name = place.dataset["length"] ?? "";
    const value = meant(place);
    values.set(name, value);
    const complaint = value === null ? (place.dataset["optional"] === undefined ? _("Please say how long.") : "") : outOfBounds(place, value);
    if (complaint) wrong.set(name, complaint);
  }
  return { values, wrong };
}

function outOfBounds(place: HTMLElement, value: number): string {
  const low = Number(place.dataset["low"]);
  const high = Number(place.dataset["high"]);
  const units = unitsOf(place);
  if (Number.isInteger(value) && value >= low && value <= high) return "";
  return _("This can be from {low} to {high}, in whole {unit}.", { low: inWords(low, units), high: inWords(high, units), unit: units[0]?.word ?? "" });
}

/** What a length that the page shows is called, such as `2 hours`. */
export function saidAs(place: HTMLElement, value: unknown): string {
  return typeof value === "number" ? inWords(value, unitsOf(place)) : "–";
}

function unitsOf(place: HTMLElement): readonly Unit[] {
  return place.dataset["base"] === "day" ? daysUnits() : minutesUnits();
}
