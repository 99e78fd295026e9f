/**
 * Who waits to be let in, above everything else: the name, since when, how their check went, one button; a sound at once and a soft one until handled.
 * Who waits at another visit of the same practitioner is listed too, with one tap to say how late it is.
 */
import { announce } from "../lib/announce";
import { type ItemPage, Problem, api } from "../lib/api";
import { fill, h, icon, one } from "../lib/dom";
import { clockTime } from "../lib/time";
import { _ } from "../lib/words";
import { lateButtons } from "./company/late";
import { accompanies, heldBack, roleWord } from "./company/roles";
import { type Tried, readinessWords } from "./readiness";
import { knock } from "./sound";
import { type Participant, type Visit, waiting } from "./visit";

export interface StripActions {
  admit(account: string): void;
  admitAll(): void;
  sendBack(account: string): void;
}

/** Who waits at any visit of this practitioner. */
interface Waits extends Tried {
  readonly visit: string;
  readonly account: string;
  readonly name: string;
  readonly since: string;
  readonly start: string;
}

const REMIND_MS = 20_000;
const LOOK_MS = 10_000;

export class Strip {
  private readonly known = new Set<string>();
  private readonly title = document.title;
  private reminder: ReturnType<typeof setInterval> | undefined;
  private here: readonly Participant[] = [];
  private elsewhere: readonly Waits[] = [];
  /** Of whom it is known how their check went. */
  private readonly tried = new Map<string, Tried>();
  private looking: ReturnType<typeof setInterval> | undefined;
  private asking = false;
  private shown = "";
  private group = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly id: string,
    private readonly actions: StripActions,
  ) {
    // The room below begins where the strip ends, however many people wait and however their names wrap.
    new ResizeObserver(() => document.documentElement.style.setProperty("--strip", `${root.offsetHeight}px`)).observe(root);
    if (document.documentElement.dataset["signedIn"] === undefined) return; // whoever came by a link is asked nothing of other visits
    this.looking = setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  show(visit: Visit): void {
    this.group = visit.group;
    this.here = waiting(visit);
    this.render();
    if (this.looking !== undefined && this.here.some(({ account }) => !this.tried.has(account))) void this.look();
  }

  /** Let in who waits longest. */
  admitFirst(): void {
    const first = this.ready().sort((a, b) => (a.since ?? "").localeCompare(b.since ?? ""))[0];
    if (first) this.actions.admit(first.account);
  }

  /** Who may be let in: a student only after the patient's yes. */
  private ready(): Participant[] {
    return this.here.filter((person) => person.consent !== "asked" && person.consent !== "refused");
  }

  private async look(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      const found = await api.get<ItemPage<Waits>>("/api/v1/visits/waiting");
      this.elsewhere = found.items.filter((one) => one.visit !== this.id);
      for (const one of found.items) this.tried.set(one.account, one);
      this.render();
      this.showTried();
    } catch (problem) {
      if (!(problem instanceof Problem && [401, 403].includes(problem.status))) return;
      clearInterval(this.looking);
      this.looking = undefined;
    } finally {
      this.asking = false;
    }
  }

  /** In its place: whoever is about to press a button keeps it. */
  private showTried(): void {
    for (const place of this.root.querySelectorAll<HTMLElement>("[data-tried]")) {
      const words = this.triedWords(place.dataset["tried"] ?? "");
      if (place.textContent !== words) place.textContent = words;
    }
  }

  private triedWords(account: string): string {
    const tried = this.tried.get(account);
    return tried ? ` · ${readinessWords(tried)}` : "";
  }

  private triedOf(account: string): HTMLElement {
    return h("span", { "data-tried": account }, this.triedWords(account));
  }

  private render(): void {
    const told = JSON.stringify([this.here, this.elsewhere.map(({ visit, account, since }) => [visit, account, since])]);
    if (told === this.shown) return;
    this.shown = told;
    const names = new Map([...this.here, ...this.elsewhere].map((person) => [person.account, person.name]));
    const fresh = [...names].filter(([account]) => !this.known.has(account)).map(([, name]) => name);
    this.known.clear();
    for (const account of names.keys()) this.known.add(account);
    const focused = this.root.contains(document.activeElement);
    this.root.hidden = names.size === 0;
    document.title = names.size ? `(${names.size}) ${this.title}` : this.title;
    fill(one("[data-waiting]", this.root), ...this.here.map((person) => this.waits(person)), ...this.elsewhere.map((person) => this.waitsElsewhere(person)));
    if (this.ready().length > 1) one("[data-waiting]", this.root).append(this.everybody());
    if (focused) (this.root.querySelector<HTMLElement>("button") ?? one("#stage")).focus(); // who lets in one after the other keeps their place
    if (fresh.length) this.ring(fresh.join(", "));
    this.remind(names.size > 0);
  }

  private waits(person: Participant): HTMLElement {
    const held = heldBack(person, this.group);
    const part = accompanies(person.role) ? ` · ${roleWord(person.role)} ·` : "";
    const unseen = (): HTMLElement => h("span", { class: "unseen" }, ` ${person.name}`);
    return h(
      "li",
      { class: "strip-person", "data-waits": person.account },
      h("p", null, h("strong", null, person.name), `${part} `, since(person.since), this.triedOf(person.account), held && `. ${held}`),
      h(
        "div",
        { class: "row" },
        !held && h("button", { type: "button", class: "button button-now", onclick: () => this.actions.admit(person.account) }, icon("door-open"), _("Admit"), unseen()),
        h("button", { type: "button", class: "button button-bare", onclick: () => this.actions.sendBack(person.account) }, _("Not now"), unseen()),
      ),
    );
  }

  private waitsElsewhere(person: Waits): HTMLElement {
    return h(
      "li",
      { class: "strip-person", "data-waits-elsewhere": person.visit },
      h("p", null, h("strong", null, person.name), " ", since(person.since), ", ", _("visit at {time}", { time: clockTime(person.start) }), this.triedOf(person.account)),
      h("div", { class: "row" }, lateButtons(person.visit), h("a", { class: "button button-bare", href: `/visits/${person.visit}#admit=${person.account}`, target: "_blank" }, _("Admit there"), h("span", { class: "unseen" }, ` ${_("the visit of {name}", { name: person.name })}`))),
    );
  }

  private everybody(): HTMLElement {
    return h("li", { class: "strip-person" }, h("p", null, _("{n} people wait.", { n: this.ready().length })), h("button", { type: "button", class: "button button-now", "data-admit-all": "", onclick: () => this.actions.admitAll() }, icon("door-open"), _("Admit all")));
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

function since(at: string | null): string {
  return at ? _("waits since {time}", { time: clockTime(at) }) : _("waits");
}
