/** Finding the patient to book for: a text field with suggestions, over everybody whom the caller may book for. */
import { type ItemPage, api } from "../lib/api";
import { h } from "../lib/dom";
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
}

/** Two of the same name are told apart by their zone, and by a number. */
export function patientField(): PatientField {
  const names = new Map<string, Patient>();
  const list = h("datalist", { id: "board-patients" });
  const input = h("input", { id: "board-patient", list: "board-patients", autocomplete: "off", required: true, "aria-describedby": "board-patient-hint" });
  known ??= everybody();
  void known.then((all) => {
    for (const each of all) {
      let name = each.name;
      for (let number = 2; names.has(name); number += 1) name = `${each.name} (${number}, ${each.zone})`;
      names.set(name, each);
    }
    list.replaceChildren(...[...names.keys()].map((name) => h("option", { value: name })));
    input.dataset["ready"] = "";
  }, () => (known = undefined));
  const element = h("div", { class: "field" }, h("label", { for: "board-patient" }, _("Patient")), h("p", { class: "hint", id: "board-patient-hint" }, _("Type a part of the name and choose.")), input, list);
  const wanted = (): string => input.value.trim().toLocaleLowerCase();
  return {
    element,
    chosen: () => names.get(input.value.trim()) ?? only([...names.entries()].filter(([name]) => wanted() !== "" && name.toLocaleLowerCase().includes(wanted()))),
    focus: () => input.focus(),
  };
}

/** A part of a name is enough when it is a part of one name alone. */
function only(found: readonly (readonly [string, Patient])[]): Patient | null {
  return found.length === 1 ? (found[0]?.[1] ?? null) : null;
}
