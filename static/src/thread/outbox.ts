/**
 * Messages on their way: kept on this device until the server has stored them, sent by one tab at a time, in order, each exactly once.
 *
 *     queued → sending → stored (and forgotten here)
 *                  ↘ queued (the server was busy: tried again) ↘ failed (tried again by hand, or refused for good)
 *
 * Once is the work of the `client_id`, whatever happens; order is the work of a lock that one tab holds. Every page of telegut sends what is left
 * over, so that a message written in the cellar leaves with the next page that has a connection.
 */
import { Problem, newKey } from "../lib/api";
import { type Sent, feed } from "../lib/feed";
import type { Cite } from "../lib/places";
import { _ } from "../lib/words";
import type { Helpline } from "./outlook";
import { type Begun, type Shelf, type Wish, type WishState, openShelf } from "./shelf";

/** Pauses after which a busy server is asked again; then the person decides. */
const AGAIN_AFTER_MS = [2000, 4000, 8000, 16_000];
/** A tab that is not looked at may be put to sleep while it holds the lock: after this long, one that is looked at takes it over. */
const TAKE_OVER_AFTER_MS = 10_000;
/** Refusals that say nothing about the message: signed out, too slow, too much at once. */
const PASSING: ReadonlySet<number> = new Set([401, 408, 429]);

export interface Written {
  readonly body: string;
  readonly urgent: boolean;
  /** Files that are on the server and checked. */
  readonly attachments: Wish["attachments"];
  readonly mentions: readonly string[];
  readonly cites: readonly Cite[];
  /** Whether the question before something urgent was asked. */
  readonly confirmed: boolean;
}

type Told = { readonly kind: "changed" } | { readonly kind: "stored"; readonly wish: Wish; readonly sent: Sent };

export class Outbox {
  /** In the order in which they were written. */
  wishes: Wish[] = [];
  /** Those that are on their way to the shelf: shown, not sent yet. */
  private readonly adding = new Set<Wish>();
  private shelf: Shelf | null = null;
  private readonly opening: Promise<Shelf>;
  private readonly channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("telegut outbox") : null;
  private readonly watchers = new Set<() => void>();
  private readonly storers = new Set<(wish: Wish, sent: Sent) => void>();
  private readonly underWay = new Set<string>();
  private readonly tries = new Map<string, number>();
  private holds = false;

  constructor(private readonly account: string) {
    this.opening = this.open();
    if (this.channel) this.channel.onmessage = (message) => void this.told(message.data as Told);
    feed().onState((state) => state === "live" && void this.pump());
    document.addEventListener("visibilitychange", () => this.watchOver());
    addEventListener("beforeunload", (event) => this.wishes.length > 0 && this.shelf?.lasting === false && event.preventDefault());
    void this.refresh(false);
    void this.lead();
  }

  /** Calls back whenever something has changed. Returns the way to stop. */
  onChange(callback: () => void): () => void {
    this.watchers.add(callback);
    return () => void this.watchers.delete(callback);
  }

  /** Calls back when the server has stored one. */
  onStored(callback: (wish: Wish, sent: Sent) => void): () => void {
    this.storers.add(callback);
    return () => void this.storers.delete(callback);
  }

  /** Takes a message; resolves when it is kept on this device, and rejects when it could not be: then nothing was taken. */
  async add(conversation: string, written: Written): Promise<void> {
    const wish: Wish = { ...written, client_id: newKey(), account: this.account, conversation, at: new Date().toISOString(), state: "queued", why: "", final: false };
    this.adding.add(wish);
    this.wishes = [...this.wishes, wish];
    this.changed(false);
    try {
      await (await this.opening).add(wish);
    } finally {
      this.adding.delete(wish);
      await this.refresh(true);
    }
    this.watchOver();
  }

  /** Another try of one that failed, under the same `client_id`; *confirmed*: its writer has read whom to call in danger. */
  async retry(wish: Wish, confirmed = wish.confirmed ?? true): Promise<void> {
    this.tries.delete(wish.client_id);
    await (await this.opening).move(wish.client_id, ["failed"], { state: "queued", why: "", final: false, confirmed, helplines: [] });
    await this.refresh(true);
  }

  /** Whether it was taken out: what is being sent cannot be taken out any more. */
  async discard(wish: Wish): Promise<boolean> {
    const gone = await (await this.opening).remove(wish.client_id, ["queued", "failed"]);
    await this.refresh(true);
    return gone;
  }

  /** These are in the log: nothing is left to send. */
  async settle(stored: ReadonlySet<string>): Promise<void> {
    const there = this.wishes.filter((wish) => stored.has(wish.client_id));
    if (!there.length) return;
    this.wishes = this.wishes.filter((wish) => !stored.has(wish.client_id));
    const shelf = await this.opening;
    for (const wish of there) await shelf.remove(wish.client_id, ["queued", "sending", "failed"]);
    this.changed(true);
  }

  async draft(conversation: string): Promise<Begun> {
    return (await this.opening).draft(this.account, conversation);
  }

  async keepDraft(conversation: string, begun: Begun): Promise<void> {
    await (await this.opening).keepDraft(this.account, conversation, begun);
  }

  private async open(): Promise<Shelf> {
    const shelf = await openShelf();
    await shelf.keepOnly(this.account);
    this.shelf = shelf;
    return shelf;
  }

  private async refresh(tell: boolean): Promise<void> {
    await this.show(tell);
    void this.pump();
  }

  private async show(tell: boolean): Promise<void> {
    const kept = await (await this.opening).all(this.account);
    this.wishes = [...kept, ...[...this.adding].filter((wish) => !kept.some((one) => one.client_id === wish.client_id))];
    this.changed(tell);
  }

  private changed(tell: boolean): void {
    for (const watcher of this.watchers) watcher();
    if (tell) this.tell({ kind: "changed" });
  }

  private tell(told: Told): void {
    this.channel?.postMessage(told);
  }

  private async told(told: Told): Promise<void> {
    if (told.kind === "stored" && told.wish.account === this.account) for (const storer of this.storers) storer(told.wish, told.sent);
    await this.refresh(false);
  }

  // --- sending, in the tab that holds the lock

  /** Waits for the lock and holds it until the page ends or another tab takes it over. */
  private async lead(steal = false): Promise<void> {
    if (!("locks" in navigator)) {
      this.holds = true;
      return this.pump();
    }
    const name = `telegut outbox ${this.account}`;
    const hold = async (): Promise<void> => {
      this.holds = true;
      await this.refresh(false);
      await new Promise(() => undefined);
    };
    await navigator.locks.request(name, { steal }, hold).catch(() => {
      this.holds = false;
      void this.lead();
    });
  }

  /** Takes the lock over from a tab that seems to be asleep. Two that send at once double nothing. */
  private watchOver(): void {
    const waiting = this.first()[0];
    if (this.holds || !waiting || document.visibilityState !== "visible") return;
    setTimeout(() => {
      const still = this.first().some((wish) => wish.client_id === waiting.client_id);
      if (still && !this.holds && feed().state === "live" && document.visibilityState === "visible") void this.lead(true);
    }, TAKE_OVER_AFTER_MS);
  }

  /** The next of each conversation. One that failed holds up its own conversation alone; one that was refused for good holds up nothing. */
  private first(): Wish[] {
    const heads = new Map<string, Wish>();
    for (const wish of this.wishes) if (!this.adding.has(wish) && !wish.final && !heads.has(wish.conversation)) heads.set(wish.conversation, wish);
    return [...heads.values()].filter((wish) => wish.state !== "failed");
  }

  private async pump(): Promise<void> {
    if (!this.holds || feed().state !== "live") return;
    await Promise.all(this.first().filter((wish) => !this.underWay.has(wish.client_id)).map((wish) => this.send(wish)));
  }

  private async send(wish: Wish): Promise<void> {
    this.underWay.add(wish.client_id);
    try {
      const shelf = await this.opening;
      const claimed = await shelf.move(wish.client_id, ["queued", "sending"], { state: "sending", why: "" });
      await this.show(true);
      if (!claimed) return;
      const sent = await feed().send(frameOf(wish));
      await shelf.remove(wish.client_id, ["queued", "sending", "failed"]);
      for (const storer of this.storers) storer(wish, sent);
      this.tell({ kind: "stored", wish, sent });
    } catch (problem) {
      await this.refused(wish, problem);
    } finally {
      this.underWay.delete(wish.client_id);
    }
    await this.refresh(true);
  }

  private async refused(wish: Wish, problem: unknown): Promise<void> {
    const status = problem instanceof Problem ? problem.status : 0;
    const why = status === 403 || status === 404 ? _("You do not take part in this conversation any more.") : problem instanceof Error ? problem.message : "";
    const tries = this.tries.get(wish.client_id) ?? 0;
    const pause = AGAIN_AFTER_MS[tries];
    this.tries.set(wish.client_id, tries + 1);
    const helplines = problem instanceof Problem && problem.code === "urgent_unconfirmed" ? ((problem.body["helplines"] ?? []) as Helpline[]) : [];
    const outcome: { state: WishState; why: string; final: boolean; helplines: Helpline[] } = { state: "failed", why, final: status >= 400 && status < 500 && !PASSING.has(status), helplines };
    if (status >= 500 && pause !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      Object.assign(outcome, { state: "queued", why: _("The server is busy. It is tried again.") });
    }
    await (await this.opening).move(wish.client_id, ["sending"], outcome);
  }
}

function frameOf(wish: Wish): Parameters<ReturnType<typeof feed>["send"]>[0] {
  return {
    conversation: wish.conversation,
    client_id: wish.client_id,
    body: wish.body,
    ...(wish.urgent ? { urgent: true, urgent_confirmed: wish.confirmed ?? true } : {}),
    ...(wish.mentions?.length ? { mentions: wish.mentions } : {}),
    ...(wish.cites?.length ? { cites: wish.cites } : {}),
    ...(wish.attachments.length ? { attachments: wish.attachments.map((file) => file.id) } : {}),
  };
}

const SLOT = Symbol.for("telegut.outbox");

/** The page's outbox for this account. Each page has several bundles and still one outbox, so it is kept on the window. */
export function outbox(account: string): Outbox {
  const home = globalThis as unknown as Record<symbol, Outbox | undefined>;
  return (home[SLOT] ??= new Outbox(account));
}
