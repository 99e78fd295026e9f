/**
 * Camera and microphone: asked for once, remembered by choice, given up at once when switched off, and taken again when a
 * device appears, disappears or was muted by the system (a phone call, a closed lid). Systems do not always say so: besides
 * listening to what they tell, it is looked at every other second.
 */
import { _ } from "../lib/words";

import { type Remembered, keep, remembered } from "./chosen";
import { type Kind, type Trouble, troubleOf } from "./trouble";

export interface Choice {
  readonly id: string;
  readonly label: string;
}

export interface Choices {
  readonly cameras: Choice[];
  readonly microphones: Choice[];
  readonly speakers: Choice[];
}

const LOOK_MS = 2000;
/** A capture that the system silenced is asked for again after so long, and then every so often while the page is in sight. */
const TAKE_AGAIN_MS = 4000;
const VIDEO: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const AUDIO: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export class Devices {
  audio: MediaStreamTrack | null = null;
  video: MediaStreamTrack | null = null;
  readonly trouble: Partial<Record<Kind, Trouble>> = {};
  muted = false;
  cameraOn: boolean;
  private readonly kept: Remembered;
  private readonly listeners = new Set<() => void>();
  private opening: Promise<void> | null = null;
  /** Since when, or when last tried again, the system has kept something silent. */
  private readonly silenced: Partial<Record<Kind, number>> = {};
  private usual = "";

  constructor() {
    this.kept = remembered();
    this.cameraOn = this.kept.camera ?? true;
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.changed());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.revive());
    addEventListener("pageshow", () => void this.revive());
    setInterval(() => void this.look(), LOOK_MS);
  }

  /** Whether the system gives the microphone to something else, as during a phone call. */
  get held(): boolean {
    return this.silenced.audio !== undefined;
  }

  /** Whether they were tried on this device before, as the day it was (`2026-11-24`). */
  get checked(): string | null {
    return this.kept.checked ?? null;
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Takes camera and microphone as remembered; one alone where the other is missing. Never rejects: `trouble` says why. */
  open(): Promise<void> {
    this.opening ??= this.openBoth().finally(() => (this.opening = null));
    return this.opening;
  }

  /** Whether the browser would give them without asking the person. */
  static async granted(): Promise<boolean> {
    try {
      const names = ["camera", "microphone"] as unknown as PermissionName[];
      const states = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
      return states.every((status) => status.state === "granted");
    } catch {
      return false; // this browser does not tell
    }
  }

  async choices(): Promise<Choices> {
    const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const of = (kind: MediaDeviceKind, plain: string): Choice[] =>
      found
        .filter((device) => device.kind === kind && device.deviceId !== "")
        .map((device, index) => ({ id: device.deviceId, label: device.label || `${plain} ${index + 1}` }));
    return { cameras: of("videoinput", _("Camera")), microphones: of("audioinput", _("Microphone")), speakers: of("audiooutput", _("Speaker")) };
  }

  chosen(kind: Kind): string {
    return (kind === "audio" ? this.audio : this.video)?.getSettings().deviceId ?? "";
  }

  get speaker(): string {
    return this.kept.speaker ?? "";
  }

  async choose(kind: Kind, id: string): Promise<void> {
    this.remember({ [kind]: id });
    await this.take(kind);
    this.tell();
  }

  chooseSpeaker(id: string): void {
    this.remember({ speaker: id });
    this.tell();
  }

  /** Silence: the track stays, so that speaking again is immediate. */
  mute(muted: boolean): void {
    this.muted = muted;
    if (this.audio) this.audio.enabled = !muted;
    this.tell();
  }

  /** Off means off: the camera is given back and its light goes out. */
  async camera(on: boolean): Promise<void> {
    this.cameraOn = on;
    this.remember({ camera: on });
    if (on) await this.take("video");
    else this.drop("video");
    this.tell();
  }

  /** Another camera for a while, in place of the usual one and not remembered; null gives it back. */
  async borrow(wish: MediaTrackConstraints | null): Promise<MediaStreamTrack | null> {
    this.drop("video"); // many phones open one camera at a time
    const stream = wish && (await navigator.mediaDevices?.getUserMedia({ video: wish }).catch(() => null));
    const track = stream ? stream.getVideoTracks()[0] : undefined;
    if (track) this.hold(track);
    else if (this.cameraOn) await this.take("video");
    this.tell();
    return track ?? null;
  }

  /** The person has seen and heard that it works. */
  pass(): void {
    this.remember({ checked: new Date().toISOString().slice(0, 10) });
  }

  close(): void {
    this.drop("audio");
    this.drop("video");
    this.tell();
  }

  private async openBoth(): Promise<void> {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.trouble.audio = this.trouble.video = "unsupported";
      return this.tell();
    }
    // One question for both where both are wanted; then each alone, so that a missing camera does not cost the voice.
    if (this.cameraOn && !this.audio && !this.video && (await this.takeTogether())) return this.tell();
    if (!this.audio) await this.take("audio");
    if (!this.video && this.cameraOn) await this.take("video");
    this.tell();
  }

  private async takeTogether(): Promise<boolean> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: this.wish("audio"), video: this.wish("video") });
      for (const track of stream.getTracks()) this.hold(track);
      return true;
    } catch {
      return false;
    }
  }

  private async take(kind: Kind): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ [kind]: this.wish(kind) });
      const track = stream.getTracks()[0];
      if (track) this.hold(track);
    } catch (failure) {
      this.drop(kind);
      this.trouble[kind] = troubleOf(failure);
    }
  }

  /** As `take`, but what is there stays until something better is: a phone call ends, and often so does its silence. */
  private async retake(kind: Kind): Promise<void> {
    const before = this[kind];
    const stream = await navigator.mediaDevices.getUserMedia({ [kind]: this.wish(kind) }).catch(() => null);
    const track = stream?.getTracks()[0];
    if (!track) return;
    if (this[kind] === before && !track.muted) this.hold(track);
    else track.stop();
  }

  private wish(kind: Kind): MediaTrackConstraints {
    const id = this.kept[kind];
    return { ...(kind === "audio" ? AUDIO : VIDEO), ...(id ? { deviceId: { ideal: id } } : {}) };
  }

  private hold(track: MediaStreamTrack): void {
    const kind: Kind = track.kind === "video" ? "video" : "audio";
    this[kind]?.stop();
    this[kind] = track;
    delete this.trouble[kind];
    if (kind === "audio") track.enabled = !this.muted;
    delete this.silenced[kind];
    track.addEventListener("ended", () => this[kind] === track && void this.lost(kind));
    for (const change of ["mute", "unmute"]) track.addEventListener(change, () => this[kind] === track && void this.look());
    if (kind === "audio") void this.usualMicrophone().then((usual) => (this.usual = usual));
  }

  /** What the system says is silent, and whether to ask for it again. */
  private async look(): Promise<void> {
    let changed = false;
    for (const kind of ["audio", "video"] as const) {
      const track = this[kind];
      const silent = track?.readyState === "live" && track.muted;
      changed ||= silent !== (this.silenced[kind] !== undefined);
      if (!silent) delete this.silenced[kind];
      else this.silenced[kind] ??= performance.now();
      if (track?.readyState === "ended") await this.lost(kind); // it ended and nobody was told
    }
    if (changed) this.tell();
    await this.takeSilencedAgain();
  }

  private async takeSilencedAgain(): Promise<void> {
    if (document.visibilityState !== "visible") return;
    for (const kind of ["audio", "video"] as const) {
      const since = this.silenced[kind];
      if (since === undefined || performance.now() - since < TAKE_AGAIN_MS) continue;
      this.silenced[kind] = performance.now();
      await this.retake(kind);
      if (this.silenced[kind] === undefined) this.tell();
    }
  }

  /** The microphone that the system uses unless another is chosen, by the device it belongs to. */
  private async usualMicrophone(): Promise<string> {
    const found = (await navigator.mediaDevices.enumerateDevices().catch(() => [])).filter((one) => one.kind === "audioinput");
    return (found.find((one) => one.deviceId === "default") ?? found[0])?.groupId ?? "";
  }

  private drop(kind: Kind): void {
    this[kind]?.stop();
    this[kind] = null;
  }

  private async lost(kind: Kind): Promise<void> {
    this[kind] = null;
    await this.take(kind);
    this.tell();
  }

  /** A headset was put in or pulled out. */
  private async changed(): Promise<void> {
    const { cameras, microphones } = await this.choices();
    for (const [kind, offered] of [["audio", microphones], ["video", cameras]] as const) {
      const wanted = kind === "audio" || this.cameraOn;
      const ended = this[kind]?.readyState === "ended" || (this.trouble[kind] === "missing" && wanted);
      if (ended || (await this.isBetter(kind, offered))) await this.take(kind);
    }
    this.tell();
  }

  /** The chosen device is there again, or the system has another usual microphone by now (a headset was put in). */
  private async isBetter(kind: Kind, offered: readonly Choice[]): Promise<boolean> {
    if (!this[kind]) return false;
    const chosen = this.kept[kind];
    if (chosen) return this.chosen(kind) !== chosen && offered.some((one) => one.id === chosen);
    return kind === "audio" && this.usual !== "" && (await this.usualMicrophone()) !== this.usual;
  }

  /** Back from another app or a phone call: some systems leave a capture dead without saying so. */
  private async revive(): Promise<void> {
    for (const kind of ["audio", "video"] as const) {
      if (this[kind]?.readyState === "ended") await this.take(kind);
      else if (this[kind]?.muted) await this.retake(kind);
    }
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  private remember(change: Partial<Remembered>): void {
    keep(Object.assign(this.kept, change));
  }
}
