/** The way that pages take as a rule: a WebSocket, which is asked for a sign of life when it has been quiet. */
import { type Ear, type Frame, type Line, SILENCE } from "./line";
import { BEAT_MS, type Pulse, judge } from "./pulse";

export class SocketLine implements Line {
  readonly slow = false;
  private socket: WebSocket | null = null;
  private beat: ReturnType<typeof setInterval> | undefined;
  private openedAt = 0;
  private heardAt = 0;
  private welcomed = false;
  private askedAt: number | null = null;
  /** Messages that wait for their answer, and since when. */
  private readonly sending = new Map<string, number>();

  constructor(
    private readonly url: string,
    private readonly ear: Ear,
  ) {}

  open(cursor: string | null): void {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.openedAt = this.heardAt = performance.now();
    this.beat = setInterval(() => this.judge(), BEAT_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", cursor }));
    socket.onmessage = (message) => this.heard(JSON.parse(String(message.data)) as Frame);
    socket.onclose = (event) => this.end(event.code, event.reason);
  }

  put(frame: Frame): boolean {
    if (!this.welcomed || this.socket?.readyState !== WebSocket.OPEN) return false;
    if (frame["type"] === "send") this.sending.set(String(frame["client_id"]), performance.now());
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  look(): void {
    if (this.welcomed && this.askedAt === null) this.ask();
  }

  close(): void {
    const { socket } = this;
    this.socket = null;
    clearInterval(this.beat);
    // On a dead way the browser waits for an answer to the close; nobody listens any more.
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    socket?.close();
  }

  private heard(frame: Frame): void {
    if (!this.socket) return;
    this.heardAt = performance.now();
    this.askedAt = null;
    if (frame["type"] === "pong") return;
    if (frame["type"] === "welcome" || frame["type"] === "resync_required") this.welcomed = true;
    if (frame["type"] === "sent" || frame["type"] === "refused") this.sending.delete(String(frame["client_id"]));
    this.ear.heard(frame);
  }

  private judge(): void {
    const now = performance.now();
    const since = [...this.sending.values()];
    const pulse: Pulse = { openedAt: this.openedAt, welcomed: this.welcomed, heardAt: this.heardAt, askedAt: this.askedAt, sendingSince: since.length ? Math.min(...since) : null };
    const verdict = judge(pulse, now);
    if (verdict === "ask") this.ask();
    if (verdict === "dead") this.end(SILENCE, "");
  }

  private ask(): void {
    this.askedAt = performance.now();
    this.put({ type: "ping" });
  }

  private end(code: number, reason: string): void {
    if (!this.socket) return;
    this.close();
    this.ear.lost(code, reason);
  }
}
