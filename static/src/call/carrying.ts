/**
 * How the call goes, put together: everybody's line up and down from where it is known best, what ours carries, which pictures
 * are looked at, and who is not heard. The forwarder knows the lines of who is connected by it; each browser knows its own.
 */
import { type Ladder, type Sends, begin, next, sends, told } from "./ladder";
import { type Look, Looking } from "./looking";
import { type Ends, type Load, type Reading, STALE_MS } from "./quality";
import { Silences } from "./silences";
import type { Quality, Status } from "./visit";
import { asCarried } from "./wording";

export interface CarryingActions {
  say(message: Readonly<Record<string, unknown>> & { readonly type: string }): boolean;
  /** Send so much of the picture from now on. */
  carry(sends: Sends): void;
  /** The line of somebody, ours too. */
  line(account: string, ends: Ends): void;
  /** Another rung: what we say of ourselves has changed. */
  rung(ladder: Ladder): void;
  /** Who speaks; null: nobody. */
  speaker(account: string | null): void;
  /** Whether somebody is here by the forwarder. */
  relayed(account: string): boolean;
}

const STEP_MS = 1000;
const ORDER: readonly Quality[] = ["excellent", "good", "poor", "lost"];

export class Carrying {
  ladder: Ladder = begin(performance.now());
  private readonly looking: Looking;
  private readonly directly = new Map<string, Reading>();
  private readonly told = new Map<string, Ends>();
  private readonly downs = new Map<string, Quality>();
  private readonly met = new Set<string>();
  private byForwarder: Reading | null = null;
  private people: readonly string[] = [];
  private readonly silences = new Silences();
  private down: Quality | null = null;

  constructor(
    stage: HTMLElement,
    private readonly me: string,
    private readonly actions: CarryingActions,
  ) {
    this.looking = new Looking(stage, (look) => this.tellLook(look));
    setInterval(() => this.step(), STEP_MS);
  }

  with(people: readonly string[]): void {
    this.people = people;
    for (const known of [this.directly, this.told, this.downs]) {
      for (const account of [...known.keys()]) if (account !== this.me && !people.includes(account)) known.delete(account);
    }
  }

  /** A connection from browser to browser was measured. */
  direct(account: string, reading: Reading): void {
    this.directly.set(account, reading);
    if (reading.flows) this.met.add(account);
    this.show();
  }

  /** The connection to the forwarder was measured. */
  relayed(reading: Reading): void {
    this.byForwarder = reading;
    this.show();
  }

  /** The forwarder says how somebody's line is. */
  hear(account: string, ends: Ends): void {
    this.told.set(account, ends);
    this.met.add(account);
    this.show();
  }

  status(account: string, status: Status): void {
    if (!status.down) return;
    this.downs.set(account, status.down);
    this.show();
  }

  speaker(account: string | null): void {
    this.actions.speaker(account);
  }

  /** The server hears us again: what was said meanwhile did not arrive. */
  seated(): void {
    this.silences.again();
    this.tellUnheard();
  }

  /** The forwarder has a new connection of ours, which knows nothing of what we look at. */
  connected(): void {
    this.looking.again();
  }

  leave(): void {
    for (const known of [this.directly, this.told, this.downs, this.met]) known.clear();
    this.people = [];
    this.byForwarder = null;
    this.silences.clear();
    this.down = null;
    this.ladder = begin(performance.now());
    this.actions.carry(sends(this.ladder));
    this.actions.rung(this.ladder);
  }

  /** What goes with our status: what we send, and how well we receive. */
  get mine(): Pick<Status, "sends" | "down"> {
    return { sends: told(this.ladder), ...(this.down ? { down: this.down } : {}) };
  }

  private step(): void {
    if (this.people.length === 0) return;
    const before = this.ladder;
    const load = this.load();
    if (load === null) return; // between two connections nothing is known
    this.ladder = next(before, load, performance.now());
    if (sends(this.ladder) !== sends(before)) this.actions.carry(sends(this.ladder));
    if (this.ladder.rung !== before.rung) {
      this.actions.rung(this.ladder);
      this.show(); // what is said of our line agrees with it
    }
  }

  private load(): Load | null {
    const found = this.readings().map((reading) => reading.load(sends(this.ladder)));
    if (found.length === 0) return null;
    // One person who is away says nothing about our line; only when nobody is heard it may be ours.
    if (found.every((one) => one === "lost")) return "lost";
    return (["strained", "fresh"] as const).find((one) => found.includes(one)) ?? "clear";
  }

  private readings(): Reading[] {
    const direct = this.people.filter((account) => !this.actions.relayed(account)).flatMap((account) => this.directReading(account) ?? []);
    const used = this.relayedReading && this.people.some((account) => this.actions.relayed(account)) ? [this.relayedReading] : [];
    return [...used, ...direct];
  }

  /** A connection that is no more says nothing: not that all is well, either. */
  private directReading(account: string): Reading | undefined {
    return fresh(this.directly.get(account));
  }

  private get relayedReading(): Reading | undefined {
    return fresh(this.byForwarder ?? undefined);
  }

  private show(): void {
    for (const account of this.people) {
      const line = this.line(account);
      if (line) this.actions.line(account, line);
    }
    const own = this.own();
    if (own) this.actions.line(this.me, own);
    if (own && own.down !== this.down) {
      this.down = own.down;
      this.actions.rung(this.ladder); // the others are told how well we receive
    }
    this.tellUnheard();
  }

  /** Somebody's line: what they send is what we receive, or what the forwarder does; how they receive they say themselves. */
  private line(account: string): Ends | undefined {
    if (this.actions.relayed(account)) return this.told.get(account);
    const reading = this.directReading(account);
    return reading && { up: reading.ends.down, down: this.downs.get(account) ?? reading.ends.up };
  }

  private own(): Ends | null {
    const readings = this.readings();
    if (readings.length === 0) return null;
    const worst = (side: keyof Ends): Quality => ORDER[Math.max(...readings.map(({ ends }) => ORDER.indexOf(ends[side])))] ?? "good";
    const said = this.byForwarder && readings[0] === this.byForwarder && readings.length === 1 ? this.told.get(this.me) : undefined;
    const cut = this.relayedReading?.ends.down === "lost"; // then its words do not reach us either
    return asCarried(said && !cut ? said : { up: worst("up"), down: worst("down") }, this.ladder.rung);
  }

  /** Whom we do not hear, and whom we do: of anybody else nothing is known here. */
  private tellUnheard(): void {
    const { people, heard } = this.cut() ? { people: [this.me], heard: [] } : this.unheard();
    const now = performance.now();
    this.silences.notice(people, heard, now);
    const news = this.silences.news(now);
    if (news && this.actions.say({ type: "unheard", ...news })) this.silences.told();
  }

  /** Nothing of the forwarder reaches us: that says something of ourselves, and nothing of the others. */
  private cut(): boolean {
    return this.relayedReading?.ends.down === "lost" && this.people.some((account) => this.met.has(account) && !this.directReading(account));
  }

  private unheard(): { people: string[]; heard: string[] } {
    const known = this.people.filter((account) => this.met.has(account) && this.line(account) !== undefined);
    const people = known.filter((account) => this.line(account)?.up === "lost").sort();
    const own = this.relayedReading ? [this.me] : [];
    return { people, heard: [...own, ...known.filter((account) => !people.includes(account)).sort()] };
  }

  private tellLook(look: Look): boolean {
    if (!this.people.some((account) => this.actions.relayed(account))) return true;
    return this.actions.say({ type: "look", hidden: look.hidden, small: look.small });
  }
}

function fresh(reading: Reading | undefined): Reading | undefined {
  return reading && performance.now() - reading.at < STALE_MS ? reading : undefined;
}
