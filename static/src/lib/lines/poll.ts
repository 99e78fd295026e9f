/**
 * The way through networks that let no socket pass: the same stream by long polls, and messages by POST. Slower by one turn of question and answer, and
 * without what nobody keeps ("is writing").
 */
import { Problem, api } from "../api";
import { type Ear, type Frame, type Line, SESSION_ENDED, SILENCE } from "./line";

interface Answer {
  readonly items: readonly Frame[];
  readonly cursor: string;
  readonly resync_required: boolean;
  readonly account: string;
}

/** The server waits at most 25 s; many proxies cut at 30. */
const WAIT_S = 20;
/** A question that is not answered this long after its time is lost. */
const GRACE_MS = 10_000;

export class PollLine implements Line {
  readonly slow = true;
  private readonly end = new AbortController();
  private welcomed = false;

  constructor(private readonly ear: Ear) {}

  open(cursor: string | null): void {
    void this.go(cursor);
  }

  put(frame: Frame): boolean {
    if (!this.welcomed || this.closed) return false;
    // What was heard is named by the cursor of the next question.
    if (frame["type"] !== "send") return frame["type"] === "ack";
    void this.post(frame);
    return true;
  }

  look(): void {
    // A question is always open, and ends by itself.
  }

  close(): void {
    this.end.abort();
  }

  private get closed(): boolean {
    return this.end.signal.aborted;
  }

  private async go(cursor: string | null): Promise<void> {
    try {
      let answer = await this.ask(cursor, 0);
      let kept = cursor ?? answer.cursor;
      this.welcomed = true;
      if (!answer.resync_required) this.tellEar({ type: "welcome", cursor: kept, account: answer.account });
      while (!this.closed) {
        this.tell(answer, kept);
        kept = answer.cursor;
        answer = await this.ask(kept, WAIT_S);
      }
    } catch (problem) {
      this.lost(problem);
    }
  }

  private ask(cursor: string | null, wait: number): Promise<Answer> {
    return this.within(wait * 1000 + GRACE_MS, (signal) => api.get<Answer>("/api/v1/events", { query: { cursor, wait }, signal }));
  }

  /** What *act* comes to, unless it takes longer than that, or the way is closed. */
  private async within<T>(ms: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const own = new AbortController();
    const stop = (): void => own.abort();
    const due = setTimeout(stop, ms);
    this.end.signal.addEventListener("abort", stop);
    try {
      return await act(own.signal);
    } finally {
      clearTimeout(due);
      this.end.signal.removeEventListener("abort", stop);
    }
  }

  private tellEar(frame: Frame): void {
    if (!this.closed) this.ear.heard(frame);
  }

  /** Only with the last of them is the new cursor good: until then it would leave some out. */
  private tell({ items, cursor, resync_required, account }: Answer, kept: string): void {
    if (resync_required) this.tellEar({ type: "resync_required", cursor, account });
    items.forEach((event, n) => this.tellEar({ type: "event", cursor: n === items.length - 1 ? cursor : kept, event }));
  }

  private async post(frame: Frame): Promise<void> {
    const { type: _type, conversation, ...body } = frame;
    const client_id = String(frame["client_id"]);
    const path = `/api/v1/conversations/${String(conversation)}/messages`;
    try {
      const sent = await this.within(WAIT_S * 1000, (signal) => api.post<Frame>(path, body, { key: client_id, signal }));
      this.tellEar({ ...sent, type: "sent" });
    } catch (problem) {
      if (problem instanceof Problem && !problem.offline) this.tellEar({ type: "refused", client_id, problem: documentOf(problem) });
      else this.lost(problem);
    }
  }

  private lost(problem: unknown): void {
    if (this.closed) return;
    this.close();
    this.ear.lost(problem instanceof Problem && problem.status === 401 ? SESSION_ENDED : SILENCE, "");
  }
}

function documentOf({ body, status, code, title, detail }: Problem): Frame {
  return { ...body, status, code, title, detail };
}
