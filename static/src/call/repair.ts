/**
 * How a connection from browser to browser is repaired, and when its way is given up. Pure; times in ms.
 *
 *     flows ──silent──▶ ICE restart ──both agree on it, and still silent 1 s later──▶ blocked: said until it is heard
 *
 * What is said may be lost with the socket that carried it, or find the other one away. An offer that gets no answer is said
 * again: otherwise each of the two waits for the other, and from then on nothing can be repaired any more.
 */
export interface Repair {
  readonly silent: boolean;
  /** Since when both have agreed on how to repair this silence. */
  readonly agreed: number | null;
  /** Somebody has heard that the way is blocked. */
  readonly heard: boolean;
  /** When an offer that waits for its answer was said last. */
  readonly offered: number | null;
}

export interface Look {
  /** Nothing comes any more of what came before. */
  readonly silent: boolean;
  /** An offer of ours waits for its answer. */
  readonly asking: boolean;
}

/** What is to be done: ask for a new path, say the offer again, say that the way is blocked. */
export type Deed = "restart" | "repeat" | "blocked";

/** A path that is repaired while signals pass stands after this long, or it is blocked. */
const BLOCKED_AFTER_MS = 1000;
/** An answer takes two ways through the server: slower than this is rare, and saying an offer twice harms nothing. */
const REPEAT_AFTER_MS = 2000;

export const SOUND: Repair = { silent: false, agreed: null, heard: false, offered: null };

/** A moment later. */
export function repaired(before: Repair, { silent, asking }: Look, now: number): { readonly repair: Repair; readonly deeds: readonly Deed[] } {
  const deeds: Deed[] = [];
  if (silent && !before.silent) deeds.push("restart");
  const waited = asking && before.offered !== null;
  const again = waited && (now - before.offered >= REPEAT_AFTER_MS || deeds.length > 0);
  if (again) deeds.push("repeat");
  if (silent && !before.heard && before.agreed !== null && now - before.agreed >= BLOCKED_AFTER_MS) deeds.push("blocked");
  const offered = !asking ? null : again ? now : (before.offered ?? now);
  return { repair: silent ? { ...before, silent, offered } : { ...SOUND, offered }, deeds };
}

/** The other side's word about a path was taken: signals pass. */
export function agreed(before: Repair, now: number): Repair {
  return before.silent && before.agreed === null ? { ...before, agreed: now } : before;
}
