/** How well a connection carries, up and down, each in one of four words; pure but for reading the statistics. */
import type { Quality } from "./visit";

export interface Sample {
  readonly at: number;
  readonly packets: number;
  readonly lost: number;
  readonly frames: number;
  /** Grows with whatever arrives, media or not: also of who has microphone and camera off. */
  readonly heard: number;
  /** When the last packet of media came, as exactly as the browser says; null where it does not. */
  readonly newest: number | null;
  readonly rtt: number;
  /** The part of what we send that was lost, as the other end says. */
  readonly upLost: number;
  /** What our path may carry, in bits a second; null where the browser does not say. */
  readonly room: number | null;
  readonly framesSent: number;
}

/** Somebody's connection: what they send, and what they receive. */
export interface Ends {
  readonly up: Quality;
  readonly down: Quality;
}

/**
 * What our own way up bears: nothing arrives at all, too much is sent, or it is well. `fresh`: strain of a connection that has only
 * just begun, or come again, says nothing yet of the line.
 */
export type Load = "lost" | "strained" | "fresh" | "clear";

/** Nothing arrived for this long: lost. Who sends neither voice nor picture still checks the path every 2.5 s (libwebrtc, STABLE_CONNECTION_PING_INTERVAL). */
export const SILENT_MS = 3000;
/** The same after a stream of packets, of which even a muted microphone sends 50 a second. */
export const CUT_OFF_MS = 1900;
/** After this long without anything one looks more often, for so long. */
const WAITS_AFTER_MS = 600;
const WAITS_FOR_MS = 15_000;
/** A new connection finds out what its path carries, and is sent what was missed: for so long that looks like a weak line. */
const SETTLES_MS = 8000;
/** What was measured so long ago says nothing of now: a new connection is silent for as long, see `Meter.read`. */
export const STALE_MS = SILENT_MS + 1500;
/** More packets than this since the last look are a stream. */
const STREAM = 10;
/**
 * Share of packets lost, and round trip in seconds, above which a call is felt to be poor, or merely good. 2 % is not noticed and
 * 10 % is what libwebrtc's own rate control takes for congestion; ITU-T G.114: 150 ms one way is fine, 400 ms is not.
 */
const POOR = { loss: 0.1, rtt: 0.6 };
const GOOD = { loss: 0.02, rtt: 0.3 };
/**
 * What each of them bears: the share of packets lost, and the bits a second without which a picture of this size is no use. A small
 * picture bears more loss, because lost packets are asked for again and there are few; Opus with its repeats even more.
 */
const BEARS = { video: { loss: 0.1, room: 120_000 }, low: { loss: 0.25, room: 25_000 }, audio: { loss: 0.4, room: 0 } } as const;

function word(loss: number, rtt: number): Quality {
  if (loss > POOR.loss || rtt > POOR.rtt) return "poor";
  if (loss > GOOD.loss || rtt > GOOD.rtt) return "good";
  return "excellent";
}

export function grades(before: Sample | undefined, now: Sample, lastArrival: number, silentAfter = SILENT_MS): Ends {
  if (now.at - lastArrival >= silentAfter) return { up: "lost", down: "lost" };
  if (!before) return { up: "good", down: "good" };
  const arrived = Math.max(0, now.packets - before.packets);
  const lost = Math.max(0, now.lost - before.lost);
  return { up: word(now.upLost, now.rtt), down: word(arrived + lost === 0 ? 0 : lost / (arrived + lost), now.rtt) };
}

/** A long way to somebody is no load: only loss, and a path that is too narrow for the picture that is sent. */
export function load(before: Sample | undefined, now: Sample, lastArrival: number, sends: keyof typeof BEARS, { silentAfter, carriesSince }: Course): Load {
  if (now.at - lastArrival >= silentAfter) return "lost";
  const pictures = before !== undefined && now.framesSent > before.framesSent;
  const narrow = pictures && now.room !== null && now.room < BEARS[sends].room;
  if (now.upLost <= BEARS[sends].loss && !narrow) return "clear";
  return now.at - carriesSince < SETTLES_MS ? "fresh" : "strained";
}

/** How a connection has gone: after how much silence it is lost, and since when it carries without having been. */
export interface Course {
  readonly silentAfter: number;
  readonly carriesSince: number;
}

export interface Reading {
  readonly at: number;
  readonly ends: Ends;
  /** Media arrives, for the first time since the connection was made. */
  readonly begins: boolean;
  readonly flows: boolean;
  load(sends: keyof typeof BEARS): Load;
}

/** One connection, read once a second. */
export class Meter {
  private before: Sample | undefined;
  private lastArrival = performance.now();
  private silentAfter = SILENT_MS;
  private carriesSince: number | null = null;
  private cameBefore = 0;
  private flowing = false;
  private quiet = 0;

  /** Whether a stream has stopped: one looks again soon. */
  get waits(): boolean {
    return this.flowing && this.silentAfter === CUT_OFF_MS && this.quiet >= WAITS_AFTER_MS && this.quiet < WAITS_FOR_MS;
  }

  /** Null until something was heard, or silence has lasted long enough to be one. */
  async read(connection: RTCPeerConnection): Promise<Reading | null> {
    const now = await sample(connection);
    const { before } = this;
    if (now.heard > (before?.heard ?? 0)) {
      const came = now.packets - (before?.packets ?? 0);
      this.silentAfter = Math.max(came, this.cameBefore) > STREAM ? CUT_OFF_MS : SILENT_MS; // the last look before a cut may find little
      this.cameBefore = came;
      this.lastArrival = came > 0 && now.newest !== null ? Math.max(now.newest, this.lastArrival) : now.at;
    }
    const begins = !this.flowing && now.packets > (before?.packets ?? 0);
    this.flowing ||= begins;
    this.before = now;
    this.quiet = now.at - this.lastArrival;
    const { lastArrival, silentAfter } = this;
    if (now.heard === 0 && now.at - lastArrival < SILENT_MS) return null;
    const carriesSince = (this.carriesSince = this.quiet >= silentAfter ? null : (this.carriesSince ?? now.at)) ?? now.at;
    const course = { silentAfter, carriesSince };
    return { at: now.at, ends: grades(before, now, lastArrival, silentAfter), begins, flows: this.flowing, load: (sends) => load(before, now, lastArrival, sends, course) };
  }
}

export async function sample(connection: RTCPeerConnection): Promise<Sample> {
  const sums = { packets: 0, lost: 0, frames: 0, heard: 0, rtt: 0, upLost: 0, framesSent: 0 };
  let room: number | null = null;
  let reports = 0;
  let age = Infinity;
  const stats = new Map((await connection.getStats()).entries() as Iterable<[string, Record<string, unknown>]>);
  for (const report of stats.values()) {
    const number = (name: string): number => (typeof report[name] === "number" ? report[name] : 0);
    switch (report["type"]) {
      case "inbound-rtp":
        sums.packets += number("packetsReceived");
        sums.lost += number("packetsLost");
        sums.frames += number("framesDecoded");
        if (report["lastPacketReceivedTimestamp"]) age = Math.min(age, number("timestamp") - number("lastPacketReceivedTimestamp"));
        break;
      case "outbound-rtp":
        sums.framesSent += number("framesSent");
        break;
      case "remote-inbound-rtp":
        if (stats.get(String(report["localId"]))?.["active"] === false) break; // the last word on a picture that is not sent any more
        sums.upLost += number("fractionLost");
        sums.rtt = Math.max(sums.rtt, number("roundTripTime"));
        reports += 1;
        break;
      case "candidate-pair":
        sums.heard += number("bytesReceived") + number("responsesReceived") + number("requestsReceived");
        if (report["nominated"] !== true) break;
        sums.rtt = Math.max(sums.rtt, number("currentRoundTripTime"));
        if (typeof report["availableOutgoingBitrate"] === "number") room = report["availableOutgoingBitrate"];
        break;
    }
  }
  const at = performance.now();
  return { at, newest: Number.isFinite(age) ? at - Math.max(0, age) : null, ...sums, upLost: reports ? sums.upLost / reports : 0, room };
}
