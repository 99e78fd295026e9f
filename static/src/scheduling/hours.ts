/** Hours in words: "Mondays and Wednesdays 09:00 to 12:30, Berlin time, until 18 December 2026". */
import { zoneName } from "../lib/time";
import { _ } from "../lib/words";
import type { Exceptional, Rule } from "./types";

const WEEK = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;

function plural(code: string): string {
  const names: Readonly<Record<string, string>> = {
    MO: _("Mondays"),
    TU: _("Tuesdays"),
    WE: _("Wednesdays"),
    TH: _("Thursdays"),
    FR: _("Fridays"),
    SA: _("Saturdays"),
    SU: _("Sundays"),
  };
  return names[code] ?? code;
}

/** "Mondays to Wednesdays and Fridays"; three neighbours or more become a stretch. */
export function weekdays(codes: readonly string[]): string {
  const places = WEEK.map((code, place) => (codes.includes(code) ? place : -1)).filter((place) => place >= 0);
  if (places.length === 7) return _("Every day");
  const runs: [number, number][] = [];
  for (const place of places) {
    const run = runs.at(-1);
    if (run && run[1] === place - 1) run[1] = place;
    else runs.push([place, place]);
  }
  const names = runs.flatMap(([first, last]) =>
    last - first >= 2
      ? [_("{first} to {last}", { first: plural(WEEK[first] ?? ""), last: plural(WEEK[last] ?? "") })]
      : [...new Set([first, last])].map((place) => plural(WEEK[place] ?? "")),
  );
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(names);
}

function locale(): string {
  const language = document.documentElement.lang || "en";
  return language === "en" ? "en-GB" : language;
}

/** A civil day, without any zone: `18 December 2026`. */
function civil(text: string): string {
  return new Intl.DateTimeFormat(locale(), { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" }).format(new Date(`${text}T00:00Z`));
}

/** A wall time, without any zone: `Thu 24 December 2026, 09:00`. */
function wall(text: string): string {
  const shown = new Intl.DateTimeFormat(locale(), { timeZone: "UTC", weekday: "short", day: "numeric", month: "long", year: "numeric" }).format(new Date(`${text.slice(0, 10)}T00:00Z`));
  return `${shown.replace(",", "")}, ${text.slice(11, 16)}`;
}

/** What a weekly rule means. */
export function ruleInWords(rule: Rule, zone: string, services: ReadonlyMap<string, string>): string {
  const overnight = rule.end <= rule.start ? _(" (the next day)") : "";
  const parts = [_("{days} {start} to {end}{overnight}, {zone} time", { days: weekdays(rule.weekdays), start: rule.start, end: rule.end, overnight, zone: zoneName(rule.zone ?? zone) })];
  if (rule.from) parts.push(_("from {day}", { day: civil(rule.from) }));
  if (rule.until) parts.push(_("until {day}", { day: civil(rule.until) }));
  const names = (rule.services ?? []).map((id) => services.get(id) ?? "").filter(Boolean);
  if (names.length) parts.push(_("only for {services}", { services: new Intl.ListFormat(locale(), { type: "conjunction" }).format(names) }));
  return `${parts.join(", ")}.`;
}

/** What an exception means. */
export function exceptionInWords(one: Exceptional, zone: string): string {
  const facts = { start: wall(one.start), end: one.start.slice(0, 10) === one.end.slice(0, 10) ? one.end.slice(11, 16) : wall(one.end), zone: zoneName(zone) };
  const text = one.kind === "off" ? _("Away from {start} to {end}, {zone} time.", facts) : _("Here besides the hours from {start} to {end}, {zone} time.", facts);
  return one.note ? `${text} (${one.note})` : text;
}
