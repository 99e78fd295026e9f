/**
 * Whether a socket still goes through. A network that forgot a connection says nothing: nothing comes, and what is sent goes nowhere, for minutes. Pages
 * cannot see the pings of the protocol, so they ask (`ping`) when it has been quiet, and give a way up whose other end says nothing. Pure.
 *
 * Idle, a dead way is noticed after 30 s (product rule: below 60); with a message on its way, after 14 s.
 */

/** Nothing heard for this long: ask. Below the 25 s of the server's own pings, and above what mobile radios need to sleep between. */
export const QUIET_MS = 20_000;
/** The same while a message waits for its answer: stored within half a second, as a rule. */
export const QUIET_SENDING_MS = 4000;
/** Asked and nothing heard for this long: the way is dead. Longer than the worst second of a busy server or a mobile network. */
export const ANSWER_MS = 10_000;
/** From the first try to `welcome`. */
export const OPENING_MS = 12_000;
/** The other end speaks, but not about a message: it comes again on a new way, under the same `client_id`. Beyond what the server itself takes to refuse it. */
export const UNANSWERED_MS = 40_000;
/** How often this is looked at. */
export const BEAT_MS = 1000;

export interface Pulse {
  readonly openedAt: number;
  readonly welcomed: boolean;
  readonly heardAt: number;
  /** null: nothing was asked since something was heard. */
  readonly askedAt: number | null;
  /** Since when the message waits that has waited longest; null: none does. */
  readonly sendingSince: number | null;
}

export type Verdict = "rest" | "ask" | "dead";

export function judge(pulse: Pulse, now: number): Verdict {
  if (!pulse.welcomed) return now - pulse.openedAt >= OPENING_MS ? "dead" : "rest";
  if (pulse.sendingSince !== null && now - pulse.sendingSince >= UNANSWERED_MS) return "dead";
  if (pulse.askedAt !== null) return now - pulse.askedAt >= ANSWER_MS ? "dead" : "rest";
  // A message that leaves after a long quiet is given its own moment to be answered in.
  const quiet = pulse.sendingSince === null ? QUIET_MS : QUIET_SENDING_MS;
  const since = Math.max(pulse.heardAt, pulse.sendingSince ?? 0);
  return now - since >= quiet || now - pulse.heardAt >= QUIET_MS ? "ask" : "rest";
}
