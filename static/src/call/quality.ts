/** How well somebody is received, in one of four words; pure but for reading the statistics. */
import type { Quality } from "./visit";

export interface Sample {
  readonly at: number;
  readonly packets: number;
  readonly lost: number;
  readonly frames: number;
  readonly rtt: number;
}

/** Nothing arrived for this long: lost. */
const SILENT_MS = 3000;
/** Share of packets lost, and round trip in seconds, above which a call is felt to be poor, or merely good (ITU-T G.114: 150 ms one way is fine, 400 ms is not). */
const POOR = { loss: 0.08, rtt: 0.6 };
const GOOD = { loss: 0.02, rtt: 0.3 };

export function grade(before: Sample | undefined, now: Sample, lastArrival: number): Quality {
  if (now.at - lastArrival > SILENT_MS) return "lost";
  if (!before) return "good";
  const arrived = Math.max(0, now.packets - before.packets);
  const lost = Math.max(0, now.lost - before.lost);
  const loss = arrived + lost === 0 ? 0 : lost / (arrived + lost);
  if (loss > POOR.loss || now.rtt > POOR.rtt) return "poor";
  if (loss > GOOD.loss || now.rtt > GOOD.rtt) return "good";
  return "excellent";
}

export async function sample(connection: RTCPeerConnection): Promise<Sample> {
  const sums = { packets: 0, lost: 0, frames: 0, rtt: 0 };
  for (const report of (await connection.getStats()).values() as Iterable<Record<string, unknown>>) {
    const number = (name: string): number => (typeof report[name] === "number" ? report[name] : 0);
    if (report["type"] === "inbound-rtp") {
      sums.packets += number("packetsReceived");
      sums.lost += number("packetsLost");
      sums.frames += number("framesDecoded");
    } else if (report["type"] === "candidate-pair" && report["nominated"] === true) {
      sums.rtt = Math.max(sums.rtt, number("currentRoundTripTime"));
    }
  }
  return { at: performance.now(), ...sums };
}
