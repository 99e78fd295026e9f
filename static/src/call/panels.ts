/**
 * Report, plan, diary and chat beside the video: fetched from the server as the caller may see them, made alive by their own
 * modules. The host shows one, or points at a place in one; the other side follows until they choose for themselves.
 */
import { announce, toastProblem } from "../lib/announce";
import { all, fill, h, icon, one } from "../lib/dom";
import { GO_TO_MESSAGE, leaveToWrite, onShow, onWrite, pointAt, type Place, type Shown as Cited, type ShownPlace } from "../lib/places";
import { _ } from "../lib/words";
import type { PanelName as Name } from "./anchors";
import { TITLES, Unread, fetched, isName, mounted } from "./panel";
import type { Shown } from "./visit";

/** In which panel a place lies; a visit has none. */
const PANEL_OF: Readonly<Partial<Record<Cited["kind"], Name>>> = { plan_step: "plan", finding: "report", report: "report", diary_day: "diary", message: "thread" };

/** That somebody wants to look on their own is remembered on this device, from visit to visit. */
const ALONE_SHELF = "telegut-looks-alone";

export class Panels {
  readonly place: HTMLElement;
  /** Called when this person begins or ceases to follow. */
  onFollowing: (following: boolean) => void = () => undefined;
  /** Called when they wish to see again what is pointed at. */
  onGoThere: () => void = () => undefined;
  private readonly follow: HTMLElement;
  private open: Name | null = null;
  private unmount: (() => void) | null = null;
  private shown: Shown | null = null;
  private follows = localStorage.getItem(ALONE_SHELF) === null;
  private pointedBy: string | null = null;
  /** Who sees where this host points. */
  private pointedTo: string | null = null;
  private loading = 0;
  private arriving: Promise<void> = Promise.resolve();

  constructor(
    private readonly stage: HTMLElement,
    private readonly patient: string,
    private readonly host: boolean,
    private readonly me: string,
    /** Where this tab keeps what was open, over a reload. */
    private readonly shelf: string,
    private readonly nameOf: (account: string) => string,
    private readonly show: (shown: Shown) => void,
  ) {
    this.place = one("[data-panel-place]", stage);
    this.follow = one("[data-follow]", stage);
    for (const tab of this.tabs()) {
      tab.addEventListener("click", () => this.choose(tab.dataset["tab"] as Name));
      tab.addEventListener("keydown", (event) => this.arrow(event, tab));
    }
    one("[data-follow-button]", stage).addEventListener("click", () => this.pressed());
    one("[data-show-button]", stage).addEventListener("click", () => this.pointOut());
    this.place.addEventListener("report-shown", () => this.anotherReport());
    onShow((place) => this.opens(place));
    onWrite((place) => this.writes(place));
    this.showFollow();
  }

  get following(): boolean {
    return this.follows;
  }

  private set following(follows: boolean) {
    if (this.follows === follows) return;
    this.follows = follows;
    this.keep();
    this.onFollowing(follows);
  }

  /** Opens a panel, unless it is open already. */
  async reach(name: Name, report: string | undefined): Promise<void> {
    if (this.open === null) return;
    const here = this.open === name && (report === undefined || this.openReport() === report);
    await (here ? this.arriving : this.load(name, report));
  }

  /** Somebody points at something, or nobody any more. */
  told(name: string | null): void {
    this.pointedBy = name;
    this.showFollow();
  }

  /** Where this host points is shown to these people, or to nobody. */
  shownTo(names: string | null): void {
    if (this.pointedTo === names) return;
    this.pointedTo = names;
    this.showFollow();
  }

  /** The room was entered: the first panel is fetched now, because nobody may see one before; once it is *calm*. */
  enter(calm: Promise<void>): void {
    if (this.open !== null) return;
    const kept = this.kept();
    this.follows = kept.following;
    const shown = this.shown?.panel;
    const name = !this.host && this.following && isName(shown) ? shown : kept.open;
    void this.load(name, this.shownReport(name), calm);
  }

  /** The room was left. */
  leave(): void {
    this.unmount?.();
    this.unmount = null;
    this.open = null;
    fill(this.place);
  }

  /** What the host shows now. */
  point(shown: Shown): void {
    this.shown = shown.panel ? shown : null;
    if (this.open === null) return; // not in the room yet: enter() reads it
    if (!this.host && this.shown && this.following && isName(this.shown.panel)) {
      void this.load(this.shown.panel, this.shown.report);
      announce(_("{name} shows you something.", { name: this.pointer() }));
    }
    this.showFollow();
  }

  private tabs(): HTMLButtonElement[] {
    return all<HTMLButtonElement>("[data-tab]", this.stage);
  }

  private choose(name: Name): void {
    if (!this.host && ((this.shown && this.shown.panel !== name) || this.pointedBy)) this.following = false;
    void this.load(name, this.shownReport(name));
    this.showFollow();
  }

  /** The one that is shown to everybody opens where its tab opens. */
  private shownReport(name: Name): string | undefined {
    return this.shown?.panel === name ? this.shown.report : undefined;
  }

  /** Another report was chosen in the panel: whoever shows goes on showing, whoever follows has chosen for themselves. */
  private anotherReport(): void {
    const id = this.openReport();
    if (this.shown?.panel === "report" && id && id !== this.shown.report) {
      if (!this.host && this.shown.report) this.following = false;
      if (this.host && (this.shown.from ?? this.me) === this.me) this.show({ panel: "report", report: id });
    }
    this.keep();
    this.showFollow();
  }

  /** A message or a step points at something: its panel opens there, in place of this one. */
  private opens({ patient, cite }: ShownPlace): boolean {
    const name = PANEL_OF[cite.kind];
    if (!name || patient !== this.patient || this.open === null) return false;
    if (!this.host && (this.shown || this.pointedBy)) this.following = false;
    const number = Number(cite.id.split(":")[1]);
    const go = (): unknown => (cite.kind === "message" ? document.dispatchEvent(new CustomEvent(GO_TO_MESSAGE, { detail: number })) : pointAt(this.place, cite));
    void this.load(name, name === "report" ? cite.id : undefined).then(go);
    return true;
  }

  /** "Write about this" in a panel: the chat opens, and its next message points there. */
  private writes(place: Place): boolean {
    if (place.patient !== this.patient || this.open === null || this.open === "thread") return false;
    leaveToWrite(place);
    this.choose("thread");
    return true;
  }

  private keep(): void {
    if (this.open) sessionStorage.setItem(this.shelf, JSON.stringify({ open: this.open, following: this.following }));
  }

  private kept(): { readonly open: Name; readonly following: boolean } {
    const { open, following } = JSON.parse(sessionStorage.getItem(this.shelf) ?? "{}") as Record<string, unknown>;
    const usual = localStorage.getItem(ALONE_SHELF) === null;
    return { open: isName(open) ? open : "report", following: typeof following === "boolean" ? following : usual };
  }

  private arrow(event: KeyboardEvent, tab: HTMLButtonElement): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const tabs = this.tabs();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next?.focus();
    next?.click();
  }

  private load(name: Name, id?: string, calm?: Promise<void>): Promise<void> {
    return (this.arriving = this.fetch(name, id, calm));
  }

  private async fetch(name: Name, id?: string, calm?: Promise<void>): Promise<void> {
    const turn = (this.loading += 1);
    this.open = name;
    this.keep();
    for (const tab of this.tabs()) {
      const here = tab.dataset["tab"] === name;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
    }
    this.place.setAttribute("aria-labelledby", `tab-${name}`);
    this.unmount?.();
    this.unmount = null;
    fill(this.place, h("p", { class: "wait" }, _("One moment …")));
    await calm;
    if (turn !== this.loading) return;
    try {
      const section = await fetched(this.patient, name, id);
      if (turn !== this.loading) return;
      fill(this.place, section);
      this.unmount = mounted(name, section);
    } catch (problem) {
      if (turn !== this.loading) return;
      fill(this.place, this.again(name, id));
      if (problem instanceof Error && problem.name !== "TypeError" && !(problem instanceof Unread)) toastProblem(problem);
    }
    this.showFollow();
  }

  private again(name: Name, id?: string): HTMLElement {
    const retry = h("button", { type: "button", class: "button", onclick: () => void this.load(name, id) }, icon("rotate-cw"), _("Try again"));
    return h("div", { class: "empty" }, h("p", null, _("This could not be fetched. The call goes on.")), retry);
  }

  private pointer(): string {
    return this.shown?.from ? this.nameOf(this.shown.from) : _("Your practitioner");
  }

  private pressed(): void {
    if (this.host) return this.show({ panel: null });
    this.following = !this.following;
    if (this.following) localStorage.removeItem(ALONE_SHELF);
    else localStorage.setItem(ALONE_SHELF, "yes");
    if (this.following && this.pointedBy) this.onGoThere();
    else if (this.following && isName(this.shown?.panel)) void this.load(this.shown.panel, this.shown.report);
    this.showFollow();
  }

  private pointOut(): void {
    if (!this.open) return;
    const id = this.openReport();
    this.show({ panel: this.open, ...(id ? { report: id } : {}) });
  }

  private openReport(): string | undefined {
    return this.open === "report" ? this.place.querySelector<HTMLElement>("[data-panel]")?.dataset["report"] : undefined;
  }

  /** Whether what the host looks at is what the host shows. */
  private isShown(): boolean {
    return this.shown !== null && this.shown.panel === this.open && this.shown.report === this.openReport();
  }

  private showFollow(): void {
    const words = one("[data-follow-words]", this.follow);
    const button = one("[data-follow-button]", this.follow);
    if (this.host) return this.showShowing(words, button);
    this.follow.hidden = this.open === null;
    const said = this.followWords();
    if (words.textContent !== said) words.textContent = said;
    button.textContent = this.following ? _("Look on my own") : _("Follow");
  }

  private followWords(): string {
    if (this.pointedBy) return this.following ? _("{name} points here.", { name: this.pointedBy }) : _("{name} points at something. You look on your own.", { name: this.pointedBy });
    if (this.shown) return this.following ? _("Following {name}'s view", { name: this.pointer() }) : _("{name} shows something else.", { name: this.pointer() });
    return this.following ? _("What your care team points at opens here.") : _("You look on your own.");
  }

  /** For the host: what the others see, whichever tab is open. The chat is everybody's anyway. */
  private showShowing(words: HTMLElement, stop: HTMLElement): void {
    const offer = one("[data-show-button]", this.follow);
    const chat = this.open === "thread";
    const focused = this.follow.contains(document.activeElement);
    stop.hidden = this.shown === null;
    stop.textContent = _("Stop");
    offer.hidden = chat || this.isShown() || this.place.querySelector("[data-panel]") === null;
    offer.textContent = _("Show this");
    words.textContent = this.shown ? _("The others see: {what}", { what: this.shownTitle() }) : this.pointedTo ? _("Where you point is shown to {names}.", { names: this.pointedTo }) : _("Only you see this now.");
    this.follow.hidden = this.open === null || (chat && this.shown === null);
    if (focused && document.activeElement?.closest("[hidden]")) (stop.hidden ? offer : stop).focus();
  }

  private shownTitle(): string {
    const { panel, report } = this.shown ?? {};
    const here = this.openReport();
    if (panel === "report" && report && here && here !== report) return _("Another report");
    return isName(panel) ? TITLES[panel] : _("Something else");
  }
}
