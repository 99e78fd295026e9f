/**
 * The list of conversations, kept true without a reload. The server sorts by promise and draws; this puts it in place.
 *
 * What a line says changes at once. Where it stands changes only while nobody is at the list: a line that somebody is about to
 * press must not slip away under the finger. Until then a button says how many have moved.
 */
import { announce } from "../lib/announce";
import { all, maybe, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { civilDay } from "../lib/time";
import { _ } from "../lib/words";

const GATHER_MS = 400;
/** A finger that was here so lately may come back. */
const TOUCH_MS = 4000;
/** Promises grow late, and today becomes tomorrow, without any event. */
const MINUTE_MS = 60_000;
const EVENTS = ["message.", "member.", "read", "assigned", "unassigned", "waiting", "settled", "urgent."];
const SCROLLED = "telegut inbox scrolled";

export class List {
  private due: ReturnType<typeof setTimeout> | undefined;
  private touched = 0;
  private day = civilDay(Date.now());
  private hovered = false;
  /** What the server drew last and is not in place yet. */
  private held: HTMLElement | null = null;
  private asking: AbortController | null = null;

  constructor(private readonly root: HTMLElement) {}

  start(): void {
    // What others have read changes no line of mine.
    const mine = document.documentElement.dataset["account"];
    for (const prefix of EVENTS) feed().on(prefix, (event) => event["conversation"] && (event.type !== "read" || event["sender"] === mine) && this.soon());
    feed().on("place.left", (event) => this.gone(String(event["place"])));
    feed().onFresh(() => this.soon());
    setInterval(() => document.visibilityState === "visible" && this.isOver() && this.soon(), MINUTE_MS);
    this.root.addEventListener("pointermove", (event) => event.pointerType === "mouse" && (this.hovered = true));
    this.root.addEventListener("pointerleave", () => this.left());
    for (const name of ["touchstart", "touchmove", "touchend", "scroll"]) {
      this.root.addEventListener(name, () => this.touch(), { passive: true });
    }
    this.root.addEventListener("focusout", (event) => !this.root.contains(event.relatedTarget as Node | null) && this.left());
    this.root.addEventListener("click", (event) => event.target instanceof Element && event.target.closest("[data-sort]") && this.sort());
    this.root.addEventListener("change", (event) => event.target instanceof Element && event.target.closest("[data-filters]") && void this.filter());
    this.keepPlace();
  }

  /** The lines as they stand. */
  lines(): HTMLAnchorElement[] {
    return all<HTMLAnchorElement>("a[data-conversation]", this.root);
  }

  /** Moves the focus along the lines: from the one that has it, or from the open conversation. */
  step(by: number): void {
    const lines = this.lines();
    const focused = lines.findIndex((line) => line === document.activeElement);
    const here = focused >= 0 ? focused : lines.findIndex((line) => line.ariaCurrent === "page");
    const to = here < 0 ? (by > 0 ? 0 : lines.length - 1) : Math.min(lines.length - 1, Math.max(0, here + by));
    lines[to]?.focus();
    lines[to]?.scrollIntoView({ block: "nearest" });
  }

  /** Puts everything in its order now. */
  sort(): void {
    if (!this.held) return;
    const focus = document.activeElement?.closest("[data-moved]") !== null;
    this.put(this.held);
    if (focus) this.step(0);
    announce(_("The list is in order again."));
  }

  /** Whether a promise has passed, or the day, since the list was drawn. Each renewal is a reading of records: not every minute. */
  private isOver(): boolean {
    const passed = all("[data-due]", this.root).some((line) => Date.parse(line.dataset["due"] ?? "") < Date.now());
    return passed || civilDay(Date.now()) !== this.day;
  }

  private soon(): void {
    clearTimeout(this.due);
    this.due = setTimeout(() => void this.refresh(), GATHER_MS);
  }

  /** I was taken out of a conversation: nothing of it stays here, whoever is at the list. */
  private gone(place: string): void {
    for (const list of [this.root, this.held]) {
      for (const line of list ? all(`a[data-conversation="${CSS.escape(place)}"]`, list) : []) (line.closest("li") ?? line).remove();
    }
    this.soon();
  }

  private touch(): void {
    this.touched = Date.now();
  }

  private left(): void {
    this.hovered = false;
    if (this.held && !this.isInUse()) this.put(this.held);
  }

  /** Whether somebody is at the list: a mouse over it, a finger a moment ago, the focus by keyboard. */
  private isInUse(): boolean {
    const focused = this.root.contains(document.activeElement) && document.activeElement?.matches("a[data-conversation]:focus-visible");
    return this.hovered || Boolean(focused) || Date.now() - this.touched < TOUCH_MS;
  }

  private async refresh(): Promise<void> {
    const drawn = await this.fetched();
    if (!drawn) return;
    this.day = civilDay(Date.now());
    if (this.isInUse()) this.hold(drawn);
    else this.put(drawn);
    if (this.held && !this.hovered) setTimeout(() => this.left(), TOUCH_MS);
  }

  private async fetched(): Promise<HTMLElement | null> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const answer = await fetch(this.address(), { headers: { Accept: "text/html" }, credentials: "same-origin", signal: asking.signal }).catch(() => null);
    if (!answer?.ok || answer.redirected) return null;
    const text = await answer.text().catch(() => null);
    return text === null ? null : new DOMParser().parseFromString(text, "text/html").querySelector<HTMLElement>("[data-groups]");
  }

  /** The list alone where the server draws it so, else the page that is open. */
  private address(): string {
    const alone = this.root.dataset["list"];
    if (!alone) return location.pathname + location.search;
    return location.search ? `${alone}${alone.includes("?") ? "&" : "?"}${location.search.slice(1)}` : alone;
  }

  /** New words in the lines that are there; what would move is held back. */
  private hold(drawn: HTMLElement): void {
    this.held = drawn.cloneNode(true) as HTMLElement;
    const fresh = new Map(all<HTMLAnchorElement>("a[data-conversation]", drawn).map((line) => [line.dataset["conversation"], line]));
    for (const line of this.lines()) {
      const now = fresh.get(line.dataset["conversation"]);
      if (!now) continue;
      line.className = now.className;
      line.replaceChildren(...now.childNodes);
    }
    const moved = this.moved(this.held);
    if (moved) this.say(moved);
    else this.settled();
  }

  /** How many conversations stand elsewhere, are new or gone. */
  private moved(drawn: HTMLElement): number {
    const [before, after] = [places(one("[data-groups]", this.root)), places(drawn)];
    const gone = [...before.keys()].filter((id) => !after.has(id)).length;
    const kept = [...after.keys()].filter((id) => before.has(id));
    const order = [...before.keys()].filter((id) => after.has(id));
    const elsewhere = kept.filter((id, n) => order[n] !== id || before.get(id) !== after.get(id)).length;
    return gone + elsewhere + (after.size - kept.length);
  }

  private say(moved: number): void {
    const place = maybe("[data-moved]", this.root);
    if (!place) return;
    one("[data-moved-text]", place).textContent = moved === 1 ? _("One conversation has moved. Sort the list") : _("{n} conversations have moved. Sort the list", { n: moved });
    place.hidden = false;
  }

  private settled(): void {
    this.held = null;
    const place = maybe("[data-moved]", this.root);
    if (place) place.hidden = true;
  }

  /** Everything in place; what was in sight stays where it was, and so does the focus. */
  private put(drawn: HTMLElement): void {
    const groups = one("[data-groups]", this.root);
    const focused = document.activeElement instanceof HTMLElement && groups.contains(document.activeElement) ? document.activeElement.dataset["conversation"] : undefined;
    const anchor = this.lines().find((line) => line.getBoundingClientRect().bottom > this.root.getBoundingClientRect().top);
    const top = anchor?.getBoundingClientRect().top ?? 0;
    const atTop = this.root.scrollTop === 0;
    groups.replaceChildren(...document.adoptNode(drawn.cloneNode(true) as HTMLElement).childNodes);
    this.settled();
    const again = (id: string | undefined): HTMLElement | null => (id ? maybe(`a[data-conversation="${CSS.escape(id)}"]`, groups) : null);
    if (!atTop && anchor) this.root.scrollTop += (again(anchor.dataset["conversation"])?.getBoundingClientRect().top ?? top) - top;
    again(focused)?.focus({ preventScroll: true });
  }

  /** Another filter: the address, the list and the ways back follow it. */
  private async filter(): Promise<void> {
    const form = one<HTMLFormElement>("[data-filters]", this.root);
    const chosen = new URLSearchParams([...new FormData(form)].flatMap(([name, value]) => (value && value !== "all" ? [[name, String(value)]] : [])));
    const query = chosen.size ? `?${chosen}` : "";
    history.replaceState(history.state, "", location.pathname + query + location.hash);
    for (const back of all<HTMLAnchorElement>(".inbox-back")) back.search = query;
    const drawn = await this.fetched();
    if (!drawn) return form.submit();
    this.put(drawn);
    this.root.scrollTop = 0;
    const n = this.lines().length;
    announce(n === 1 ? _("One conversation.") : _("{n} conversations.", { n }));
  }

  /** The next conversation opens as a page of its own: the list stays where it was scrolled to. */
  private keepPlace(): void {
    this.root.scrollTop = Number(sessionStorage.getItem(SCROLLED) ?? 0);
    addEventListener("pagehide", () => sessionStorage.setItem(SCROLLED, String(this.root.scrollTop)));
  }
}

/** The group of each conversation, in the order of the list. */
function places(groups: HTMLElement): Map<string, string> {
  const found = all("[data-line]", groups).map((line) => [line.dataset["line"] ?? "", line.closest<HTMLElement>("[data-group]")?.dataset["group"] ?? ""] as const);
  return new Map(found);
}
