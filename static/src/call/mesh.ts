/**
 * Everybody's connections: each person inside is connected with each other one.
 *
 * Two sides greet each other first, each naming its present connection, and negotiate only when both know the other's. A
 * reload, or a connection given up, is a new name; the other side then begins anew too. Greetings repeat until they are
 * answered, because signals may be lost on the way.
 */
import { newKey } from "../lib/api";
import type { Sends } from "./ladder";
import { Peer, type Tracks } from "./peer";
import type { Reading } from "./quality";
import type { Signal } from "./visit";

export interface MeshEvents {
  /** Whether it could be sent. */
  send(message: Readonly<Record<string, unknown>> & { readonly type: string }): boolean;
  media(account: string, stream: MediaStream | null): void;
  screen(account: string, stream: MediaStream | null): void;
  measured(account: string, reading: Reading): void;
  words(account: string, words: string | null): void;
  flows(account: string): void;
  /** Something comes again of somebody of whom nothing came: the network is back. */
  returns(): void;
  /** The direct way to this person does not come about, or has broken: another one should be tried beside it. Whether it could be said. */
  late(account: string): boolean;
  /** Nothing came of the connection with this person for long. */
  failed(account: string): void;
}

const GREET_AGAIN_MS = 1500;
const FAILED_AFTER_MS = 20_000;
/** Most direct connections stand after one second; who waits longer wants another way tried. */
const LATE_AFTER_MS = 5000;

interface Link {
  readonly instance: string;
  peer: Peer | null;
  greeting: ReturnType<typeof setInterval> | undefined;
}

export class Mesh {
  private readonly links = new Map<string, Link>();
  private readonly failing = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly lateness = new Map<string, ReturnType<typeof setTimeout>>();
  private tracks: Tracks = { audio: null, video: null };
  private screen: MediaStreamTrack | null = null;
  private sends: Sends = "video";

  constructor(
    private readonly me: string,
    private readonly configuration: () => RTCConfiguration,
    private readonly events: MeshEvents,
  ) {}

  /** Connect with exactly these people. Who is merely away keeps their connection. */
  with(accounts: readonly string[]): void {
    for (const account of [...this.links.keys()]) if (!accounts.includes(account)) this.leave(account);
    for (const account of accounts) if (!this.links.has(account)) this.reach(account);
  }

  /** Whether there is a direct connection with this person, or one is being made. */
  reaches(account: string): boolean {
    return this.links.has(account);
  }

  /** Send these from now on, to everybody. */
  use(tracks: Tracks): void {
    this.tracks = tracks;
    for (const link of this.links.values()) link.peer?.use(tracks);
  }

  /** Send so much of the picture to everybody from now on. */
  carry(sends: Sends): void {
    this.sends = sends;
    for (const link of this.links.values()) link.peer?.carry(sends);
  }

  /** Share this screen with everybody; null: none. */
  share(track: MediaStreamTrack | null): void {
    this.screen = track;
    for (const link of this.links.values()) link.peer?.share(track);
  }

  /** From now on ways are found by these servers. */
  configure(configuration: RTCConfiguration): void {
    for (const link of this.links.values()) link.peer?.configure(configuration);
  }

  /** The way to the server is back: greet who is not connected, and let others repair. */
  resume(): void {
    for (const [account, link] of this.links) {
      link.peer?.repeat();
      if (!link.peer?.connected) this.greet(account, link, "ask");
    }
  }

  hear(signal: Signal): void {
    let link = this.links.get(signal.from);
    if (!link) {
      if (!signal.hello) return;
      link = this.reach(signal.from);
    }
    if (signal.hello) this.greeted(signal, link);
    else if (signal.target === link.instance && link.peer?.theirs === signal.instance) void link.peer.hear(signal);
  }

  close(): void {
    for (const account of [...this.links.keys()]) this.leave(account);
  }

  private reach(account: string): Link {
    const link: Link = { instance: newKey(), peer: null, greeting: undefined };
    this.links.set(account, link);
    this.greet(account, link, "ask");
    link.greeting = setInterval(() => this.again(account, link), GREET_AGAIN_MS);
    if (!this.lateness.has(account)) this.lateness.set(account, setTimeout(() => this.events.late(account), LATE_AFTER_MS));
    if (!this.failing.has(account)) this.failing.set(account, setTimeout(() => this.events.failed(account), FAILED_AFTER_MS));
    return link;
  }

  private again(account: string, link: Link): void {
    if (link.peer) return clearInterval(link.greeting);
    this.greet(account, link, "ask");
  }

  /** *target*: whom an answer is to, so that whoever asked need not answer it in turn. */
  private greet(account: string, link: Link, hello: "ask" | "answer", target?: string): void {
    this.events.send({ type: "signal", to: account, instance: link.instance, hello, ...(target ? { target } : {}) });
  }

  private greeted(signal: Signal, link: Link): void {
    const same = link.peer?.theirs === signal.instance;
    if (signal.hello === "ask") this.greet(signal.from, link, "answer", signal.instance);
    if (same && (link.peer?.connected || link.peer?.connection.signalingState !== "stable" || signal.hello === "answer")) return;
    if (same) return link.peer?.restart();
    link.peer?.close(); // the other side began anew; what was meant for the old connection names its old partner
    this.connect(signal.from, signal.instance, link);
    if (signal.hello === "answer" && signal.target !== link.instance) this.greet(signal.from, link, "answer", signal.instance);
  }

  private connect(account: string, theirs: string, link: Link): void {
    const polite = this.me > account;
    link.peer = new Peer(link.instance, theirs, polite, this.configuration(), this.tracks, {
      send: (message) => this.events.send({ type: "signal", to: account, ...message }),
      media: (stream) => this.events.media(account, stream),
      screen: (stream) => this.events.screen(account, stream),
      measured: (reading) => this.events.measured(account, reading),
      words: (words) => this.events.words(account, words),
      flows: () => this.flow(account),
      returns: () => this.events.returns(),
      dies: () => this.events.late(account),
      broken: () => this.replace(account),
    });
    link.peer.carry(this.sends);
    link.peer.share(this.screen);
  }

  /** A connection that could not be repaired: begin anew under another name. */
  private replace(account: string): boolean {
    if (!this.events.late(account)) return false; // nobody hears us: a new connection could not be made
    this.drop(account);
    this.reach(account);
    return true;
  }

  private flow(account: string): void {
    clearTimeout(this.failing.get(account));
    clearTimeout(this.lateness.get(account));
    this.events.flows(account);
  }

  private leave(account: string): void {
    clearTimeout(this.failing.get(account));
    clearTimeout(this.lateness.get(account));
    this.failing.delete(account);
    this.lateness.delete(account);
    this.drop(account);
  }

  private drop(account: string): void {
    const link = this.links.get(account);
    if (!link) return;
    clearInterval(link.greeting);
    link.peer?.close();
    this.links.delete(account);
    this.events.media(account, null);
    this.events.screen(account, null);
  }
}
