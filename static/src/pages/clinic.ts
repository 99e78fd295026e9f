/** What holds for everybody who books: numbers, holidays, kinds of visit. */
import { type Holidays, holidayForm } from "../clinic/holidays";
import { kindForm } from "../clinic/kinds";
import { enliven } from "../clinic/lengths";
import { type Numbers, NumbersForm } from "../clinic/numbers";
import { all, one } from "../lib/dom";

interface Facts {
  readonly numbers: Numbers;
  readonly holidays: Holidays;
}

const facts = JSON.parse(one("#clinic-facts").textContent ?? "{}") as Facts;

enliven(document);
new NumbersForm(one<HTMLFormElement>("#numbers"), facts.numbers);
holidayForm(one<HTMLFormElement>("#holiday"), facts.holidays);
for (const form of all<HTMLFormElement>("form[data-service]")) kindForm(form);
