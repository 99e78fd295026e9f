/**
 * SFrame (RFC 9605): one encoded frame sealed under a key that only the people in the room have.
 *
 *     clear bytes │ SFrame header (key id, counter) │ ciphertext and tag
 *
 * The clear bytes lead the frame because browsers read them; they are the SFrame metadata and so authenticated. Nothing here
 * knows of calls: it runs in the page, in a worker and under node.
 */

/** RFC 9605, section 4.5 and table 1: number, length of the AES key, hash of the key derivation. */
export const SUITES = {
  AES_128_GCM_SHA256_128: { number: 4, keyBytes: 16, hash: "SHA-256" },
  AES_256_GCM_SHA512_128: { number: 5, keyBytes: 32, hash: "SHA-512" },
} as const;

export type Suite = (typeof SUITES)[keyof typeof SUITES];

export interface FrameKey {
  /** The key id, at most 2^53. */
  readonly id: number;
  readonly key: CryptoKey;
  readonly salt: Uint8Array;
}

export interface Header {
  readonly id: number;
  readonly counter: number;
  /** How many bytes it has. */
  readonly length: number;
}

const NONCE_BYTES = 12;
const MOST_HEADER_BYTES = 17;

/** Key and salt of section 4.4.2 for a base key with this id. */
export async function derive(suite: Suite, id: number, base: Uint8Array<ArrayBuffer>): Promise<FrameKey> {
  const secret = await crypto.subtle.importKey("raw", base, "HKDF", false, ["deriveBits"]);
  const expand = async (label: string, bytes: number): Promise<Uint8Array<ArrayBuffer>> => {
    const info = joined(new TextEncoder().encode(label), fixed(id, 8), fixed(suite.number, 2));
    return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: suite.hash, salt: new Uint8Array(), info }, secret, 8 * bytes));
  };
  const raw = await expand("SFrame 1.0 Secret key ", suite.keyBytes);
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  return { id, key, salt: await expand("SFrame 1.0 Secret salt ", NONCE_BYTES) };
}

/** Section 4.3: one byte that says how long key id and counter are, or holds them when they are below 8. */
export function header(id: number, counter: number): Uint8Array<ArrayBuffer> {
  const [k, c] = [short(id), short(counter)];
  const first = (k ? 0x80 | ((k.length - 1) << 4) : id << 4) | (c ? 0x08 | (c.length - 1) : counter);
  return joined(new Uint8Array([first]), k ?? new Uint8Array(), c ?? new Uint8Array());
}

/** The header that *bytes* begin with; null when it is cut short, longer than it need be, or beyond what a number holds exactly. */
export function readHeader(bytes: Uint8Array): Header | null {
  const first = bytes[0];
  if (first === undefined) return null;
  const forId = first & 0x80 ? ((first >> 4) & 7) + 1 : 0;
  const forCounter = first & 0x08 ? (first & 7) + 1 : 0;
  const length = 1 + forId + forCounter;
  if (bytes.length < length || length > MOST_HEADER_BYTES) return null;
  const id = forId ? number(bytes.subarray(1, 1 + forId)) : (first >> 4) & 7;
  const counter = forCounter ? number(bytes.subarray(1 + forId, length)) : first & 7;
  if (!Number.isSafeInteger(id) || !Number.isSafeInteger(counter)) return null;
  if (header(id, counter).length !== length) return null;
  return { id, counter, length };
}

/** *frame* with all but its first *clear* bytes sealed. A counter is used once with a key. */
export async function seal(key: FrameKey, counter: number, frame: Uint8Array<ArrayBuffer>, clear: number): Promise<Uint8Array<ArrayBuffer>> {
  const open = frame.subarray(0, clear);
  const head = header(key.id, counter);
  const hidden = await crypto.subtle.encrypt(aes(key, counter, joined(head, open)), key.key, frame.subarray(clear));
  return joined(open, head, new Uint8Array(hidden));
}

/** What `seal` was given. Throws when a single bit is another, or the key is. */
export async function unseal(key: FrameKey, frame: Uint8Array<ArrayBuffer>, clear: number): Promise<Uint8Array<ArrayBuffer>> {
  const found = readHeader(frame.subarray(clear));
  if (!found || found.id !== key.id) throw new Error("not sealed with this key");
  const open = frame.subarray(0, clear);
  const head = frame.subarray(clear, clear + found.length);
  const shown = await crypto.subtle.decrypt(aes(key, found.counter, joined(head, open)), key.key, frame.subarray(clear + found.length));
  return joined(open, new Uint8Array(shown));
}

/** Section 4.4.3: the counter over the salt. */
export function nonce(salt: Uint8Array, counter: number): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(salt);
  fixed(counter, 8).forEach((byte, at) => (made[NONCE_BYTES - 8 + at]! ^= byte));
  return made;
}

function aes(key: FrameKey, counter: number, additionalData: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: "AES-GCM", iv: nonce(key.salt, counter), additionalData, tagLength: 128 };
}

/** Big-endian, in as few bytes as it takes; null below 8, which the first byte of a header holds. */
function short(value: number): Uint8Array<ArrayBuffer> | null {
  if (value < 8) return null;
  const whole = fixed(value, 8);
  return whole.slice(whole.findIndex((byte) => byte !== 0));
}

function fixed(value: number, bytes: number): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(bytes);
  for (let at = bytes - 1, left = value; at >= 0; at -= 1, left = Math.floor(left / 256)) made[at] = left % 256;
  return made;
}

function number(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
