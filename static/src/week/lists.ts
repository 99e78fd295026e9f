/** One's hours as a list in words, and the plain forms beside it. */
import { toastProblem } from "../lib/announce";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { exceptionInWords, ruleInWords } from "../scheduling/hours";
import type { Availability, Exceptional, Rule } from "../scheduling/types";
import { plusDays } from "../scheduling/weeks";
import { type HoursStore, alike } from "./store";

type Services = ReadonlyMap<string, string>;

export class Lists {
  private readonly form = one<HTMLFormElement>("#rule-form");
  private readonly exceptionForm = one<HTMLFormElement>("#exception-form");
  /** The rule that the form changes; null: it adds one. */
  private editing: Rule | null = null;

  constructor(
    private readonly store: HoursStore,
    private readonly services: Services,
  ) {
    this.wire();
    store.watch(() => this.show());
  }

  private get hours(): Availability {
    return this.store.hours;
  }

  private wire(): void {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submitRule();
    });
    this.form.addEventListener("input", () => this.preview());
    one("[data-stop]", this.form).addEventListener("click", () => this.stopEditing());
    this.exceptionForm.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submitException().catch(toastProblem);
    });
    one<HTMLSelectElement>("#zone").addEventListener("change", (event) => void this.changeZone(event.currentTarget as HTMLSelectElement));
    this.preview();
  }

  private show(): void {
    const { rules, exceptions } = this.hours;
    fill(one("[data-rules]"), ...rules.map((rule) => this.ruleRow(rule)));
    fill(one("[data-exceptions]"), ...exceptions.map((each) => this.exceptionRow(each)));
    one("[data-rules]").hidden = !rules.length;
    one("[data-no-rules]").hidden = rules.length > 0;
    one("[data-exceptions]").hidden = !exceptions.length;
    one("[data-no-exceptions]").hidden = exceptions.length > 0;
    one<HTMLSelectElement>("#zone").value = this.hours.zone;
  }

  private ruleRow(rule: Rule): HTMLElement {
    const words = ruleInWords(rule, this.hours.zone, this.services);
    const change = h("button", { type: "button", class: "button", "aria-label": _("Change: {what}", { what: words }), onclick: () => this.edit(rule) }, _("Change"));
    const remove = h("button", { type: "button", class: "button", "aria-label": _("Remove: {what}", { what: words }), onclick: () => void this.removeRule(rule, words) }, _("Remove"));
    return h("li", { class: "list-row" }, h("p", null, words), h("p", { class: "row" }, change, remove));
  }

  private exceptionRow(each: Exceptional): HTMLElement {
    const words = exceptionInWords(each, this.hours.zone);
    const gone = (hours: Availability): Availability => ({ ...hours, exceptions: hours.exceptions.filter((other) => !alike(other, each)) });
    const remove = h("button", { type: "button", class: "button", "aria-label": _("Remove: {what}", { what: words }), onclick: () => void this.store.apply(gone, _("Removed: {what}", { what: words })) }, _("Remove"));
    return h("li", { class: "list-row" }, h("p", null, words), remove);
  }

  // --- weekly hours

  private written(): Rule {
    const data = new FormData(this.form);
    const text = (name: string): string => String(data.get(name) ?? "");
    const named = data.getAll("services").map(String);
    return {
      weekdays: data.getAll("weekdays").map(String),
      start: text("start"),
      end: text("end"),
      ...(text("from") ? { from: text("from") } : {}),
      ...(text("until") ? { until: text("until") } : {}),
      ...(named.length ? { services: named } : {}),
      ...(this.editing?.zone ? { zone: this.editing.zone } : {}),
    };
  }

  private preview(): void {
    const rule = this.written();
    const whole = rule.weekdays.length && rule.start && rule.end && rule.start !== rule.end;
    one("[data-preview]").textContent = whole ? ruleInWords(rule, this.hours.zone, this.services) : "";
  }

  private async submitRule(): Promise<void> {
    const rule = this.written();
    if (complaints(rule)) return one<HTMLInputElement>(rule.weekdays.length ? "#start" : 'input[name="weekdays"]').focus();
    const old = this.editing;
    const change = (hours: Availability): Availability => {
      const there = old !== null && hours.rules.some((each) => alike(each, old));
      return { ...hours, rules: there ? hours.rules.map((each) => (alike(each, old) ? rule : each)) : [...hours.rules, rule] };
    };
    if (await this.store.apply(change, ruleInWords(rule, this.hours.zone, this.services))) this.stopEditing();
  }

  private async removeRule(rule: Rule, words: string): Promise<void> {
    const gone = (hours: Availability): Availability => ({ ...hours, rules: hours.rules.filter((other) => !alike(other, rule)) });
    if (await this.store.apply(gone, _("Removed: {what}", { what: words }))) this.stopEditing();
  }

  private edit(rule: Rule): void {
    this.editing = rule;
    const { form } = this;
    for (const box of all<HTMLInputElement>('input[name="weekdays"]', form)) box.checked = rule.weekdays.includes(box.value);
    for (const box of all<HTMLInputElement>('input[name="services"]', form)) box.checked = (rule.services ?? []).includes(box.value);
    for (const name of ["start", "end", "from", "until"] as const) one<HTMLInputElement>(`#${name}`, form).value = rule[name] ?? "";
    const more = maybe<HTMLDetailsElement>("details", form);
    if (more) more.open = Boolean(rule.from || rule.until || rule.services?.length);
    this.say(_("Change these hours"), _("Store the change"), true);
    one<HTMLInputElement>('input[name="weekdays"]', form).focus();
  }

  private stopEditing(): void {
    this.editing = null;
    this.form.reset();
    for (const name of ["weekdays", "end", "until"]) wrong(name, "");
    this.say(_("Add hours"), _("Add these hours"), false);
  }

  private say(title: string, button: string, editing: boolean): void {
    one("#rule-title").textContent = title;
    one("[data-submit]", this.form).textContent = button;
    one("[data-stop]", this.form).hidden = !editing;
    this.preview();
  }

  private async changeZone(select: HTMLSelectElement): Promise<void> {
    const zone = select.value;
    // The grid's week belongs to the zone: the page is drawn anew.
    if (await this.store.apply((hours) => ({ ...hours, zone }), _("All hours are in this zone now."))) location.reload();
    else select.value = this.hours.zone;
  }

  // --- exceptions

  private async submitException(): Promise<void> {
    const data = new FormData(this.exceptionForm);
    const text = (name: string): string => String(data.get(name) ?? "");
    const [first, last, from, until] = [text("exception-first"), text("exception-last") || text("exception-first"), text("exception-start"), text("exception-end")];
    const extra = text("kind") === "extra";
    if (wrong("exception", !first ? _("Choose the first day.") : extra && (!from || !until) ? _("Say from when until when you are here.") : "")) return one<HTMLInputElement>(first ? "#exception-start" : "#exception-first").focus();
    // Who is away without a time is away until the day after begins.
    const start = `${first}T${from || "00:00"}:00`;
    const end = until ? `${last}T${until}:00` : `${plusDays(last, 1)}T00:00:00`;
    if (wrong("exception", end <= start ? _("This needs to end after it starts.") : "")) return one<HTMLInputElement>("#exception-last").focus();
    const note = text("note").trim();
    const added: Exceptional = { start, end, kind: extra ? "extra" : "off", ...(note ? { note } : {}) };
    const change = (hours: Availability): Availability => ({ ...hours, exceptions: [...hours.exceptions, added].sort((a, b) => a.start.localeCompare(b.start)) });
    if (await this.store.apply(change, exceptionInWords(added, this.hours.zone))) this.exceptionForm.reset();
  }
}

function wrong(name: string, text: string): boolean {
  const place = one(`[data-wrong="${name}"]`);
  fill(place, text && icon("circle-alert"), text && h("span", null, text));
  place.hidden = !text;
  return text !== "";
}

/** What is missing is said where it is missing; the server has the last word. */
function complaints(rule: Rule): boolean {
  return [
    wrong("weekdays", rule.weekdays.length ? "" : _("Choose at least one day.")),
    wrong("end", !rule.start || !rule.end ? _("Say from when until when.") : rule.start === rule.end ? _("Hours need to end at another time than they start.") : ""),
    wrong("until", rule.from && rule.until && rule.until < rule.from ? _("The last day is before the first.") : ""),
  ].some(Boolean);
}
