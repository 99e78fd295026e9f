/** The visits of a plan, one a row: free, or what speaks against it with the times near it, or left out. */
import { fill, h, icon } from "../lib/dom";
import { day, clockTime, inBothZones } from "../lib/time";
import { _ } from "../lib/words";

export interface Occurrence {
  readonly index: number;
  readonly start: string;
  readonly end: string;
  readonly moved_by_clock_change: boolean;
  readonly offered: boolean;
  readonly texts: readonly string[];
  readonly near: readonly string[];
}

export class Occurrences {
  /** The chosen start of each visit; null: it is left out. */
  private readonly chosen = new Map<number, string | null>();

  constructor(
    root: HTMLElement,
    private readonly visits: readonly Occurrence[],
    private readonly zone: string,
    private readonly changed: () => void,
  ) {
    for (const one of visits) this.chosen.set(one.index, one.offered ? one.start : (one.near[0] ?? null));
    fill(root, ...visits.map((one) => this.row(one)));
  }

  starts(): string[] {
    return [...new Set([...this.chosen.values()].filter((one) => one !== null))].sort((a, b) => Date.parse(a) - Date.parse(b));
  }

  /** Whether a time that a clock change moved is among those that are chosen. */
  clockChanges(): boolean {
    return this.visits.some((one) => one.moved_by_clock_change && this.chosen.get(one.index) === one.start);
  }

  private row(one: Occurrence): HTMLElement {
    const when = inBothZones(one.start, this.zone);
    const name = h("p", null, h("strong", null, when), one.moved_by_clock_change && h("span", { class: "quiet" }, ` · ${_("the clock skips the usual hour on this day")}`));
    return h("li", { class: "stack stack-close", "data-occurrence": one.index, "data-offered": String(one.offered) }, name, ...(one.offered ? this.free(one, when) : this.taken(one, when)));
  }

  private free(one: Occurrence, when: string): HTMLElement[] {
    const input = h("input", { type: "checkbox", checked: true });
    input.addEventListener("change", () => this.choose(one, input.checked ? one.start : null));
    return [h("label", { class: "choice" }, input, h("span", null, _("Free; book it"), h("span", { class: "unseen" }, `: ${when}`)))];
  }

  private taken(one: Occurrence, when: string): HTMLElement[] {
    const select = h("select", { class: "input", "aria-label": _("Instead of {when}", { when }) }, ...one.near.map((start) => h("option", { value: start }, `${day(start)}, ${clockTime(start)}`)), h("option", { value: "" }, _("Leave this one out")));
    select.addEventListener("change", () => this.choose(one, select.value || null));
    return [h("p", { class: "row late" }, icon("triangle-alert"), h("span", null, one.texts.join(" "))), h("p", { class: "row" }, h("span", null, one.near.length ? _("Instead:") : _("Nothing is free near it.")), select)];
  }

  private choose(one: Occurrence, start: string | null): void {
    this.chosen.set(one.index, start);
    this.changed();
  }
}
