/** Lines of the reply ledger in the log, in plain words: who answers, whose turn it is, that nothing is open. For the team with the reason. */
import { Problem, api } from "../lib/api";
import { h, icon } from "../lib/dom";
import { clockTime } from "../lib/time";
import { _ } from "../lib/words";
import type { Log, Note } from "./state";

interface Handover {
  readonly entry: string;
  readonly reason: string;
}

export interface Reader {
  readonly inTeam: boolean;
  readonly patientName: string;
  /** Beside a call, which no link may end. */
  readonly beside?: boolean;
}

/** What a line says to its reader. */
export function noteText(note: Note, log: Log, reader: Reader): string {
  switch (note.type) {
    case "assigned":
      return note.account === log.me ? _("You answer from now on.") : _("{name} answers from now on.", { name: log.nameOf(note.account) || _("Somebody else of the team") });
    case "unassigned":
      return _("The team answers from now on.");
    case "waiting":
      return reader.inTeam ? _("Waiting for {name}.", { name: reader.patientName }) : _("It is your turn. Write whenever you like.");
    case "settled":
      return _("Nothing is open here. Write whenever something comes up.");
    case "edited":
      return note.sender === log.me ? _("You changed a message from before.") : _("{name} changed a message from before.", { name: log.nameOf(note.sender ?? "") || _("Somebody who has left") });
  }
}

export function noteLine(note: Note, log: Log, reader: Reader, reason: string): HTMLElement {
  const by = reader.inTeam && note.sender && note.sender !== log.me && note.sender !== note.account ? log.nameOf(note.sender) : "";
  if (note.type === "edited") return editLine(note, log, reader);
  return h(
    "li",
    { class: "thread-note small", "data-note": note.id },
    h("p", null, icon(note.type === "settled" ? "check" : note.type === "waiting" ? "hourglass" : "user-round-check"), noteText(note, log, reader), " ", h("span", { class: "quiet" }, by ? `${by}, ` : "", h("time", { datetime: note.sentAt }, clockTime(note.sentAt)))),
    reason && h("p", { class: "thread-reason" }, icon("lock"), h("span", { class: "unseen" }, _("Only the care team sees this:")), " ", reason),
  );
}

function editLine(note: Note, log: Log, reader: Reader): HTMLElement {
  const changed = log.messages.get(note.message ?? "");
  const there = changed && !reader.beside && h("a", { href: `#${changed.seq}` }, _("Look at it"));
  const at = h("span", { class: "quiet" }, h("time", { datetime: note.sentAt }, clockTime(note.sentAt)));
  return h("li", { class: "thread-note small", "data-note": note.id }, h("p", null, icon("pencil"), noteText(note, log, reader), " ", at, " ", there));
}

/** Why a conversation changed hands: asked once, and again when it did. Beside the team nobody may ask. */
export class Reasons {
  private readonly known = new Map<string, string>();
  private asking = false;

  constructor(
    private readonly path: string,
    private readonly inTeam: boolean,
    private readonly changed: () => void,
  ) {}

  of(note: Note): string {
    return this.known.get(note.id) ?? "";
  }

  async ask(): Promise<void> {
    if (!this.inTeam || this.asking || document.documentElement.dataset["signedIn"] === undefined) return;
    this.asking = true;
    try {
      const { items } = await api.get<{ items: Handover[] }>(`${this.path}/handovers`);
      for (const one of items) this.known.set(one.entry, one.reason);
      if (items.length) this.changed();
    } catch (problem) {
      // Without a connection the lines stand without reasons; the next change asks again.
      if (!(problem instanceof Problem)) throw problem;
    } finally {
      this.asking = false;
    }
  }
}
