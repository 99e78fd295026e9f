/** Finding the patient to book for: a text field with a list below it, over everybody whom the caller may book for. */
import { type ItemPage, api } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { zoneName } from "../lib/time";
import { _ } from "../lib/words";

export interface Patient {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
}

const PAGES_AT_MOST = 50;
let known: Promise<readonly Patient[]> | undefined;

/** Everybody, read once a page. */
async function everybody(): Promise<readonly Patient[]> {
  const found: Patient[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const part: ItemPage<Patient> = await api.get<ItemPage<Patient>>("/api/v1/patients", { query: cursor ? { cursor } : {} });
    found.push(...part.items);
    cursor = part.next;
    if (!cursor) break;
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

export interface PatientField {
  readonly element: HTMLElement;
  /** Who is chosen; null while the text is nobody's name. */
  chosen(): Patient | null;
  focus(): void;
  /** What is wrong with the choice, said at the field until something is typed. */
  complain(text: string): void;
}

const SHOWN = 8;
const LIST = "board-patients";

/**
 * A text field with a list below it: arrows move, Enter and a tap choose, Escape closes (ARIA Authoring Practices,
 * "Combobox Pattern", list autocomplete with manual selection). Two of the same name are told apart by their zone.
 */
export function patientField(): PatientField {
  const field = new Combobox();
  known ??= everybody();
  void known.then(
    (all) => field.offer(all),
    () => (known = undefined),
  );
  return { element: field.element, chosen: () => field.chosen(), focus: () => field.input.focus(), complain: (text) => field.complain(text) };
}

class Combobox {
  private names: readonly (readonly [string, Patient])[] = [];
  private shown: readonly (readonly [string, Patient])[] = [];
  private active = -1;
  private readonly list = h("ul", { id: LIST, class: "picker-list", role: "listbox", "aria-label": _("Patients"), hidden: true });
  private readonly wrong = h("p", { class: "wrong", id: "board-patient-wrong", role: "alert", hidden: true });
  readonly input = h("input", { class: "input", id: "board-patient", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": LIST, "aria-describedby": "board-patient-hint board-patient-wrong" });
  readonly element = h("div", { class: "field" }, h("label", { for: "board-patient" }, _("Patient")), h("p", { class: "hint", id: "board-patient-hint" }, _("Type a part of the name and choose.")), h("div", { class: "picker" }, this.input, this.list), this.wrong);

  constructor() {
    this.input.addEventListener("input", () => {
      this.complain("");
      this.open(-1);
    });
    this.input.addEventListener("click", () => this.open(-1));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.press(event));
    // The field keeps the focus while somebody taps in the list.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  offer(all: readonly Patient[]): void {
    const names = new Map<string, Patient>();
    for (const each of all) {
      let name = each.name;
      for (let number = 2; names.has(name); number += 1) name = `${each.name} (${number}, ${each.zone})`;
      names.set(name, each);
    }
    this.names = [...names];
    this.input.dataset["ready"] = "";
    if (document.activeElement === this.input && this.input.value) this.open(-1);
  }

  chosen(): Patient | null {
    const typed = this.input.value.trim();
    const exact = this.names.find(([name]) => name === typed)?.[1];
    return exact ?? (typed ? only(this.matching()) : null);
  }

  complain(text: string): void {
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
    fill(this.wrong, text && icon("circle-alert"), text && h("span", null, text));
    this.wrong.hidden = !text;
  }

  private matching(): readonly (readonly [string, Patient])[] {
    const typed = this.input.value.trim().toLocaleLowerCase();
    return this.names.filter(([name]) => name.toLocaleLowerCase().includes(typed));
  }

  private open(active: number): void {
    const found = this.matching();
    this.shown = found.slice(0, SHOWN);
    this.active = Math.min(active, this.shown.length - 1);
    const more = found.length > SHOWN && h("li", { class: "quiet small", role: "presentation" }, _("{n} more: type on", { n: found.length - SHOWN }));
    fill(this.list, ...this.shown.map(([name, who], place) => this.option(name, who, place)), more, !found.length && h("li", { class: "quiet small", role: "presentation" }, _("Nobody of this name.")));
    this.list.hidden = !this.names.length;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    if (this.active >= 0) this.input.setAttribute("aria-activedescendant", `${LIST}-${this.active}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  private option(name: string, who: Patient, place: number): HTMLElement {
    return h("li", { id: `${LIST}-${place}`, role: "option", "aria-selected": String(place === this.active), onclick: () => this.take(place) }, h("span", null, name), h("span", { class: "quiet small" }, zoneName(who.zone)));
  }

  private close(): void {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  private take(place: number): void {
    const name = this.shown[place]?.[0];
    if (name === undefined) return;
    this.input.value = name;
    this.complain("");
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private press(event: KeyboardEvent): void {
    const open = !this.list.hidden;
    const last = this.shown.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const down = event.key === "ArrowDown";
      this.open(!open ? (down ? 0 : this.names.length) : down ? (this.active >= last ? 0 : this.active + 1) : this.active <= 0 ? last : this.active - 1);
    } else if (event.key === "Enter" && open && this.active >= 0) this.take(this.active);
    else if (event.key === "Escape" && open) this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** A part of a name is enough when it is a part of one name alone. */
function only(found: readonly (readonly [string, Patient])[]): Patient | null {
  return found.length === 1 ? (found[0]?.[1] ?? null) : null;
}
