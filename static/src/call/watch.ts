/** One connection from browser to browser, looked at once a second: how well it goes, and what is to be done when nothing comes. */
import { Meter, type Reading } from "./quality";
import { type Deed, SOUND, agreed, repaired } from "./repair";

export interface WatchEvents {
  measured(reading: Reading): void;
  flows(): void;
  returns(): void;
  /** Ask for a new path over the same connection. */
  restart(): void;
  /** Say the offer again that may have got lost. */
  repeat(): void;
  /** Whether it could be said. */
  dies(): boolean;
}

const MEASURE_MS = 1000;
/** While nothing comes, seconds count. */
const MEASURE_AGAIN_MS = 250;

export class Watch {
  private readonly meter = new Meter();
  private repairing = SOUND;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    private readonly connection: RTCPeerConnection,
    private readonly events: WatchEvents,
  ) {
    this.later();
  }

  /** The other side's word about a path was taken. */
  agreed(): void {
    this.repairing = agreed(this.repairing, performance.now());
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private later(): void {
    this.timer = setTimeout(() => void this.measure(), this.meter.waits ? MEASURE_AGAIN_MS : MEASURE_MS);
  }

  private async measure(): Promise<void> {
    const reading = this.connection.connectionState === "new" ? null : await this.meter.read(this.connection);
    if (this.closed) return;
    this.later();
    if (reading?.begins) this.events.flows();
    this.listen(reading !== null && reading.flows && reading.ends.down === "lost");
    if (reading) this.events.measured(reading);
  }

  /** Silence is noticed before browsers call a connection interrupted. */
  private listen(silent: boolean): void {
    const before = this.repairing;
    const found = repaired(before, { silent, asking: this.connection.signalingState === "have-local-offer" }, performance.now());
    this.repairing = found.repair;
    if (before.silent && !silent) this.events.returns();
    for (const deed of found.deeds) this.act(deed);
  }

  private act(deed: Deed): void {
    if (deed === "restart") this.events.restart();
    else if (deed === "repeat") this.events.repeat();
    else if (this.events.dies()) this.repairing = { ...this.repairing, heard: true };
  }
}
