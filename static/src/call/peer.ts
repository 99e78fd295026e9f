/**
 * One connection to one other person: offers, answers and candidates by "perfect negotiation" (W3C WebRTC, section 10.7),
 * repaired by an ICE restart when the path breaks. Who is impolite makes the first offer; both may repair.
 */
import { Comparison } from "./encryption/words";
import type { Sends } from "./ladder";
import { gathered, preferDoubledSound } from "./offering";
import type { Reading } from "./quality";
import { ScreenLine } from "./screen-line";
import { carry } from "./sending";
import type { Signal } from "./visit";
import { Watch } from "./watch";

export interface PeerEvents {
  send(message: Omit<Signal, "from">): void;
  media(stream: MediaStream): void;
  screen(stream: MediaStream): void;
  measured(reading: Reading): void;
  flows(): void;
  /** Words to compare with the other person; null: their device is not whom ours sees. */
  words(words: string | null): void;
  /** Something comes again after nothing did. */
  returns(): void;
  /** Nothing comes any more, though signals do: another way should be tried beside this one. Whether it could be said. */
  dies(): boolean;
  /** The path could not be repaired: this connection is to be replaced by a new one. False: not now. */
  broken(): boolean;
}

export interface Tracks {
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
}

/** A path that is interrupted for this long is repaired; browsers often mend shorter gaps themselves. */
const REPAIR_AFTER_MS = 2000;
/** A connection that is not there after this long is made anew. */
const REPLACE_AFTER_MS = 10_000;
/** One that stood, broke, and was not repaired in this long: everything anew, in the same seat. */
const REJOIN_AFTER_MS = REPAIR_AFTER_MS + 5000;

export class Peer {
  readonly connection: RTCPeerConnection;
  readonly stream = new MediaStream();
  private readonly screen: ScreenLine;
  private making = false;
  private ignoring = false;
  private settling = false;
  /** What was described before is said. */
  private before: Promise<void> = Promise.resolve();
  /** Descriptions that are about to be said, with the candidates found until then. */
  private gathering = 0;
  private repair: ReturnType<typeof setTimeout> | undefined;
  private replace: ReturnType<typeof setTimeout> | undefined;
  private readonly watch: Watch;
  private sends: Sends = "video";
  private readonly comparison = new Comparison((proof) => this.send({ proof }), (words) => this.events.words(words));
  private theirOffer = "";
  private closed = false;
  private early: RTCIceCandidateInit[] = [];

  constructor(
    readonly mine: string,
    readonly theirs: string,
    private readonly polite: boolean,
    configuration: RTCConfiguration,
    private tracks: Tracks,
    private readonly events: PeerEvents,
  ) {
    const connection = (this.connection = new RTCPeerConnection({ ...configuration, bundlePolicy: "max-bundle" }));
    connection.onicecandidate = ({ candidate }) => this.found(candidate);
    this.screen = new ScreenLine(connection, (stream) => this.events.screen(stream));
    connection.ontrack = ({ track, transceiver }) => (this.screen.has(transceiver) ? this.screen.came(track) : this.arrived(track));
    connection.onnegotiationneeded = () => void this.offer();
    connection.onconnectionstatechange = () => this.changed();
    this.watch = new Watch(connection, {
      measured: (reading) => this.events.measured(reading),
      flows: () => this.events.flows(),
      returns: () => this.events.returns(),
      restart: () => this.restart(),
      repeat: () => this.repeat(),
      dies: () => this.events.dies(),
    });
    this.waitForPath(REPLACE_AFTER_MS);
    if (!polite) this.begin();
  }

  get connected(): boolean {
    return this.connection.connectionState === "connected";
  }

  /** Other tracks are sent from now on, without a new negotiation; null sends nothing of that kind. */
  use(tracks: Tracks): void {
    this.tracks = tracks;
    for (const transceiver of this.connection.getTransceivers()) void this.attach(transceiver);
  }

  /** Send so much of the picture from now on, without a new negotiation. */
  carry(sends: Sends): void {
    this.sends = sends;
    const camera = this.connection.getTransceivers().find(({ receiver }) => receiver.track.kind === "video");
    if (camera) void carry(camera.sender, sends);
  }

  /** Share this screen from now on; null: none. */
  share(track: MediaStreamTrack | null): void {
    this.screen.share(track);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.repair);
    clearTimeout(this.replace);
    this.watch.close();
    this.connection.close();
  }

  /** Something from the other side for this very connection. */
  async hear(signal: Signal): Promise<void> {
    try {
      if (signal.description) {
        if (signal.proof) await this.comparison.hear(signal.proof, true); // first: our answer says what it makes of it
        await this.described(signal.description);
      } else if (signal.candidate !== undefined) await this.candidate(signal.candidate);
      else if (signal.proof) await this.comparison.hear(signal.proof);
    } catch (failure) {
      if (!this.closed) console.warn("signal not used", failure);
    }
  }

  /** From now on ways are found by these servers. */
  configure(configuration: RTCConfiguration): void {
    if (!this.closed) this.connection.setConfiguration({ ...configuration, bundlePolicy: "max-bundle" });
  }

  /** The way to the other side is back: an offer that may have got lost is said again. */
  repeat(): void {
    if (!this.closed && this.connection.signalingState === "have-local-offer") void this.describe();
  }

  /** Asks for a new path over the same connection. */
  restart(): void {
    if (!this.closed) this.connection.restartIce();
  }

  private begin(): void {
    for (const kind of ["audio", "video"] as const) this.connection.addTransceiver(this.tracks[kind] ?? kind, { direction: "sendrecv" });
    for (const transceiver of this.connection.getTransceivers()) preferDoubledSound(transceiver);
  }

  private async attach(transceiver: RTCRtpTransceiver): Promise<void> {
    if (this.screen.has(transceiver)) return this.screen.attach(transceiver);
    const kind = transceiver.receiver.track.kind === "video" ? "video" : "audio";
    transceiver.direction = "sendrecv";
    if (transceiver.sender.track !== this.tracks[kind]) await transceiver.sender.replaceTrack(this.tracks[kind]).catch(() => undefined);
  }

  private async offer(): Promise<void> {
    if (this.polite && this.connection.remoteDescription === null) return; // the impolite side makes the first offer
    try {
      this.making = true;
      await this.settle("offer");
    } catch (failure) {
      if (!this.closed) console.warn("offer not made", failure);
    } finally {
      this.making = false;
    }
  }

  private async described(description: RTCSessionDescriptionInit): Promise<void> {
    const connection = this.connection;
    if (this.knows(description)) return;
    const ready = !this.making && (connection.signalingState === "stable" || this.settling);
    const collision = description.type === "offer" && !ready;
    this.ignoring = !this.polite && collision;
    if (this.ignoring) return;
    this.settling = description.type === "answer";
    try {
      await connection.setRemoteDescription(description);
    } finally {
      this.settling = false;
    }
    this.watch.agreed();
    for (const candidate of this.early.splice(0)) await connection.addIceCandidate(candidate).catch(() => undefined);
    if (description.type !== "offer") return;
    this.theirOffer = description.sdp ?? "";
    for (const transceiver of connection.getTransceivers()) await this.attach(transceiver);
    await this.settle("answer");
    this.screen.settle();
  }

  /** Said twice, because the answer was late or got lost: an answer is used once, and an offer gets the same answer again. */
  private knows({ type, sdp }: RTCSessionDescriptionInit): boolean {
    if (this.connection.signalingState !== "stable" || this.making || this.settling) return false;
    if (type === "answer") return true;
    const again = sdp === this.theirOffer && this.connection.localDescription?.type === "answer";
    if (again) void this.describe();
    return again;
  }

  private async candidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    if (candidate === null) return; // no more to come
    if (this.connection.remoteDescription === null) {
      if (this.early.length < 200) this.early.push(candidate);
      return;
    }
    try {
      await this.connection.addIceCandidate(candidate);
    } catch (failure) {
      if (!this.ignoring) throw failure;
    }
  }

  /**
   * Describe our side anew, and say so together with the candidates that are found in a moment: each by itself is a message. One
   * after the other: what is said later was described later.
   */
  private settle(kind: "offer" | "answer"): Promise<void> {
    const settled = this.before.then(() => this.settleNow(kind));
    this.before = settled.catch(() => undefined);
    return settled;
  }

  private async settleNow(kind: "offer" | "answer"): Promise<void> {
    // Their offer may have come while ours waited its turn; what is still to be negotiated then is asked for again by the browser.
    if (this.closed || (kind === "answer") !== (this.connection.signalingState === "have-remote-offer")) return;
    this.gathering += 1;
    try {
      await this.connection.setLocalDescription();
      await gathered(this.connection);
    } finally {
      this.gathering -= 1;
    }
    await this.describe();
  }

  private async describe(): Promise<void> {
    this.gathering += 1;
    const proof = await this.comparison.along(this.connection.localDescription?.sdp ?? "").finally(() => (this.gathering -= 1));
    const description = this.connection.localDescription; // with what was found until now
    const holds = description?.type === "answer" || this.connection.signalingState === "have-local-offer"; // not taken back meanwhile
    if (description && holds) this.send({ description: { type: description.type, sdp: description.sdp }, ...(proof ? { proof } : {}) });
  }

  /** That no more come is told to nobody, as nobody waits for it; nor is where a browser could only call from by TCP: the other one is no more to be called by it. */
  private found(candidate: RTCIceCandidate | null): void {
    if (candidate?.candidate && candidate.tcpType !== "active" && this.gathering === 0) this.send({ candidate: candidate.toJSON() });
  }

  private send(content: Pick<Signal, "description" | "candidate" | "proof">): void {
    if (!this.closed) this.events.send({ instance: this.mine, target: this.theirs, ...content });
  }

  private arrived(track: MediaStreamTrack): void {
    for (const old of this.stream.getTracks()) if (old.kind === track.kind) this.stream.removeTrack(old);
    this.stream.addTrack(track);
    this.events.media(this.stream);
  }

  private changed(): void {
    clearTimeout(this.repair);
    switch (this.connection.connectionState) {
      case "connected":
        clearTimeout(this.replace);
        void this.comparison.begin(this.connection.localDescription?.sdp ?? "", this.connection.remoteDescription?.sdp ?? "");
        this.carry(this.sends); // what was wished before there was anything to set
        break;
      case "disconnected":
        this.repair = setTimeout(() => this.restart(), REPAIR_AFTER_MS);
        this.waitForPath(REJOIN_AFTER_MS);
        break;
      case "failed":
        this.restart();
        this.waitForPath(REJOIN_AFTER_MS);
        break;
      default:
        break;
    }
  }

  private waitForPath(within: number): void {
    clearTimeout(this.replace);
    this.replace = setTimeout(() => this.givenUp(), within);
  }

  /** While nobody can be told, a new connection could not be made: what stood is kept, and may come back by itself. */
  private givenUp(): void {
    if (this.closed || this.connected) return;
    if (this.events.broken()) return;
    this.waitForPath(REJOIN_AFTER_MS);
  }
}
