/**
 * Every frame that leaves or comes, inside the worker: sealed under one's own key, opened with that of whoever sent it.
 *
 * Nothing leaves unsealed: without a key of our own, or when sealing fails, a frame is dropped. Nothing is shown that was not
 * sealed by somebody in the room. A frame whose key is still under way waits for it a moment, because keys come by another
 * way than frames do.
 */
import { type FrameKey, SUITES, derive, readHeader, seal, unseal } from "./sframe";

/** The little that is read of a frame of `RTCRtpScriptTransformer`. */
export interface Frame {
  data: ArrayBuffer;
  /** `key` or `delta` for pictures; sound has none. */
  readonly type?: string;
}

export interface GivenKey {
  readonly id: number;
  readonly base: Uint8Array<ArrayBuffer>;
  /** Whose it is: nobody can take the place of another's key. */
  readonly from: string;
}

const SUITE = SUITES.AES_256_GCM_SHA512_128;
/** Browsers read the picture's header: RFC 6386, section 9.1 (10 bytes in a key frame, 3 in others). */
const CLEAR_KEY_FRAME = 10;
const CLEAR_DELTA_FRAME = 3;
/** RFC 6716, section 3.1: the table of contents. */
const CLEAR_SOUND = 1;
const KEY_WITHIN_MS = 1500;
/** Keys of others that are kept: frames under way when somebody came or went are still opened. */
const KEYS_EACH = 3;

export function clearBytes(frame: Frame): number {
  const wanted = frame.type === "key" ? CLEAR_KEY_FRAME : frame.type === "delta" ? CLEAR_DELTA_FRAME : CLEAR_SOUND;
  return Math.min(wanted, frame.data.byteLength);
}

export class Frames {
  private own: FrameKey | null = null;
  private counter = 0;
  private used: number | null = null;
  private readonly keys = new Map<number, { from: string; key: FrameKey }>();
  private readonly absent = new Set<number>();
  private readonly awaited = new Map<number, (() => void)[]>();

  /** *missing*: told once of each key id that frames come with and nobody has given us. */
  constructor(private readonly missing: (id: number) => void) {}

  /** Seal with this one from now on. Never twice with the same: its counters are used up. */
  async use(given: GivenKey): Promise<void> {
    if (this.used === given.id) return;
    this.used = given.id;
    const key = await derive(SUITE, given.id, given.base);
    if (this.used !== given.id) return;
    this.own = key;
    this.counter = 0;
  }

  /** Open frames with this one too; the oldest of the same sender goes. */
  async take(given: GivenKey): Promise<void> {
    const known = this.keys.get(given.id);
    if (known && known.from !== given.from) return;
    const key = await derive(SUITE, given.id, given.base);
    this.keys.delete(given.id);
    this.keys.set(given.id, { from: given.from, key });
    const theirs = [...this.keys].filter(([, one]) => one.from === given.from);
    for (const [id] of theirs.slice(0, -KEYS_EACH)) this.keys.delete(id);
    this.absent.delete(given.id);
    for (const go of this.awaited.get(given.id) ?? []) go();
    this.awaited.delete(given.id);
  }

  /** Somebody has left: what they send is not opened any more. */
  forget(from: string): void {
    for (const [id, one] of this.keys) if (one.from === from) this.keys.delete(id);
  }

  /** Whether *frame* may go, now sealed. */
  async seal(frame: Frame): Promise<boolean> {
    const key = this.own;
    if (!key) return false;
    const counter = this.counter;
    this.counter += 1;
    try {
      frame.data = (await seal(key, counter, new Uint8Array(frame.data), clearBytes(frame))).buffer;
      return true;
    } catch {
      return false;
    }
  }

  /** Whether *frame* is from somebody here, now open. */
  async open(frame: Frame): Promise<boolean> {
    const clear = clearBytes(frame);
    const found = readHeader(new Uint8Array(frame.data).subarray(clear));
    if (!found) return false;
    if (!this.keys.has(found.id)) await this.wait(found.id);
    const key = this.keys.get(found.id)?.key;
    if (!key) return false;
    try {
      frame.data = (await unseal(key, new Uint8Array(frame.data), clear)).buffer;
      return true;
    } catch {
      return false;
    }
  }

  /** The first frame of an unknown key waits, and the stream with it; when the key did not come, others do not wait again. */
  private async wait(id: number): Promise<void> {
    if (this.absent.has(id)) return;
    this.missing(id);
    await new Promise<void>((go) => {
      this.awaited.set(id, [...(this.awaited.get(id) ?? []), go]);
      setTimeout(go, KEY_WITHIN_MS);
    });
    if (!this.keys.has(id)) this.absent.add(id);
  }
}
