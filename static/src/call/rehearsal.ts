/**
 * The connection, tried before the visit by the real way: one's own picture and sound go to our forwarder and come back, once
 * straight and once by the relay where there is one. What is blocked is said plainly, and what to do about it; the visit's
 * practitioners are told ready or risky, and never a device's name or an address.
 */
import { announce } from "../lib/announce";
import { api } from "../lib/api";
import { fill, h, one } from "../lib/dom";
import { _ } from "../lib/words";
import type { Devices } from "./devices";

type Way = "direct" | "relay" | "tcp" | "none";

interface Servers {
  readonly ice_servers: RTCIceServer[];
}

interface Verdict {
  readonly grade: "ready" | "risky";
  readonly troubles: readonly string[];
}

/** Connections that do not stand after this long do not come about in a visit either. */
const CONNECT_MS = 8000;
/** Long enough for losses to show. */
const WATCH_MS = 3000;
const LOOK_EVERY_MS = 250;

const ADVICE: Readonly<Record<string, string>> = {
  no_way: _("This network lets no video call through. Try another one, for example mobile data, or ask whoever looks after it to allow video calls. You can still come in and write."),
  tcp: _("This network blocks the direct way for video (UDP). The call takes a detour and may stutter: another network, such as mobile data, is better."),
  relay: _("This network blocks our relay. The call goes by our server instead, and begins some seconds later."),
  loss: _("This connection loses a lot on the way. Go closer to your Wi-Fi, or take a cable."),
  delay: _("This connection is slow. Close what else uses it, or take another network."),
};

export class Rehearsal {
  private running: Trial | null = null;
  private begun = false;
  private readonly place: HTMLElement;

  constructor(
    root: HTMLElement,
    private readonly visit: string,
    private readonly devices: Devices,
  ) {
    this.place = one("[data-way]", root);
    one("[data-way-again]", this.place).addEventListener("click", () => void this.run());
    devices.onChange(() => !this.begun && (devices.audio ?? devices.video) && void this.run());
  }

  /** The check is no longer on the screen. */
  stop(): void {
    this.begun = true;
    if (this.running) this.place.hidden = true; // it would say for ever that it is being tested
    this.running?.close();
    this.running = null;
  }

  private async run(): Promise<void> {
    this.begun = true;
    this.running?.close();
    const trial = (this.running = new Trial(this.visit, this.devices));
    this.say(_("Testing your connection…"), false);
    try {
      const verdict = await trial.run();
      if (trial === this.running) this.tell(verdict);
    } catch {
      if (trial === this.running) this.say(_("Your connection could not be tested right now. That is not because of you: come in as usual."), true);
    } finally {
      trial.close();
      if (trial === this.running) this.running = null;
    }
  }

  private tell({ grade, troubles }: Verdict): void {
    const advice = troubles.map((trouble) => ADVICE[trouble] ?? "").filter(Boolean);
    this.place.dataset["grade"] = grade;
    this.say(advice.length ? advice.join(" ") : _("Your connection works: your picture and sound went to our server and back."), advice.length > 0);
  }

  private say(words: string, again: boolean): void {
    this.place.hidden = false;
    one("[data-way-again]", this.place).hidden = !again;
    fill(one("[data-way-words]", this.place), h("span", null, words));
    if (again) announce(words);
  }
}

/** Two connections with our forwarder: what *there* sends, *back* is shown. */
class Trial {
  private readonly connections: RTCPeerConnection[] = [];
  private closed = false;

  constructor(
    private readonly visit: string,
    private readonly devices: Devices,
  ) {}

  async run(): Promise<Verdict> {
    const path = `/api/v1/visits/${this.visit}`;
    const turn = (await api.get<Servers>(`${path}/ice-servers`)).ice_servers.filter(({ urls }) => [urls].flat().some((url) => url.startsWith("turn")));
    const there = this.connect({ iceServers: turn });
    const back = this.connect({ iceServers: turn, iceTransportPolicy: turn.length ? "relay" : "all" });
    await this.describe(there, back, path);
    await this.until(() => [there, back].every((one) => one.connectionState === "connected"), CONNECT_MS);
    await this.until(() => false, there.connectionState === "connected" || back.connectionState === "connected" ? WATCH_MS : 0);
    const found = await this.found(there, back, turn.length > 0);
    if (this.closed) throw new Error("stopped");
    return api.put<Verdict>(`${path}/rehearsal`, found);
  }

  close(): void {
    this.closed = true;
    for (const one of this.connections.splice(0)) one.close();
  }

  private connect(configuration: RTCConfiguration): RTCPeerConnection {
    if (this.closed) throw new Error("stopped");
    const made = new RTCPeerConnection({ ...configuration, bundlePolicy: "max-bundle" });
    this.connections.push(made);
    return made;
  }

  private async describe(there: RTCPeerConnection, back: RTCPeerConnection, path: string): Promise<void> {
    const sends = (["audio", "video"] as const).map((kind) => there.addTransceiver(this.devices[kind] ?? kind, { direction: "sendonly" }));
    const shows = (["audio", "video"] as const).map((kind) => back.addTransceiver(kind, { direction: "recvonly" }));
    for (const one of [there, back]) await one.setLocalDescription(await one.createOffer());
    const mid = (transceiver: RTCRtpTransceiver | undefined): string => transceiver?.mid ?? "";
    const answers = await api.post<{ there: string; back: string }>(`${path}/rehearsal`, {
      there: { offer: there.localDescription?.sdp ?? "", sends: { [mid(sends[0])]: "audio", [mid(sends[1])]: "camera" } },
      back: { offer: back.localDescription?.sdp ?? "", shows: [{ audio: mid(shows[0]), camera: mid(shows[1]) }] },
    });
    await there.setRemoteDescription({ type: "answer", sdp: answers.there });
    await back.setRemoteDescription({ type: "answer", sdp: answers.back });
  }

  private async until(done: () => boolean, within: number): Promise<void> {
    const end = performance.now() + within;
    while (!this.closed && !done() && performance.now() < end) await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }

  private async found(there: RTCPeerConnection, back: RTCPeerConnection, hasRelay: boolean): Promise<Record<string, unknown>> {
    const [out, home] = [await measured(there), await measured(back)];
    const losses = [out.loss, home.loss];
    const arrived = home.packets > 0;
    const trips = [out, home].map((one) => one.trip).filter((trip): trip is number => trip !== null);
    return {
      camera: this.devices.video !== null,
      microphone: this.devices.audio !== null,
      way: out.way === "none" ? home.way : out.way,
      relay: hasRelay ? home.way !== "none" && (arrived || out.way === "none") : null,
      loss: Math.max(0, ...losses),
      round_trip_s: trips.length ? Math.max(...trips) : null,
    };
  }
}

interface Measured {
  way: Way;
  trip: number | null;
  loss: number;
  packets: number;
}

/** By which way a connection goes, and how well. */
async function measured(connection: RTCPeerConnection): Promise<Measured> {
  const found: Measured = { way: "none", trip: null, loss: 0, packets: 0 };
  if (connection.connectionState !== "connected") return found;
  const stats = new Map((await connection.getStats()).entries() as Iterable<[string, Record<string, unknown>]>);
  let lost = 0;
  for (const one of stats.values()) {
    const number = (name: string): number => (typeof one[name] === "number" ? one[name] : 0);
    if (one["type"] === "candidate-pair" && one["nominated"] === true && one["state"] === "succeeded") {
      found.way = wayOf(stats.get(String(one["localCandidateId"])));
      found.trip = number("currentRoundTripTime");
    } else if (one["type"] === "inbound-rtp") {
      found.packets += number("packetsReceived");
      lost += Math.max(0, number("packetsLost"));
    } else if (one["type"] === "remote-inbound-rtp") {
      found.loss = Math.max(found.loss, number("fractionLost"));
    }
  }
  if (found.packets > 0) found.loss = lost / (lost + found.packets);
  return found;
}

function wayOf(local: Record<string, unknown> | undefined): Way {
  if (local?.["candidateType"] === "relay") return local["relayProtocol"] === "udp" ? "relay" : "tcp";
  return local?.["protocol"] === "tcp" ? "tcp" : "direct";
}
