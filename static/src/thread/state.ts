/** What a conversation is, folded from its log. The log is the truth: the same entries give the same thread for everybody. */

import type { Cite } from "../lib/places";
import type { Attached } from "./files";

export interface Entry {
  readonly type: string;
  readonly conversation: string;
  readonly seq: number;
  readonly id: string;
  readonly sender: string | null;
  readonly sent_at: string;
  readonly client_id?: string;
  readonly body?: string | null;
  readonly urgent?: boolean;
  readonly message?: string;
  readonly up_to?: number;
  readonly account?: string;
  readonly purged_at?: string;
  /** Sent by the clock. */
  readonly scheduled?: boolean;
  readonly attachments?: readonly Attached[];
  readonly mentions?: readonly string[];
  readonly cites?: readonly Cite[];
}

/** What the log says between messages: who answers, whose turn it is, and that a message of before was changed. */
export interface Note {
  readonly type: "assigned" | "unassigned" | "waiting" | "settled" | "edited";
  readonly id: string;
  readonly seq: number;
  readonly sender: string | null;
  readonly sentAt: string;
  readonly account: string;
  /** The message that was changed. */
  readonly message?: string;
}

export interface Member {
  readonly account: string;
  readonly name: string;
  readonly roles: readonly string[];
  read_up_to: number;
  delivered_up_to: number | null;
}

export interface Version {
  readonly body: string;
  readonly at: string;
}

export interface Message {
  readonly id: string;
  readonly seq: number;
  readonly sender: string;
  readonly sentAt: string;
  /** null: taken back */
  body: string | null;
  /** What it said before, oldest first. */
  readonly earlier: Version[];
  editedAt: string | null;
  /** Of its last words. */
  editedSeq: number;
  retractedAt: string | null;
  readonly clientId: string;
  readonly urgent: boolean;
  /** Its time of keeping was over. */
  readonly purgedAt: string | null;
  /** Sent by the clock: it does not say that anybody was there. */
  readonly scheduled: boolean;
  readonly attachments: readonly Attached[];
  readonly mentions: readonly string[];
  readonly cites: readonly Cite[];
}

/** A part of the log without holes: both numbers are in it. */
export interface Run {
  first: number;
  last: number;
}

export class Log {
  readonly messages = new Map<string, Message>();
  readonly notes = new Map<string, Note>();
  readonly members: Map<string, Member>;
  private readonly have = new Set<number>();
  private readonly changes: Entry[] = [];
  /** Up to here nothing is missing behind where we began. */
  last: number;

  constructor(
    members: readonly Member[],
    lastSeq: number,
    readonly me: string,
  ) {
    this.members = new Map(members.map((member) => [member.account, member]));
    this.last = lastSeq;
  }

  /** Takes entries in any order; one that is known already changes nothing. Returns whether anything was new. */
  take(entries: readonly Entry[]): boolean {
    const fresh = entries.filter((entry) => !this.have.has(entry.seq));
    for (const entry of fresh) {
      this.have.add(entry.seq);
      this.apply(entry);
    }
    while (this.have.has(this.last + 1)) this.last += 1;
    return fresh.length > 0;
  }

  /** Whether entries are known to exist that are not here. */
  get hasGap(): boolean {
    return Math.max(0, ...this.have) > this.last;
  }

  /** The part without holes around *seq*, which is here. */
  runAround(seq: number): Run {
    const run = { first: seq, last: seq };
    while (this.have.has(run.first - 1)) run.first -= 1;
    while (this.have.has(run.last + 1)) run.last += 1;
    return run;
  }

  /** The part that goes on to this moment. */
  present(): Run {
    return { first: this.runAround(this.last).first, last: Infinity };
  }

  /** In the order of the log. */
  ordered(within: Run = { first: 0, last: Infinity }): Message[] {
    return [...this.messages.values()].filter((message) => message.seq >= within.first && message.seq <= within.last).sort((a, b) => a.seq - b.seq);
  }

  /** Lines of the ledger, in the order of the log. */
  notesWithin(within: Run): Note[] {
    return [...this.notes.values()].filter((note) => note.seq >= within.first && note.seq <= within.last && this.isWorthALine(note)).sort((a, b) => a.seq - b.seq);
  }

  editsWithin(within: Run): Note[] {
    return [...this.notes.values()].filter((note) => note.type === "edited" && note.seq >= within.first && note.seq <= within.last);
  }

  /** Whether a note is shown: a change of a message only when somebody else has written in between, who may not look there again. */
  isWorthALine(note: Note): boolean {
    if (note.type !== "edited") return true;
    const changed = this.messages.get(note.message ?? "");
    if (!changed || changed.body === null || changed.editedSeq !== note.seq) return false;
    return [...this.messages.values()].some((one) => one.sender !== note.sender && one.seq > changed.seq && one.seq < note.seq);
  }

  /** The number of the newest message of somebody else. */
  newestOfOthers(): number {
    return Math.max(0, ...[...this.messages.values()].filter((message) => message.sender !== this.me).map((message) => message.seq));
  }

  nameOf(account: string): string {
    return this.members.get(account)?.name ?? "";
  }

  /**
   * Who spoke last. Somebody who has left counts as the patient's side: rather one answer too many. What the team put aside since owes nothing.
   * What the clock sent may have been written before it was asked: whether it answers only the server knows, which says so in what is *owed*.
   */
  turn(owed = false): "nobody" | "patient" | "team" {
    // A word of the team that was taken back has answered nothing; other words of the patient's side are asked anew.
    const words = this.ordered().filter((message) => message.retractedAt === null || !this.isTeam(message.sender));
    const spoken = (message: Message): number => (this.isTeam(message.sender) ? message.seq : Math.max(message.seq, message.editedSeq));
    const last = words.reduce<Message | undefined>((latest, message) => (latest && spoken(latest) > spoken(message) ? latest : message), undefined);
    if (!last) return "nobody";
    if (last.scheduled && owed) return "patient";
    if ([...this.notes.values()].some((note) => note.seq > spoken(last) && (note.type === "waiting" || note.type === "settled"))) return "team";
    return this.isTeam(last.sender) ? "team" : "patient";
  }

  private isTeam(account: string): boolean {
    const roles = this.members.get(account)?.roles ?? [];
    return roles.includes("consultant") || roles.includes("nutritionist");
  }

  /** When the newest message was written; null when there is none, or when the clock sent it. */
  lastWritten(): number | null {
    const last = this.ordered().at(-1);
    return last && !last.scheduled ? Date.parse(last.sentAt) : null;
  }

  others(): Member[] {
    return [...this.members.values()].filter((member) => member.account !== this.me);
  }

  replaceMembers(members: readonly Member[]): void {
    for (const member of members) {
      const known = this.members.get(member.account);
      if (known) member.read_up_to = Math.max(member.read_up_to, known.read_up_to);
    }
    this.members.clear();
    for (const member of members) this.members.set(member.account, member);
  }

  private apply(entry: Entry): void {
    switch (entry.type) {
      case "message.sent":
        this.messages.set(entry.id, {
          id: entry.id,
          seq: entry.seq,
          sender: entry.sender ?? "",
          sentAt: entry.sent_at,
          body: entry.body ?? null,
          earlier: [],
          editedAt: null,
          editedSeq: 0,
          retractedAt: null,
          clientId: entry.sender === this.me ? (entry.client_id ?? "") : "",
          urgent: entry.urgent ?? false,
          purgedAt: entry.purged_at ?? null,
          scheduled: entry.scheduled ?? false,
          attachments: entry.attachments ?? [],
          mentions: entry.mentions ?? [],
          cites: entry.cites ?? [],
        });
        // Its edits may have come first, when the past is read backwards.
        for (const change of this.changes.filter((one) => one.message === entry.id).sort((a, b) => a.seq - b.seq)) this.change(change);
        return;
      case "assigned":
      case "unassigned":
      case "waiting":
      case "settled":
        this.notes.set(entry.id, { type: entry.type, id: entry.id, seq: entry.seq, sender: entry.sender, sentAt: entry.sent_at, account: entry.account ?? "" });
        return;
      case "message.edited":
      case "message.retracted":
        this.changes.push(entry);
        if (entry.type === "message.edited") this.notes.set(entry.id, { type: "edited", id: entry.id, seq: entry.seq, sender: entry.sender, sentAt: entry.sent_at, account: "", message: entry.message ?? "" });
        return this.change(entry);
      case "read": {
        const member = this.members.get(entry.sender ?? "");
        if (member) member.read_up_to = Math.max(member.read_up_to, entry.up_to ?? 0);
        return;
      }
    }
  }

  private change(entry: Entry): void {
    const message = this.messages.get(entry.message ?? "");
    if (!message) return;
    if (entry.type === "message.retracted") {
      message.body = null;
      message.retractedAt = entry.sent_at;
      message.earlier.length = 0;
    } else if (message.body !== null && typeof entry.body === "string") {
      message.earlier.push({ body: message.body, at: message.editedAt ?? message.sentAt });
      message.body = entry.body;
      message.editedAt = entry.sent_at;
      message.editedSeq = entry.seq;
    }
  }
}
