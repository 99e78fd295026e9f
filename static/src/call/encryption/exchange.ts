/**
 * How a key comes from one browser to another: sealed between the two, so that whoever passes it on sees only that it passes.
 *
 * Each page has one ECDH key pair for the time it is in the room (P-256, WebCrypto). What two of them agree on goes through
 * HKDF with both public halves and both names, and seals the key by AES-GCM: a message that is played back to somebody else,
 * in another visit, or from another sender opens nothing.
 */
import { joined } from "./sframe";

export interface Secret {
  readonly id: number;
  readonly base: Uint8Array<ArrayBuffer>;
}

/** Who speaks with whom, in which visit. */
export interface Between {
  readonly visit: string;
  readonly from: string;
  readonly to: string;
}

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const NONCE_BYTES = 12;
const ID_BYTES = 6;
const BASE_BYTES = 32;

export class Exchange {
  private constructor(
    private readonly pair: CryptoKeyPair,
    /** Our half, for everybody to see. */
    readonly half: string,
  ) {}

  static async make(): Promise<Exchange> {
    const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
    return new Exchange(pair, toText(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))));
  }

  /** *secret* for whoever showed us *theirs*. */
  async seal(secret: Secret, theirs: string, between: Between): Promise<string> {
    const key = await this.key(theirs, between, [this.half, theirs]);
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const hidden = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, joined(idBytes(secret.id), secret.base));
    return toText(joined(iv, new Uint8Array(hidden)));
  }

  /** What the other side sealed for us; throws when it was not for us, or not by them. */
  async unseal(sealed: string, theirs: string, between: Between): Promise<Secret> {
    const key = await this.key(theirs, between, [theirs, this.half]);
    const bytes = fromText(sealed);
    const iv = bytes.slice(0, NONCE_BYTES);
    const shown = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.slice(NONCE_BYTES)));
    if (shown.length !== ID_BYTES + BASE_BYTES) throw new Error("not a key");
    return { id: shown.subarray(0, ID_BYTES).reduce((sum, byte) => sum * 256 + byte, 0), base: shown.slice(ID_BYTES) };
  }

  private async key(theirs: string, between: Between, halves: readonly string[]): Promise<CryptoKey> {
    const other = await crypto.subtle.importKey("raw", fromText(theirs), CURVE, false, []);
    const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, this.pair.privateKey, 256);
    const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
    const info = new TextEncoder().encode(["telegut key 1", between.visit, between.from, between.to, ...halves].join("\n"));
    return crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info }, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  }
}

/** A key that nobody had before. Its id is as good as never another's: 48 bits, and never one that a header holds in itself. */
export function newSecret(): Secret {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return { id: bytes.reduce((sum, byte) => sum * 256 + byte, 0) || 8, base: crypto.getRandomValues(new Uint8Array(BASE_BYTES)) };
}

function idBytes(id: number): Uint8Array {
  const made = new Uint8Array(ID_BYTES);
  for (let at = ID_BYTES - 1, left = id; at >= 0; at -= 1, left = Math.floor(left / 256)) made[at] = left % 256;
  return made;
}

export function toText(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function fromText(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
