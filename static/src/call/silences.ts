/**
 * Since when nothing comes of whom. The server is told at once; what began, or passed, while nobody could be told is told
 * afterwards, with how long ago it was: clocks need not agree. Times in ms, as `performance.now()` has them.
 */

/** More is not remembered: nobody is without our server for so long that it would matter. */
const MOST_PAST = 20;

interface Past {
  readonly account: string;
  readonly from: number;
  readonly until: number;
}

export interface Told {
  readonly people: readonly string[];
  readonly heard: readonly string[];
  /** Seconds ago, of whom nothing comes. */
  readonly ago: Readonly<Record<string, number>>;
  readonly past: readonly { readonly account: string; readonly ago: number; readonly until: number }[];
}

export class Silences {
  private people: readonly string[] = [];
  private heard: readonly string[] = [];
  private readonly began = new Map<string, number>();
  /** Of whom the server knows that nothing comes. */
  private readonly known = new Set<string>();
  private past: Past[] = [];
  private said = "";

  /** Of *people* nothing comes, of *heard* something does; of anybody else nothing is known here. */
  notice(people: readonly string[], heard: readonly string[], now: number): void {
    this.people = people;
    this.heard = heard;
    for (const account of people) if (!this.began.has(account)) this.began.set(account, now);
    for (const account of heard) this.end(account, now);
  }

  /** What the server does not know yet; null: nothing. */
  news(now: number): Told | null {
    if (this.people.length + this.heard.length + this.past.length === 0 || this.words() === this.said) return null;
    const ago = (at: number): number => Math.max(0, now - at) / 1000;
    return {
      people: this.people,
      heard: this.heard,
      ago: Object.fromEntries(this.people.map((account) => [account, ago(this.began.get(account) ?? now)])),
      past: this.past.map(({ account, from, until }) => ({ account, ago: ago(from), until: ago(until) })),
    };
  }

  /** The server has been told. */
  told(): void {
    for (const account of this.people) this.known.add(account);
    this.past = [];
    this.said = this.words();
  }

  /** Another connection to the server: all is said again. */
  again(): void {
    this.said = "";
  }

  clear(): void {
    this.began.clear();
    this.known.clear();
    this.people = this.heard = this.past = [];
    this.said = "";
  }

  private end(account: string, now: number): void {
    const from = this.began.get(account);
    if (from === undefined) return;
    this.began.delete(account);
    if (!this.known.delete(account)) this.past = [...this.past, { account, from, until: now }].slice(-MOST_PAST);
  }

  private words(): string {
    return JSON.stringify([this.people, this.heard, this.past]);
  }
}
