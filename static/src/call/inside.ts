/** The room and everything in it: entered when the server says that this person is inside, left when it says anything else. */
import { announce } from "../lib/announce";
import { one } from "../lib/dom";
import { feed } from "../lib/feed";
import { _ } from "../lib/words";
import { calm } from "./calm";
import { Company } from "./company/company";
import type { Deeds } from "./deeds";
import type { Devices } from "./devices";
import type { KeyMessage } from "./encryption/keyring";
import type { Facts } from "./facts";
import { wireLayout } from "./layout";
import { Media } from "./media";
import { Panels } from "./panels";
import { RecordingOfVisit } from "./recording";
import type { Seat } from "./seat";
import { Showing } from "./showing";
import { Stage } from "./stage";
import { type Shown, type Status, type Visit, others, participant } from "./visit";

export interface InsideEvents {
  leave(): void;
  admitFirst(): void;
}

export class Inside {
  /** Whether this person is in the room. */
  here = false;
  readonly room: Stage;
  readonly media: Media;
  private readonly stage = one("#stage");
  private readonly panels: Panels | null;
  private readonly showing: Showing;
  private readonly recording: RecordingOfVisit;
  private readonly company: Company;
  /** When what stands beside the others may be fetched. */
  private beside: Promise<void> = Promise.resolve();
  private telling = false;
  /** The status that everybody who is here has heard. */
  private toldStatus = "";

  constructor(
    facts: Facts,
    private readonly devices: Devices,
    private readonly seat: Seat,
    deeds: Deeds,
    events: InsideEvents,
  ) {
    const { stage } = this;
    const { id, me, host, patient } = facts;
    const { say } = deeds;
    const nameOf = (account: string): string => (seat.visit && participant(seat.visit, account)?.name) || facts.hosts;
    this.room = new Stage(stage, me, devices, { leave: () => events.leave(), end: () => say({ type: "end" }) });
    this.media = new Media(facts, stage, seat, this.room, {
      screen: (way, account, stream) => this.showing.screen.stream(way, account, stream),
      changed: () => this.tellStatus(),
    });
    // In a group, and for who translates, nobody's record is beside the video.
    this.panels = patient ? new Panels(stage, patient, host, me, `telegut-panel-${id}`, nameOf, (shown) => say({ type: "panel", ...shown })) : null;
    this.showing = new Showing(stage, this.panels, { me, host, visit: id, patient, devices, nameOf, say, share: (track) => this.media.share(track) });
    this.recording = new RecordingOfVisit(stage, { me, host, possible: patient !== "", nameOf, say });
    this.company = new Company(stage, devices, { visit: id, me, host, patient, nameOf, say, admitFirst: () => events.admitFirst() });
    if (this.panels) wireLayout(stage);
    devices.onChange(() => {
      this.media.use(this.tracks);
      this.tellStatus();
    });
  }

  /** With every state, in the room or before it. */
  know(visit: Visit): void {
    this.media.know(visit);
    this.company.know(visit);
  }

  /** The visit as it stands, for who is in the room. */
  show(visit: Visit, me: string): void {
    const fresh = !this.here;
    this.here = true;
    if (fresh) this.open(visit, me);
    this.room.show(visit);
    this.company.show(visit, this.beside);
    this.showing.with(visit);
    this.media.with(visit);
    this.media.use(this.tracks);
    if (fresh) announce(_("You are in the room."));
    if (fresh) this.recording.enter();
    if (fresh) this.media.enter();
    this.toldStatus = ""; // whoever is new here has heard nothing yet
    this.tellStatus();
  }

  leave(): void {
    if (!this.here) return;
    this.here = false;
    this.recording.leave();
    this.media.leave();
    this.panels?.leave();
    this.company.leave();
    this.showing.leave();
    if (document.documentElement.dataset["signedIn"] === undefined) feed().rest();
    this.stage.hidden = true;
    delete document.body.dataset["inRoom"];
  }

  /** The way to our server stands, or is lost. */
  reach(connected: boolean): void {
    this.room.reach(connected || !this.here);
    this.recording.reach(connected || !this.here);
  }

  /** What the host shows beside the video. */
  point(shown: Shown): void {
    (this.panels ?? this.company).point(shown);
  }

  status(from: string, status: Status): void {
    this.room.status(from, status);
    this.media.status(from, status);
  }

  hear(message: Readonly<Record<string, unknown>>): void {
    if (message["type"] === "key") this.media.key(message as unknown as KeyMessage);
    this.showing.hear(message);
    this.recording.hear(message);
  }

  refused(of: string): void {
    if (of === "forward") this.media.unreachable();
    this.showing.refused(of);
  }

  private open(visit: Visit, me: string): void {
    this.stage.hidden = false;
    document.body.dataset["inRoom"] = "";
    void this.devices.open().then(() => this.tellStatus());
    this.beside = calm(one("[data-tiles]", this.stage), others(visit, me).every((person) => person.state !== "inside"));
    this.panels?.enter(this.beside);
    this.stage.tabIndex = -1;
    this.stage.focus();
  }

  private get tracks(): { audio: MediaStreamTrack | null; video: MediaStreamTrack | null } {
    return { audio: this.devices.audio, video: this.devices.video };
  }

  /** Others see that a silent microphone is meant. What changes together is told together. */
  private tellStatus(): void {
    if (!this.here || this.telling) return;
    this.telling = true;
    queueMicrotask(() => this.sayStatus());
  }

  private sayStatus(): void {
    this.telling = false;
    if (!this.here) return;
    const { devices } = this;
    const status = { type: "status", mic: Boolean(devices.audio) && !devices.muted, camera: Boolean(devices.video), held: devices.held, ...this.media.mine };
    const words = JSON.stringify(status);
    if (words !== this.toldStatus && this.seat.say(status)) this.toldStatus = words;
  }
}
