/**
 * A live thread: what was written, what is being sent, who has read it. Used on its own page and beside a call. Its parts are in ../thread.
 *
 * Nothing is shown as sent before the server said that it is stored.
 */
import { announce, toast, toastProblem } from "../lib/announce";
import { Problem } from "../lib/api";
import { fill, h, maybe, one } from "../lib/dom";
import { type FeedEvent, type FeedState, type Sent, feed } from "../lib/feed";
import { GO_TO_MESSAGE, type Cite, type Shown, onShow, onWrite, takeToWrite } from "../lib/places";
import { _ } from "../lib/words";
import type { Actions } from "../thread/bubbles";
import { Composer } from "../thread/composer";
import { editorOf, retract } from "../thread/editor";
import { whenSeen } from "../thread/files";
import { Jump } from "../thread/jump";
import { focusOn, walk } from "../thread/keyboard";
import { closeLeft } from "../thread/left";
import { Reasons, noteText } from "../thread/lines";
import { closeMenus } from "../thread/menus";
import { type Host, more } from "../thread/more";
import { type Outbox, outbox } from "../thread/outbox";
import { type Outlook, outlookBeside, outlookNote } from "../thread/outlook";
import { Past } from "../thread/past";
import { Reading } from "../thread/reading";
import type { Wish } from "../thread/shelf";
import { Asking, type Standing } from "../thread/standing";
import { type Entry, Log, type Member } from "../thread/state";
import { Typing } from "../thread/typing";
import { askUrgent } from "../thread/urgent";
import { View } from "../thread/view";

interface Data {
  readonly conversation: string;
  readonly me: string;
  /** Whether the reader belongs to the care team here. */
  readonly in_team: boolean;
  readonly patient: string;
  readonly patient_name: string;
  readonly patient_zone: string;
  /** `team`: a side thread, which the patient and their family cannot open or find. */
  readonly audience: "everyone" | "team";
  readonly read_up_to: number;
  readonly last_seq: number;
  readonly max_characters: number;
  readonly members: Member[];
  readonly entries: Entry[];
  /** null for the team */
  readonly outlook: Outlook | null;
  readonly answer_due: string | null;
  /** Messages of the reader's own that are to be sent later, in whichever conversation. */
  readonly waits: number;
}

/** A connection that drops for less than this is nobody's concern; the page's head waits as long (pages/base.ts). */
const CALM_MS = 1500;
/** Nearer to the top than this, earlier messages are fetched. */
const NEAR_TOP_PX = 160;
/** Whoever wrote less than this ago is taken to be there still. */
const LATELY_MS = 15 * 60_000;
/** Events that are entries of a conversation's log begin with these. */
const ENTRIES = ["message.", "read", "member.", "assigned", "unassigned", "waiting", "settled"];
/** The address of a page names an entry by its number: /messages/ID#12 */
const NUMBER = /^#(\d+)$/;

export function mount(root: HTMLElement): () => void {
  const place = root.matches("[data-thread]") ? root : maybe("[data-thread]", root);
  if (!place) return () => undefined;
  const thread = new Thread(place);
  thread.start();
  return () => thread.stop();
}

class Thread {
  private readonly data: Data;
  private readonly path: string;
  private readonly log: Log;
  private readonly outbox: Outbox;
  private readonly view: View;
  private readonly past: Past;
  private readonly reading: Reading;
  private readonly typing: Typing;
  private readonly asking: Asking;
  private readonly composer: Composer;
  private readonly jump: Jump;
  private readonly reasons: Reasons;
  private readonly host: Host;
  private readonly ends: (() => void)[] = [];
  /** Beside a call: whoever answers is in the room, and the messages need the space. */
  private readonly beside: boolean;
  private outlook: Outlook | null;
  private due: string | null;
  private outlookShown = "";
  private live: FeedState = "idle";
  /** What the page says about the connection. */
  private said: FeedState = "idle";
  private sayDue: ReturnType<typeof setTimeout> | undefined;
  private editing: string | null = null;

  constructor(private readonly root: HTMLElement) {
    const data = (this.data = JSON.parse(one("[data-thread-data]", root).textContent) as Data);
    this.path = `/api/v1/conversations/${data.conversation}`;
    this.log = new Log(data.members, data.last_seq, data.me);
    this.log.take(data.entries);
    this.outbox = outbox(data.me);
    this.beside = root.closest("[data-panel]") !== null;
    this.outlook = data.outlook;
    this.due = data.answer_due;
    this.reasons = new Reasons(this.path, data.in_team, () => this.draw());
    const reader = { patient: data.patient, patientName: data.patient_name, inTeam: data.in_team, beside: this.beside };
    const where = { ...reader, reasonOf: this.reasons.of.bind(this.reasons), dayCard: (patient: string, day: string) => this.dayCard(patient, day) };
    this.view = new View(root, this.log, data.read_up_to, this.actions, (message) => editorOf(message, this.path, data.max_characters, () => this.edited()), where);
    this.past = new Past(this.log, this.path);
    this.reading = new Reading(this.view, this.path, data.read_up_to);
    this.typing = new Typing(data.conversation, one("[data-typing]", root), (account) => this.log.nameOf(account));
    this.asking = new Asking(this.path, () => this.live === "live", (standing) => this.stands(standing), () => this.left());
    this.composer = new Composer(root, data.conversation, data.max_characters, this.outbox, {
      writing: () => this.typing.tell(),
      taken: () => this.written(),
      up: () => focusOn(this.view.stops(), this.view.stops().length - 1),
      outlook: () => this.outlook,
      others: () => this.log.others(),
    });
    this.jump = new Jump(root, this.log, this.past, this.view, () => this.draw());
    this.host = this.hosted();
  }

  start(): void {
    this.root.dataset["audience"] = this.data.audience;
    one("[data-to]", this.root).textContent = this.addressed();
    this.settle(this.data.entries);
    this.wire();
    this.draw();
    this.view.toUnread();
    this.arrive();
    if (this.log.notes.size) void this.reasons.ask();
    this.reading.look();
    this.asking.later();
  }

  /** The reader does not take part any more. */
  private left(): void {
    this.stop();
    closeLeft(this.root, this.beside);
  }

  stop(): void {
    this.asking.stop();
    this.composer.stop();
    clearTimeout(this.sayDue);
    for (const end of this.ends) end();
  }

  private wire(): void {
    const listen = (target: EventTarget, name: string, act: (event: Event) => void): void => {
      target.addEventListener(name, act);
      this.ends.push(() => target.removeEventListener(name, act));
    };
    this.composer.start(listen);
    this.jump.start(listen);
    listen(this.view.scroller, "scroll", () => this.scrolled());
    listen(this.view.scroller, "keydown", (event) => walk(event as KeyboardEvent, this.view, { edit: (id) => this.edit(id), write: () => this.composer.focus() }));
    listen(document, "visibilitychange", () => this.looked());
    listen(window, "focus", () => this.looked());
    listen(one("[data-earlier]", this.root), "click", () => void this.earlier());
    this.ends.push(closeMenus(this.root));
    // A sheet is drawn up, a keyboard opens: the newest message stays in sight.
    const sizes = new ResizeObserver(() => {
      if (this.view.following) this.view.toEnd();
      this.reading.look();
    });
    sizes.observe(this.view.scroller);
    this.ends.push(() => sizes.disconnect());
    this.wireMore(listen);
    this.listenToFeed();
    this.ends.push(this.outbox.onChange(() => this.draw()));
    this.ends.push(this.outbox.onStored((wish, sent) => this.stored(wish, sent)));
  }

  private listenToFeed(): void {
    const mine = (event: FeedEvent): boolean => event["conversation"] === this.data.conversation;
    for (const prefix of ENTRIES) this.ends.push(feed().on(prefix, (event) => mine(event) && this.happened(event as unknown as Entry)));
    this.ends.push(feed().on("typing", (event) => mine(event) && this.types(String(event["account"]))));
    this.ends.push(feed().on("place.left", (event) => event["place"] === this.data.conversation && this.asking.now()));
    this.ends.push(feed().on("scheduled.", (event) => void this.waiting(event)));
    this.ends.push(feed().onFresh(() => void this.catchUp()));
    this.ends.push(feed().onState((state) => this.connected(state)));
  }

  private addressed(): string {
    const names = this.log.others().map((member) => member.name);
    if (this.data.audience === "team") return names.length ? _("Only the care team sees this: {names}. {patient} never does.", { names: names.join(", "), patient: this.data.patient_name }) : _("Only the care team sees this. {patient} never does.", { patient: this.data.patient_name });
    return names.length ? _("To {names}", { names: names.join(", ") }) : _("Your message");
  }

  // --- what arrives

  private happened(entry: Entry): void {
    // An event may name a thing of a conversation without being an entry of its log.
    if (typeof entry.seq !== "number" || typeof entry.id !== "string") return;
    const known = this.log.messages.has(entry.id);
    this.take([entry]);
    if (entry.type === "message.sent" && entry.sender !== this.data.me && !known) {
      this.typing.end(entry.sender ?? "");
      announce(_("{name}: {text}", { name: this.log.nameOf(entry.sender ?? ""), text: entry.body ?? "" }));
    }
    // Said aloud, so that what was taken back does not stay the last thing that was said.
    if (entry.type === "message.retracted") announce(_("{name} took a message back.", { name: this.log.nameOf(entry.sender ?? "") }));
    if (entry.type.startsWith("member.")) this.asking.later();
    this.handedOn(entry);
    if (this.log.hasGap) void this.catchUp();
  }

  /** The ledger says who answers now, or whose turn it is: said aloud, and what is promised is asked again. */
  private handedOn(entry: Entry): void {
    const note = this.log.notes.get(entry.id);
    if (!note || !this.log.isWorthALine(note)) return;
    announce(noteText(note, this.log, { inTeam: this.data.in_team, patientName: this.data.patient_name }));
    void this.reasons.ask();
    this.asking.anew();
  }

  private take(entries: readonly Entry[]): void {
    const atEnd = this.view.isAtEnd();
    if (!this.log.take(entries)) return;
    this.settle(entries);
    this.draw();
    if (atEnd) this.view.toEnd();
    this.reading.look();
  }

  /** What is in the log needs no sending any more. */
  private settle(entries: readonly Entry[]): void {
    const mine = entries.filter((entry) => entry.sender === this.data.me && entry.client_id);
    void this.outbox.settle(new Set(mine.map((entry) => entry.client_id ?? "")));
  }

  private async catchUp(): Promise<void> {
    try {
      await this.past.catchUp((entries) => this.take(entries));
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 404) return this.left();
      if (!(problem instanceof Problem && problem.offline)) toastProblem(problem);
    }
  }

  private async earlier(): Promise<void> {
    const { first } = this.view.run();
    if (first <= 1) return;
    try {
      const entries = await this.past.more({ before: first });
      if (!entries) return;
      this.log.take(entries);
      this.view.keepPlace(() => this.draw());
    } catch (problem) {
      if (!(problem instanceof Problem && problem.offline)) toastProblem(problem);
    }
  }

  private types(account: string): void {
    if (account === this.data.me) return;
    const atEnd = this.view.isAtEnd();
    this.typing.begin(account);
    if (atEnd) this.view.toEnd();
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
    const says = { idle: "", connecting: "", live: feed().slow ? _("Up to date, a little slower") : _("Up to date"), waiting: _("No connection. What you write is kept."), ended: _("You are signed out.") };
    const place = one("[data-state]", this.root);
    place.textContent = says[this.said];
    place.toggleAttribute("data-live", this.said === "live");
    this.draw();
  }

  // --- what I do

  private written(): void {
    this.typing.sent();
    if (this.view.inPast) this.jump.toPresent();
    this.draw();
    this.view.toEnd();
  }

  private stored(wish: Wish, sent: Sent): void {
    if (wish.conversation !== this.data.conversation) return;
    // What its files have become, the log knows.
    if (wish.attachments.length) void this.catchUp();
    else this.take([{ ...sent, type: "message.sent", sender: this.data.me, body: wish.body, urgent: wish.urgent, mentions: wish.mentions ?? [], cites: wish.cites ?? [] } as unknown as Entry]);
    this.asking.anew();
  }

  private readonly actions: Actions = {
    closed: () => this.draw(),
    edit: (message) => this.edit(message.id),
    retract: (message) => void retract(message, this.path),
    retry: (wish) => void this.outbox.retry(wish),
    confirm: (wish) => void askUrgent({ staffed: false, helplines: wish.helplines ?? [] }).then((agreed) => (agreed ? this.outbox.retry(wish, true) : undefined)),
    rewrite: (wish) => void this.outbox.discard(wish).then((gone) => gone && this.composer.putBack(wish.body)),
    copy: (wish) =>
      void navigator.clipboard.writeText(wish.body).then(
        () => toast(_("Copied.")),
        () => toast(_("This browser does not let us copy. Please mark the words and copy them yourself."), "trouble"),
      ),
    discard: (wish) => void this.outbox.discard(wish).then((gone) => (gone ? this.composer.focus() : toast(_("It is being sent already.")))),
  };

  private edit(id: string): void {
    const message = this.log.messages.get(id);
    if (message?.sender !== this.data.me || message.body === null) return;
    this.editing = id;
    this.draw();
    const field = maybe<HTMLTextAreaElement>("[data-edit]", this.view.list);
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }

  private edited(): void {
    this.editing = null;
    this.draw();
    this.composer.focus();
  }

  private scrolled(): void {
    this.view.following = this.view.isAtEnd();
    this.reading.look();
    const { scrollTop, scrollHeight, clientHeight } = this.view.scroller;
    if (scrollTop < NEAR_TOP_PX && scrollHeight > 2 * clientHeight) void this.earlier();
  }

  private looked(): void {
    this.reading.look();
    if (document.visibilityState === "visible") this.asking.anew();
  }

  // --- places in the record, and parts that are fetched when they are asked for

  private hosted(): Host {
    return {
      root: this.root,
      conversation: this.data.conversation,
      patient: this.data.patient,
      patientName: this.data.patient_name,
      patientZone: this.data.patient_zone,
      me: this.data.me,
      inTeam: this.data.in_team,
      audience: this.data.audience,
      maxCharacters: this.data.max_characters,
      outlook: () => this.outlook,
      members: () => this.log.others(),
      text: () => this.composer.text,
      wrote: () => this.composer.wrote(),
      clear: () => this.composer.clear(),
      notForLater: () => this.composer.notForLater,
      isUrgent: () => this.composer.isUrgent,
      cite: (cite) => this.composer.cite(cite),
      goTo: (seq) => void this.jump.to(seq),
    };
  }

  private wireMore(listen: (target: EventTarget, name: string, act: (event: Event) => void) => void): void {
    for (const button of this.root.querySelectorAll<HTMLButtonElement>("[data-more-part]")) {
      listen(button, "click", () => {
        const menu = button.closest("details");
        if (menu) menu.open = false;
        void more(this.root).then((parts) => parts?.open(button.dataset["morePart"] ?? "", this.host));
      });
    }
    const { patient } = this.data;
    this.ends.push(onWrite((place) => place.patient === patient && this.view.isVisible() && (this.composer.cite(place.cite), true)));
    this.ends.push(onShow((place) => this.showBeside(place.patient === patient ? place.cite : null)));
    listen(window, "hashchange", () => this.toNumbered());
    listen(document, GO_TO_MESSAGE, (event) => void this.jump.to((event as CustomEvent<number>).detail));
    if (this.data.waits) void this.waiting(null);
  }

  /** What the page before this one has left to be done here. */
  private arrive(): void {
    const cite = takeToWrite(this.data.patient);
    if (cite) this.composer.cite(cite);
    this.toNumbered();
  }

  private toNumbered(): void {
    const seq = this.beside ? undefined : NUMBER.exec(location.hash)?.[1];
    if (seq) void this.jump.to(Number(seq));
  }

  /** A report opens in the column beside the thread, where there is one; false where its page has to be opened. */
  private showBeside(shown: Shown | null): boolean {
    const column = maybe("[data-cited]");
    if (!shown || !column || (shown.kind !== "finding" && shown.kind !== "report")) return false;
    if (!column.parentElement?.getClientRects().length) return false;
    const cite: Cite = { ...shown, kind: shown.kind };
    void more(this.root).then((parts) => parts?.showReport(column, this.data.patient, cite));
    return true;
  }

  private dayCard(patient: string, day: string): HTMLElement {
    const card = h("div", { class: "day-card", "data-day": day });
    whenSeen(card, () => void more(this.root).then((parts) => parts?.fillDay(card, patient, day)));
    return card;
  }

  /** What waits to be sent later has changed; *event* is what the server said of one. */
  private async waiting(event: FeedEvent | null): Promise<void> {
    if (this.beside) return;
    if (event?.type === "scheduled.refused") toast(event["why"] === "client_id_reused" ? _("A message for later was not sent, because you have sent another one in its place. Its words are kept.") : _("A message for later was not sent, because you do not take part in its conversation any more."), "trouble");
    const parts = await more(this.root);
    await parts?.showWaiting(this.host);
  }

  // --- what stands

  private stands(now: Standing): void {
    this.log.replaceMembers(now.members);
    one("[data-to]", this.root).textContent = this.addressed();
    this.outlook = this.data.outlook && now.outlook;
    this.due = now.answer_due;
    this.draw();
  }

  private draw(): void {
    const there = new Set([...this.log.messages.values()].map((message) => message.clientId));
    const wishes = this.outbox.wishes.filter((wish) => wish.conversation === this.data.conversation && !there.has(wish.client_id));
    this.view.draw({ wishes, live: this.said === "live", editing: this.editing });
    this.showOutlook();
  }

  private showOutlook(): void {
    const outlook = this.outlook;
    const turn = this.log.turn(this.due !== null);
    if (turn !== "patient") this.due = null;
    // What was written a moment ago is answered by when anything written now is.
    const due = this.due ?? outlook?.answer_by ?? null;
    const lately = Date.now() - (this.log.lastWritten() ?? 0) < LATELY_MS;
    const stamp = JSON.stringify([outlook, turn, due, lately]);
    if (stamp === this.outlookShown) return;
    this.outlookShown = stamp;
    fill(one("[data-outlook]", this.root), outlook && (this.beside ? outlookBeside(outlook) : outlookNote(outlook, turn, due, lately)));
  }
}
