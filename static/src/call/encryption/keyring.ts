/**
 * The keys of everybody in the room, as one of them holds them.
 *
 * Each seals with a key of their own and gives it to exactly those who are in the room. Whenever somebody comes or goes, or
 * begins anew after a reload, each makes another key: a newcomer cannot open what was sent before, and who has left cannot
 * open what is sent later. Messages may be lost: whoever lacks a key greets again and is answered.
 */
import { type Between, Exchange, type Secret, newSecret } from "./exchange";

export interface KeyMessage {
  readonly from: string;
  /** The sender's half of the exchange. */
  readonly half: string;
  /** Their key, for us alone; absent in a greeting. */
  readonly sealed?: string;
}

export interface KeyringEvents {
  send(message: { readonly type: "key"; readonly to: string; readonly half: string; readonly sealed?: string }): void;
  /** Seal with this one from now on. */
  use(secret: Secret): void;
  /** Somebody's key. */
  take(from: string, secret: Secret): void;
  forget(from: string): void;
}

const GREET_AGAIN_MS = 1500;

export class Keyring {
  private readonly halves = new Map<string, string>();
  private readonly given = new Set<string>();
  private people: readonly string[] = [];
  private secret: Secret = newSecret();
  private readonly exchange: Promise<Exchange> = Exchange.make();
  private readonly greeting: ReturnType<typeof setInterval>;
  /** One thing after the other: a key that is being sealed is not overtaken by the next. */
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly visit: string,
    private readonly me: string,
    private readonly events: KeyringEvents,
  ) {
    this.greeting = setInterval(() => this.later(() => this.greet()), GREET_AGAIN_MS);
    events.use(this.secret);
  }

  /** Exactly these are in the room beside us. */
  with(people: readonly string[]): void {
    if (people.length === this.people.length && people.every((one) => this.people.includes(one))) return;
    const gone = this.people.filter((one) => !people.includes(one));
    this.people = [...people];
    for (const account of gone) {
      this.halves.delete(account);
      this.given.delete(account);
      this.events.forget(account);
    }
    this.later(() => this.renew());
  }

  hear(message: KeyMessage): void {
    this.later(() => this.heard(message));
  }

  /** Frames come that no key opens: ask again for everybody's. */
  lack(): void {
    this.given.clear();
    this.later(() => this.greet());
  }

  close(): void {
    clearInterval(this.greeting);
    this.people = [];
  }

  private later(work: () => Promise<void>): void {
    this.work = this.work.then(work).catch((failure: unknown) => console.warn("key not exchanged", failure));
  }

  /** Another key of ours, for whoever is here now. */
  private async renew(): Promise<void> {
    this.secret = newSecret();
    for (const account of this.people) await this.give(account);
    this.events.use(this.secret);
    await this.greet();
  }

  private async greet(): Promise<void> {
    const { half } = await this.exchange;
    for (const account of this.people) if (!this.given.has(account)) this.events.send({ type: "key", to: account, half });
  }

  private async give(account: string): Promise<void> {
    const theirs = this.halves.get(account);
    if (!theirs) return;
    const exchange = await this.exchange;
    const sealed = await exchange.seal(this.secret, theirs, this.between(this.me, account));
    this.events.send({ type: "key", to: account, half: exchange.half, sealed });
  }

  private async heard({ from, half, sealed }: KeyMessage): Promise<void> {
    if (!this.people.includes(from)) return;
    const before = this.halves.get(from);
    this.halves.set(from, half);
    if (sealed) {
      this.events.take(from, await (await this.exchange).unseal(sealed, half, this.between(from, this.me)));
      this.given.add(from);
    }
    if (before !== undefined && before !== half) await this.renew(); // they began anew
    else if (before === undefined || !sealed) await this.give(from);
  }

  private between(from: string, to: string): Between {
    return { visit: this.visit, from, to };
  }
}
