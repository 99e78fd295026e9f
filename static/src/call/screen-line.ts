/**
 * The second picture of a connection from browser to browser: somebody's screen. Its media line is made when the first of both
 * shares, and stays: stopping sends nothing over it, sharing again needs no new description. Every video line after the first is one.
 */

/** A screen is read, not watched: sharp letters before many pictures, and before everybody's faces. */
export const SCREEN_ENCODING: RTCRtpEncodingParameters = { maxBitrate: 2_500_000, maxFramerate: 15, priority: "high", networkPriority: "high" };

export class ScreenLine {
  private track: MediaStreamTrack | null = null;

  constructor(
    private readonly connection: RTCPeerConnection,
    private readonly arrived: (stream: MediaStream) => void,
  ) {}

  /** Whether this is a line for a screen. */
  has(transceiver: RTCRtpTransceiver): boolean {
    return this.pictures().indexOf(transceiver) > 0;
  }

  /** The other side has such a line. */
  came(track: MediaStreamTrack): void {
    this.arrived(new MediaStream([track]));
  }

  /** Share this from now on; null: nothing. */
  share(track: MediaStreamTrack | null): void {
    this.track = track;
    const line = this.pictures()[1];
    if (line) void this.attach(line);
    else this.settle();
  }

  /** The first two lines are there now: ours may follow. */
  settle(): void {
    const pictures = this.pictures();
    if (!this.track || pictures.length !== 1) return;
    this.connection.addTransceiver(this.track, { direction: "sendrecv", sendEncodings: [SCREEN_ENCODING] });
  }

  async attach(line: RTCRtpTransceiver): Promise<void> {
    line.direction = "sendrecv";
    if (line !== this.pictures()[1] || line.sender.track === this.track) return;
    await line.sender.replaceTrack(this.track).catch(() => undefined);
  }

  private pictures(): RTCRtpTransceiver[] {
    return this.connection.getTransceivers().filter(({ receiver }) => receiver.track.kind === "video");
  }
}
