/** Parts of a thread that are fetched when somebody asks for them: search, saved replies, what is sent later, places to point at, other threads. */
import { toastProblem } from "../lib/announce";
import { Problem } from "../lib/api";
import type { Cite } from "../lib/places";
import { _ } from "../lib/words";
import type * as Parts from "../parts/thread-more";
import type { Outlook } from "./outlook";
import type { Member } from "./state";

export type More = typeof Parts;

/** What those parts know of their thread, and can do in it. */
export interface Host {
  readonly root: HTMLElement;
  readonly conversation: string;
  readonly patient: string;
  readonly patientName: string;
  /** Where the patient's wall is. */
  readonly patientZone: string;
  readonly me: string;
  readonly inTeam: boolean;
  readonly audience: "everyone" | "team";
  readonly maxCharacters: number;
  readonly outlook: () => Outlook | null;
  readonly members: () => readonly Member[];
  readonly text: () => HTMLTextAreaElement;
  /** Words were put into the box by somebody else than its writer. */
  readonly wrote: () => void;
  /** The box and what goes with it is empty: a message was taken. */
  readonly clear: () => void;
  /** Why what is in the box cannot be sent later; empty when it can. */
  readonly notForLater: () => string;
  readonly isUrgent: () => boolean;
  readonly cite: (cite: Cite) => void;
  readonly goTo: (seq: number) => void;
}

const loaded = new Map<string, Promise<More>>();

/** Fetches the parts; without a connection says so and gives null. */
export async function more(root: HTMLElement): Promise<More | null> {
  const address = root.dataset["more"] ?? "";
  let part = loaded.get(address);
  if (!part) loaded.set(address, (part = import(address) as Promise<More>));
  try {
    return await part;
  } catch {
    loaded.delete(address);
    toastProblem(new Problem(0, "offline", _("No connection"), _("This needs a connection, and there is none right now. What you wrote is kept.")));
    return null;
  }
}
