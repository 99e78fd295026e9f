/** Instants in words: `Tue 24 Nov, 15:30 Berlin`, in the person's zone, and in the other one too when the clocks differ. */
import { _ } from "./words";

type Instant = string | number | Date;

const made = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let found = made.get(key);
  if (!found) made.set(key, (found = new Intl.DateTimeFormat(locale(), { timeZone: zone, hourCycle: "h23", ...options })));
  return found;
}

/** English dates are written day first ("24 Nov"), as the clinic writes them. */
function locale(): string {
  const language = document.documentElement.lang || "en";
  return language === "en" ? "en-GB" : language;
}

/** The person's zone: their account's, else the browser's. */
export function myZone(): string {
  return document.documentElement.dataset["zone"] || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `Europe/Berlin` → `Berlin`, `America/Argentina/Buenos_Aires` → `Buenos Aires`. */
export function zoneName(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/** `15:30` */
export function clockTime(when: Instant, zone = myZone()): string {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(new Date(when));
}

/** `Tue 24 Nov` */
export function day(when: Instant, zone = myZone()): string {
  return format(zone, { weekday: "short", day: "numeric", month: "short" }).format(new Date(when)).replace(",", "");
}

/** `Tuesday 24 November` */
export function longDay(when: Instant, zone = myZone()): string {
  return format(zone, { weekday: "long", day: "numeric", month: "long" }).format(new Date(when)).replace(",", "");
}

/** `3 Nov 2026` */
export function date(when: Instant, zone = myZone()): string {
  return format(zone, { day: "numeric", month: "short", year: "numeric" }).format(new Date(when));
}

/** `2026-11-24`: the civil day an instant falls on in a zone, for grouping and keys. */
export function civilDay(when: Instant, zone = myZone()): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(when));
}

/** `Tue 24 Nov, 15:30 Berlin` */
export function instant(when: Instant, zone = myZone()): string {
  return `${day(when, zone)}, ${clockTime(when, zone)} ${zoneName(zone)}`;
}

/** Whether two zones show the same wall clock at that instant. */
export function sameClock(when: Instant, zone: string, other: string): boolean {
  return civilDay(when, zone) === civilDay(when, other) && clockTime(when, zone) === clockTime(when, other);
}

/** `Tue 24 Nov, 15:30 Berlin (09:30 New York)`; one zone alone when both clocks agree. */
export function inBothZones(when: Instant, other: string, zone = myZone()): string {
  if (sameClock(when, zone, other)) return instant(when, zone);
  const elsewhere = civilDay(when, zone) === civilDay(when, other) ? `${clockTime(when, other)} ${zoneName(other)}` : instant(when, other);
  return `${instant(when, zone)} (${elsewhere})`;
}

/** `today`, `tomorrow`, `yesterday`, else `Tue 24 Nov`. */
export function nearDay(when: Instant, now: Instant, zone = myZone()): string {
  const apart = Math.round((Date.parse(civilDay(when, zone)) - Date.parse(civilDay(now, zone))) / 86_400_000);
  const near: Readonly<Record<string, string>> = { "0": _("today"), "1": _("tomorrow"), "-1": _("yesterday") };
  return near[String(apart)] ?? day(when, zone);
}

/** `12:04` of a duration, `1:02:03` from an hour on. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:` : ""}${hours ? two(Math.floor(seconds / 60) % 60) : Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}
