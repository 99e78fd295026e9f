/**
 * Somebody's hours in one week, and what becomes of them when a stretch is drawn, moved, changed or taken away. Pure.
 *
 * Everything here is wall time of the hours' own zone, as the rules themselves are: minutes since the Monday midnight
 * that begins the week. Which instants these are is the server's business; a clock change does not move a rule.
 */
import type { Availability, Exceptional, Rule } from "../scheduling/types";
import { type Span, contains, merged, overlaps, touches, within, without } from "./spans";

export const DAY = 1440;
export const WEEK = 7 * DAY;
export const CODES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;

/** Whether a change holds every week, or in the shown week alone. */
export type Scope = "weekly" | "once";

/** Open hours as they are drawn. *once*: nothing weekly is in them. */
export interface Stretch extends Span {
  readonly once: boolean;
}

/** Time off within the hours, as it is drawn. */
export interface Away extends Span {
  readonly note: string;
}

/** One weekday of a rule; minutes count from that day's midnight, beyond 1440 on the next day. */
interface Piece {
  readonly day: number;
  readonly from: number;
  readonly to: number;
  readonly first: string;
  readonly last: string;
  readonly services: readonly string[];
  /** What else the rule says. */
  readonly rest: object;
}

type Kindred = Omit<Piece, "day" | "from" | "to">;

// --- wall times

export function shifted(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** `2026-11-24T09:00:00` as minutes since the midnight of *monday*. */
export function minuteOf(wall: string, monday: string): number {
  return Math.round((Date.parse(`${wall.slice(0, 16)}Z`) - Date.parse(`${monday}T00:00Z`)) / 60_000);
}

/** Minutes since the midnight of *monday* as `2026-11-24T09:00:00`. */
export function wallOf(minute: number, monday: string): string {
  return new Date(Date.parse(`${monday}T00:00Z`) + minute * 60_000).toISOString().slice(0, 19);
}

/** `09:00`; the end of a day is `00:00` of the next. */
export function clock(minute: number): string {
  const within = ((minute % DAY) + DAY) % DAY;
  return `${String(Math.floor(within / 60)).padStart(2, "0")}:${String(within % 60).padStart(2, "0")}`;
}

function minutes(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}

// --- reading

function pieces(rules: readonly Rule[]): Piece[] {
  return rules.flatMap(({ weekdays, start, end, from: first = "", until: last = "", services = [], ...rest }) => {
    const [from, to] = [minutes(start), minutes(end)];
    return weekdays.map((code) => ({ day: CODES.indexOf(code as (typeof CODES)[number]), from, to: to > from ? to : to + DAY, first, last, services, rest }));
  });
}

/** Where a piece stands in the week: its own day, and for a Sunday past midnight the Monday before as well. */
function places(piece: Piece, monday: string): number[] {
  const days = piece.day === 6 && piece.to > DAY ? [-1, 6] : [piece.day];
  return days.filter((day) => {
    const date = shifted(monday, day);
    return (!piece.first || piece.first <= date) && (!piece.last || date <= piece.last);
  });
}

function spanAt(piece: Piece, day: number): Span {
  return { from: day * DAY + piece.from, to: day * DAY + piece.to };
}

/** Rules on the wall of the hours' own zone. One that is planned for another zone is changed in words, not on this wall. */
function atHome(hours: Availability): Rule[] {
  return hours.rules.filter((rule) => !rule.zone || rule.zone === hours.zone);
}

function weeklySpans(hours: Availability, monday: string): Span[] {
  return pieces(atHome(hours)).flatMap((piece) => places(piece, monday).map((day) => spanAt(piece, day)));
}

function spanOf(one: Exceptional, monday: string): Span {
  return { from: minuteOf(one.start, monday), to: minuteOf(one.end, monday) };
}

function ofKind(hours: Availability, kind: Exceptional["kind"], monday: string): Span[] {
  return hours.exceptions.filter((one) => one.kind === kind).map((one) => spanOf(one, monday));
}

/** When the hours are open in the week that begins on *monday*. */
export function stretches(hours: Availability, monday: string): Stretch[] {
  const weekly = weeklySpans(hours, monday);
  const off = ofKind(hours, "off", monday);
  const open = merged([...weekly, ...ofKind(hours, "extra", monday)]).flatMap((span) => without(span, off));
  return merged(open.flatMap((span) => within(span, [{ from: 0, to: WEEK }]))).map((span) => ({ ...span, once: !weekly.some((one) => overlaps(one, span)) }));
}

/** Where time off takes hours away. */
export function absences(hours: Availability, monday: string): Away[] {
  const open = merged([...weeklySpans(hours, monday), ...ofKind(hours, "extra", monday)]).flatMap((span) => within(span, [{ from: 0, to: WEEK }]));
  return hours.exceptions.filter((one) => one.kind === "off").flatMap((one) => within(spanOf(one, monday), open).map((span) => ({ ...span, note: one.note ?? "" })));
}

export function stretchAt<S extends Span>(all: readonly S[], minute: number): S | null {
  return all.find((span) => span.from <= minute && minute < span.to) ?? null;
}

// --- changing

/**
 * The hours after a stretch was changed: *before* null draws a new one, *after* null takes it away.
 *
 * Only what differs is touched: other weekdays of the same rule, other weeks' exceptions and their notes stay as they are.
 */
export function changed(hours: Availability, monday: string, before: Span | null, after: Span | null, scope: Scope): Availability {
  const closes = before ? without(before, after ? [after] : []) : [];
  return scope === "weekly" ? changedWeekly(hours, monday, before, after, closes) : { ...hours, exceptions: changedOnce(hours, monday, after, closes) };
}

function changedWeekly(hours: Availability, monday: string, before: Span | null, after: Span | null, closes: readonly Span[]): Availability {
  const all = pieces(atHome(hours));
  const like = before ? all.find((piece) => places(piece, monday).some((day) => overlaps(spanAt(piece, day), before))) : undefined;
  let kept = all.flatMap((piece) => lessened(piece, monday, closes));
  if (after) kept = grown(kept, monday, after, like);
  const exceptions = hours.exceptions.flatMap((one) => cut(one, monday, one.kind === "off" ? (after ? [after] : []) : closes));
  const elsewhere = hours.rules.filter((rule) => rule.zone && rule.zone !== hours.zone);
  return { ...hours, rules: [...rulesOf(kept), ...elsewhere], exceptions };
}

/** A piece without the spans that close, if it holds in this week at all. */
function lessened(piece: Piece, monday: string, closes: readonly Span[]): Piece[] {
  const relative = places(piece, monday).flatMap((day) => closes.map((span) => ({ from: span.from - day * DAY, to: span.to - day * DAY })));
  return without({ from: piece.from, to: piece.to }, relative).map((span) => onItsDay({ ...piece, ...span }));
}

/** A piece that begins past midnight belongs to the next day, and so do its first and last day. */
function onItsDay(piece: Piece): Piece {
  if (piece.from < DAY) return piece;
  const moved = (date: string): string => date && shifted(date, 1);
  return { ...piece, day: (piece.day + 1) % 7, from: piece.from - DAY, to: piece.to - DAY, first: moved(piece.first), last: moved(piece.last) };
}

/** One window from *after* and everything of its kind that it touches: a visit has to fit into one window. */
function grown(all: readonly Piece[], monday: string, after: Span, like: Piece | undefined): Piece[] {
  const kind: Kindred = { first: like?.first ?? "", last: like?.last ?? "", services: like?.services ?? [], rest: like?.rest ?? {} };
  const joins = (piece: Piece): boolean => sameKind(piece, kind) && places(piece, monday).some((day) => touches(spanAt(piece, day), after));
  const serves = (piece: Piece): boolean => sameKind({ ...piece, first: kind.first, last: kind.last }, kind);
  if (all.some((piece) => serves(piece) && places(piece, monday).some((day) => contains(spanAt(piece, day), after)))) return [...all];
  const joined = all.filter(joins).flatMap((piece) => places(piece, monday).map((day) => spanAt(piece, day)).filter((span) => touches(span, after)));
  const [whole] = merged([after, ...joined]);
  const span = whole ?? after;
  const day = Math.floor(span.from / DAY);
  const added: Piece = { ...kind, day: (day + 7) % 7, from: span.from - day * DAY, to: span.to - day * DAY };
  const at = all.findIndex(joins);
  const rest = all.filter((piece) => !joins(piece));
  return at < 0 ? [...rest, added] : [...rest.slice(0, at), added, ...rest.slice(at)];
}

function kindOf(piece: Kindred): string {
  return [piece.first, piece.last, [...piece.services].sort().join(), JSON.stringify(piece.rest)].join(" ");
}

function sameKind(piece: Kindred, other: Kindred): boolean {
  return kindOf(piece) === kindOf(other);
}

/** Pieces with the same hours as one rule; a day and longer is written as two. */
function rulesOf(all: readonly Piece[]): Rule[] {
  const rules = new Map<string, { rule: Rule; days: Set<number> }>();
  for (const piece of all.flatMap(halved)) {
    const key = `${piece.from} ${piece.to} ${kindOf(piece)}`;
    const found = rules.get(key);
    if (found) found.days.add(piece.day);
    else rules.set(key, { rule: ruleOf(piece), days: new Set([piece.day]) });
  }
  return [...rules.values()].map(({ rule, days }) => ({ ...rule, weekdays: CODES.filter((_code, day) => days.has(day)) }));
}

function halved(piece: Piece): Piece[] {
  if (piece.to - piece.from < DAY) return [piece];
  return [{ ...piece, to: DAY }, onItsDay({ ...piece, from: DAY })].filter((half) => half.from < half.to);
}

function ruleOf(piece: Piece): Rule {
  return {
    ...piece.rest,
    weekdays: [],
    start: clock(piece.from),
    end: clock(piece.to),
    ...(piece.first ? { from: piece.first } : {}),
    ...(piece.last ? { until: piece.last } : {}),
    ...(piece.services.length ? { services: piece.services } : {}),
  };
}

function changedOnce(hours: Availability, monday: string, after: Span | null, closes: readonly Span[]): Exceptional[] {
  const weekly = weeklySpans(hours, monday);
  let kept = hours.exceptions.flatMap((one) => cut(one, monday, one.kind === "extra" ? closes : after ? [after] : []));
  for (const span of closes.flatMap((close) => within(close, weekly))) kept = put(kept, monday, span, "off");
  const fits = after === null || [...weekly, ...kept.filter((one) => one.kind === "extra").map((one) => spanOf(one, monday))].some((window) => contains(window, after));
  if (after && !fits) kept = put(kept, monday, after, "extra");
  return kept.sort((a, b) => a.start.localeCompare(b.start));
}

/** An exception without some spans; its note stays with what is left. */
function cut(one: Exceptional, monday: string, taken: readonly Span[]): Exceptional[] {
  const span = spanOf(one, monday);
  if (!taken.some((each) => overlaps(each, span))) return [one];
  return without(span, taken).map((left) => ({ ...one, start: wallOf(left.from, monday), end: wallOf(left.to, monday) }));
}

/** One more exception, together with those of its kind without a note that it touches. */
function put(all: readonly Exceptional[], monday: string, span: Span, kind: Exceptional["kind"]): Exceptional[] {
  const joins = (one: Exceptional): boolean => one.kind === kind && !one.note && touches(spanOf(one, monday), span);
  const [whole] = merged([span, ...all.filter(joins).map((one) => spanOf(one, monday))]);
  const { from, to } = whole ?? span;
  return [...all.filter((one) => !joins(one)), { start: wallOf(from, monday), end: wallOf(to, monday), kind }];
}

/** A beginning to adjust: Mondays to Fridays, 09:00 to 12:30. */
export const PROPOSAL: Rule = { weekdays: CODES.slice(0, 5), start: "09:00", end: "12:30" };
