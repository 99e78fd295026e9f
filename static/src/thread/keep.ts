/**
 * Drafts and unsent messages, kept in this tab: they survive a reload and a lost connection, end with the tab, and are cleared at sign-out
 * (`Clear-Site-Data`). Nothing is kept for longer on a device that others may use.
 */
import type { Wish } from "./state";

export class Keep {
  private readonly draftKey: string;
  private readonly outboxKey: string;

  constructor(me: string, conversation: string) {
    this.draftKey = `telegut draft ${me} ${conversation}`;
    this.outboxKey = `telegut outbox ${me} ${conversation}`;
  }

  get draft(): string {
    return sessionStorage.getItem(this.draftKey) ?? "";
  }

  set draft(text: string) {
    if (text) this.put(this.draftKey, text);
    else sessionStorage.removeItem(this.draftKey);
  }

  load(): Wish[] {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.outboxKey) ?? "[]") as { client_id: string; body: string }[];
      return kept.map(({ client_id, body }) => ({ client_id, body, state: "queued", problem: "" }));
    } catch {
      return [];
    }
  }

  save(outbox: readonly Wish[]): void {
    if (outbox.length) this.put(this.outboxKey, JSON.stringify(outbox.map(({ client_id, body }) => ({ client_id, body }))));
    else sessionStorage.removeItem(this.outboxKey);
  }

  private put(key: string, value: string): void {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // Full or switched off: it lives in memory, for as long as the page does.
    }
  }
}
