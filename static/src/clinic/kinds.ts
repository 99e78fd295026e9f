/** The numbers of one kind of visit: its own where it has any, else the clinic's; and what is kept free around it. */
import { toast } from "../lib/announce";
import { api } from "../lib/api";
import { maybe, one } from "../lib/dom";
import type { Service } from "../scheduling/types";
import { _ } from "../lib/words";
import { inWords, lengthsOf, minutesUnits } from "./lengths";
import { allRight, complain, refused } from "./saying";

type Kind = Service & { readonly buffer_before_minutes: number; readonly buffer_after_minutes: number };

export function kindForm(form: HTMLFormElement): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void store(form);
  });
}

async function store(form: HTMLFormElement): Promise<void> {
  allRight(form);
  const { values, wrong } = lengthsOf(form);
  if (complain(form, wrong)) return;
  const grid = one<HTMLSelectElement>("[name=grid_minutes]", form).value;
  try {
    const kind = await api.put<Kind>(`/api/v1/services/${form.dataset["service"] ?? ""}/numbers`, { ...Object.fromEntries(values), grid_minutes: grid === "" ? null : Number(grid) });
    const line = maybe("[data-around]", form.closest("li") ?? form);
    if (line) line.textContent = around(kind);
    toast(_("Stored. Visits that are booked stay as they are."));
  } catch (problem) {
    refused(form, problem);
  }
}

function around(kind: Kind): string {
  const said = (minutes: number): string => (minutes ? inWords(minutes, minutesUnits()) : _("nothing"));
  return _("kept free before: {before}, after: {after}", { before: said(kind.buffer_before_minutes), after: said(kind.buffer_after_minutes) });
}
