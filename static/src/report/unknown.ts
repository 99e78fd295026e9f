/** Names that are not known here: a person ticks those that are groups of organisms; the others are left out, and that is said. */
import { ask } from "../lib/dialog";
import { all, fill, h, one } from "../lib/dom";
import { _ } from "../lib/words";

export interface UnknownName {
  readonly name: string;
  readonly looks_like_a_name: boolean;
}

const SHOWN = 6;

/** The question in *place*, a group of the page; hidden while there is nothing to ask. */
export class UnknownNames {
  private names: readonly UnknownName[] = [];
  private readonly ticked = new Set<string>();

  constructor(private readonly place: HTMLElement) {
    place.addEventListener("change", (event) => {
      const box = event.target as HTMLInputElement;
      this.tick([box.value], box.checked);
    });
    one("[data-unknown-tick]", place).addEventListener("click", () => this.tick(this.alike(), true));
    one("[data-unknown-untick]", place).addEventListener("click", () => this.tick([...this.ticked], false));
  }

  /** Names that were confirmed before, by whomever. */
  tick(names: readonly string[], on: boolean): void {
    for (const name of names) {
      if (on) this.ticked.add(name);
      else this.ticked.delete(name);
    }
    for (const box of all<HTMLInputElement>("input", this.place)) box.checked = this.ticked.has(box.value);
    this.count();
  }

  show(names: readonly UnknownName[]): void {
    this.place.hidden = names.length === 0;
    if (JSON.stringify(names) === JSON.stringify(this.names)) return; // whoever is ticking keeps their place
    this.names = names;
    one("[data-unknown-question]", this.place).textContent =
      names.length === 1
        ? _("This name is not known to us: is it a group of bacteria or other organisms?")
        : _("These {n} names are not known to us: are they groups of bacteria or other organisms?", { n: names.length });
    one("[data-unknown-tick]", this.place).hidden = this.alike().length < 2;
    one("[data-unknown-untick]", this.place).hidden = names.length < 2;
    this.list("[data-unknown-alike]", true);
    this.list("[data-unknown-others]", false);
    this.count();
  }

  get confirmed(): string[] {
    return this.names.map((one) => one.name).filter((name) => this.ticked.has(name));
  }

  /** Whether all is answered: with names left, a question more, for leaving them out cannot be taken back. */
  async answered(): Promise<boolean> {
    const left = this.names.map((one) => one.name).filter((name) => !this.ticked.has(name));
    if (left.length === 0) return true;
    const some = left.slice(0, SHOWN).map((name) => `“${name}”`).join(", ");
    const text = _("Nobody confirmed: {names}. What they hold is left out, and it is said how much that is.", { names: left.length > SHOWN ? `${some}, …` : some });
    const title = left.length === 1 ? _("Leave one name out?") : _("Leave {n} names out?", { n: left.length });
    return ask({ title, text, confirm: _("Leave out and go on"), decline: _("Look again") });
  }

  private alike(): string[] {
    return this.names.filter((one) => one.looks_like_a_name).map((one) => one.name);
  }

  private list(selector: string, alike: boolean): void {
    const found = this.names.filter((one) => one.looks_like_a_name === alike);
    const group = one(selector, this.place);
    group.hidden = found.length === 0;
    fill(one("ul", group), ...found.map(({ name }) => h("li", null, h("label", { class: "choice" }, h("input", { type: "checkbox", value: name, checked: this.ticked.has(name) }), h("span", null, name)))));
  }

  private count(): void {
    one("[data-unknown-count]", this.place).textContent = _("{n} of {all} ticked", { n: this.confirmed.length, all: this.names.length });
  }
}
