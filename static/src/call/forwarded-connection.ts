/** The one connection with our forwarder: what is sent, the places for others, and the servers and codecs that fit it. */
import type { Tracks } from "./peer";
import { ScreenPlaces } from "./screen-places";

export interface Connection {
  readonly pc: RTCPeerConnection;
  readonly audio: RTCRtpTransceiver;
  readonly camera: RTCRtpTransceiver;
  readonly screen: ScreenPlaces;
  readonly seats: { audio: RTCRtpTransceiver; camera: RTCRtpTransceiver }[];
}

/** What is sent: full size, and half of it each way for whoever has little room or a small tile. */
const LAYERS: RTCRtpEncodingParameters[] = [
  { rid: "h", maxBitrate: 1_000_000 },
  { rid: "l", scaleResolutionDownBy: 2, maxBitrate: 180_000 },
];

/** A new one that sends these tracks and *screen*, without places yet. */
export function connectionOf(configuration: RTCConfiguration, tracks: Tracks, shared: MediaStreamTrack | null): Connection {
  const pc = new RTCPeerConnection(configured(configuration));
  const audio = pc.addTransceiver(tracks.audio ?? "audio", { direction: "sendonly" });
  const camera = pc.addTransceiver(tracks.video ?? "video", { direction: "sendonly", sendEncodings: LAYERS });
  onlyWhatIsForwarded(camera);
  const screen = new ScreenPlaces(pc, shared, onlyWhatIsForwarded);
  return { pc, audio, camera, screen, seats: [] };
}

export function addPlaces({ pc, seats }: Connection, count: number): void {
  for (let made = 0; made < count; made += 1) {
    const seat = { audio: pc.addTransceiver("audio", { direction: "recvonly" }), camera: pc.addTransceiver("video", { direction: "recvonly" }) };
    onlyWhatIsForwarded(seat.camera);
    seats.push(seat);
  }
}

export function configured(configuration: RTCConfiguration): RTCConfiguration {
  return { iceServers: onlyTurn(configuration), bundlePolicy: "max-bundle" };
}

/**
 * The forwarder's address is known, and answers STUN on the same port: browsers take everything from a STUN server for answers
 * of STUN (libwebrtc, UDPPort::OnReadPacket), so it must not be named as one here.
 */
function onlyTurn(configuration: RTCConfiguration): RTCIceServer[] {
  return (configuration.iceServers ?? []).filter(({ urls }) => [urls].flat().some((url) => url.startsWith("turn")));
}

/** VP8 and H.264 are all that the forwarder takes; a shorter offer is a quicker one. */
function onlyWhatIsForwarded(transceiver: RTCRtpTransceiver): void {
  const known = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const wanted = known.filter(({ mimeType, sdpFmtpLine }) => {
    const baseline = /profile-level-id=42e0/i.test(sdpFmtpLine ?? "") && /packetization-mode=1/.test(sdpFmtpLine ?? "");
    return /\/(VP8|rtx)$/i.test(mimeType) || (/\/H264$/i.test(mimeType) && baseline);
  });
  if (wanted.length && "setCodecPreferences" in transceiver) transceiver.setCodecPreferences(wanted);
}

/**
 * Whether *answer* comes from another media process than the one that answered before. It cannot go on with this connection: a
 * browser names its layers (RID) only until the first report about them, so that the new process would never learn whose they are.
 */
export function fromAnother(pc: RTCPeerConnection, answer: string): boolean {
  const before = fingerprint(pc.currentRemoteDescription?.sdp ?? "");
  return before !== "" && before !== fingerprint(answer);
}

function fingerprint(sdp: string): string {
  return /^a=fingerprint:(.*)$/m.exec(sdp)?.[1]?.trim().toLowerCase() ?? "";
}
