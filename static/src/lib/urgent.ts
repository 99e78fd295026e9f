/**
 * Urgent messages that nobody of the team has read, on every page of the team: calm, on top, until somebody reads or takes one.
 * The one that has waited longest first; the rest stands behind a press, so that the page below stays usable (a phone shows one, a desk two).
 *
 * The events say that something has changed; what waits is asked of the server, so that a page that opens later shows it too.
 */
import { announce, toast, toastProblem } from "./announce";
import { Problem, api } from "./api";
import { h, icon, maybe } from "./dom";
import { type FeedEvent, feed } from "./feed";
import { instant, nearDay, clockTime } from "./time";
import { _ } from "./words";

interface Waiting {
  readonly conversation: string;
  readonly patient_name: string;
  readonly message: string;
  readonly sent_at: string;
  readonly step: number;
  readonly version: number;
}

const GATHER_MS = 200;
/** Whatever may end a call; asked for only while one is shown. */
const ENDINGS = ["read", "message.", "assigned", "settled", "waiting", "member."];

export function watchUrgent(): void {
  const calls = new UrgentCalls();
  feed().on("urgent.", () => calls.soon());
  for (const prefix of ENDINGS) feed().on(prefix, (event) => calls.concerns(event) && calls.soon());
  feed().on("place.left", (event) => calls.left(String(event["place"])));
  feed().onFresh(() => calls.soon());
}

class UrgentCalls {
  private readonly place = h("div", { class: "urgent-calls no-print", role: "region", "aria-label": _("Urgent messages"), hidden: true });
  private waiting: readonly Waiting[] = [];
  private due: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const frame = maybe(".frame") ?? document.body;
    frame.prepend(this.place);
  }

  concerns(event: FeedEvent): boolean {
    return this.waiting.some((call) => call.conversation === event["conversation"]);
  }

  /** One is not asked there any more: of that patient nothing stays on the page. */
  left(conversation: string): void {
    const others = this.waiting.filter((call) => call.conversation !== conversation);
    if (others.length === this.waiting.length) return;
    this.show(others);
    announce("", true); // the last words may have been their name
  }

  soon(): void {
    clearTimeout(this.due);
    this.due = setTimeout(() => void this.look(), GATHER_MS);
  }

  private async look(): Promise<void> {
    try {
      this.show((await api.get<{ items: readonly Waiting[] }>("/api/v1/urgent-calls")).items);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem; // without a connection what is shown stays
    }
  }

  /** One line for each conversation: who writes three urgent messages waits once. */
  private show(items: readonly Waiting[]): void {
    const first = new Map<string, Waiting>();
    for (const call of items) if (!first.has(call.conversation)) first.set(call.conversation, call);
    const calls = [...first.values()];
    if (JSON.stringify(calls) === JSON.stringify(this.waiting)) return;
    const known = new Set(this.waiting.map((call) => call.conversation));
    const focused = this.place.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset["urgent"] : undefined;
    this.waiting = calls;
    if (calls.length < 2) this.place.removeAttribute("data-open");
    this.place.replaceChildren(...calls.map((call, at) => this.line(call, at === 0 ? calls.length : 1)));
    this.place.toggleAttribute("data-many", calls.length > 2);
    this.place.hidden = !calls.length;
    if (focused) (maybe(`[data-urgent="${focused}"]`, this.place) ?? maybe("#main"))?.focus();
    for (const call of calls) if (!known.has(call.conversation)) announce(this.words(call), true);
  }

  private words(call: Waiting): string {
    return _("{name} wrote something urgent, and nobody has read it yet.", { name: call.patient_name });
  }

  /** The others of *all* come out, and go behind the first again. */
  private unfold(all: number): HTMLElement {
    const button = h("button", { class: "button urgent-rest", type: "button", "data-urgent": "rest" });
    const say = (): void => {
      const open = this.place.hasAttribute("data-open");
      button.setAttribute("aria-expanded", String(open));
      button.replaceChildren(open ? _("Fewer") : _("All {n}", { n: all }), h("span", { class: "unseen" }, ` ${_("urgent messages")}`));
    };
    button.addEventListener("click", () => {
      this.place.toggleAttribute("data-open");
      say();
    });
    say();
    return button;
  }

  /** *all*: how many wait, where this line speaks for them. */
  private line(call: Waiting, all: number): HTMLElement {
    const since = h("time", { datetime: call.sent_at, title: instant(call.sent_at), class: "small" }, _("since {when}", { when: `${nearDay(call.sent_at, Date.now())}, ${clockTime(call.sent_at)}` }));
    const take = h("button", { class: "button button-grave", type: "button", "data-urgent": `take-${call.conversation}` }, icon("hand"), _("I take it"), h("span", { class: "unseen" }, ` ${call.patient_name}`));
    take.addEventListener("click", () => void this.take(call, take));
    const open = h("a", { class: "button", href: `/messages/${call.conversation}`, "data-urgent": `open-${call.conversation}` }, _("Open"), h("span", { class: "unseen" }, ` ${call.patient_name}`));
    const short = all > 1 ? _("{n} urgent messages wait: {name}", { n: all, name: call.patient_name }) : _("Urgent and unread: {name}", { name: call.patient_name });
    return h("div", { class: "urgent-call" }, icon("triangle-alert"), h("p", null, h("strong", { class: "urgent-long" }, this.words(call)), h("strong", { class: "urgent-short" }, short), " ", since), h("div", { class: "row" }, open, take, all > 1 && this.unfold(all)));
  }

  private async take(call: Waiting, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      await api.post(`/api/v1/conversations/${call.conversation}/claim`, { version: call.version });
      location.assign(`/messages/${call.conversation}`);
    } catch (problem) {
      button.disabled = false;
      if (!(problem instanceof Problem) || problem.code !== "ledger_changed") return toastProblem(problem);
      await this.tell(call, problem.body["current"] as { readonly owner?: { readonly name: string; readonly account: string } | null } | undefined);
    }
  }

  /** Somebody wrote or took it meanwhile: what is so now. */
  private async tell(call: Waiting, now: { readonly owner?: { readonly name: string; readonly account: string } | null } | undefined): Promise<void> {
    await this.look();
    const still = this.waiting.some((one) => one.conversation === call.conversation);
    if (still) toast(_("{name} wrote again meanwhile. Please press once more.", { name: call.patient_name }), "attention");
    else if (now?.owner) toast(_("{name} has taken it.", { name: now.owner.name }));
    else toast(_("Somebody has read it meanwhile."));
  }
}
