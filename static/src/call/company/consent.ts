/** The patient is asked whether somebody who is there to learn may come in. A no costs nothing, and a yes can be taken back. */
import { announce } from "../../lib/announce";
import { fill, h } from "../../lib/dom";
import { _ } from "../../lib/words";
import type { Participant, Visit } from "../visit";

export class Asked {
  private told = "";

  constructor(
    private readonly root: HTMLElement,
    private readonly answer: (account: string, agreed: boolean) => void,
  ) {
    new ResizeObserver(() => document.documentElement.style.setProperty("--strip", `${root.offsetHeight}px`)).observe(root);
  }

  show(visit: Visit): void {
    const people = visit.participants.filter((person) => person.consent === "asked" || (person.consent === "given" && person.state === "inside"));
    const told = JSON.stringify(people.map((person) => [person.account, person.consent]));
    if (told === this.told) return;
    this.told = told;
    this.root.hidden = people.length === 0;
    fill(this.root, ...people.map((person) => this.question(person)));
    for (const person of people) if (person.consent === "asked") announce(_("May {name}, a student, be there?", { name: person.name }), true);
  }

  private question(person: Participant): HTMLElement {
    const { name, account } = person;
    const unseen = h("span", { class: "unseen" }, ` ${name}`);
    if (person.consent === "given") {
      return h(
        "div",
        { class: "strip-person", "data-asked": account },
        h("p", null, _("{name}, a student, is here because you said yes.", { name })),
        h("button", { type: "button", class: "button button-bare", onclick: () => this.answer(account, false) }, _("I would rather not any more"), unseen),
      );
    }
    return h(
      "div",
      { class: "strip-person", "data-asked": account },
      h("p", null, h("strong", null, _("May {name}, a student, be there to learn?", { name })), " ", _("They would see and hear you, and nothing of your record. Your visit is the same either way.")),
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", class: "button button-now", onclick: () => this.answer(account, true) }, _("Yes, they may")),
        h("button", { type: "button", class: "button button-now", onclick: () => this.answer(account, false) }, _("No")),
      ),
    );
  }
}
