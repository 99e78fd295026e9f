/** What a sender of pictures sends on each rung of the ladder, without a new negotiation and with the camera kept on. */
import type { Sends } from "./ladder";

/** A picture that a weak line carries: half the size each way, fewer frames. */
const LOW = { maxBitrate: 180_000, maxFramerate: 15, scaleResolutionDownBy: 2 } as const;
/** The small one of two layers (forwarded.ts). */
const SMALL_LAYER = "l";

export function encodings(before: readonly RTCRtpEncodingParameters[], sends: Sends): RTCRtpEncodingParameters[] {
  if (before.length > 1) return before.map((one) => ({ ...one, active: sends === "video" || (sends === "low" && one.rid === SMALL_LAYER) }));
  return before.map((one) => {
    const whole: RTCRtpEncodingParameters = { ...one, active: sends !== "audio" };
    for (const name of Object.keys(LOW) as (keyof typeof LOW)[]) delete whole[name];
    return sends === "low" ? { ...whole, ...LOW } : whole;
  });
}

/** A connection that is not there yet has nothing to set; it is set again once it stands. */
export async function carry(sender: RTCRtpSender, wanted: Sends): Promise<void> {
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return;
  parameters.encodings = encodings(parameters.encodings, wanted);
  await sender.setParameters(parameters).catch(() => undefined);
}
