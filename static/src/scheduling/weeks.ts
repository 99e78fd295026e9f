/** Weeks on a calendar, as civil days (`2026-11-24`) without any zone. */

const DAY_MS = 86_400_000;

function at(civil: string): number {
  return Date.parse(`${civil}T00:00Z`);
}

export function plusDays(civil: string, days: number): string {
  return new Date(at(civil) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The Monday of the week that a day is in (ISO 8601). */
export function mondayOf(civil: string): string {
  return plusDays(civil, -((new Date(at(civil)).getUTCDay() + 6) % 7));
}

export function weekOf(monday: string): string[] {
  return [0, 1, 2, 3, 4, 5, 6].map((days) => plusDays(monday, days));
}

function locale(): string {
  const language = document.documentElement.lang || "en";
  return language === "en" ? "en-GB" : language;
}

function shown(civil: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale(), { timeZone: "UTC", ...options }).format(new Date(at(civil)));
}

/** `Tue` */
export function weekday(civil: string): string {
  return shown(civil, { weekday: "short" });
}

/** `24` */
export function dayNumber(civil: string): string {
  return shown(civil, { day: "numeric" });
}

/** `Tuesday 24 November` */
export function wholeDay(civil: string): string {
  return shown(civil, { weekday: "long", day: "numeric", month: "long" }).replace(",", "");
}

/** `23 – 29 November`, `30 November – 6 December` */
export function weekInWords(monday: string): string {
  const format = new Intl.DateTimeFormat(locale(), { timeZone: "UTC", day: "numeric", month: "long" });
  return format.formatRange(new Date(at(monday)), new Date(at(plusDays(monday, 6))));
}
