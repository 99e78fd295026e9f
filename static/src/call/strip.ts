/** Who waits to be let in, above everything else: the name, since when, one button; a sound at once and a soft one until handled. */
import { announce } from "../lib/announce";
import { fill, h, icon, one } from "../lib/dom";
import { clockTime } from "../lib/time";
import { _ } from "../lib/words";
import { knock } from "./sound";
import { type Visit, waiting } from "./visit";

export interface StripActions {
  admit(account: string): void;
  sendBack(account: string): void;
}

const REMIND_MS = 20_000;

export class Strip {
  private readonly known = new Set<string>();
  private readonly title = document.title;
  private reminder: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly actions: StripActions,
  ) {
    // The room below begins where the strip ends, however many people wait and however their names wrap.
    new ResizeObserver(() => document.documentElement.style.setProperty("--strip", `${root.offsetHeight}px`)).observe(root);
  }

  show(visit: Visit): void {
    const people = waiting(visit);
    const fresh = people.filter((person) => !this.known.has(person.account));
    this.known.clear();
    for (const person of people) this.known.add(person.account);
    this.root.hidden = people.length === 0;
    document.title = people.length ? `(${people.length}) ${this.title}` : this.title;
    fill(
      one("[data-waiting]", this.root),
      ...people.map((person) =>
        h(
          "li",
          { class: "strip-person", "data-waits": person.account },
          h("p", null, h("strong", null, person.name), " ", person.since ? _("waits since {time}", { time: clockTime(person.since) }) : _("waits")),
          h(
            "div",
            { class: "row" },
            h("button", { type: "button", class: "button button-now", onclick: () => this.actions.admit(person.account) }, icon("door-open"), _("Admit"), h("span", { class: "unseen" }, ` ${person.name}`)),
            h("button", { type: "button", class: "button button-bare", onclick: () => this.actions.sendBack(person.account) }, _("Not now"), h("span", { class: "unseen" }, ` ${person.name}`)),
          ),
        ),
      ),
    );
    if (fresh.length) this.ring(fresh.map((person) => person.name).join(", "));
    this.remind(people.length > 0);
  }

  private ring(names: string): void {
    void knock();
    announce(_("{name} waits to be let in.", { name: names }), true);
  }

  private remind(somebody: boolean): void {
    clearInterval(this.reminder);
    this.reminder = somebody ? setInterval(() => void knock(), REMIND_MS) : undefined;
  }
}
