/** Reading the log by pieces: on, back, and to a day. */
import { api } from "../lib/api";
import type { Entry, Log } from "./state";

interface Page {
  readonly items: Entry[];
}

const PAGE = 200;
/** Entries before the day that is looked for, so that it does not begin at the very top. */
const BEFORE_DAY = 10;

export class Past {
  private busy = false;

  constructor(
    private readonly log: Log,
    private readonly path: string,
  ) {}

  /** Reads on from the last entry without a gap behind it. */
  async catchUp(take: (entries: Entry[]) => void): Promise<void> {
    for (let more = true; more; ) {
      const before = this.log.last;
      const items = await this.entries({ after: before, limit: PAGE });
      take(items);
      more = items.length === PAGE && this.log.last > before;
    }
  }

  /** The entries before or behind a number; null while others are on their way. */
  async more(where: { before: number } | { after: number }): Promise<Entry[] | null> {
    if (this.busy) return null;
    this.busy = true;
    try {
      return await this.entries({ ...where, limit: PAGE });
    } finally {
      this.busy = false;
    }
  }

  /**
   * The number of the first entry at or after *from*; null when everything is older. Halves the log until it is found: a log of a thousand
   * entries is asked ten times.
   */
  async firstSince(from: number): Promise<number | null> {
    let low = 1;
    let high = this.log.last + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [entry] = await this.entries({ after: middle - 1, limit: 1 });
      if (entry && Date.parse(entry.sent_at) < from) low = middle + 1;
      else high = middle;
    }
    return low <= this.log.last ? low : null;
  }

  /** The entries around a number. */
  around(seq: number): Promise<Entry[]> {
    return this.entries({ after: Math.max(0, seq - 1 - BEFORE_DAY), limit: PAGE });
  }

  private async entries(query: Record<string, number>): Promise<Entry[]> {
    return (await api.get<Page>(`${this.path}/events`, { query })).items;
  }
}

/** The instant at which a civil day begins in a zone. */
export function dayStart(day: string, civil: (when: number) => string): number {
  // No zone is further than 14 hours from UTC; the first quarter of an hour that falls on the day is its beginning.
  let at = Date.parse(`${day}T00:00:00Z`) - 14 * 3_600_000;
  while (civil(at) < day) at += 900_000;
  return at;
}
