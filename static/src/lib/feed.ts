/**
 * The live feed of one account: one way to the server a page (./lines: a socket, or long polls where no socket passes), resumed where it stopped, sends
 * that are tried until they are answered.
 *
 *     idle → connecting → live ⇄ waiting (lost; tries again) → ended (signed out; never tries again)
 */
import { Problem, newKey } from "./api";
import { type Ear, type Frame, type Line, SESSION_ENDED, SILENCE } from "./lines/line";
import { PollLine } from "./lines/poll";
import { SocketLine } from "./lines/socket";
import { _ } from "./words";

export interface FeedEvent {
  readonly type: string;
  readonly [fact: string]: unknown;
}

export interface Message {
  readonly conversation: string;
  readonly body: string;
  readonly client_id?: string;
  readonly urgent?: boolean;
  /** The patient's side has read whom to call in danger. */
  readonly urgent_confirmed?: boolean;
  readonly attachments?: readonly string[];
  readonly mentions?: readonly string[];
  readonly cites?: readonly unknown[];
}

export interface Sent {
  readonly client_id: string;
  readonly seq: number;
  readonly [fact: string]: unknown;
}

export type FeedState = "idle" | "connecting" | "live" | "waiting" | "ended";

interface Pending {
  readonly frame: Frame;
  readonly resolve: (sent: Sent) => void;
  readonly reject: (problem: Problem) => void;
}

/** Pauses between tries grow from one to thirty seconds, each drawn evenly from zero to the bound (full jitter): a restart must not be met by everybody at once. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** Acknowledgements are gathered this long: each one is a write. */
const ACK_AFTER_MS = 1000;
/** When the server asks us to come back, at the end of a close's reason (PROTOCOL.md): each page at another moment. */
const RETRY_HINT = /; retry_ms=(\d{1,6})$/;
/** After so many tries in a row that were not let in, every other try is made without a socket. */
const SOCKETS_REFUSED = 2;
/** So long a network that swallowed a socket is remembered by the pages of this tab: each would wait for its silence anew. */
const SWALLOWED_MS = 10 * 60 * 1000;
const SWALLOWED = "telegut sockets swallowed";
/** While it goes without one, a socket is tried again after these pauses; the last one again and again, within a quarter of it. */
const SOCKET_AGAIN_MS = [5000, 20_000, 60_000];

export class Feed {
  state: FeedState = "idle";
  private line: Line | null = null;
  private cursor: string | null = null;
  private acknowledged: string | null = null;
  private tries = 0;
  /** Ways in a row that ended before they were let in. */
  private refused = Date.now() - Number(sessionStorage.getItem(SWALLOWED) ?? 0) < SWALLOWED_MS ? SOCKETS_REFUSED : 0;
  /** While it goes without a socket: the one that is tried beside, and how often one was. */
  private beside: Line | null = null;
  private besides = 0;
  private besideDue: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private ackDue: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<{ prefix: string; callback: (event: FeedEvent) => void }>();
  private readonly watchers = new Set<(state: FeedState) => void>();
  private readonly freshens = new Set<() => void>();
  private readonly pending = new Map<string, Pending>();

  constructor(private readonly url: string) {
    addEventListener("online", () => this.look());
    addEventListener("offline", () => this.line && this.lost(this.line, SILENCE, ""));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.look());
  }

  /** Whether it goes by long polls: everything arrives, a little later. */
  get slow(): boolean {
    return this.line?.slow ?? false;
  }

  /** Opens the socket; harmless when it is open. */
  start(): this {
    if (this.state === "idle") this.open();
    return this;
  }

  /** Closes the way until somebody listens anew: who came by a personal link hears nothing out of the room, and would be refused at every try. */
  rest(): void {
    clearTimeout(this.retry);
    this.endBeside();
    this.line?.close();
    this.line = null;
    this.become("idle");
  }

  /** Calls back for every event whose type begins with the prefix ("message.", "visit.state", "" for all). Returns the way to stop. */
  on(prefix: string, callback: (event: FeedEvent) => void): () => void {
    const listener = { prefix, callback };
    this.listeners.add(listener);
    this.start();
    return () => void this.listeners.delete(listener);
  }

  /**
   * Calls back whenever the past may have holes: after the first welcome and when the server could not resume.
   * Fetch there what the page shows; from that moment on events keep it true.
   */
  onFresh(callback: () => void): () => void {
    this.freshens.add(callback);
    this.start();
    return () => void this.freshens.delete(callback);
  }

  /** Calls back now and on every change of state. */
  onState(callback: (state: FeedState) => void): () => void {
    this.watchers.add(callback);
    callback(this.state);
    return () => void this.watchers.delete(callback);
  }

  /**
   * Sends a message; resolves when it is stored. Survives lost connections, not the page: what must not be lost goes through the outbox
   * (thread/outbox.ts). The same `client_id` is never stored twice.
   */
  send(message: Message): Promise<Sent> {
    const client_id = message.client_id ?? newKey();
    const frame = { type: "send", ...message, client_id };
    return new Promise((resolve, reject) => {
      this.pending.set(client_id, { frame, resolve, reject });
      this.start();
      this.put(frame);
    });
  }

  /** Says something that may be lost, such as typing; false when there is no connection. */
  tell(frame: Frame): boolean {
    return this.put(frame);
  }

  private open(): void {
    this.become("connecting");
    const bySocket = this.refused < SOCKETS_REFUSED || this.refused % 2 === 1;
    const line = this.made(bySocket, (frame) => line === this.line && this.receive(frame));
    this.line = line;
    line.open(this.cursor);
  }

  private made(bySocket: boolean, heard: (frame: Frame) => void): Line {
    const ear: Ear = { heard, lost: (code, reason) => this.lost(line, code, reason) };
    const line: Line = bySocket ? new SocketLine(this.url, ear) : new PollLine(ear);
    return line;
  }

  /** The network or the person is back: sees at once how it is. */
  private look(): void {
    // Another network may let a socket pass.
    this.refused = 0;
    if (this.state === "waiting") this.again(0);
    else this.line?.look();
  }

  // --- without a socket, until there is one again

  private tryBesideLater(): void {
    const pause = SOCKET_AGAIN_MS[Math.min(this.besides, SOCKET_AGAIN_MS.length - 1)] ?? 0;
    this.besides += 1;
    clearTimeout(this.besideDue);
    this.besideDue = setTimeout(() => this.slow && this.state === "live" && this.tryBeside(), pause * (0.75 + Math.random() / 2));
  }

  private tryBeside(): void {
    const from = this.cursor;
    const line = this.made(true, (frame) => {
      if (line === this.line) return this.receive(frame);
      if (line !== this.beside) return;
      // What has come meanwhile would come twice: once more, a little later.
      if (frame["type"] !== "welcome" || this.cursor !== from) return this.lost(line, SILENCE, "");
      this.takeOver(line, frame);
    });
    this.beside = line;
    line.open(from);
  }

  private takeOver(line: Line, welcome: Frame): void {
    this.beside = null;
    this.line?.close();
    this.line = line;
    this.receive(welcome);
  }

  /** A network that swallows sockets says nothing for long: once is enough. */
  private refuse(swallowed: boolean): void {
    this.refused = swallowed ? SOCKETS_REFUSED : this.refused + 1;
    if (swallowed) sessionStorage.setItem(SWALLOWED, String(Date.now()));
  }

  private endBeside(): void {
    clearTimeout(this.besideDue);
    this.beside?.close();
    this.beside = null;
  }

  private receive(frame: Frame): void {
    if (this.isForSomebodyElse(frame["account"], frame["type"])) return this.give();
    switch (frame["type"]) {
      case "welcome":
        return this.welcomed(String(frame["cursor"]));
      case "resync_required":
        // The stream goes on from the present; what lies between is fetched anew.
        this.cursor = null;
        return this.welcomed(String(frame["cursor"]));
      case "event":
        return this.happened(String(frame["cursor"]), frame["event"] as FeedEvent);
      case "sent":
        return this.settle(frame, (pending) => pending.resolve(frame as unknown as Sent));
      case "refused":
        return this.settle(frame, (pending) => pending.reject(refusal(frame["problem"])));
      default:
        return this.tellListeners(frame as unknown as FeedEvent);
    }
  }

  /** Somebody else has signed in beside this page: it must neither show theirs nor send its own words under their name. */
  private isForSomebodyElse(account: unknown, type: unknown): boolean {
    const mine = document.documentElement.dataset["account"];
    return (type === "welcome" || type === "resync_required") && mine !== undefined && account !== undefined && account !== mine;
  }

  private give(): void {
    this.endBeside();
    this.line?.close();
    this.line = null;
    this.become("ended");
  }

  private welcomed(cursor: string): void {
    const resumed = this.cursor !== null;
    this.cursor ??= cursor;
    this.tries = 0;
    this.refused = 0;
    this.endBeside();
    if (this.slow) this.tryBesideLater();
    else this.passed();
    this.become("live");
    for (const { frame } of this.pending.values()) this.put(frame);
    if (!resumed) for (const freshen of this.freshens) freshen();
  }

  private passed(): void {
    this.besides = 0;
    sessionStorage.removeItem(SWALLOWED);
  }

  private happened(cursor: string, event: FeedEvent): void {
    this.cursor = cursor;
    this.ackDue ??= setTimeout(() => this.acknowledge(), ACK_AFTER_MS);
    this.tellListeners(event);
  }

  private tellListeners(event: FeedEvent): void {
    for (const { prefix, callback } of [...this.listeners]) {
      if (event.type.startsWith(prefix)) callback(event);
    }
  }

  private acknowledge(): void {
    this.ackDue = undefined;
    if (this.cursor !== this.acknowledged && this.put({ type: "ack", cursor: this.cursor })) this.acknowledged = this.cursor;
  }

  private settle(frame: Frame, act: (pending: Pending) => void): void {
    const id = String(frame["client_id"]);
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (pending) act(pending);
  }

  private put(frame: Frame): boolean {
    return this.state === "live" && (this.line?.put(frame) ?? false);
  }

  private lost(line: Line, code: number, reason: string): void {
    line.close();
    if (line === this.beside) {
      this.beside = null;
      return this.tryBesideLater();
    }
    if (line !== this.line) return;
    this.line = null;
    this.endBeside();
    if (code === SESSION_ENDED) return this.become("ended");
    if (this.state === "connecting") {
      // Without any network nothing is known about sockets.
      if (navigator.onLine) this.refuse(code === SILENCE && !line.slow);
      void this.checkSession();
    }
    const bound = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.tries);
    this.tries += 1;
    this.become("waiting");
    const hint = RETRY_HINT.exec(reason);
    this.again(hint ? Number(hint[1]) : Math.random() * bound);
  }

  /** A handshake that is refused looks like a lost connection; only the API tells that the session is over. */
  private async checkSession(): Promise<void> {
    if (document.documentElement.dataset["signedIn"] === undefined) return;
    const answer = await fetch("/api/v1/me", { credentials: "same-origin" }).catch(() => null);
    if (answer?.status !== 401) return;
    clearTimeout(this.retry);
    this.become("ended");
  }

  private again(pause: number): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.state === "waiting" && this.open(), pause);
  }

  private become(state: FeedState): void {
    this.state = state;
    for (const watcher of this.watchers) watcher(state);
  }
}

function refusal(problem: unknown): Problem {
  const body = (typeof problem === "object" && problem !== null ? problem : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof body[name] === "string" ? body[name] : "");
  return new Problem(Number(body["status"] ?? 422), text("code"), text("title"), text("detail") || _("That was not sent."), [], body);
}

const SLOT = Symbol.for("telegut.feed");

/** The page's feed. Each page has several bundles and still one socket, so it is kept on the window. */
export function feed(): Feed {
  const home = globalThis as unknown as Record<symbol, Feed | undefined>;
  return (home[SLOT] ??= new Feed(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/events`));
}
