/** Before the room is open: when it will be, and then the page anew. */
import { clockTime } from "../lib/time";
import { _ } from "../lib/words";

/** Timers of browsers hold at most about 24 days; a page open for longer looks again. */
const LONGEST_WAIT_MS = 20 * 24 * 3600 * 1000;

export function waitForOpening(opens: string, say: (words: string) => void): void {
  const left = Date.parse(opens) - Date.now();
  if (left <= 0) return location.reload();
  const minutes = Math.ceil(left / 60_000);
  if (minutes <= 30) say(_("The room opens at {time}: in {minutes} min.", { time: clockTime(opens), minutes }));
  setTimeout(() => waitForOpening(opens, say), Math.min(left + 300, minutes <= 30 ? 15_000 : LONGEST_WAIT_MS));
}
