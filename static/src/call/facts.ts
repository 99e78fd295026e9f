/** What the page says of itself: whose it is, and which visit it is of. */

export interface Facts {
  readonly root: HTMLElement;
  readonly id: string;
  readonly me: string;
  readonly host: boolean;
  /** Whose record is beside the video; empty for nobody's. */
  readonly patient: string;
  /** The practitioners' names. */
  readonly hosts: string;
  /** `open`, or how far ahead it is. */
  readonly moment: string;
  readonly opens: string;
  /** Where the server saw this person when it made the page. */
  readonly place: string;
  /** The worker that seals frames. */
  readonly frames: string;
}

export function factsOf(root: HTMLElement): Facts {
  const fact = (name: string): string => root.dataset[name] ?? "";
  const [id, me, patient, hosts, moment, opens, place, frames] = (["visit", "me", "patient", "hosts", "moment", "opens", "place", "frames"] as const).map(fact) as [string, string, string, string, string, string, string, string];
  return { root, id, me, host: fact("host") === "true", patient, hosts, moment, opens, place, frames };
}
