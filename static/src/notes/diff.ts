/** What changed between two texts, as one replacement; and where a place in a text goes when others change it. Pure. */

/** At *start*, *removed* UTF-16 units gave way to *inserted*. */
export interface Change {
  readonly start: number;
  readonly removed: number;
  readonly inserted: string;
}

/** One part of a Yjs text event: keep, insert or delete. */
export interface Part {
  readonly retain?: number;
  readonly insert?: string | object;
  readonly delete?: number;
}

/**
 * The smallest replacement that makes `after` of `before`, or null when they are equal.
 *
 * `caret` is where the caret stands in `after`: typed text ends there, which tells `aa|a` from `aaa|`. No surrogate pair is cut in
 * two: half a character would be lost on its way through UTF-8.
 */
export function difference(before: string, after: string, caret = after.length): Change | null {
  if (before === after) return null;
  const tail = Math.min(before.length, after.length - Math.min(caret, after.length));
  let same = 0;
  while (same < tail && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  if (same > 0 && isLow(after.charCodeAt(after.length - same))) same -= 1;
  const head = Math.min(before.length, after.length) - same;
  let start = 0;
  while (start < head && before[start] === after[start]) start += 1;
  if (start > 0 && isHigh(after.charCodeAt(start - 1))) start -= 1;
  return { start, removed: before.length - same - start, inserted: after.slice(start, after.length - same) };
}

/** Where the place `at` is after `parts` happened to the text; an insertion exactly there leaves it in front. */
export function moved(at: number, parts: readonly Part[]): number {
  let place = at;
  let here = 0;
  for (const part of parts) {
    if (part.retain !== undefined) here += part.retain;
    else if (typeof part.insert === "string") {
      if (here < place) place += part.insert.length;
      here += part.insert.length;
    } else if (part.delete !== undefined) {
      if (here < place) place -= Math.min(part.delete, place - here);
    }
  }
  return place;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
