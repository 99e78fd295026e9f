/**
 * A person's seat in a visit: the `/rooms` socket with a fresh ticket for each try, back in the same seat after any loss.
 *
 *     idle → joining → seated ⇄ lost (tries again) ;  elsewhere (another device has it) ;  out (left or sent out) ;  over
 */
import { Problem, api } from "../lib/api";
import type { ForwarderSaid } from "./forwarded";
import type { Shown, Signal, Status, Ticket, Visit } from "./visit";

export type SeatState = "idle" | "joining" | "seated" | "lost" | "elsewhere" | "out" | "over" | "closed";

export interface SeatEvents {
  state(visit: Visit): void;
  panel(shown: Shown): void;
  signal(signal: Signal): void;
  status(from: string, status: Status): void;
  forwarder(said: ForwarderSaid): void;
  seat(state: SeatState): void;
  refused(of: string, detail: string): void;
  /** Anything else, by its type. */
  more(message: Readonly<Record<string, unknown>>): void;
}

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 5000;
/** Close codes that mean something other than "come back" (PROTOCOL.md). */
const ENDINGS: Readonly<Record<number, SeatState>> = { 1000: "out", 4401: "closed", 4403: "out", 4409: "elsewhere", 4410: "over" };

export class Seat {
  state: SeatState = "idle";
  visit: Visit | null = null;
  rtc: RTCConfiguration = { iceServers: [] };
  private socket: WebSocket | null = null;
  private tries = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private shown = "";

  constructor(
    readonly id: string,
    readonly me: string,
    private readonly events: SeatEvents,
  ) {
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
  }

  /** Take the seat, or take it back from another device. */
  join(): void {
    if (this.state === "joining" || this.state === "seated" || this.state === "lost") return;
    void this.open();
  }

  /** Says something to the server; nothing is said while the connection is lost. */
  say(message: Readonly<Record<string, unknown>> & { readonly type: string }): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN || this.state !== "seated") return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private hurry(): void {
    if (this.state !== "lost") return;
    clearTimeout(this.retry);
    void this.open();
  }

  private async open(): Promise<void> {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    this.become(this.state === "lost" ? "lost" : "joining");
    let ticket: Ticket;
    try {
      ticket = await api.post<Ticket>(`/api/v1/visits/${this.id}/tickets`);
    } catch (problem) {
      this.noTicket(problem);
      return;
    }
    this.rtc = { iceServers: ticket.ice_servers, iceTransportPolicy: ticket.ice_transport_policy };
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/rooms`);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "join", ticket: ticket.ticket }));
    socket.onmessage = (event) => socket === this.socket && this.heard(JSON.parse(String(event.data)) as Record<string, unknown>);
    socket.onclose = (event) => socket === this.socket && this.closed(event.code);
  }

  private noTicket(problem: unknown): void {
    const status = problem instanceof Problem ? problem.status : 0;
    if (status === 410) return this.become("over");
    if (status === 401 || status === 403 || status === 404) return this.become("closed");
    this.comeBack();
  }

  private heard(message: Record<string, unknown>): void {
    switch (message["type"]) {
      case "state":
        this.tries = 0;
        this.visit = message["visit"] as Visit;
        this.become("seated");
        this.point((message["panel"] as Shown | null | undefined) ?? { panel: null }); // first: whoever comes in sees it at once
        this.events.state(this.visit);
        break;
      case "panel":
        this.point(message as unknown as Shown);
        break;
      case "signal":
        this.events.signal(message as unknown as Signal);
        break;
      case "status":
        this.events.status(String(message["from"]), message as unknown as Status);
        break;
      case "forwarder":
        this.events.forwarder(message as unknown as ForwarderSaid);
        break;
      case "refused":
        this.events.refused(String(message["of"] ?? ""), String((message["problem"] as Record<string, unknown> | undefined)?.["detail"] ?? ""));
        break;
      default:
        this.events.more(message);
    }
  }

  /** What a host shows comes with every state and by itself: each thing is told once. */
  private point(shown: Shown): void {
    const told = JSON.stringify([shown.panel, shown.report, shown.from]);
    if (told === this.shown) return;
    this.shown = told;
    this.events.panel(shown);
  }

  private closed(code: number): void {
    this.socket = null;
    const ending = ENDINGS[code];
    if (ending) this.become(ending);
    else this.comeBack();
  }

  private comeBack(): void {
    const bound = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.tries);
    this.tries += 1;
    this.become("lost");
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.open(), bound * (0.5 + Math.random() / 2));
  }

  private become(state: SeatState): void {
    if (this.state === state) return;
    this.state = state;
    this.events.seat(state);
  }
}
