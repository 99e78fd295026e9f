/** How loud the others are while an interpreter speaks: down at once, up again slowly after a pause. Pure but for its memory. */

/** Loudness 0 … 1 from which on somebody speaks; a quiet room is below. */
const SPEAKS = 0.45;
/** Breathing between two sentences does not bring the others back. */
const PAUSE_MS = 1200;
const QUIET = 0.25;
const DOWN = 0.25;
const UP = 0.08;

export class Ducking {
  volume = 1;
  private spokeAt = Number.NEGATIVE_INFINITY;

  /** The interpreter's loudness at *now* (milliseconds). Returns whether the others' volume changed. */
  hear(loud: number, now: number): boolean {
    if (loud >= SPEAKS) this.spokeAt = now;
    const before = this.volume;
    const wanted = now - this.spokeAt <= PAUSE_MS ? QUIET : 1;
    this.volume = wanted < before ? Math.max(wanted, before - DOWN) : Math.min(wanted, before + UP);
    return this.volume !== before;
  }

  /** Nobody interprets any more. */
  still(): void {
    this.volume = 1;
    this.spokeAt = Number.NEGATIVE_INFINITY;
  }
}
