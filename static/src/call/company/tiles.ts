/** What a tile shows besides the picture: the part of whoever accompanies, a raised hand, and the interpreter in front. */
import { announce } from "../../lib/announce";
import { fill, h, icon, maybe } from "../../lib/dom";
import { _ } from "../../lib/words";
import { type Participant, type Visit, others } from "../visit";
import { accompanies, roleWord } from "./roles";

export class Marks {
  private readonly raised = new Set<string>();

  constructor(
    private readonly stage: HTMLElement,
    private readonly me: string,
    private readonly host: boolean,
    private readonly lower: (account: string) => void,
  ) {}

  show(visit: Visit): void {
    for (const person of others(visit, this.me)) {
      const tile = maybe(`[data-tile="${person.account}"]`, this.stage);
      if (tile) this.mark(tile, person);
    }
    this.tell(visit);
  }

  private mark(tile: HTMLElement, person: Participant): void {
    tile.dataset["role"] = person.role;
    const words = accompanies(person.role) ? `${person.name} · ${roleWord(person.role)}` : person.name;
    const name = maybe(".tile-name", tile);
    if (name && name.textContent !== words) name.textContent = words;
    const there = maybe("[data-hand-mark]", tile);
    if (Boolean(there) === (person.hand !== null)) return;
    if (there) there.remove();
    else tile.append(this.hand(person));
  }

  private hand(person: Participant): HTMLElement {
    const mark = h("div", { class: "tile-hand", "data-hand-mark": person.account });
    const said = h("span", null, _("{name} raises a hand", { name: person.name }));
    fill(mark, icon("hand"), said);
    if (this.host) mark.append(h("button", { type: "button", class: "button", onclick: () => this.lower(person.account) }, _("Lower"), h("span", { class: "unseen" }, ` ${_("the hand of {name}", { name: person.name })}`)));
    return mark;
  }

  private tell(visit: Visit): void {
    const up = visit.participants.filter((person) => person.hand !== null && person.account !== this.me);
    for (const person of up) if (!this.raised.has(person.account)) announce(_("{name} raises a hand.", { name: person.name }));
    this.raised.clear();
    for (const person of up) this.raised.add(person.account);
  }
}
