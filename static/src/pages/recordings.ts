/**
 * Recordings afterwards: everybody's film played side by side, in step with each other; and taking one's consent back.
 *
 * All films of a recording have one time and one length. The first one is the clock; one that is out of step by more than a
 * blink goes to its place.
 */
import { toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { elapsed } from "../lib/time";
import { _ } from "../lib/words";

/** Lips and voices seem apart from about this much on; it is one film's own sound and picture that must be nearer. */
const APART_S = 0.12;
const LOOK_MS = 500;

class Player {
  private readonly films: HTMLVideoElement[];
  private readonly button: HTMLButtonElement;
  private readonly place: HTMLInputElement;
  private readonly time: HTMLElement;
  private readonly length: number;
  private playing = false;

  constructor(private readonly root: HTMLElement) {
    this.films = all<HTMLVideoElement>("video", root);
    this.button = one<HTMLButtonElement>("[data-play]", root);
    this.place = one<HTMLInputElement>("[data-place]", root);
    this.time = one("[data-time]", root);
    this.length = Number(root.dataset["length"]);
    this.button.addEventListener("click", () => (this.playing ? this.pause() : void this.play()));
    this.place.addEventListener("input", () => this.go(Number(this.place.value)));
    const speed = one<HTMLSelectElement>("[data-speed]", root);
    speed.addEventListener("change", () => this.films.forEach((film) => (film.playbackRate = Number(speed.value))));
    for (const film of this.films) film.addEventListener("error", () => this.trouble());
    this.clock.addEventListener("timeupdate", () => this.show());
    this.clock.addEventListener("ended", () => this.pause());
    setInterval(() => this.keepInStep(), LOOK_MS);
    this.show();
  }

  private get clock(): HTMLVideoElement {
    return this.films[0]!;
  }

  private async play(): Promise<void> {
    if (this.clock.currentTime >= this.length - 0.2) this.go(0);
    this.playing = true;
    this.showButton();
    await Promise.all(this.films.map((film) => film.play())).catch(() => this.pause());
  }

  private pause(): void {
    this.playing = false;
    for (const film of this.films) film.pause();
    this.showButton();
  }

  private go(at: number): void {
    for (const film of this.films) film.currentTime = at;
    this.show();
  }

  private keepInStep(): void {
    if (!this.playing) return;
    for (const film of this.films) {
      if (film === this.clock || film.seeking || film.ended) continue;
      if (Math.abs(film.currentTime - this.clock.currentTime) > APART_S) film.currentTime = this.clock.currentTime;
    }
  }

  private show(): void {
    const at = this.clock.currentTime;
    this.place.value = String(at);
    const words = `${elapsed(at * 1000)} / ${elapsed(this.length * 1000)}`;
    this.time.textContent = words;
    this.place.setAttribute("aria-valuetext", words);
  }

  private showButton(): void {
    fill(this.button, icon(this.playing ? "pause" : "play"), h("span", null, this.playing ? _("Pause") : _("Play")));
  }

  private trouble(): void {
    const place = one("[data-trouble]", this.root);
    place.hidden = false;
    place.textContent = _("This recording cannot be played right now. Please load the page again, or tell the clinic.");
  }
}

async function withdraw(id: string): Promise<void> {
  const sure = await ask({
    title: _("Have this recording removed?"),
    text: _("From now on nobody can watch it. Pictures and voices are removed; that it was there, and who agreed, stays in the record."),
    confirm: _("Remove it"),
    decline: _("Keep it"),
    grave: true,
  });
  if (!sure) return;
  try {
    await api.post(`/api/v1/recordings/${id}/withdrawal`);
    location.reload();
  } catch (problem) {
    toastProblem(problem);
  }
}

const root = maybe("#player");
if (root) new Player(root);
for (const button of all<HTMLButtonElement>("[data-withdraw]")) button.addEventListener("click", () => void withdraw(button.dataset["withdraw"] ?? ""));
