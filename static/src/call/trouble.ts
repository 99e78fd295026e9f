/** Why there is no camera or no microphone, and what to say and do about it. */
import { _ } from "../lib/words";

export type Kind = "audio" | "video";

export type Trouble = "denied" | "missing" | "busy" | "unsupported";

export function troubleOf(failure: unknown): Trouble {
  const name = failure instanceof DOMException ? failure.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}

/** Both were refused with one answer: one sentence then. */
export function deniedBoth(): string {
  return _("Your browser does not let us use camera and microphone. Allow them at the sign in the address bar and try again. You can also come in without, and write.");
}

/** What to say and do about it, in the person's words. */
export function troubleWords(trouble: Trouble, kind: Kind): string {
  const camera = kind === "video";
  switch (trouble) {
    case "denied":
      return camera
        ? _("Your browser does not let us use the camera. Allow it at the camera sign in the address bar and try again, or join by sound only.")
        : _("Your browser does not let us use the microphone. Allow it at the microphone sign in the address bar and try again. You can also come in and write.");
    case "missing":
      return camera ? _("There is no camera here. You can join by sound only.") : _("There is no microphone here. Plug one in, or come in and write.");
    case "busy":
      return camera
        ? _("Another program is using the camera. Close it and try again, or join by sound only.")
        : _("Another program is using the microphone. Close it and try again.");
    case "unsupported":
      return _("This browser cannot make calls. A current Chrome, Firefox, Edge or Safari can.");
  }
}
