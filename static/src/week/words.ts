/** The grid in words: what is where, what is being changed, what was changed. */
import { _ } from "../lib/words";
import { weekdays } from "../scheduling/hours";
import type { Away, Scope } from "./model";
import { CODES, DAY, clock } from "./model";
import type { Span } from "./spans";

/** A day of the shown week: its date and its name, such as `Monday 23 November`. */
export interface Day {
  readonly date: string;
  readonly name: string;
  readonly short: string;
  /** The clinic is closed, whatever the hours say. */
  readonly holiday: boolean;
  readonly clocks: readonly { readonly kind: "skipped" | "repeated"; readonly from: number; readonly to: number }[];
}

function dayName(days: readonly Day[], minute: number): string {
  return days[Math.min(Math.max(Math.floor(minute / DAY), 0), 6)]?.name ?? "";
}

/** `Monday 23 November, 09:00 to 12:30` */
export function spanInWords(span: Span, days: readonly Day[]): string {
  const overnight = Math.floor((span.to - 1) / DAY) > Math.floor(span.from / DAY);
  return _("{day}, {start} to {end}{overnight}", { day: dayName(days, span.from), start: clock(span.from), end: clock(span.to), overnight: overnight ? _(" (the next day)") : "" });
}

/** `30 minutes`, `3 hours`, `3 hours 30 minutes` */
export function length(span: Span): string {
  const [hours, rest] = [Math.floor((span.to - span.from) / 60), (span.to - span.from) % 60];
  const parts = [hours === 1 ? _("1 hour") : hours ? _("{n} hours", { n: hours }) : "", rest ? _("{n} minutes", { n: rest }) : ""];
  return parts.filter(Boolean).join(" ");
}

/** One cell of the grid, for whoever hears it. */
export function cellInWords(minute: number, days: readonly Day[], open: Span | null, away: Away | null, visits: readonly string[]): string {
  const state = away ? _("away") : open ? _("hours {start} to {end}", { start: clock(open.from), end: clock(open.to) }) : _("no hours");
  return [`${dayName(days, minute)}, ${clock(minute)}`, state, ...visits].join(", ");
}

/** What a change does: `Mondays 10:00 to 12:30 instead of 09:00 to 12:30, every week.` */
export function changeInWords(before: Span | null, after: Span | null, scope: Scope, days: readonly Day[]): string {
  const at = after ?? before;
  if (!at) return "";
  const one = (span: Span): string => (scope === "weekly" ? weekly(span) : spanInWords(span, days));
  const when = scope === "weekly" ? _("every week") : _("only this week");
  if (before && after) return _("{new} instead of {old}, {when}.", { new: one(after), old: one(before), when });
  return before ? _("No hours any more: {old}, {when}.", { old: one(before), when }) : _("New hours: {new}, {when}.", { new: one(at), when });
}

function weekly(span: Span): string {
  const code = CODES[((Math.floor(span.from / DAY) % 7) + 7) % 7] ?? "MO";
  return _("{days} {start} to {end}", { days: weekdays([code]), start: clock(span.from), end: clock(span.to) });
}
