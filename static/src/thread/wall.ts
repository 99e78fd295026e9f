/** The instant at which a wall shows a day and a time. */
import { civilDay, clockTime } from "../lib/time";

const MINUTE_MS = 60_000;

/** @returns null for a time that a clock change leaves out; of one that comes twice the first */
export function instantOn(day: string, time: string, zone: string): number | null {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  if (Number.isNaN(wanted)) return null;
  const shown = (at: number): number => Date.parse(`${civilDay(at, zone)}T${clockTime(at, zone)}:00Z`);
  // No wall is more than 14 hours from UTC; the earliest instant that shows it is found from the earlier side.
  const candidates = [wanted - 15 * 60 * MINUTE_MS, wanted + 15 * 60 * MINUTE_MS].map((near) => wanted - (shown(near) - near)).sort((a, b) => a - b);
  return candidates.find((at) => shown(at) === wanted) ?? null;
}
