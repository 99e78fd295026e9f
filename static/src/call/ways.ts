/**
 * Which way picture and sound go: from browser to browser, or by our forwarder. The change is calm: the old way goes on until
 * the new one shows everybody, and stays in use when the forwarder cannot be reached.
 */
import type { Forwarded } from "./forwarded";
import type { Mesh } from "./mesh";
import type { Tracks } from "./peer";
import type { Signal } from "./visit";

/** Somebody whose microphone and camera are off sends nothing that could be waited for. */
const SILENT_MS = 3000;
/** A forwarder that does not connect in this time is not waited for: people see each other directly meanwhile. */
const NOT_THERE_MS = 6000;
const ASK_AGAIN_MS = 5000;

export class Ways {
  people: readonly string[] = [];
  private byForwarder = false;
  private gaveUp = false;
  private readonly directly = new Map<string, MediaStream>();
  private readonly relayed = new Map<string, MediaStream>();
  private readonly arrived = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private later: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly mesh: Mesh,
    private readonly forwarder: Forwarded,
    private readonly show: (account: string, stream: MediaStream | null) => void,
  ) {}

  with(people: readonly string[], byForwarder: boolean): void {
    this.people = people;
    if (byForwarder && !this.byForwarder) this.timer = setTimeout(() => this.giveUp(), NOT_THERE_MS);
    this.byForwarder = byForwarder;
    if (byForwarder) this.forwarder.start(people.length);
    this.settle();
  }

  use(tracks: Tracks): void {
    this.mesh.use(tracks);
    this.forwarder.use(tracks);
  }

  /** From now on ways are found by these servers: credentials end, calls go on. */
  configure(configuration: RTCConfiguration): void {
    this.mesh.configure(configuration);
    this.forwarder.configure(configuration);
  }

  resume(): void {
    this.mesh.resume();
    this.forwarder.resume();
  }

  close(): void {
    clearTimeout(this.timer);
    clearTimeout(this.later);
    this.byForwarder = this.gaveUp = false;
    this.mesh.close();
    this.forwarder.close();
    this.arrived.clear();
  }

  direct(account: string, stream: MediaStream | null): void {
    keep(this.directly, account, stream);
    this.present(account);
  }

  forwarded(account: string, stream: MediaStream | null): void {
    keep(this.relayed, account, stream);
    this.arrived.delete(account);
    for (const track of stream?.getTracks() ?? []) {
      if (track.muted) track.addEventListener("unmute", () => this.came(account, stream), { once: true });
      else this.came(account, stream);
    }
    if (stream) this.expect(account, stream);
    this.present(account);
  }

  /** Whoever sends nothing is here too, once the connection has stood for a while. */
  private expect(account: string, stream: MediaStream): void {
    setTimeout(() => this.forwarder.stands && this.came(account, stream), SILENT_MS);
  }

  /** A greeting of somebody who is here by the forwarder already is late; it must not begin a second connection. */
  hear(signal: Signal): void {
    if (!(signal.hello && this.complete())) this.mesh.hear(signal);
  }

  stands(stands: boolean): void {
    if (!stands) return;
    clearTimeout(this.timer);
    this.gaveUp = false;
    for (const [account, stream] of this.relayed) if (!this.arrived.has(account)) this.expect(account, stream);
    this.settle();
  }

  /** The forwarder does not answer: see each other directly until it does. */
  unreachable(): void {
    this.giveUp();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.forwarder.resume(), ASK_AGAIN_MS);
  }

  private came(account: string, stream: MediaStream | null): void {
    if (this.relayed.get(account) !== stream) return;
    this.arrived.add(account);
    this.present(account);
    this.settle();
  }

  /** The forwarder's picture once it is there, the direct one until then. */
  private present(account: string): void {
    const relayed = this.arrived.has(account) ? this.relayed.get(account) : undefined;
    this.show(account, relayed ?? this.directly.get(account) ?? this.relayed.get(account) ?? null);
  }

  private giveUp(): void {
    if (this.forwarder.stands) return;
    this.gaveUp = true;
    this.settle();
  }

  /** Whom to be connected with directly: everybody, nobody, or those with whom it was begun and who are not yet here the other way. */
  private settle(): void {
    if (!this.byForwarder || this.gaveUp) return this.mesh.with(this.people);
    this.mesh.with(this.complete() ? [] : this.people.filter((account) => this.mesh.reaches(account)));
  }

  /** Whether everybody is here by the forwarder. */
  private complete(): boolean {
    return this.byForwarder && !this.gaveUp && this.forwarder.stands && this.people.every((account) => this.arrived.has(account));
  }
}

function keep(streams: Map<string, MediaStream>, account: string, stream: MediaStream | null): void {
  if (stream) streams.set(account, stream);
  else streams.delete(account);
}
