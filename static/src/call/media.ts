/** Picture and sound of everybody, by whichever way, how well they go, and who can open them. */
import { Carrying } from "./carrying";
import { Encryption } from "./encryption/encryption";
import type { KeyMessage } from "./encryption/keyring";
import { Privacy } from "./encryption/privacy";
import type { Facts } from "./facts";
import { Forwarded, type ForwarderSaid } from "./forwarded";
import { Mesh } from "./mesh";
import type { Tracks } from "./peer";
import { Renewal } from "./renewal";
import type { Seat } from "./seat";
import type { Stage } from "./stage";
import { type Signal, type Status, type Visit, others } from "./visit";
import { Ways } from "./ways";

export interface MediaEvents {
  /** The screen that somebody shares. */
  screen(way: "direct" | "relayed", account: string, stream: MediaStream | null): void;
  /** What we send, or how well we receive, has changed: the others are told. */
  changed(): void;
}

export class Media {
  private readonly mesh: Mesh;
  private readonly forwarder: Forwarded;
  private readonly ways: Ways;
  private readonly encryption: Encryption;
  private readonly privacy: Privacy;
  private readonly renewal: Renewal;
  private readonly carrying: Carrying;

  constructor(
    private readonly facts: Facts,
    stage: HTMLElement,
    private readonly seat: Seat,
    private readonly room: Stage,
    private readonly events: MediaEvents,
  ) {
    this.mesh = this.makeMesh();
    this.forwarder = this.makeForwarder();
    this.encryption = new Encryption(facts.id, facts.me, facts.frames, { send: (message) => seat.say(message), changed: () => this.forwarder.renew() });
    this.privacy = new Privacy(facts.root, facts.me, facts.host);
    this.ways = new Ways(this.mesh, this.forwarder, (account, stream) => room.media(account, stream));
    this.renewal = new Renewal(facts.id, (configuration) => this.ways.configure((seat.rtc = configuration)));
    this.carrying = this.makeCarrying(stage);
  }

  /** What goes with our status. */
  get mine(): Partial<Status> {
    return { encrypts: this.encryption.able, ...this.carrying.mine };
  }

  /** With every state, in the room or before it. */
  know(visit: Visit): void {
    this.privacy.show(visit);
  }

  with(visit: Visit): void {
    const people = others(visit, this.facts.me).map((person) => person.account);
    this.encryption.with(people, visit.encrypted);
    this.ways.with(people, visit.forwarded);
    this.carrying.with(people);
  }

  use(tracks: Tracks): void {
    this.ways.use(tracks);
  }

  /** Share this screen with everybody; null: none. */
  share(track: MediaStreamTrack | null): void {
    this.mesh.share(track);
    this.forwarder.share(track);
  }

  /** The room was entered. */
  enter(): void {
    this.renewal.start();
  }

  leave(): void {
    this.renewal.stop();
    this.ways.close();
    this.encryption.close();
    this.carrying.leave();
  }

  /** The server hears us again. */
  seated(): void {
    this.ways.configure(this.seat.rtc);
    this.ways.resume();
    this.carrying.seated();
  }

  /** This device is in another network. */
  moved(): void {
    this.forwarder.moved();
  }

  /** The forwarder does not take us. */
  unreachable(): void {
    this.ways.unreachable();
  }

  signal(signal: Signal): void {
    this.ways.hear(signal);
  }

  said(said: ForwarderSaid): void {
    this.forwarder.hear(said);
  }

  key(message: KeyMessage): void {
    this.encryption.hear(message);
  }

  status(from: string, status: Status): void {
    this.carrying.status(from, status);
    this.privacy.status(from, status.encrypts);
  }

  private makeMesh(): Mesh {
    const { seat } = this;
    return new Mesh(this.facts.me, () => seat.rtc, {
      send: (message) => seat.say(message),
      media: (account, stream) => this.ways.direct(account, stream),
      screen: (account, stream) => this.events.screen("direct", account, stream),
      measured: (account, reading) => this.carrying.direct(account, reading),
      flows: () => seat.say({ type: "media", flows: true }),
      words: (account, words) => this.privacy.compared(account, words),
      returns: () => seat.wake(),
      late: () => seat.say({ type: "direct" }),
      failed: () => seat.say({ type: "media", flows: false }),
    });
  }

  private makeForwarder(): Forwarded {
    const { seat } = this;
    return new Forwarded(() => seat.rtc, {
      send: (message) => seat.say(message),
      media: (account, stream) => this.ways.forwarded(account, stream),
      screen: (account, stream) => this.events.screen("relayed", account, stream),
      measured: (reading) => this.carrying.relayed(reading),
      line: (account, line) => this.carrying.hear(account, line),
      speaker: (account) => this.carrying.speaker(account),
      flows: () => seat.say({ type: "media", flows: true }),
      returns: () => seat.wake(),
      allowed: () => this.encryption.mayForward,
      prepare: (connection) => this.encryption.attach(connection),
      connected: (stands) => {
        this.ways.stands(stands);
        if (stands) this.carrying.connected();
      },
    });
  }

  private makeCarrying(stage: HTMLElement): Carrying {
    return new Carrying(stage, this.facts.me, {
      say: (message) => this.seat.say(message),
      carry: (sends) => {
        this.mesh.carry(sends);
        this.forwarder.carry(sends);
      },
      line: (account, line) => this.room.line(account, line),
      rung: (ladder) => {
        this.room.carries(ladder.rung);
        this.events.changed();
      },
      speaker: (account) => this.room.speaker(account),
      relayed: (account) => this.forwarder.has(account),
    });
  }
}
