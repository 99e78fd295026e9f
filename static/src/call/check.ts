/** The device check: one's own picture, a level that moves, a tone to hear, and kind words where something is missing. */
import { announce } from "../lib/announce";
import { fill, h, icon, one } from "../lib/dom";
import { _ } from "../lib/words";
import { type Choice, Devices } from "./devices";
import { level, testTone } from "./sound";
import { type Kind, deniedBoth, troubleWords } from "./trouble";

export class Check {
  private stopLevel: (() => void) | null = null;
  private measured: MediaStreamTrack | null = null;
  private readonly preview: HTMLVideoElement;
  private readonly bar: HTMLElement;
  /** That the browser is about to ask; it does not once it has an answer. */
  private readonly hint: HTMLElement;

  constructor(
    private readonly root: HTMLElement,
    private readonly devices: Devices,
    /** Whether to begin by itself where the browser does not ask any more: only when the room is open. */
    begin: boolean,
    /** What else happens once the person was heard. */
    private readonly passed: () => void,
  ) {
    this.preview = one<HTMLVideoElement>("[data-preview]", root);
    this.bar = one("[data-level]", root);
    this.hint = one("[data-asks]", root);
    one("[data-start-check]", root).addEventListener("click", () => void devices.open());
    one("[data-try-again]", root).addEventListener("click", () => void devices.open());
    one("[data-tone]", root).addEventListener("click", () => void testTone(devices.speaker));
    one("[data-camera-off]", root).addEventListener("click", () => void devices.camera(!devices.cameraOn));
    for (const select of root.querySelectorAll<HTMLSelectElement>("select[data-device]")) {
      select.addEventListener("change", () => this.chose(select));
    }
    devices.onChange(() => void this.show());
    void Devices.granted().then((granted) => {
      if (granted) this.hint.hidden = true;
      if (granted && begin) void devices.open();
    });
    void this.show();
  }

  /** The check is no longer on the screen. */
  stop(): void {
    this.stopLevel?.();
    this.stopLevel = this.measured = null;
    this.preview.srcObject = null;
  }

  /** It is on the screen again. */
  again(): void {
    void this.show();
  }

  private chose(select: HTMLSelectElement): void {
    const kind = select.dataset["device"];
    if (kind === "speaker") this.devices.chooseSpeaker(select.value);
    else void this.devices.choose(kind as Kind, select.value);
  }

  private async show(): Promise<void> {
    if (!this.root.isConnected || this.root.closest("[hidden]")) return;
    const { audio, video, trouble } = this.devices;
    const started = Boolean(audio ?? video ?? trouble.audio ?? trouble.video);
    this.root.dataset["started"] = String(started);
    if (audio ?? video) this.hint.hidden = true;
    this.showPicture(video);
    this.showLevel(audio);
    this.showTrouble();
    const off = one("[data-camera-off]", this.root);
    fill(off, icon(this.devices.cameraOn ? "video-off" : "video"), this.devices.cameraOn ? _("Camera off") : _("Camera on"));
    const choices = await this.devices.choices();
    this.offer("video", choices.cameras, this.devices.chosen("video"));
    this.offer("audio", choices.microphones, this.devices.chosen("audio"));
    this.offer("speaker", choices.speakers, this.devices.speaker);
  }

  private showPicture(video: MediaStreamTrack | null): void {
    const shown = (this.preview.srcObject as MediaStream | null)?.getVideoTracks()[0] ?? null;
    if (shown !== video) this.preview.srcObject = video ? new MediaStream([video]) : null;
    one("[data-no-picture]", this.root).hidden = video !== null;
  }

  private showLevel(audio: MediaStreamTrack | null): void {
    if (audio === this.measured) return;
    this.stopLevel?.();
    this.stopLevel = null;
    this.measured = audio;
    const words = one("[data-level-words]", this.root);
    if (!audio) {
      words.textContent = _("No microphone yet");
      return;
    }
    words.textContent = this.devices.muted ? _("Your microphone is muted, as it was in the room.") : _("Say something: the bar moves when we hear you.");
    let heard = false;
    this.stopLevel = level(audio, (loud) => {
      this.bar.style.setProperty("--level", loud.toFixed(3));
      if (heard || loud < 0.35) return;
      heard = true;
      words.textContent = _("We can hear you.");
      announce(_("We can hear you."));
      this.devices.pass();
      this.passed();
    });
  }

  private showTrouble(): void {
    const { trouble } = this.devices;
    const kinds = (["video", "audio"] as const).filter((kind) => trouble[kind] && (kind === "audio" || this.devices.cameraOn));
    const place = one("[data-trouble]", this.root);
    place.hidden = kinds.length === 0;
    const both = trouble.video === "denied" && trouble.audio === "denied";
    const words = both ? [deniedBoth()] : kinds.map((kind) => troubleWords(trouble[kind] ?? "busy", kind));
    fill(one("[data-trouble-words]", place), ...[...new Set(words)].map((text) => h("p", null, text)));
  }

  private offer(kind: Kind | "speaker", choices: readonly Choice[], chosen: string): void {
    const select = one<HTMLSelectElement>(`select[data-device="${kind}"]`, this.root);
    select.closest<HTMLElement>("[data-device-field]")!.hidden = choices.length < (kind === "speaker" ? 2 : 1);
    fill(select, ...choices.map((choice) => h("option", { value: choice.id, selected: choice.id === chosen }, choice.label)));
  }
}
