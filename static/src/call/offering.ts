/** What goes with an offer or an answer from browser to browser: candidates found in a moment, and which sound is wished for. */

/** Candidates found in so much time go with the description: a device's own are there after 2 to 6 ms. Those of servers follow by themselves. */
const GATHERED_WITHIN_MS = 20;

/** Until all candidates are found, and for a moment at most. */
export function gathered(connection: RTCPeerConnection): Promise<void> {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const look = (): void => {
      if (connection.iceGatheringState === "complete") done();
    };
    const done = (): void => {
      clearTimeout(due);
      connection.removeEventListener("icegatheringstatechange", look);
      resolve();
    };
    const due = setTimeout(done, GATHERED_WITHIN_MS);
    connection.addEventListener("icegatheringstatechange", look);
  });
}

/** Each packet of sound carries the one before it as well (RED, RFC 2198), where both browsers can: a lost one is heard all the same. */
export function preferDoubledSound(transceiver: RTCRtpTransceiver): void {
  if (transceiver.receiver.track.kind !== "audio" || !("setCodecPreferences" in transceiver)) return;
  const known = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
  const doubled = known.filter(({ mimeType }) => /\/red$/i.test(mimeType));
  if (doubled.length) transceiver.setCodecPreferences([...doubled, ...known.filter((codec) => !doubled.includes(codec))]);
}
