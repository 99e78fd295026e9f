/** Three people in one page, each connected with the forwarder as in a visit; see test_sealed_frames.py. */
import { Encryption } from "../../static/src/call/encryption/encryption";

declare function join(seat: string, offer: string, sends: Record<string, string>, shows: Record<string, string | null>[]): Promise<string>;

const NAMES = ["amara", "lena", "jonas"];
const people = new Map<string, { encryption: Encryption; connection: RTCPeerConnection }>();

/** A picture that changes and a tone, as small as they can be. */
function media(): MediaStreamTrack[] {
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
  const pen = canvas.getContext("2d")!;
  let hue = 0;
  setInterval(() => {
    pen.fillStyle = `hsl(${(hue += 30)} 90% 50%)`;
    pen.fillRect(0, 0, 160, 120);
  }, 200);
  const context = new AudioContext();
  const tone = context.createOscillator();
  const sink = context.createMediaStreamDestination();
  tone.connect(sink);
  tone.start();
  return [...sink.stream.getAudioTracks(), ...canvas.captureStream(5).getVideoTracks()];
}

/** *deaf*: whoever is never given a key. */
async function enter(name: string, on: boolean, deaf: string): Promise<void> {
  const others = NAMES.filter((one) => one !== name);
  const encryption: Encryption = new Encryption("visit", name, "/frame-worker.js", {
    send: (message) => {
      const { to } = message as unknown as { to: string };
      if (to !== deaf) people.get(to)?.encryption.hear({ ...message, from: name } as never);
    },
    changed: () => undefined,
  });
  const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  people.set(name, { encryption, connection });
  encryption.with(others, on);
  const [sound, picture] = media();
  const audio = connection.addTransceiver(sound!, { direction: "sendonly" });
  const camera = connection.addTransceiver(picture!, { direction: "sendonly" });
  const seats = others.map(() => ({ audio: connection.addTransceiver("audio", { direction: "recvonly" }), camera: connection.addTransceiver("video", { direction: "recvonly" }) }));
  connection.ontrack = ({ track }) => document.body.append(Object.assign(document.createElement("video"), { autoplay: true, muted: true, srcObject: new MediaStream([track]) }));
  encryption.attach(connection);
  await connection.setLocalDescription();
  const shows = seats.map((seat) => ({ audio: seat.audio.mid, camera: seat.camera.mid }));
  const sdp = await join(name, connection.localDescription!.sdp, { [audio.mid!]: "audio", [camera.mid!]: "camera" }, shows);
  await connection.setRemoteDescription({ type: "answer", sdp });
}

/** By person: how many packets of pictures came, and how many pictures were decoded. */
async function received(): Promise<string> {
  const found: Record<string, { packets: number; frames: number }> = {};
  for (const [name, { connection }] of people) {
    const sum = (found[name] = { packets: 0, frames: 0 });
    for (const one of (await connection.getStats()).values()) {
      if (one.type !== "inbound-rtp" || one.kind !== "video") continue;
      sum.packets += one.packetsReceived ?? 0;
      sum.frames += one.framesDecoded ?? 0;
    }
  }
  return JSON.stringify(found);
}

Object.assign(window, { enter, received, leave: (name: string) => [...people].forEach(([one, { encryption }]) => encryption.with(NAMES.filter((other) => other !== name && other !== one), true)) });
