/**
 * The interpreter's voice as a channel of its own: it has its own volume, and while it speaks the other voices are quieter,
 * so that both can be followed. Levels are measured with Web Audio; the voices themselves stay with their pictures, so that
 * echo is still removed and a chosen speaker still used.
 */
import { h } from "../../lib/dom";
import { _ } from "../../lib/words";
import { level } from "../sound";
import { type Visit, others } from "../visit";
import { Ducking } from "./ducking";

const LOOK_MS = 500;
const SHELF = "telegut-interpreter-volume";

interface Channel {
  readonly account: string;
  track: MediaStreamTrack | null;
  stop: (() => void) | null;
}

export class Interpreter {
  private channel: Channel | null = null;
  private readonly ducking = new Ducking();
  private readonly slider = h("input", { type: "range", min: 0, max: 100, step: 5, value: kept(), "aria-label": _("Volume of the interpreter") });
  private readonly label = h("label", { class: "tile-volume" }, h("span", null, _("Interpreter's volume")), this.slider);

  constructor(
    private readonly stage: HTMLElement,
    private readonly me: string,
  ) {
    this.slider.addEventListener("input", () => {
      localStorage.setItem(SHELF, this.slider.value);
      this.apply();
    });
    setInterval(() => this.look(), LOOK_MS);
  }

  show(visit: Visit): void {
    const mine = visit.participants.find((person) => person.account === this.me);
    const person = mine?.role === "interpreter" ? undefined : others(visit, this.me).find((one) => one.role === "interpreter");
    if (person?.account === this.channel?.account) return;
    this.leave();
    if (person) this.channel = { account: person.account, track: null, stop: null };
    this.look();
  }

  leave(): void {
    this.channel?.stop?.();
    this.channel = null;
    this.label.remove();
    this.ducking.still();
    this.apply();
  }

  /** The interpreter's track may change with every reconnection. */
  private look(): void {
    const { channel } = this;
    if (!channel) return;
    const video = this.video(channel.account);
    if (!video) return;
    if (this.label.parentElement !== video.parentElement) video.parentElement?.append(this.label);
    const track = (video.srcObject as MediaStream | null)?.getAudioTracks()[0] ?? null;
    if (track === channel.track) return this.apply();
    channel.stop?.();
    channel.track = track;
    channel.stop = track ? level(track, (loud) => this.ducking.hear(loud, performance.now()) && this.apply()) : null;
    this.apply();
  }

  private apply(): void {
    const own = Number(this.slider.value) / 100;
    for (const video of this.stage.querySelectorAll<HTMLVideoElement>("[data-tile] > video")) {
      const account = (video.parentElement as HTMLElement).dataset["tile"];
      video.volume = this.channel === null ? 1 : account === this.channel.account ? own : this.ducking.volume;
    }
    this.stage.dataset["interpreting"] = this.channel !== null && this.ducking.volume < 1 ? "yes" : "no";
  }

  private video(account: string): HTMLVideoElement | null {
    return this.stage.querySelector<HTMLVideoElement>(`[data-tile="${account}"] > video`);
  }
}

function kept(): number {
  const value = Number(localStorage.getItem(SHELF) ?? "100");
  return value >= 0 && value <= 100 ? value : 100;
}
