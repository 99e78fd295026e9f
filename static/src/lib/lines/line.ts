/** One way to the server's feed. Whoever listens hears the frames of PROTOCOL.md, whichever way they came. */
export type Frame = Readonly<Record<string, unknown>>;

export interface Ear {
  heard(frame: Frame): void;
  /** The way has ended; said once, never after `close`. Codes as in PROTOCOL.md; 1006 for silence. */
  lost(code: number, reason: string): void;
}

export interface Line {
  /** Slower than a socket, and without what nobody keeps, such as "is writing". */
  readonly slow: boolean;
  /** Begins, behind *cursor*, or with the present. Answered by `welcome` or `resync_required`, or lost. */
  open(cursor: string | null): void;
  /** False when it cannot be said this way, or not now. */
  put(frame: Frame): boolean;
  /** Sees at once whether the way still goes through, instead of some seconds later. */
  look(): void;
  close(): void;
}

/** A way that ended without a word of its own (RFC 6455, section 7.1.5). */
export const SILENCE = 1006;
/** The close code that a new try cannot mend (PROTOCOL.md). */
export const SESSION_ENDED = 4401;
