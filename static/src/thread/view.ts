/** The log on the screen: days, the line where the unread begins, messages, what is on its way; and where in it the reader is. */
import { maybe, one } from "../lib/dom";
import { civilDay } from "../lib/time";
import { type Actions, type State, type Surroundings, bubble, dayLine, stateOf, unreadLine, wishBubble } from "./bubbles";
import { stopAt } from "./keyboard";
import { type Reader, noteLine } from "./lines";
import { Nodes, arrange } from "./nodes";
import type { Wish } from "./shelf";
import type { Log, Message, Note, Run } from "./state";

/** Messages of one person within this time share a head. */
const TOGETHER_MS = 5 * 60_000;
const NEAR_END_PX = 48;

export interface Shown {
  readonly wishes: readonly Wish[];
  /** Whether there is a connection, as far as the page has said. */
  readonly live: boolean;
  /** The message whose words are being changed. */
  readonly editing: string | null;
}

export class View {
  readonly list: HTMLElement;
  readonly scroller: HTMLElement;
  /** Whether new messages are followed: the reader is at the end. */
  following = true;
  /** A number in the part of the past that is looked at; null for the present. */
  private anchor: number | null = null;
  private readonly nodes = new Nodes();

  constructor(
    private readonly root: HTMLElement,
    private readonly log: Log,
    /** What was read when the page was opened: the line stays there. */
    private readonly divider: number,
    private readonly actions: Actions,
    private readonly editor: (message: Message) => HTMLElement,
    private readonly where: Surroundings & Reader & { readonly reasonOf: (note: Note) => string },
  ) {
    this.list = one("[data-list]", root);
    this.scroller = one("[data-log]", root);
  }

  /** The part of the log that is shown. */
  run(): Run {
    const present = this.log.present();
    if (this.anchor === null) return present;
    const past = this.log.runAround(this.anchor);
    if (past.last < present.first) return past;
    // What was between is here now: the past goes on to this moment.
    this.anchor = null;
    return present;
  }

  get inPast(): boolean {
    return this.anchor !== null && this.run().last !== Infinity;
  }

  draw(shown: Shown): void {
    const nodes = this.pieces(shown);
    arrange(this.list, nodes, (gone) => this.same(gone));
    this.oneStop();
    one("[data-earlier]", this.root).hidden = this.run().first <= 1;
    one("[data-later]", this.root).hidden = !this.inPast;
    one("[data-now]", this.root).hidden = !this.inPast;
    one("[data-nothing]", this.root).hidden = nodes.length > 0;
  }

  private pieces(shown: Shown): HTMLElement[] {
    const nodes: HTMLElement[] = [];
    const messages = this.log.ordered(this.run());
    const notes = this.log.notesWithin(this.run());
    const lastOfMine = messages.findLast((message) => message.sender === this.log.me);
    let day = "";
    let divided = false;
    const begin = (when: string): boolean => {
      const today = civilDay(when);
      if (today === day) return false;
      nodes.push(this.nodes.get(`day ${today}`, today, () => dayLine(when)));
      day = today;
      return true;
    };
    const divide = (what: { seq: number; sender: string | null; sentAt: string }): void => {
      if (divided || what.seq <= this.divider || what.sender === this.log.me) return;
      divided = true;
      nodes.push(this.nodes.get("unread", what.sentAt, () => unreadLine(what.sentAt)));
    };
    const noted = (until: number): boolean => {
      const due = notes.splice(0, notes.filter((note) => note.seq < until).length);
      for (const note of due) {
        begin(note.sentAt);
        if (note.type === "edited") divide(note);
        nodes.push(this.note(note));
      }
      return due.length > 0;
    };
    messages.forEach((message, n) => {
      const before = messages[n - 1];
      const between = noted(message.seq);
      const fresh = begin(message.sentAt);
      divide(message);
      const lead = fresh || between || !before || before.sender !== message.sender || Date.parse(message.sentAt) - Date.parse(before.sentAt) > TOGETHER_MS;
      nodes.push(this.message(message, lead, this.stateShown(message, messages, n, lastOfMine), shown.editing));
    });
    noted(Infinity);
    if (this.inPast) return nodes;
    for (const wish of shown.wishes) nodes.push(this.nodes.get(`wish ${wish.client_id}`, `${wish.state} ${wish.why} ${wish.final} ${wish.helplines?.length ?? 0} ${shown.live}`, () => wishBubble(wish, shown.live, this.actions)));
    return nodes;
  }

  private note(note: Note): HTMLElement {
    const reason = this.where.reasonOf(note);
    return this.nodes.get(`note ${note.id}`, `${this.log.nameOf(note.account)} ${this.log.nameOf(note.sender ?? "")} ${reason}`, () => noteLine(note, this.log, this.where, reason));
  }

  private message(message: Message, lead: boolean, state: State | null, editing: string | null): HTMLElement {
    if (editing === message.id && message.body !== null) return this.nodes.get(`edit ${message.id}`, message.id, () => this.editor(message));
    this.nodes.forget(`edit ${message.id}`);
    const words = JSON.stringify([message.body, message.editedAt]);
    const known = this.nodes.peek(message.id);
    // Delivered or read meanwhile: that is shown once the menu is closed, not by taking it from under somebody's finger.
    if (known?.stamp.endsWith(words) && known.node.querySelector("details.message-menu[open]")) return known.node;
    const stamp = JSON.stringify([lead, state, this.log.nameOf(message.sender), message.mentions.map((account) => this.log.nameOf(account))]) + words;
    return this.nodes.get(message.id, stamp, () => bubble(message, this.log, { lead, state, where: this.where }, this.actions));
  }

  /** Said under the last of my messages, and under each after which it changes: not a word under every line. */
  private stateShown(message: Message, messages: readonly Message[], n: number, lastOfMine: Message | undefined): State | null {
    if (message.sender !== this.log.me || message.body === null) return null;
    const state = stateOf(message, this.log);
    if (message === lastOfMine) return state;
    const next = messages.slice(n + 1).find((one) => one.sender === this.log.me);
    return next && stateOf(next, this.log).text !== state.text ? state : null;
  }

  // --- where the reader is

  /** The pieces that arrow keys go through. */
  stops(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>("[data-message], [data-wish]")];
  }

  /** One of them is a stop of the Tab key: the one that had the focus last, else the newest. */
  private oneStop(): void {
    const stops = this.stops();
    const stop = stops.find((piece) => piece.contains(document.activeElement)) ?? stops.find((piece) => piece.tabIndex === 0) ?? stops.at(-1);
    stopAt(stops, stop);
  }

  /** What shows the same as a piece that was made anew: a message that was on its way is in the log now. */
  private same(gone: HTMLElement): HTMLElement | null {
    const { message, wish } = gone.dataset;
    const stored = wish && [...this.log.messages.values()].find((one) => one.clientId === wish);
    const id = message ?? (stored ? stored.id : "");
    return (id ? this.find(id) : null) ?? this.stops().at(-1) ?? null;
  }

  find(id: string): HTMLElement | null {
    return maybe(`[data-message="${CSS.escape(id)}"]`, this.list);
  }

  isVisible(): boolean {
    return this.scroller.offsetParent !== null && this.scroller.clientHeight > 0;
  }

  isAtEnd(): boolean {
    return !this.inPast && this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR_END_PX;
  }

  toEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** To the line where the unread begins, when it would not be in sight at the end; else to the end. */
  toUnread(): void {
    this.toEnd();
    const line = maybe(".thread-unread", this.list);
    if (line && this.above(line) < 0) this.scroller.scrollTop += this.above(line);
    this.following = this.isAtEnd();
  }

  /** Draws what came in above without moving what is read. */
  keepPlace(draw: () => void): void {
    const below = this.scroller.scrollHeight - this.scroller.scrollTop;
    draw();
    this.scroller.scrollTop = this.scroller.scrollHeight - below;
  }

  show(anchor: number): void {
    this.anchor = anchor;
  }

  showPresent(): void {
    this.anchor = null;
  }

  /** To the first message from this number on. */
  toNumber(seq: number): void {
    const message = this.log.ordered(this.run()).find((one) => one.seq >= seq);
    const node = message && this.find(message.id);
    if (!node) return;
    const top = node.previousElementSibling?.matches(".thread-day") ? (node.previousElementSibling as HTMLElement) : node;
    this.scroller.scrollTop += this.above(top);
    this.following = this.isAtEnd();
    node.tabIndex = 0;
    node.focus({ preventScroll: true });
  }

  /** The number of the newest message of somebody else whose end is on the screen or above it. */
  seen(): number {
    const bottom = this.scroller.getBoundingClientRect().bottom + 1;
    const messages = this.log.ordered(this.run()).map((message) => ({ ...message, piece: this.find(message.id) }));
    // Without a line of its own, a change is seen with the last message before it.
    const line = (note: Note): HTMLElement | null => (this.log.isWorthALine(note) ? maybe(`[data-note="${CSS.escape(note.id)}"]`, this.list) : (messages.findLast((message) => message.seq < note.seq)?.piece ?? null));
    const noted = this.log.editsWithin(this.run()).map((note) => ({ ...note, piece: line(note) }));
    const others = [...messages, ...noted].filter((one) => one.sender !== this.log.me).sort((a, b) => a.seq - b.seq);
    return others.findLast((one) => (one.piece?.getBoundingClientRect().bottom ?? Infinity) <= bottom)?.seq ?? 0;
  }

  private above(node: HTMLElement): number {
    return node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }
}
