/** The worker, and what a connection's senders and receivers have to do with it. */
import type { Secret } from "./exchange";
import type { Missing, Told } from "./worker";

/** Whether this browser can seal frames before they leave it. */
export function ableToEncrypt(): boolean {
  return "RTCRtpScriptTransform" in globalThis && "transform" in RTCRtpSender.prototype && "transform" in RTCRtpReceiver.prototype;
}

export class Transforms {
  private readonly worker: Worker;

  constructor(address: string, missing: (id: number) => void) {
    this.worker = new Worker(address, { type: "module" });
    this.worker.addEventListener("message", (event: MessageEvent<Missing>) => missing(event.data.missing));
  }

  use(secret: Secret): void {
    this.tell({ use: { ...secret, from: "" } });
  }

  take(from: string, secret: Secret): void {
    this.tell({ take: { ...secret, from } });
  }

  forget(from: string): void {
    this.tell({ forget: from });
  }

  /** Whatever this one sends is sealed, and what it receives opened. */
  attach(line: RTCRtpTransceiver): void {
    if (line.sender.transform) return;
    line.sender.transform = new RTCRtpScriptTransform(this.worker, { role: "seal" });
    line.receiver.transform = new RTCRtpScriptTransform(this.worker, { role: "open" });
    onlyWhatCanBeSealed(line);
  }

  close(): void {
    this.worker.terminate();
  }

  private tell(told: Told): void {
    this.worker.postMessage(told);
  }
}

/**
 * H.264 is cut into packets at marks inside of a frame, which sealed bytes may look like; VP8 is cut anywhere. Sound goes as
 * Opus alone: what is sealed with its repeats (RED) could not be taken apart for who receives without them.
 */
function onlyWhatCanBeSealed(line: RTCRtpTransceiver): void {
  const kind = line.receiver.track.kind;
  const wanted = kind === "video" ? /\/(VP8|rtx)$/i : /\/opus$/i;
  const known = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  line.setCodecPreferences(known.filter(({ mimeType }) => wanted.test(mimeType)));
}
