/** A visit as the server tells it, and what passes on the `/rooms` socket (PROTOCOL.md, Rooms). */

export type Phase = "scheduled" | "open" | "live" | "ended";
export type Place = "expected" | "checking" | "waiting" | "admitted" | "inside" | "away" | "left";

export interface Participant {
  readonly account: string;
  readonly name: string;
  readonly role: string;
  readonly host: boolean;
  readonly state: Place;
  /** In the room, or let in and away for a moment: picture and sound are theirs. */
  readonly seated: boolean;
  readonly since: string | null;
  /** Since when their hand is raised. */
  readonly hand: string | null;
  /** Of somebody who is there to learn: what the patient said to that. */
  readonly consent: "asked" | "given" | "refused" | null;
  /** A host sent them out for the rest of the visit. */
  readonly barred: boolean;
  readonly invited: boolean;
  /** Of a guest: what the patient said to their seeing what is shown beside the video; null while nobody asked. */
  readonly panels: "asked" | "given" | "refused" | null;
}

export interface Visit {
  readonly id: string;
  readonly version: number;
  readonly state: Phase;
  /** Whose record is beside the video; null in a group, and for who translates. */
  readonly patient: string | null;
  readonly group: boolean;
  /** Picture and sound go by our forwarder, not from browser to browser. */
  readonly forwarded: boolean;
  /** What goes by the forwarder is sealed by the people in the room; see `encryption/`. */
  readonly encrypted: boolean;
  readonly opens_at: string;
  readonly start: string;
  readonly end: string;
  readonly cancelled: boolean;
  readonly participants: readonly Participant[];
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

/** What the host shows beside the video: the name of a panel and ids, never content. */
export interface Shown {
  readonly panel: string | null;
  readonly from?: string;
  readonly report?: string;
}

export interface Ticket {
  readonly ticket: string;
  readonly ice_servers: RTCIceServer[];
  readonly ice_transport_policy: RTCIceTransportPolicy;
}

export type Quality = "excellent" | "good" | "poor" | "lost";

/** What somebody says of themselves: their microphone and camera, what their line carries now, and how well they receive. */
export interface Status {
  readonly mic: boolean;
  readonly camera: boolean;
  /** Whether this browser can encrypt end to end through the forwarder. */
  readonly encrypts?: boolean;
  /** Something else on the device has microphone or camera, as a phone call does. */
  readonly held?: boolean;
  readonly sends?: "video" | "low" | "audio" | "text";
  readonly down?: Quality;
}

export interface Signal {
  readonly from: string;
  /** Which connection of the sender speaks; a reload or a new try has another one. */
  readonly instance: string;
  /** Which connection of the receiver is meant; in a greeting, whose it answers. */
  readonly target?: string;
  readonly hello?: "ask" | "answer";
  readonly description?: RTCSessionDescriptionInit;
  readonly candidate?: RTCIceCandidateInit | null;
  readonly proof?: { readonly hash?: string; readonly number?: string };
}

export function participant(visit: Visit, account: string): Participant | undefined {
  return visit.participants.find((one) => one.account === account);
}

/** Others whose picture and sound may be here: inside, or away for a moment with their seat kept. */
export function others(visit: Visit, me: string): Participant[] {
  return visit.participants.filter((one) => one.account !== me && one.seated);
}

export function waiting(visit: Visit): Participant[] {
  return visit.participants.filter((one) => one.state === "waiting");
}
