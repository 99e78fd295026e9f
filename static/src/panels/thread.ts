/**
 * A live thread: what was written, what is being sent, who has read it. Used on its own page and beside a call.
 *
 * Nothing is shown as sent before the server said that it is stored; a try that got no answer is repeated with the same `client_id`.
 */
import { announce, toastProblem } from "../lib/announce";
import { Problem, api, newKey } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, fill, h, maybe, one } from "../lib/dom";
import { type FeedEvent, type FeedState, type Sent, feed } from "../lib/feed";
import { civilDay } from "../lib/time";
import { _ } from "../lib/words";
import { type Actions, type State, bubble, dayLine, stateOf, unreadLine, wishBubble } from "../thread/bubbles";
import { Keep } from "../thread/keep";
import { type Outlook, numbers, outlookNote } from "../thread/outlook";
import { type Entry, Log, type Member, type Message, type Wish } from "../thread/state";

interface Data {
  readonly conversation: string;
  readonly me: string;
  readonly read_up_to: number;
  readonly last_seq: number;
  readonly max_characters: number;
  readonly members: Member[];
  readonly entries: Entry[];
  /** null for the team */
  readonly outlook: Outlook | null;
  readonly answer_due: string | null;
}

interface Standing {
  readonly members: Member[];
  readonly outlook: Outlook | null;
  readonly answer_due: string | null;
}

interface Page {
  readonly items: Entry[];
}

const PAGE = 200;
/** Messages of one person within this time share a head. */
const TOGETHER_MS = 5 * 60_000;
const TYPING_EVERY_MS = 3000;
const TYPING_SHOWN_MS = 6000;
/** Whether my last message has arrived is asked after these pauses, the last one again and again while the page is looked at. */
const ASK_AFTER_MS = [2000, 5000, 15_000, 60_000];
const BUSY_AGAIN_MS = 2000;
const NEAR_END_PX = 48;
/** A connection that drops for less than this is nobody's concern; the page's head waits as long (pages/base.ts). */
const CALM_MS = 1500;

export function mount(root: HTMLElement): () => void {
  const place = root.matches("[data-thread]") ? root : maybe("[data-thread]", root);
  if (!place) return () => undefined;
  const thread = new Thread(place);
  thread.start();
  return () => thread.stop();
}

class Thread {
  private readonly data: Data;
  private readonly log: Log;
  private readonly keep: Keep;
  private readonly outbox: Wish[];
  private readonly list: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly text: HTMLTextAreaElement;
  private readonly ends: (() => void)[] = [];
  private readonly shown = new Map<string, { node: HTMLElement; stamp: string }>();
  private readonly typists = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly divider: number;
  /** Beside a call: whoever answers is in the room, and the messages need the space. */
  private readonly beside: boolean;
  private outlook: Outlook | null;
  private due: string | null;
  private outlookShown = "";
  private marker: number;
  private marking = false;
  private following = true;
  private live: FeedState = "idle";
  /** What the page says about the connection. */
  private said: FeedState = "idle";
  private sayDue: ReturnType<typeof setTimeout> | undefined;
  private editing: string | null = null;
  private toldTyping = 0;
  private asked = 0;
  private askDue: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly root: HTMLElement) {
    this.data = JSON.parse(one("[data-thread-data]", root).textContent) as Data;
    this.log = new Log(this.data.members, this.data.last_seq, this.data.me);
    this.log.take(this.data.entries);
    this.keep = new Keep(this.data.me, this.data.conversation);
    this.outbox = this.keep.load();
    this.beside = root.closest("[data-panel]") !== null;
    this.outlook = this.data.outlook;
    this.due = this.data.answer_due;
    this.divider = this.marker = this.data.read_up_to;
    this.list = one("[data-list]", root);
    this.scroller = one("[data-log]", root);
    this.text = one<HTMLTextAreaElement>("[data-text]", root);
  }

  start(): void {
    this.text.value = this.keep.draft;
    this.text.maxLength = this.data.max_characters;
    one("[data-to]", this.root).textContent = this.addressed();
    one("[data-keys]", this.root).textContent = coarse() ? "" : _("Enter sends, Shift + Enter makes a new line.");
    this.wire();
    this.draw();
    this.toEnd();
    for (const wish of this.outbox) void this.dispatch(wish);
    this.askStanding();
  }

  stop(): void {
    clearTimeout(this.askDue);
    clearTimeout(this.sayDue);
    for (const end of this.ends) end();
  }

  private wire(): void {
    const listen = (target: EventTarget, name: string, act: (event: Event) => void): void => {
      target.addEventListener(name, act);
      this.ends.push(() => target.removeEventListener(name, act));
    };
    listen(one("[data-compose]", this.root), "submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    listen(this.text, "keydown", (event) => this.pressed(event as KeyboardEvent));
    listen(this.text, "input", () => this.wrote());
    listen(this.scroller, "scroll", () => {
      this.following = this.isAtEnd();
      this.markRead();
    });
    listen(document, "visibilitychange", () => this.looked());
    listen(window, "focus", () => this.looked());
    listen(window, "beforeunload", (event) => this.outbox.length && event.preventDefault());
    listen(one("[data-earlier]", this.root), "click", () => void this.earlier());
    // A sheet is drawn up, a keyboard opens: the newest message stays in sight.
    const sizes = new ResizeObserver(() => (this.following ? this.toEnd() : this.markRead()));
    sizes.observe(this.scroller);
    this.ends.push(() => sizes.disconnect());
    const mine = (event: FeedEvent): boolean => event["conversation"] === this.data.conversation;
    for (const prefix of ["message.", "read", "member."]) this.ends.push(feed().on(prefix, (event) => mine(event) && this.happened(event as unknown as Entry)));
    this.ends.push(feed().on("typing", (event) => mine(event) && this.typing(String(event["account"]))));
    this.ends.push(feed().onFresh(() => void this.catchUp()));
    this.ends.push(feed().onState((state) => this.connected(state)));
  }

  private addressed(): string {
    const names = this.log.others().map((member) => member.name);
    return names.length ? _("To {names}", { names: names.join(", ") }) : _("Your message");
  }

  // --- what arrives

  private happened(entry: Entry): void {
    const known = this.log.messages.has(entry.id);
    this.take([entry]);
    if (entry.type === "message.sent" && entry.sender !== this.data.me && !known) {
      this.stopTyping(entry.sender ?? "");
      announce(_("{name}: {text}", { name: this.log.nameOf(entry.sender ?? ""), text: entry.body ?? "" }));
    }
    // Said aloud, so that what was taken back does not stay the last thing that was said.
    if (entry.type === "message.retracted") announce(_("{name} took a message back.", { name: this.log.nameOf(entry.sender ?? "") }));
    if (entry.type.startsWith("member.")) this.askStanding();
    if (this.log.hasGap) void this.catchUp();
  }

  private take(entries: readonly Entry[]): void {
    const atEnd = this.isAtEnd();
    if (!this.log.take(entries)) return;
    this.unwish(entries);
    this.draw();
    if (atEnd) this.toEnd();
    this.markRead();
  }

  /** What is in the log needs no sending any more. */
  private unwish(entries: readonly Entry[]): void {
    const stored = new Set(entries.filter((entry) => entry.sender === this.data.me).map((entry) => entry.client_id));
    const left = this.outbox.filter((wish) => !stored.has(wish.client_id));
    if (left.length === this.outbox.length) return;
    this.outbox.splice(0, this.outbox.length, ...left);
    this.keep.save(this.outbox);
  }

  /** Reads on from the last entry without a gap behind it. */
  private async catchUp(): Promise<void> {
    try {
      for (let more = true; more; ) {
        const before = this.log.last;
        const page = await api.get<Page>(this.path("events"), { query: { after: before, limit: PAGE } });
        this.take(page.items);
        more = page.items.length === PAGE && this.log.last > before;
      }
    } catch (problem) {
      if (!(problem instanceof Problem && problem.offline)) toastProblem(problem);
    }
  }

  private async earlier(): Promise<void> {
    try {
      const height = this.scroller.scrollHeight - this.scroller.scrollTop;
      const page = await api.get<Page>(this.path("events"), { query: { before: this.log.first, limit: PAGE } });
      this.log.take(page.items);
      this.draw();
      this.scroller.scrollTop = this.scroller.scrollHeight - height;
    } catch (problem) {
      toastProblem(problem);
    }
  }

  private path(rest = ""): string {
    return `/api/v1/conversations/${this.data.conversation}${rest ? `/${rest}` : ""}`;
  }

  private connected(state: FeedState): void {
    this.live = state;
    if (state !== "live") {
      this.sayDue ??= setTimeout(() => this.say(), CALM_MS);
      return;
    }
    clearTimeout(this.sayDue);
    this.say();
  }

  private say(): void {
    this.sayDue = undefined;
    this.said = this.live;
    const says = { idle: "", connecting: "", live: _("Up to date"), waiting: _("No connection. What you write is kept."), ended: _("You are signed out.") };
    one("[data-state]", this.root).textContent = says[this.said];
    this.draw();
  }

  // --- writing

  private pressed(event: KeyboardEvent): void {
    if (!sends(event)) return;
    event.preventDefault();
    this.submit();
  }

  private wrote(): void {
    this.keep.draft = this.text.value;
    const now = Date.now();
    if (!this.text.value || now - this.toldTyping < TYPING_EVERY_MS) return;
    this.toldTyping = now;
    feed().tell({ type: "typing", conversation: this.data.conversation });
  }

  private submit(): void {
    const body = this.text.value;
    if (!body.trim()) return this.text.focus();
    const wish: Wish = { client_id: newKey(), body, state: "queued", problem: "" };
    this.outbox.push(wish);
    this.keep.save(this.outbox);
    this.text.value = this.keep.draft = "";
    this.toldTyping = 0;
    this.draw();
    this.toEnd();
    this.text.focus();
    void this.dispatch(wish);
  }

  private async dispatch(wish: Wish): Promise<void> {
    wish.state = "queued";
    try {
      const sent = await feed().send({ conversation: this.data.conversation, client_id: wish.client_id, body: wish.body });
      this.stored(wish, sent);
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 503) {
        setTimeout(() => void this.dispatch(wish), BUSY_AGAIN_MS);
        return;
      }
      wish.state = "failed";
      wish.problem = problem instanceof Error ? problem.message : "";
      announce(_("Your message was not sent. {why}", { why: wish.problem }), true);
      this.draw();
    }
  }

  private stored(wish: Wish, sent: Sent): void {
    const entry = { ...sent, type: "message.sent", sender: this.data.me, body: wish.body } as unknown as Entry;
    this.take([entry]);
    this.unwish([entry]);
    this.draw();
    this.asked = 0;
    this.askStanding();
  }

  // --- changing

  private readonly actions: Actions = {
    closed: () => this.draw(),
    edit: (message) => this.edit(message),
    retract: (message) => void this.retract(message),
    retry: (wish) => {
      void this.dispatch(wish);
      this.draw();
    },
    discard: (wish) => {
      this.unwish([{ client_id: wish.client_id, sender: this.data.me } as Entry]);
      this.draw();
    },
  };

  private edit(message: Message): void {
    this.editing = message.id;
    this.draw();
    const field = maybe<HTMLTextAreaElement>("[data-edit]", this.list);
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }

  private editor(message: Message): HTMLElement {
    const field = h("textarea", { class: "input", rows: 3, "data-edit": "", "aria-label": _("Your message in other words"), maxlength: this.data.max_characters });
    field.value = message.body ?? "";
    const close = (): void => {
      this.editing = null;
      this.draw();
      this.text.focus();
    };
    const save = async (): Promise<void> => {
      try {
        if (field.value !== message.body) await api.post(this.path(`messages/${message.id}/edit`), { body: field.value });
        close();
      } catch (problem) {
        toastProblem(problem);
      }
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (!sends(event)) return;
      event.preventDefault();
      void save();
    });
    return h(
      "li",
      { class: "message message-mine message-editing" },
      field,
      h("div", { class: "row row-end" }, h("button", { type: "button", class: "button", onclick: close }, _("Leave it")), h("button", { type: "button", class: "button button-main", onclick: () => void save() }, _("Save"))),
    );
  }

  private async retract(message: Message): Promise<void> {
    const agreed = await ask({
      title: _("Take this message back?"),
      text: _("Nobody sees its words any more. That there was a message stays visible, and it stays in the record."),
      confirm: _("Take it back"),
      decline: _("Leave it"),
    });
    if (!agreed) return;
    try {
      await api.post(this.path(`messages/${message.id}/retract`));
    } catch (problem) {
      toastProblem(problem);
    }
  }

  // --- who has it

  private looked(): void {
    this.markRead();
    if (document.visibilityState === "visible") {
      this.asked = 0;
      this.askStanding();
    }
  }

  /** The newest message of somebody else is on the screen, in a page that is looked at. */
  private markRead(): void {
    const newest = this.log.newestOfOthers();
    if (this.marking || newest <= this.marker || document.visibilityState !== "visible" || !this.isVisible() || !this.isAtEnd()) return;
    this.marking = true;
    void api
      .post<{ up_to: number }>(this.path("read"), { up_to: newest })
      .then(({ up_to }) => {
        if (this.marker < up_to) lowerCount();
        this.marker = up_to;
      })
      .catch((problem: unknown) => {
        // Not said is not read; the next look says it again.
        if (problem instanceof Problem && !problem.offline && problem.status < 500) this.marker = newest;
      })
      .finally(() => {
        this.marking = false;
        if (this.log.newestOfOthers() > newest) this.markRead();
      });
  }

  private askStanding(): void {
    clearTimeout(this.askDue);
    const pause = ASK_AFTER_MS[Math.min(this.asked, ASK_AFTER_MS.length - 1)] ?? 0;
    this.asked += 1;
    this.askDue = setTimeout(() => void this.standing(), pause);
    this.ends.push(() => clearTimeout(this.askDue));
  }

  private async standing(): Promise<void> {
    if (document.visibilityState !== "visible" || this.live !== "live") return;
    try {
      const now = await api.get<Standing>(this.path());
      this.log.replaceMembers(now.members);
      one("[data-to]", this.root).textContent = this.addressed();
      this.outlook = this.data.outlook && now.outlook;
      this.due = now.answer_due;
      this.draw();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
    }
    this.askStanding();
  }

  private showOutlook(): void {
    const outlook = this.outlook;
    const turn = this.log.turn();
    if (turn !== "patient") this.due = null;
    // What was written a moment ago is answered by when anything written now is.
    const due = this.due ?? outlook?.answer_by ?? null;
    const stamp = JSON.stringify([outlook, turn, due]);
    if (stamp === this.outlookShown) return;
    this.outlookShown = stamp;
    fill(one("[data-outlook]", this.root), outlook && (this.beside ? numbers(outlook, "small quiet") : outlookNote(outlook, turn, due)));
  }

  private typing(account: string): void {
    if (account === this.data.me) return;
    clearTimeout(this.typists.get(account));
    this.typists.set(
      account,
      setTimeout(() => this.stopTyping(account), TYPING_SHOWN_MS),
    );
    this.showTyping();
  }

  private stopTyping(account: string): void {
    clearTimeout(this.typists.get(account));
    if (this.typists.delete(account)) this.showTyping();
  }

  private showTyping(): void {
    const names = [...this.typists.keys()].map((account) => this.log.nameOf(account)).filter(Boolean);
    const line = one("[data-typing]", this.root);
    line.textContent = names.length ? _("{names} is writing …", { names: names.join(", ") }) : "";
    if (this.isAtEnd()) this.toEnd();
  }

  // --- drawing

  private draw(): void {
    const nodes: HTMLElement[] = [];
    const messages = this.log.ordered();
    const lastOfMine = messages.findLast((message) => message.sender === this.data.me);
    let day = "";
    let divided = false;
    messages.forEach((message, n) => {
      const before = messages[n - 1];
      const today = civilDay(message.sentAt);
      if (today !== day) nodes.push(this.cached(`day ${today}`, today, () => dayLine(message.sentAt)));
      if (!divided && message.seq > this.divider && message.sender !== this.data.me) {
        divided = true;
        nodes.push(this.cached("unread", "", unreadLine));
      }
      const lead = today !== day || !before || before.sender !== message.sender || Date.parse(message.sentAt) - Date.parse(before.sentAt) > TOGETHER_MS;
      day = today;
      nodes.push(this.message(message, lead, this.stateShown(message, messages, n, lastOfMine)));
    });
    for (const wish of this.outbox) {
      const live = this.said === "live";
      nodes.push(this.cached(`wish ${wish.client_id}`, `${wish.state} ${wish.problem} ${live}`, () => wishBubble(wish, live, this.actions)));
    }
    arrange(this.list, nodes);
    this.showOutlook();
    one("[data-earlier]", this.root).hidden = !this.log.hasEarlier;
    one("[data-nothing]", this.root).hidden = nodes.length > 0;
  }

  private message(message: Message, lead: boolean, state: State | null): HTMLElement {
    if (this.editing === message.id && message.body !== null) return this.cached(`edit ${message.id}`, message.id, () => this.editor(message));
    this.shown.delete(`edit ${message.id}`);
    const words = JSON.stringify([message.body, message.editedAt]);
    const known = this.shown.get(message.id);
    // Delivered or read meanwhile: that is shown once the menu is closed, not by taking it from under somebody's finger.
    if (known?.stamp.endsWith(words) && known.node.querySelector("details.message-menu[open]")) return known.node;
    const stamp = JSON.stringify([lead, state, this.log.nameOf(message.sender)]) + words;
    return this.cached(message.id, stamp, () => bubble(message, this.log, { lead, state }, this.actions));
  }

  /** Said under the last of my messages, and under each after which it changes: not a word under every line. */
  private stateShown(message: Message, messages: readonly Message[], n: number, lastOfMine: Message | undefined): State | null {
    if (message.sender !== this.data.me || message.body === null) return null;
    const state = stateOf(message, this.log);
    if (message === lastOfMine) return state;
    const next = messages.slice(n + 1).find((one) => one.sender === this.data.me);
    return next && stateOf(next, this.log).text !== state.text ? state : null;
  }

  private cached(key: string, stamp: string, make: () => HTMLElement): HTMLElement {
    const known = this.shown.get(key);
    if (known?.stamp === stamp) return known.node;
    const node = make();
    this.shown.set(key, { node, stamp });
    return node;
  }

  private isVisible(): boolean {
    return this.scroller.offsetParent !== null && this.scroller.clientHeight > 0;
  }

  private isAtEnd(): boolean {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR_END_PX;
  }

  private toEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.markRead();
  }
}

/** Puts *nodes* into *parent* in this order, touching only what is elsewhere: focus and open menus stay. */
function arrange(parent: HTMLElement, nodes: readonly HTMLElement[]): void {
  const wanted = new Set<Node>(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, n) => {
    if (parent.children[n] !== node) parent.insertBefore(node, parent.children[n] ?? null);
  });
}

/** Enter sends; with Shift, while a word is composed, and on a touch screen's keyboard it belongs to the text. */
function sends(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && !coarse();
}

function coarse(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

/** One conversation fewer is unread, in the navigation. */
function lowerCount(): void {
  for (const count of all("[data-unread]")) {
    const left = Math.max(0, Number.parseInt(count.textContent, 10) - 1 || 0);
    count.hidden = left === 0;
    const number = count.firstChild;
    if (number) number.textContent = String(left);
  }
}
