/** The room itself: everybody's picture with their name, one's own in the corner, the controls, and how well it goes. */
import { announce } from "../lib/announce";
import { ask } from "../lib/dialog";
import { fill, h, icon, maybe, one } from "../lib/dom";
import { elapsed } from "../lib/time";
import { _ } from "../lib/words";
import type { Devices } from "./devices";
import type { Rung } from "./ladder";
import type { Ends } from "./quality";
import type { Kind } from "./trouble";
import { type Participant, type Status, type Visit, others } from "./visit";
import { aloneWords, awayWords, endsWords, ownWords, theirWords, worthSaying } from "./wording";

export interface StageActions {
  leave(): void;
  end(): void;
}

interface Tile {
  readonly root: HTMLElement;
  readonly video: HTMLVideoElement;
  readonly note: HTMLElement;
  readonly path: HTMLElement;
  status: Status | null;
  line: Ends | null;
}

export class Stage {
  private readonly tiles = new Map<string, Tile>();
  private visit: Visit | null = null;
  private connected = true;
  private own: Ends | null = null;
  private rung: Rung = "video";

  constructor(
    private readonly root: HTMLElement,
    private readonly me: string,
    private readonly devices: Devices,
    private readonly actions: StageActions,
  ) {
    one("[data-mic]", root).addEventListener("click", () => devices.mute(!devices.muted));
    one("[data-camera]", root).addEventListener("click", () => void devices.camera(!devices.cameraOn));
    one("[data-leave]", root).addEventListener("click", () => void this.leave());
    maybe("[data-end]", root)?.addEventListener("click", () => void this.end());
    one("[data-resume]", root).addEventListener("click", () => this.resume());
    for (const select of root.querySelectorAll<HTMLSelectElement>("select[data-device]")) {
      select.addEventListener("change", () => this.chose(select));
    }
    devices.onChange(() => void this.showDevices());
    maybe("[data-write]", root)?.addEventListener("click", () => this.write());
    setInterval(() => {
      this.showClock();
      this.keepPlaying();
    }, 1000);
    for (const back of ["pageshow", "focus"]) addEventListener(back, () => this.keepPlaying());
    void this.showDevices();
  }

  show(visit: Visit): void {
    this.visit = visit;
    const people = others(visit, this.me);
    for (const account of [...this.tiles.keys()]) if (!people.some((one) => one.account === account)) this.remove(account);
    for (const person of people) this.place(person);
    this.root.dataset["people"] = String(people.length);
    if (people.length === 0) this.own = null; // with nobody to hear, nothing is known of one's line
    this.showTitle(visit, people);
    this.showClock();
    this.showQuality();
    this.showWhy();
  }

  /** The socket to the server is there or lost; the call itself may go on without it. */
  reach(connected: boolean): void {
    if (this.connected === connected) return;
    this.connected = connected;
    this.showAway();
    this.showWhy();
    announce(connected ? _("You are connected again.") : awayWords(this.own), !connected);
    if (connected && this.rung === "text") this.write(); // the chat could not be fetched before
  }

  private showAway(): void {
    const banner = one("[data-lost]", this.root);
    const place = one("[data-lost-words]", banner);
    const words = awayWords(this.own);
    if (place.textContent !== words) place.textContent = words;
    banner.hidden = this.connected;
  }

  media(account: string, stream: MediaStream | null): void {
    const tile = this.tiles.get(account);
    if (!tile) return;
    if (tile.video.srcObject !== stream) tile.video.srcObject = stream;
    if (stream) this.play(tile.video);
    this.note(account);
  }

  status(account: string, status: Status): void {
    const tile = this.tiles.get(account);
    if (!tile) return;
    tile.status = status;
    this.note(account);
  }

  /** How somebody's line is, up and down; our own too. */
  line(account: string, line: Ends): void {
    if (account === this.me) {
      this.own = line;
      this.showQuality();
      this.showAway();
      this.showWhy();
    }
    const tile = this.tiles.get(account);
    if (tile) tile.line = line;
    for (const known of account === this.me ? this.tiles.keys() : [account]) this.note(known);
  }

  /** What our line carries now. */
  carries(rung: Rung): void {
    const before = this.rung;
    this.rung = rung;
    this.root.dataset["rung"] = rung;
    this.showWhy();
    if (rung === "text" && before !== "text" && this.connected) this.write();
  }

  /** Who speaks, in a call of several. */
  speaker(account: string | null): void {
    for (const [known, tile] of this.tiles) tile.root.toggleAttribute("data-speaks", known === account);
    one("[data-own-tile]", this.root).toggleAttribute("data-speaks", account === this.me);
  }

  private place(person: Participant): void {
    let tile = this.tiles.get(person.account);
    if (!tile) {
      const video = h("video", { autoplay: true, playsinline: true, "aria-label": _("Picture of {name}", { name: person.name }) });
      const note = h("p", { class: "tile-note" });
      const path = h("p", { class: "tile-path", hidden: true });
      const root = h("div", { class: "tile", "data-tile": person.account }, video, note, h("div", { class: "tile-said" }, h("p", { class: "tile-name" }, person.name), path));
      tile = { root, video, note, path, status: null, line: null };
      this.tiles.set(person.account, tile);
      one("[data-tiles]", this.root).append(root);
      if (this.devices.speaker && "setSinkId" in video) void video.setSinkId(this.devices.speaker).catch(() => undefined);
      announce(_("{name} is here.", { name: person.name }));
    }
    tile.root.dataset["place"] = person.state;
    this.note(person.account);
  }

  private remove(account: string): void {
    const tile = this.tiles.get(account);
    if (!tile) return;
    tile.video.srcObject = null;
    tile.root.remove();
    this.tiles.delete(account);
    const name = this.visit?.participants.find((person) => person.account === account)?.name;
    if (name) announce(_("{name} has left.", { name }));
  }

  /** One line over a picture when there is something to know about it. */
  private note(account: string): void {
    const tile = this.tiles.get(account);
    const person = this.visit?.participants.find((one) => one.account === account);
    if (!tile || !person) return;
    const stream = tile.video.srcObject as MediaStream | null;
    const words = this.noteWords(person, tile, stream !== null);
    const voiceOnly = tile.status?.sends === "audio" || tile.status?.sends === "text";
    tile.root.classList.toggle("tile-dark", stream === null || tile.status?.camera === false || voiceOnly);
    tile.root.dataset["up"] = tile.line?.up ?? "";
    tile.root.dataset["down"] = tile.line?.down ?? "";
    this.notePath(tile);
    if (tile.note.textContent !== words) tile.note.textContent = words;
    tile.note.hidden = words === "";
  }

  /** In the corner of a picture, only when it is worth a word. */
  private notePath(tile: Tile): void {
    const words = tile.line && worthSaying(tile.line) ? endsWords(tile.line) : "";
    if (tile.path.textContent !== words) tile.path.textContent = words;
    tile.path.hidden = words === "";
  }

  private noteWords(person: Participant, tile: Tile, flowing: boolean): string {
    const name = person.name;
    const arrives = tile.line !== null && tile.line.up !== "lost";
    if (person.state === "away" && !arrives) {
      return _("{name} lost the connection. Their seat is kept.", { name });
    }
    if (!flowing) return _("Connecting with {name} …", { name });
    if (tile.line?.up === "lost") return _("We do not hear {name} right now. Trying again …", { name });
    const picture = (tile.video.srcObject as MediaStream | null)?.getVideoTracks()[0];
    const why = theirWords(name, tile.status, this.own, picture?.muted ?? false);
    if (why) return why;
    if (tile.status?.camera === false) return tile.status.mic ? _("{name} has the camera off", { name }) : _("{name} has camera and microphone off", { name });
    if (tile.status?.mic === false) return _("{name} is muted", { name });
    return "";
  }

  private showTitle(visit: Visit, people: readonly Participant[]): void {
    const shown = people.length ? people : visit.participants.filter((person) => person.account !== this.me);
    one("[data-names]", this.root).textContent = shown.map((person) => person.name).join(", ");
    const alone = one("[data-alone]", this.root);
    alone.hidden = people.length > 0;
    const words = aloneWords(visit, this.me);
    if (alone.textContent !== words) alone.textContent = words;
  }

  private showClock(): void {
    const started = this.visit?.started_at;
    one("[data-clock]", this.root).textContent = started ? elapsed(Date.now() - Date.parse(started)) : "";
  }

  /** In the head our own line, up and down: it is what we can do something about. */
  private showQuality(): void {
    const place = one("[data-quality]", this.root);
    const words = this.own && this.tiles.size ? endsWords(this.own) : "";
    place.dataset["quality"] = this.own && worthSaying(this.own) ? "poor" : "";
    if (place.textContent !== words) place.textContent = words;
  }

  /** What our side does not carry, and why; nothing while all is well. */
  private showWhy(): void {
    const banner = one("[data-why]", this.root);
    const words = ownWords(this.own, this.tiles.size ? this.rung : "video", this.devices.held, !this.connected);
    const place = one("[data-why-words]", banner);
    if (place.textContent !== words) place.textContent = words;
    banner.hidden = words === "";
    const button = maybe("[data-write]", banner);
    if (button) button.hidden = this.rung !== "text";
  }

  /** The chat beside the video, where there is one. */
  private write(): void {
    maybe("#tab-thread", this.root)?.click();
  }

  private async showDevices(): Promise<void> {
    const { devices } = this;
    const mic = one("[data-mic]", this.root);
    const silent = devices.muted || !devices.audio;
    mic.setAttribute("aria-pressed", String(silent));
    fill(mic, icon(silent ? "mic-off" : "mic"), h("span", null, silent ? _("Unmute") : _("Mute")));
    const camera = one("[data-camera]", this.root);
    camera.setAttribute("aria-pressed", String(!devices.video));
    fill(camera, icon(devices.video ? "video" : "video-off"), h("span", null, devices.video ? _("Camera off") : _("Camera on")));
    const own = one<HTMLVideoElement>("[data-own]", this.root);
    const shown = (own.srcObject as MediaStream | null)?.getVideoTracks()[0] ?? null;
    if (shown !== devices.video) own.srcObject = devices.video ? new MediaStream([devices.video]) : null;
    one("[data-own-tile]", this.root).classList.toggle("tile-dark", !devices.video);
    this.showWhy();
    await this.offerDevices();
  }

  private async offerDevices(): Promise<void> {
    const choices = await this.devices.choices();
    for (const [kind, offered] of [["video", choices.cameras], ["audio", choices.microphones], ["speaker", choices.speakers]] as const) {
      const select = one<HTMLSelectElement>(`select[data-device="${kind}"]`, this.root);
      const chosen = kind === "speaker" ? this.devices.speaker : this.devices.chosen(kind);
      select.closest<HTMLElement>("[data-device-field]")!.hidden = offered.length === 0;
      fill(select, ...offered.map((choice) => h("option", { value: choice.id, selected: choice.id === chosen }, choice.label)));
    }
  }

  private chose(select: HTMLSelectElement): void {
    const kind = select.dataset["device"];
    if (kind !== "speaker") return void this.devices.choose(kind as Kind, select.value);
    this.devices.chooseSpeaker(select.value);
    for (const tile of this.tiles.values()) if ("setSinkId" in tile.video) void tile.video.setSinkId(select.value).catch(() => undefined);
  }

  /** Some browsers play sound only after a tap: then say so and wait for it. */
  private play(video: HTMLVideoElement): void {
    video.play().catch((failure: unknown) => {
      if (failure instanceof DOMException && failure.name === "NotAllowedError") one("[data-resume]", this.root).hidden = false;
    });
  }

  /** Systems stop pictures while a phone call or another app has the screen, and do not start them again. */
  private keepPlaying(): void {
    if (document.visibilityState !== "visible") return;
    for (const { video } of this.tiles.values()) if (video.srcObject && video.paused) this.play(video);
  }

  private resume(): void {
    one("[data-resume]", this.root).hidden = true;
    for (const tile of this.tiles.values()) void tile.video.play().catch(() => undefined);
  }

  private async leave(): Promise<void> {
    const sure = await ask({ title: _("Leave the visit?"), text: _("The others stay. You can come back with the same link while the visit lasts."), confirm: _("Leave"), decline: _("Stay") });
    if (sure) this.actions.leave();
  }

  private async end(): Promise<void> {
    const sure = await ask({ title: _("End the visit for everybody?"), text: _("The room closes now. The link then shows what comes next."), confirm: _("End visit"), decline: _("Go on"), grave: true });
    if (sure) this.actions.end();
  }
}
