/**
 * The words that two people say aloud to know that nobody sits between their browsers, however the descriptions came to them.
 *
 * They come from the DTLS fingerprints of both ends, as each browser really uses them, and from a random number of each.
 * Each first tells the hash of its number (a commitment) and shows the number only when it has the other's hash: whoever sits
 * in between must choose before seeing, and has one try in 16 million, not a search (as ZRTP does, RFC 6189, section 4.4.1).
 * The hash goes along with the offer, hash and number with the answer; the offering side's number follows.
 */
import { fromText, toText } from "./exchange";
import { joined } from "./sframe";
import { WORDS } from "./wordlist";

const SAID = 3;
const NUMBER_BYTES = 16;

/** One end of a connection: the certificate it shows, and its number. */
export interface End {
  readonly fingerprint: string;
  readonly number: Uint8Array;
}

/** The words for two ends, the same whichever is named first. */
export async function wordsFor(one: End, other: End): Promise<string> {
  const [first, second] = [encoded(one), encoded(other)].sort(compare) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  const digest = await hash("telegut words 1", first, second);
  return [...digest.subarray(0, SAID)].map((byte) => WORDS[byte]!).join(" ");
}

/** What is told first of an end: it binds the number and the certificate, and gives neither away. */
export async function commitment(end: End): Promise<string> {
  return toText(await hash("telegut commitment 1", encoded(end)));
}

/** The certificate's fingerprint in a description, as browsers compare it; null without one. All sections must name the same. */
export function fingerprintIn(sdp: string): string | null {
  const found = new Set([...sdp.matchAll(/^a=fingerprint:(\S+) ([0-9A-Fa-f:]+)\s*$/gm)].map(([, kind, value]) => `${kind!.toLowerCase()} ${value!.toUpperCase()}`));
  return found.size === 1 ? [...found][0]! : null;
}

/** What passes between the two: a hash first, a number later. */
export interface Proof {
  readonly hash?: string;
  readonly number?: string;
}

/** One end's side of it, for one connection. *tell* passes on; *done* is given the words, or null when something does not fit. */
export class Comparison {
  private readonly number = crypto.getRandomValues(new Uint8Array(NUMBER_BYTES));
  private ends: { mine: string; theirs: string } | null = null;
  private theirHash: string | null = null;
  private theirNumber: string | null = null;
  /** Their commitment came with their description: so they have read ours with ours. */
  private inHand = false;
  private bound = false;
  private shown = false;
  private over = false;

  constructor(
    private readonly tell: (proof: Proof) => void,
    private readonly done: (words: string | null) => void,
  ) {}

  /** Both descriptions are in use: the connection stands. */
  async begin(local: string, remote: string): Promise<void> {
    const [mine, theirs] = [fingerprintIn(local), fingerprintIn(remote)];
    if (this.ends || !mine || !theirs) return;
    this.ends = { mine, theirs };
    if (!this.bound || !this.inHand) {
      const hash = await commitment({ fingerprint: mine, number: this.number });
      this.tell({ hash });
      this.bound = true;
    }
    await this.goOn();
  }

  /** What goes along with our description: our commitment, and to whoever has made theirs our number; nothing once they are compared. */
  async along(local: string): Promise<Proof | undefined> {
    const mine = fingerprintIn(local);
    if (this.ends || !mine) return undefined;
    const hash = await commitment({ fingerprint: mine, number: this.number });
    this.bound = true;
    if (!this.theirHash) return { hash };
    this.shown = true;
    return { hash, number: toText(this.number) };
  }

  /** What the other end says, by itself or with its description; only the first of each counts. */
  async hear(proof: Proof, described = false): Promise<void> {
    this.inHand ||= described;
    if (typeof proof.hash === "string") this.theirHash ??= proof.hash;
    // A number before its hash could have been chosen after ours was seen.
    if (typeof proof.number === "string" && this.theirHash) this.theirNumber ??= proof.number;
    await this.goOn();
  }

  private async goOn(): Promise<void> {
    if (!this.ends || !this.bound || !this.theirHash || this.over) return;
    if (!this.shown) {
      this.shown = true;
      this.tell({ number: toText(this.number) });
    }
    if (!this.theirNumber || this.over) return;
    this.over = true;
    const { mine, theirs } = this.ends;
    const other = { fingerprint: theirs, number: fromText(this.theirNumber) };
    const fits = other.number.length === NUMBER_BYTES && (await commitment(other)) === this.theirHash;
    this.done(fits ? await wordsFor({ fingerprint: mine, number: this.number }, other) : null);
  }

}

function encoded({ fingerprint, number }: End): Uint8Array<ArrayBuffer> {
  return joined(new TextEncoder().encode(`${fingerprint}\n`), number);
}

function compare(one: Uint8Array, other: Uint8Array): number {
  const [a, b] = [toText(one), toText(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

async function hash(label: string, ...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const framed = parts.flatMap((part) => [new Uint8Array([part.length >> 8, part.length & 255]), part]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(new TextEncoder().encode(`${label}\n`), ...framed)));
}
