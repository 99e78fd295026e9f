/** The clinic's numbers. What somebody else changed meanwhile is said, and nothing typed is lost. */
import { toast } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { all, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { lengthsOf, saidAs } from "./lengths";
import { ReminderTimes } from "./reminders";
import { allRight, complain, refused, say } from "./saying";

export type Numbers = Readonly<Record<string, number | string | boolean | null | readonly number[]>> & { readonly version: number; readonly reminder_minutes: readonly number[] };

export class NumbersForm {
  private readonly reminders: ReminderTimes;

  constructor(
    private readonly form: HTMLFormElement,
    private numbers: Numbers,
  ) {
    this.reminders = new ReminderTimes(one("[data-reminder-times]", form));
    this.reminders.show(numbers.reminder_minutes);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.store();
    });
  }

  private async store(): Promise<void> {
    allRight(this.form);
    const written = this.written();
    if (!written) return;
    try {
      this.numbers = await api.put<Numbers>("/api/v1/scheduling/policy", { version: this.numbers.version, ...written });
      toast(_("Stored. It holds from now on."));
    } catch (problem) {
      const current = problem instanceof Problem && problem.status === 409 ? (problem.body["current"] as Numbers | undefined) : undefined;
      if (!current) return refused(this.form, problem);
      const changed = this.differences(current);
      this.numbers = current;
      say(_("Somebody else has just changed: {what}. What you typed is still here and not stored yet; store it again if it should hold.", { what: changed.join(", ") }));
    }
  }

  /** What stands in the form, in the server's units; null: something cannot be, and is said. */
  private written(): Record<string, unknown> | null {
    const { values, wrong } = lengthsOf(this.form);
    const found: Record<string, unknown> = { ...Object.fromEntries(values), reminder_minutes: this.reminders.values() };
    for (const input of all<HTMLInputElement | HTMLSelectElement>("input[name], select[name]", this.form)) {
      if (input.closest("[data-length]")) continue;
      if (input instanceof HTMLInputElement && input.type === "checkbox") found[input.name] = input.checked;
      else if (input.type === "time") found[input.name] = input.value.slice(0, 5);
      else if (input.value !== "") found[input.name] = Number(input.value);
      else if (input.name === "max_visits_a_day") found[input.name] = null;
      else wrong.set(input.name, _("Please give a number."));
      const complaint = input instanceof HTMLInputElement && input.type === "number" ? badNumber(input) : "";
      if (complaint) wrong.set(input.name, complaint);
    }
    const reminders = this.reminders.complaint();
    if (reminders) wrong.set("reminder_minutes", reminders);
    return complain(this.form, wrong) ? null : found;
  }

  private differences(current: Numbers): string[] {
    const names = Object.keys(current).filter((name) => name !== "version" && JSON.stringify(current[name]) !== JSON.stringify(this.numbers[name]));
    return names.map((name) => `${this.called(name)} (${this.said(name, current[name])})`);
  }

  private called(name: string): string {
    const field = maybe(`[data-length="${name}"], [name="${name}"], [data-reminder-times]`, this.form)?.closest(".field, label, fieldset");
    return field?.querySelector("label, legend, span")?.textContent?.trim() ?? name;
  }

  private said(name: string, value: Numbers[string] | undefined): string {
    const length = maybe(`[data-length="${name}"]`, this.form);
    if (length) return saidAs(length, value);
    if (Array.isArray(value)) return this.reminders.inWords(value as readonly number[]);
    return value === true ? _("yes") : value === false ? _("no") : String(value ?? "–");
  }
}

function badNumber(input: HTMLInputElement): string {
  if (input.validity.valid || (input.value === "" && !input.validity.badInput)) return "";
  return _("Please give a whole number from {low} to {high}.", { low: input.min, high: input.max });
}
