/**
 * Pointing at a place in the record. A host presses the button beside it; the panel of everybody who follows opens there, marks it
 * and reads it out. Who looks on their own is told, and goes there when they wish. The host sees which of both.
 */
import { announce } from "../lib/announce";
import { h, icon, maybe, one } from "../lib/dom";
import { deviceVoice } from "../lib/voice";
import { _ } from "../lib/words";
import { type PanelName, anchored, find, findOrDraw, panelOf, spoken } from "./anchors";

export interface PanelsToPoint {
  readonly place: HTMLElement;
  /** Whether this person's panel goes where the host points. */
  readonly following: boolean;
  /** Opens a panel unless it is open already. */
  reach(name: PanelName, report: string | undefined): Promise<void>;
  /** Something is pointed at, or nothing any more: the line over the panel says so. */
  told(name: string | null): void;
  /** To whom it is shown where this host points; null for nobody, and where nothing is pointed at. */
  shownTo(names: string | null): void;
}

export interface Pointed {
  readonly from: string;
  readonly anchor: string | null;
}

const POINTER_EVERY_MS = 70;
const POINTER_STAYS_MS = 2500;
const READING_SHELF = "telegut-read-aloud";

export class Pointing {
  private mine: string | null = null;
  private theirs: Pointed | null = null;
  /** What is marked here, so that it stays marked. */
  private marked: string | null = null;
  private moved = 0;
  private pointerGone: ReturnType<typeof setTimeout> | undefined;
  private turn = 0;
  private readonly dot = h("span", { class: "pointer-dot", "aria-hidden": "true" });
  private people: readonly string[] = [];
  private readonly followers = new Map<string, boolean>();
  /** To whom the server has named what is pointed at. */
  private seenBy: readonly string[] = [];

  constructor(
    private readonly stage: HTMLElement,
    private readonly panels: PanelsToPoint,
    private readonly host: boolean,
    private readonly nameOf: (account: string) => string,
    private readonly say: (message: Readonly<Record<string, unknown>> & { readonly type: string }) => boolean,
  ) {
    if (host) {
      new MutationObserver(() => this.offer()).observe(panels.place, { childList: true, subtree: true });
      panels.place.addEventListener("pointermove", (event) => this.moves(event));
    } else {
      this.wireReading();
      new MutationObserver(() => this.markAgain()).observe(panels.place, { childList: true, subtree: true });
    }
  }

  // --- what a host does

  /** Puts a button beside each place of the panel that is open. */
  private offer(): void {
    for (const { anchor, element, name } of anchored(this.panels.place)) {
      if (element.querySelector(`[data-point="${CSS.escape(anchor)}"]`)) continue;
      const button = h("button", { type: "button", class: "button button-bare point", "data-point": anchor, "aria-label": _("Point at {name}", { name }), title: _("Point here") }, icon("pointer"));
      button.addEventListener("click", () => this.press(anchor));
      const beside = element.querySelector("[data-write-about]");
      if (beside) beside.before(button);
      else element.append(button);
    }
    this.showMine();
  }

  private press(anchor: string): void {
    const wanted = this.mine === anchor ? null : anchor;
    if (!this.say({ type: "point", anchor: wanted })) return;
    this.mine = wanted;
    this.seenBy = [];
    this.showMine();
    if (wanted === null) announce(_("You point at nothing any more."));
  }

  /** The server has named the place to these people. */
  named(anchor: string, seenBy: readonly string[]): void {
    if (anchor !== this.mine) return;
    this.seenBy = seenBy;
    this.showMine();
    const names = this.shownTo();
    announce(names ? _("Where you point is shown to {names}.", { names }) : seenBy.length ? _("They look on their own and are told that you point here.") : _("Nobody else here may see this place."));
  }

  /** Those who go along. */
  private shownTo(): string | null {
    const there = this.seenBy.filter((account) => this.people.includes(account) && this.followers.get(account) !== false);
    return there.length ? there.map((account) => this.nameOf(account)).join(", ") : null;
  }

  /** The server did not take it. */
  refused(): void {
    this.mine = null;
    this.seenBy = [];
    this.showMine();
  }

  private showMine(): void {
    this.panels.shownTo(this.shownTo());
    for (const button of this.panels.place.querySelectorAll<HTMLElement>("[data-point]")) {
      const pressed = String(button.dataset["point"] === this.mine);
      if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    }
  }

  private moves(event: PointerEvent): void {
    const element = this.mine ? find(this.panels.place, this.mine) : null;
    const now = performance.now();
    if (!element || now - this.moved < POINTER_EVERY_MS || !element.contains(event.target as Node)) return;
    this.moved = now;
    const box = element.getBoundingClientRect();
    this.say({ type: "pointer", x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height });
  }

  /** Somebody says whether their panel follows. */
  follows(account: string, following: boolean): void {
    if (this.followers.get(account) === following) return;
    this.followers.set(account, following);
    this.showFollowers();
  }

  /** Who is inside; whoever is not, follows nothing. */
  with(people: readonly string[]): void {
    if (this.mine && people.some((account) => !this.people.includes(account))) this.say({ type: "point", anchor: this.mine });
    this.people = people;
    for (const account of [...this.followers.keys()]) if (!people.includes(account)) this.followers.delete(account);
    this.showFollowers();
  }

  private showFollowers(): void {
    if (!this.host) return;
    this.panels.shownTo(this.shownTo());
    const lines = [...this.followers].map(([account, follows]) => (follows ? _("{name} follows.", { name: this.nameOf(account) }) : _("{name} looks on their own.", { name: this.nameOf(account) })));
    const place = one("[data-followers]", this.stage);
    const words = lines.join(" ");
    place.hidden = !words;
    if (place.textContent !== words) place.textContent = words;
  }

  // --- what everybody else sees

  hear(said: Pointed): void {
    if (said.anchor && said.anchor === this.theirs?.anchor && said.from === this.theirs.from) return; // said again for somebody who came in
    this.theirs = said.anchor ? said : null;
    this.clear();
    this.panels.told(this.theirs ? this.nameOf(said.from) : null);
    if (!this.theirs) return;
    if (this.panels.following) void this.go();
    else if (!this.host) announce(_("{name} points at something. You look on your own.", { name: this.nameOf(said.from) }));
  }

  /** Goes to what is pointed at, marks it and reads it out. */
  async go(): Promise<void> {
    const turn = (this.turn += 1);
    const anchor = this.theirs?.anchor;
    const where = anchor ? panelOf(anchor) : null;
    if (!anchor || !where) return;
    if (!this.host) await this.panels.reach(where.panel, where.report);
    const element = await findOrDraw(this.panels.place, anchor);
    if (turn !== this.turn || !element) return;
    this.reveal(element);
  }

  get points(): boolean {
    return this.theirs !== null;
  }

  private reveal(element: HTMLElement): void {
    this.uncover(element);
    // Nothing takes the focus: whoever writes goes on writing.
    // What is higher than the panel is shown from its beginning, where its name is.
    element.scrollIntoView({ block: element.offsetHeight > this.panels.place.clientHeight ? "start" : "center" });
    this.mark(element);
    this.marked = this.theirs?.anchor ?? null;
    const words = _("{name} points at: {what}", { name: this.nameOf(this.theirs?.from ?? ""), what: spoken(element) });
    announce(words);
    this.readAloud(spoken(element));
  }

  /** Opens whatever hides it: something folded, another part of the plan, the report as a table, the sheet of a phone. */
  private uncover(element: HTMLElement): void {
    for (let parent = element.parentElement; parent && parent !== this.panels.place; parent = parent.parentElement) {
      if (parent instanceof HTMLDetailsElement) parent.open = true;
      if (!parent.hidden) continue;
      const opener = parent.matches("[role=tabpanel]") ? `[aria-controls="${CSS.escape(parent.id)}"]` : parent.matches("[data-bars]") ? "[data-as-table]" : null;
      if (opener) maybe(opener, this.panels.place)?.click();
    }
    if (this.stage.dataset["sheet"] === "low") maybe("[data-height]", this.stage)?.click();
  }

  private mark(element: HTMLElement): void {
    element.classList.add("pointed", "pointed-by");
    element.setAttribute("aria-current", "true");
  }

  /** The panel was drawn anew, because something in it changed. */
  private markAgain(): void {
    const element = this.marked && this.panels.following ? find(this.panels.place, this.marked) : null;
    if (element && !element.classList.contains("pointed-by")) this.mark(element);
  }

  private clear(): void {
    this.turn += 1;
    this.marked = null;
    if ("speechSynthesis" in window) speechSynthesis.cancel();
    this.dot.remove();
    for (const element of this.panels.place.querySelectorAll(".pointed-by")) {
      element.classList.remove("pointed", "pointed-by");
      element.removeAttribute("aria-current");
    }
  }

  /** Where in the place the host's pointer is. */
  pointer(anchor: string, x: number, y: number): void {
    const element = this.theirs?.anchor === anchor && this.panels.following ? this.panels.place.querySelector<HTMLElement>(".pointed-by") : null;
    if (!element) return;
    if (this.dot.parentElement !== element) element.append(this.dot);
    this.dot.style.setProperty("left", `${100 * x}%`);
    this.dot.style.setProperty("top", `${100 * y}%`);
    clearTimeout(this.pointerGone);
    this.pointerGone = setTimeout(() => this.dot.remove(), POINTER_STAYS_MS);
  }

  // --- reading out

  private wireReading(): void {
    const field = one<HTMLInputElement>("[data-read-aloud]", this.stage);
    one("[data-read-aloud-field]", this.stage).hidden = !("speechSynthesis" in window);
    field.checked = localStorage.getItem(READING_SHELF) !== "no";
    field.addEventListener("change", () => {
      localStorage.setItem(READING_SHELF, field.checked ? "yes" : "no");
      if (!field.checked && "speechSynthesis" in window) speechSynthesis.cancel();
    });
  }

  private readAloud(words: string): void {
    if (this.host || !("speechSynthesis" in window) || localStorage.getItem(READING_SHELF) === "no") return;
    const voice = deviceVoice();
    if (!voice && speechSynthesis.getVoices().length) return; // what is there would send the words elsewhere
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.voice = voice;
    utterance.lang = document.documentElement.lang || "en";
    speechSynthesis.speak(utterance);
  }
}
