/** The second picture of the connection with the forwarder: one line to send a screen in, one place to be shown somebody's. Both are made beforehand. */
import { SCREEN_ENCODING } from "./screen-line";

export class ScreenPlaces {
  private readonly sends: RTCRtpTransceiver;
  private readonly place: RTCRtpTransceiver;
  private shown: string | null = null;

  constructor(connection: RTCPeerConnection, track: MediaStreamTrack | null, prepare: (line: RTCRtpTransceiver) => void) {
    this.sends = connection.addTransceiver(track ?? "video", { direction: "sendonly", sendEncodings: [SCREEN_ENCODING] });
    this.place = connection.addTransceiver("video", { direction: "recvonly" });
    prepare(this.sends);
    prepare(this.place);
  }

  share(track: MediaStreamTrack | null): void {
    void this.sends.sender.replaceTrack(track).catch(() => undefined);
  }

  /** What is said of these lines in an offer. */
  get sent(): Readonly<Record<string, string>> {
    return { [this.sends.mid ?? ""]: "screen" };
  }

  get offered(): Readonly<Record<string, string | null>> {
    return { screen: this.place.mid };
  }

  /** Whose screen is in the place by what the forwarder says; tells when that changed. */
  show(places: Readonly<Record<string, unknown>>, changed: (account: string, stream: MediaStream | null) => void): void {
    const key = Object.keys(places).find((one) => one.endsWith("/screen"));
    const account = key?.slice(0, -"/screen".length) ?? null;
    if (account === this.shown) return;
    if (this.shown) changed(this.shown, null);
    this.shown = account;
    if (account) changed(account, new MediaStream([this.place.receiver.track]));
  }
}
