/** Whose turn it is in the open conversation, and what can be done about it: take it, hand it over, wait, settle. */
import { announce, toast, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { ask } from "../lib/dialog";
import { fill, h, icon, maybe, one } from "../lib/dom";
import { type FeedEvent, feed } from "../lib/feed";
import { instant, nearDay, clockTime } from "../lib/time";
import { _ } from "../lib/words";
import { type Handing, asideForm, handingForm } from "./handing";

export interface Who {
  readonly account: string;
  readonly name: string;
}

export interface Turn {
  readonly conversation: string;
  readonly state: "owed" | "waiting_for_patient" | "settled";
  /** null: whoever of the team comes first */
  readonly owner: Who | null;
  /** The owner, or their cover while they are away. */
  readonly answers: Who | null;
  readonly since: string | null;
  readonly due: string | null;
  readonly urgent: boolean;
  readonly version: number;
}

export interface Member extends Who {
  readonly role: string;
}

interface Data {
  readonly turn: Turn;
  readonly patient_name: string;
  readonly team: readonly Member[];
}

interface Reason {
  readonly entry: string;
  readonly author: string;
  readonly at: string;
  readonly reason: string;
}

const EVENTS = ["message.", "member.", "assigned", "unassigned", "waiting", "settled"];
const GATHER_MS = 250;
const MINUTE_MS = 60_000;

export class TurnBar {
  private readonly data: Data;
  private readonly path: string;
  private readonly me = document.documentElement.dataset["account"] ?? "";
  private turn: Turn;
  private due: ReturnType<typeof setTimeout> | undefined;
  private drawn = "";
  /** What somebody else's change kept from being said; it is there when the question is asked again. */
  private draft: Handing = { to: undefined, reason: "" };

  constructor(private readonly root: HTMLElement) {
    this.data = JSON.parse(one("[data-turn-data]", root).textContent) as Data;
    this.turn = this.data.turn;
    this.path = `/api/v1/conversations/${this.turn.conversation}`;
  }

  start(): void {
    this.draw();
    const mine = (event: FeedEvent): boolean => event["conversation"] === this.turn.conversation;
    for (const prefix of EVENTS) feed().on(prefix, (event) => mine(event) && this.soon());
    feed().onFresh(() => this.soon());
    setInterval(() => this.draw(), MINUTE_MS);
  }

  // --- what can be done

  async claim(): Promise<void> {
    if (this.turn.owner?.account === this.me) return toast(_("You answer this already."));
    await this.change("claim", {}, _("You answer this now."));
  }

  async handOver(): Promise<void> {
    const others = this.data.team.filter((member) => member.account !== this.turn.owner?.account);
    const form = handingForm(others, { me: this.me, mine: this.turn.owner?.account === this.me, toTeam: this.turn.owner !== null, patient: this.firstName(), draft: this.draft });
    if (!(await ask({ title: _("Who answers {name} from now on?", { name: this.firstName() }), content: form.place, confirm: _("Hand it over"), decline: _("Keep it as it is") }))) {
      this.draft = form.said();
      return;
    }
    const { to, reason } = (this.draft = form.said());
    const name = this.data.team.find((member) => member.account === to)?.name;
    const done = await this.change("assign", { to, ...(reason && { reason }) }, name ? _("{name} answers from now on.", { name }) : _("The team answers from now on."));
    if (done) this.draft = { to: undefined, reason: "" };
  }

  async giveBack(): Promise<void> {
    await this.change("assign", { to: null }, _("The team answers from now on."));
  }

  async wait(): Promise<void> {
    if (this.turn.state === "waiting_for_patient") return;
    await this.aside("wait", _("Is it {name}’s turn?", { name: this.firstName() }), _("Yes, wait for {name}", { name: this.firstName() }), _("Waiting for {name}.", { name: this.firstName() }));
  }

  async settle(): Promise<void> {
    if (this.turn.state === "settled") return;
    await this.aside("settle", _("Is nothing open here?"), _("Nothing is open"), _("Nothing is open here now."));
  }

  /** Who waits for an answer is not put aside by one press: that is asked first. */
  private async aside(act: "wait" | "settle", title: string, confirm: string, done: string): Promise<void> {
    if (this.turn.state !== "owed") return void (await this.change(act, {}, done));
    const form = asideForm(this.draft.reason);
    const text = _("{name} wrote and has no answer yet. Everybody here reads that you said so; a new message opens it again.", { name: this.firstName() });
    if (!(await ask({ title, text, content: form.place, confirm }))) return;
    const reason = form.said();
    if (!(await this.change(act, reason ? { reason } : {}, done))) this.draft = { ...this.draft, reason };
  }

  /** @returns whether it was done */
  private async change(act: string, body: Readonly<Record<string, unknown>>, done: string): Promise<boolean> {
    try {
      this.take(await api.post<Turn>(`${this.path}/${act}`, { ...body, version: this.turn.version }));
      toast(done);
      return true;
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.code !== "ledger_changed") {
        toastProblem(problem);
        return false;
      }
      const words = this.meanwhile(problem.body["current"] as Partial<Turn> | undefined);
      await this.refresh();
      toast(_("{what} Nothing was changed by you; choose again if it should.", { what: words }), "attention");
      return false;
    }
  }

  /** What somebody else did while this page still showed what was before. */
  private meanwhile(now: Partial<Turn> | undefined): string {
    const owner = now?.owner ?? null;
    if (owner?.account !== this.turn.owner?.account) return owner ? _("Meanwhile {name} has taken this.", { name: owner.name }) : _("Meanwhile this was given back to the team.");
    if (now?.state !== this.turn.state) {
      if (now?.state === "settled") return _("Meanwhile this was answered, or somebody said that nothing is open.");
      if (now?.state === "waiting_for_patient") return _("Meanwhile somebody said that it is {name}’s turn.", { name: this.firstName() });
      return _("Meanwhile {name} wrote.", { name: this.firstName() });
    }
    return _("Meanwhile something was written here.");
  }

  // --- what is so

  private soon(): void {
    clearTimeout(this.due);
    this.due = setTimeout(() => void this.refresh(), GATHER_MS);
  }

  private async refresh(): Promise<void> {
    try {
      this.take(await api.get<Turn>(`${this.path}/turn`));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem; // the next event tells
    }
  }

  private take(turn: Turn): void {
    if (turn.version < this.turn.version) return;
    const [before, now] = [this.turn.owner, turn.owner];
    this.turn = turn;
    this.draw();
    if (now && now.account !== before?.account && now.account !== this.me) announce(_("{name} answers this.", { name: now.name }));
    else if (now?.account === this.me && before?.account !== this.me) announce(_("You answer this."));
  }

  private draw(): void {
    const late = this.turn.due !== null && Date.parse(this.turn.due) < Date.now();
    const stamp = JSON.stringify([this.turn, late, nearDay(this.turn.due ?? 0, Date.now())]);
    if (stamp === this.drawn || maybe("details[open]", this.root)) return;
    this.drawn = stamp;
    const focused = this.root.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset["act"] : undefined;
    const bar = one("[data-turn-bar]", this.root);
    this.root.dataset["state"] = this.turn.state;
    this.root.dataset["taken"] = this.turn.owner ? "yes" : "no";
    fill(bar, this.words(late), this.acts());
    if (focused) (maybe(`[data-act="${focused}"]`, bar) ?? maybe("button, summary", bar))?.focus();
  }

  private words(late: boolean): HTMLElement {
    const { state, due, urgent } = this.turn;
    const when = due && `${nearDay(due, Date.now())}, ${clockTime(due)}`;
    const promise = state === "owed" && when && h("span", { class: late ? "tag tag-now" : "tag", title: due ? instant(due) : "" }, icon("clock"), late ? _("Answer was due {when}", { when }) : _("Answer by {when}", { when }));
    return h("p", { class: "turn-words" }, state === "owed" && urgent && h("span", { class: "tag tag-grave" }, icon("triangle-alert"), _("Urgent")), h("strong", null, this.who()), promise);
  }

  private who(): string {
    const { state, owner, answers } = this.turn;
    if (state === "waiting_for_patient") return _("Waiting for {name}", { name: this.firstName() });
    if (state === "settled") return _("Nothing is open here");
    if (!owner) return _("Nobody has taken this yet");
    if (answers && answers.account !== owner.account) return answers.account === this.me ? _("{owner} is away; you answer", { owner: owner.name }) : _("{owner} is away; {cover} answers", { owner: owner.name, cover: answers.name });
    if (!answers) return _("{owner} is away; the team answers", { owner: owner.name });
    return owner.account === this.me ? _("You answer") : _("{name} answers", { name: owner.name });
  }

  private acts(): HTMLElement {
    const { owner, state } = this.turn;
    const mine = owner?.account === this.me;
    return h(
      "div",
      { class: "row turn-acts" },
      !mine && act("claim", state === "owed" && !owner ? "button button-now" : "button", icon("hand"), _("I answer this"), () => this.claim()),
      act("hand-over", "button turn-wide", icon("arrow-right-left"), _("Hand over"), () => this.handOver()),
      this.menu(),
    );
  }

  private menu(): HTMLElement {
    const { owner, state } = this.turn;
    const menu = h("details", { class: "menu", id: "turn-menu" }, h("summary", { class: "button", "data-act": "more" }, icon("ellipsis"), h("span", { class: "unseen" }, _("More about whose turn it is"))));
    const item = (name: string, sign: SVGSVGElement, text: string, run: () => Promise<void>): HTMLElement =>
      act(name, "button button-bare", sign, text, async () => {
        menu.open = false;
        one("summary", menu).focus();
        await run();
      });
    const body = h(
      "div",
      { class: "menu-body turn-menu" },
      h("div", { class: "turn-narrow" }, item("menu-hand-over", icon("arrow-right-left"), _("Hand over"), () => this.handOver())),
      state !== "waiting_for_patient" && item("wait", icon("hourglass"), _("Wait for {name}", { name: this.firstName() }), () => this.wait()),
      state !== "settled" && item("settle", icon("check"), _("Nothing is open here"), () => this.settle()),
      owner && item("give-back", icon("undo-2"), _("Give it back to the team"), () => this.giveBack()),
      item("reasons", icon("history"), _("How it came here"), () => this.showReasons()),
    );
    menu.append(body);
    const outside = (event: Event): void => {
      if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    };
    menu.addEventListener("toggle", () => {
      if (menu.open) document.addEventListener("click", outside);
      else document.removeEventListener("click", outside);
      if (!menu.open) this.draw();
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      event.stopPropagation();
      menu.open = false;
      one("summary", menu).focus();
    });
    return menu;
  }

  private async showReasons(): Promise<void> {
    try {
      const { items } = await api.get<{ items: readonly Reason[] }>(`${this.path}/handovers`);
      const list = items.length
        ? h("ul", { class: "list turn-reasons" }, ...items.map(({ author, at, reason }) => h("li", null, h("p", null, h("strong", null, author), " ", h("span", { class: "quiet small" }, instant(at))), h("p", null, reason))))
        : h("p", { class: "quiet" }, _("Nobody has given a reason yet. Reasons are for the team alone."));
      await ask({ title: _("How it came here"), content: list, confirm: _("All right"), decline: _("Close") });
    } catch (problem) {
      toastProblem(problem);
    }
  }

  private firstName(): string {
    return this.data.patient_name.split(" ")[0] ?? this.data.patient_name;
  }
}

function act(name: string, style: string, sign: SVGSVGElement, text: string, run: () => Promise<void>): HTMLButtonElement {
  const button = h("button", { class: style, type: "button", "data-act": name }, sign, text);
  button.addEventListener("click", () => {
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    void run().finally(() => (button.ariaDisabled = null));
  });
  return button;
}
