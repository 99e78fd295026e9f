/**
 * What a call carries, from picture to writing: down when the way up bears no more, back up by itself. Pure; times in ms.
 *
 *     video ──strained 4 s──▶ low ──strained 8 s──▶ audio ──strained 12 s──▶ text
 *       ◀──── clear 8 s ────   ◀──── clear 8 s ────    ◀──── clear 4 s ─────
 *     anything ──nothing arrives for 6 s──▶ text ──something arrives for 1 s──▶ what it was
 *
 * A step up that fails within 20 s doubles the wait for the next one, up to sixteen times; one that holds makes it short
 * again. A line that was cut is not a narrow one: it comes back as it was, at once, and its first strain (`fresh`) is no step.
 */
import type { Load } from "./quality";

export type Rung = "video" | "low" | "audio" | "text";
/** What is sent: writing does not stop the voice from being tried. */
export type Sends = Exclude<Rung, "text">;

interface Step {
  readonly from: Sends | "text";
  readonly when: Load;
  readonly for: number;
  readonly to: Rung;
}

/** The first that fits is taken. */
export const STEPS: readonly Step[] = [
  { from: "video", when: "strained", for: 4000, to: "low" },
  { from: "low", when: "strained", for: 8000, to: "audio" },
  { from: "audio", when: "strained", for: 12_000, to: "text" },
  { from: "text", when: "clear", for: 4000, to: "audio" },
  { from: "audio", when: "clear", for: 8000, to: "low" },
  { from: "low", when: "clear", for: 8000, to: "video" },
];
const CUT_MS = 6000;
const BACK_MS = 1000;
const PROVEN_MS = 20_000;
const MOST_PATIENCE = 16;
const ORDER: readonly Rung[] = ["video", "low", "audio", "text"];

export interface Ladder {
  readonly rung: Rung;
  /** What the way bears, and since when it does so without a break. */
  readonly load: Load;
  readonly since: number;
  /** Where to go back to after a cut; null when there was none. */
  readonly cutFrom: Sends | null;
  /** How many times longer a step up waits. */
  readonly patience: number;
  /** When the last step up was, until it has proved right. */
  readonly climbed: number | null;
}

export function begin(now: number): Ladder {
  return { rung: "video", load: "clear", since: now, cutFrom: null, patience: 1, climbed: null };
}

export function sends(ladder: Ladder): Sends {
  return ladder.rung === "text" ? (ladder.cutFrom ?? "audio") : ladder.rung;
}

/** What others are told: a line that was cut carries as much as before once it is back, and is not called weak. */
export function told(ladder: Ladder): Rung {
  return ladder.cutFrom ?? ladder.rung;
}

/** The ladder a moment later, when the way bears *load*. */
export function next(before: Ladder, load: Load, now: number): Ladder {
  const since = load === before.load ? before.since : now;
  const proven = before.climbed !== null && now - before.climbed >= PROVEN_MS && load === "clear";
  const ladder: Ladder = { ...before, load, since, ...(proven ? { climbed: null, patience: 1 } : {}) };
  const held = now - since;
  if (ladder.cutFrom) return load !== "lost" && held >= BACK_MS ? { ...ladder, rung: ladder.cutFrom, cutFrom: null, since: now } : ladder;
  if (load === "lost") return ladder.rung !== "text" && held >= CUT_MS ? { ...ladder, rung: "text", cutFrom: ladder.rung } : ladder;
  const step = STEPS.find((one) => one.from === ladder.rung && one.when === load);
  if (!step) return ladder;
  const up = ORDER.indexOf(step.to) < ORDER.indexOf(step.from);
  if (held < step.for * (up ? ladder.patience : 1)) return ladder;
  if (up) return { ...ladder, rung: step.to, since: now, climbed: now };
  const rash = ladder.climbed !== null;
  return { ...ladder, rung: step.to, since: now, climbed: null, patience: rash ? Math.min(MOST_PATIENCE, ladder.patience * 2) : ladder.patience };
}
