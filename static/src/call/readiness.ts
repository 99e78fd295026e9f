/** What somebody's check before the visit means, for who lets them in: the schedule's words, short enough for one line. */
import { _ } from "../lib/words";

export interface Tried {
  readonly readiness: "ready" | "risky" | "unknown";
  /** The gravest reason why it is risky. */
  readonly trouble: string | null;
}

const WHY: Readonly<Record<string, string>> = {
  no_way: _("no connection came about"),
  microphone: _("no microphone"),
  loss: _("the connection loses a lot"),
  delay: _("the connection is slow"),
  tcp: _("their network lets only a detour through"),
  relay: _("their network blocks our relay"),
  camera: _("no camera"),
};

export function readinessWords(tried: Tried): string {
  if (tried.readiness === "ready") return _("camera, sound and connection are ready");
  const why = WHY[tried.trouble ?? ""];
  if (tried.readiness === "risky") return why ? _("risky: {why}", { why }) : _("risky");
  return _("connection not tested");
}
