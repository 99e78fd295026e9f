/**
 * The call by our forwarder: one connection for everything, to the server's media process instead of to each person.
 *
 * Places for others are made beforehand, so that nobody's coming or going needs a new description; who is in which place the
 * server says (PROTOCOL.md, Rooms). A path that breaks gets an ICE restart over the same connection, later a new connection;
 * the seat in the visit is not touched by either.
 */
import type { Tracks } from "./peer";
import type { Sends } from "./ladder";
import { type Ends, Meter, type Reading } from "./quality";
import { type Connection, addPlaces, configured, connectionOf, fromAnother } from "./forwarded-connection";
import { carry } from "./sending";

export interface ForwardedEvents {
  send(message: Readonly<Record<string, unknown>> & { readonly type: string }): boolean;
  media(account: string, stream: MediaStream | null): void;
  screen(account: string, stream: MediaStream | null): void;
  /** Our own connection, once a second. */
  measured(reading: Reading): void;
  /** How somebody's line is, as the forwarder says; ours too. */
  line(account: string, ends: Ends): void;
  speaker(account: string | null): void;
  flows(): void;
  /** A path that had broken stands again: the network is back. */
  returns(): void;
  /** Whether the connection stands. */
  connected(stands: boolean): void;
  /** Whether picture and sound may go this way from here, and the connection before each offer: what it carries may have to be sealed. */
  allowed(): boolean;
  prepare(connection: RTCPeerConnection): void;
}

export interface ForwarderSaid {
  readonly event: string;
  readonly answer?: string;
  readonly places?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly more?: number;
  readonly seat?: string | null;
  readonly up?: Ends["up"];
  readonly down?: Ends["down"];
}

const FEWEST_PLACES = 3;
const ANSWER_WITHIN_MS = 4000;
const REPAIR_AFTER_MS = 1500;
const REPLACE_AFTER_MS = 10_000;
const REPLACE_AT_MOST_MS = 80_000;
const MEASURE_MS = 1000;

export class Forwarded {
  private connection: Connection | null = null;
  private tracks: Tracks = { audio: null, video: null };
  private screen: MediaStreamTrack | null = null;
  private places: ForwarderSaid["places"] = {};
  private readonly streams = new Map<string, MediaStream>();
  private people = 0;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private repair: ReturnType<typeof setTimeout> | undefined;
  private replace: ReturnType<typeof setTimeout> | undefined;
  /** Twice as long after each try that came to nothing: a slow phone gets its time. */
  private patience = REPLACE_AFTER_MS;
  private measuring: ReturnType<typeof setInterval> | undefined;
  private meter = new Meter();
  private sends: Sends = "video";
  private asked = false;
  private again = false;
  private broke = false;

  constructor(
    private readonly configuration: () => RTCConfiguration,
    private readonly events: ForwardedEvents,
  ) {}

  get stands(): boolean {
    return this.connection?.pc.connectionState === "connected";
  }

  /** Whose picture and sound are here. */
  has(account: string): boolean {
    return this.streams.has(account);
  }

  /** Connect, with places for *people* others at least. */
  start(people: number): void {
    this.people = Math.max(this.people, people, FEWEST_PLACES);
    if (!this.connection && this.events.allowed()) this.connect();
  }

  use(tracks: Tracks): void {
    this.tracks = tracks;
    if (!this.connection) return;
    void this.connection.audio.sender.replaceTrack(tracks.audio).catch(() => undefined);
    void this.connection.camera.sender.replaceTrack(tracks.video).catch(() => undefined);
  }

  /** Share this screen; null: none. */
  share(track: MediaStreamTrack | null): void {
    this.screen = track;
    this.connection?.screen.share(track);
  }

  /** Send so much of the picture from now on, without a new description. */
  carry(sends: Sends): void {
    this.sends = sends;
    if (this.connection) void carry(this.connection.camera.sender, sends);
  }

  /** This device is in another network now: what stood may be gone without having said so. */
  moved(): void {
    if (this.connection) this.restart();
  }

  /** From now on ways are found by these servers. */
  configure(configuration: RTCConfiguration): void {
    this.connection?.pc.setConfiguration(configured(configuration));
  }

  /** The way to the server is back: an offer that got no answer is made again. */
  resume(): void {
    if (this.connection && !this.stands) void this.negotiate();
  }

  hear(said: ForwarderSaid): void {
    switch (said.event) {
      case "answer":
        void this.answered(said.answer ?? "");
        break;
      case "places":
        this.places = said.places ?? {};
        this.show();
        if ((said.more ?? 0) > 0) this.grow(said.more ?? 0);
        break;
      case "speaker":
        this.events.speaker(said.seat ?? null);
        break;
      case "quality":
        if (said.seat && said.up && said.down) this.events.line(said.seat, { up: said.up, down: said.down });
        break;
      case "again":
      case "gone":
        this.renew();
        break;
    }
  }

  close(): void {
    for (const timer of [this.waiting, this.repair, this.replace]) clearTimeout(timer);
    clearInterval(this.measuring);
    this.connection?.screen.show({}, this.events.screen);
    this.connection?.pc.close();
    this.connection = null;
    this.asked = this.again = false;
    this.meter = new Meter();
    this.places = {};
    this.show();
  }

  private connect(): void {
    this.connection = connectionOf(this.configuration(), this.tracks, this.screen);
    const { pc } = this.connection;
    addPlaces(this.connection, this.people);
    pc.onconnectionstatechange = () => pc === this.connection?.pc && this.changed(pc);
    this.measuring = setInterval(() => void this.measure(), MEASURE_MS);
    this.waitForPath();
    void this.negotiate();
  }

  private grow(more: number): void {
    this.people += more;
    if (this.connection) addPlaces(this.connection, more);
    void this.negotiate();
  }

  /** One offer at a time; what changes meanwhile is one more. */
  private async negotiate(): Promise<void> {
    const connection = this.connection;
    if (!connection) return;
    if (this.asked) {
      this.again = true;
      return;
    }
    this.asked = true;
    this.events.prepare(connection.pc);
    try {
      await connection.pc.setLocalDescription(await connection.pc.createOffer());
    } catch (failure) {
      this.asked = false;
      console.warn("offer not made", failure);
      return;
    }
    if (connection !== this.connection) return;
    const sent = this.events.send({
      type: "forward",
      offer: connection.pc.localDescription?.sdp ?? "",
      sends: { [connection.audio.mid ?? ""]: "audio", [connection.camera.mid ?? ""]: "camera", ...connection.screen.sent },
      shows: [...connection.seats.map((seat) => ({ audio: seat.audio.mid, camera: seat.camera.mid })), connection.screen.offered],
    });
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.unanswered(connection), sent ? ANSWER_WITHIN_MS : MEASURE_MS);
  }

  private unanswered(connection: Connection): void {
    if (connection !== this.connection || !this.asked) return;
    this.asked = false;
    void this.negotiate(); // an offer that is pending may be replaced by another one
  }

  private async answered(sdp: string): Promise<void> {
    const pc = this.connection?.pc;
    if (!pc || pc.signalingState !== "have-local-offer") return;
    clearTimeout(this.waiting);
    if (fromAnother(pc, sdp)) return this.renew();
    try {
      await pc.setRemoteDescription({ type: "answer", sdp });
      this.show();
    } catch (failure) {
      console.warn("answer not used", failure);
    }
    this.asked = false;
    if (this.again) {
      this.again = false;
      void this.negotiate();
    }
  }

  /** Give everybody the tracks of their place. */
  private show(): void {
    const shown = this.places ?? {};
    for (const account of [...this.streams.keys()]) {
      if (shown[account]) continue;
      this.streams.delete(account);
      this.events.media(account, null);
    }
    if (!this.connection) return;
    this.connection.screen.show(shown, this.events.screen);
    for (const [account, place] of Object.entries(shown)) {
      if (account.includes("/")) continue;
      const seat = this.connection.seats.find((one) => one.audio.mid === place["audio"] && one.camera.mid === place["camera"]);
      if (seat && !this.streams.has(account)) this.reveal(account, seat);
    }
  }

  private reveal(account: string, seat: Connection["seats"][number]): void {
    const stream = new MediaStream([seat.audio.receiver.track, seat.camera.receiver.track]);
    this.streams.set(account, stream);
    this.events.media(account, stream);
  }

  private changed(pc: RTCPeerConnection): void {
    clearTimeout(this.repair);
    const state = pc.connectionState;
    if (state === "connected") {
      clearTimeout(this.replace);
      this.patience = REPLACE_AFTER_MS;
      this.carry(this.sends); // what was wished before there was anything to set
      if (this.broke) this.events.returns();
      this.broke = false;
    } else if (state === "disconnected" || state === "failed") {
      this.broke = true;
      this.repair = setTimeout(() => this.restart(), state === "failed" ? 0 : REPAIR_AFTER_MS);
      this.waitForPath();
    }
    this.events.connected(state === "connected");
  }

  private restart(): void {
    this.connection?.pc.restartIce();
    void this.negotiate();
  }

  private waitForPath(): void {
    clearTimeout(this.replace);
    this.replace = setTimeout(() => this.giveUp(), this.patience);
  }

  private giveUp(): void {
    if (this.stands) return;
    this.patience = Math.min(this.patience * 2, REPLACE_AT_MOST_MS);
    this.renew();
  }

  /** A new connection in the same seat; the pictures stay until the new ones come. */
  renew(): void {
    if (!this.connection) return;
    this.close();
    if (this.events.allowed()) this.connect();
  }

  private async measure(): Promise<void> {
    const pc = this.connection?.pc;
    if (!pc || pc.connectionState === "new") return;
    const reading = await this.meter.read(pc);
    if (!reading || pc !== this.connection?.pc) return;
    if (reading.begins) this.events.flows();
    this.events.measured(reading);
  }
}
