/**
 * A person's seat in a visit: the `/rooms` socket with a fresh ticket for each try, back in the same seat after any loss.
 *
 *     idle → joining → seated ⇄ lost (tries again) ;  elsewhere (another device has it) ;  out (left or sent out) ;  over
 *
 * A page that comes back by itself says so: then it takes nothing from another device to which the person has moved by now.
 * After sleep, and in another network, a socket may look open and be dead; so the server is asked for something.
 */
import { Problem, api, newKey } from "../lib/api";
import type { ForwarderSaid } from "./forwarded";
import { brought } from "./ticket";
import type { Shown, Signal, Status, Ticket, Visit } from "./visit";

export type SeatState = "idle" | "joining" | "seated" | "lost" | "elsewhere" | "out" | "over" | "closed";

export interface SeatEvents {
  state(visit: Visit): void;
  panel(shown: Shown): void;
  signal(signal: Signal): void;
  status(from: string, status: Status): void;
  forwarder(said: ForwarderSaid): void;
  seat(state: SeatState): void;
  /** This device was asleep, or is in another network. */
  moved(): void;
  refused(of: string, detail: string): void;
  /** The server said anything at all, after this page had its seat. */
  heard(): void;
  /** Anything else, by its type. */
  more(message: Readonly<Record<string, unknown>>): void;
}

const DEVICE = "telegut-device";
/** Why a socket was closed whose person may not ask to come in again by this link; PROTOCOL.md, Rooms. */
const LINK_ENDED = "link ended";
/** Sleep shows itself by a clock that jumps. */
const TICK_MS = 2000;
const SLEPT_MS = 8000;
/** A server that does not answer in this time is not there any more. */
const ANSWERS_WITHIN_MS = 3000;
/** A ticket and the seat: a try that takes longer hangs in a network that was cut, and would for long after it is back. Then twice as long. */
const SEATED_WITHIN_MS = 8000;
const MOST_DOUBLINGS = 3;
/** A try that is younger is not given up for another one. */
const YOUNG_MS = 1000;
/** Characters; the server takes 64 KiB in one message. */
const MOST_TOGETHER = 20_000;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 5000;
/** Close codes that mean something other than "come back" (PROTOCOL.md). */
const ENDINGS: Readonly<Record<number, SeatState>> = { 1000: "out", 4401: "closed", 4403: "out", 4409: "elsewhere", 4410: "over" };

export class Seat {
  state: SeatState = "idle";
  visit: Visit | null = null;
  rtc: RTCConfiguration = { iceServers: [] };
  private socket: WebSocket | null = null;
  /** What is about to be said, as text. */
  private gathered: string[] = [];
  /** How many messages the server takes in one. */
  private takes = 0;
  private tries = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private shown = "";
  private heardAt = 0;
  private returns = false;
  /** The try that is under way. */
  private opening: { readonly began: number; readonly given: AbortController } | null = null;
  private slow: ReturnType<typeof setTimeout> | undefined;
  private readonly device = deviceName();
  private asking: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly id: string,
    readonly me: string,
    private readonly events: SeatEvents,
  ) {
    addEventListener("online", () => this.moved());
    addEventListener("pageshow", () => this.wake());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.wake());
    network()?.addEventListener("change", () => this.moved());
    let ticked = Date.now();
    setInterval(() => {
      if (Date.now() - ticked > SLEPT_MS) this.moved();
      ticked = Date.now();
    }, TICK_MS);
  }

  /** Take the seat, or take it back from another device; *returns*: only if no other device has it, as after a reload. */
  join(returns = false): void {
    if (this.state === "joining" || this.state === "seated" || this.state === "lost") return;
    this.returns = returns;
    void this.open();
  }

  /** Says something to the server; nothing is said while the connection is lost. */
  say(message: Readonly<Record<string, unknown>> & { readonly type: string }): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN || this.state !== "seated") return false;
    this.gathered.push(JSON.stringify(message));
    // Twice: what others put off to the end of this task is said with it.
    if (this.gathered.length === 1) queueMicrotask(() => queueMicrotask(() => this.tell()));
    return true;
  }

  /** What was said in one moment goes in one message, where the server takes that. */
  private tell(): void {
    const texts = this.gathered.splice(0);
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const together = texts.length > 1 && texts.length <= this.takes && texts.reduce((sum, { length }) => sum + length, 0) < MOST_TOGETHER;
    for (const text of together ? [`{"type":"several","messages":[${texts.join(",")}]}`] : texts) this.socket.send(text);
  }

  /** Back from sleep or another app, or packets come again after nothing did. */
  wake(): void {
    if (this.state === "lost") this.hurry();
    else if (this.state === "seated") this.ask();
  }

  /** Another network, or the same after sleep: pictures may have to find another way too. */
  private moved(): void {
    this.wake();
    this.events.moved();
  }

  /** Fresh servers are useful, and an answer of any kind shows that the line is alive. */
  private ask(): void {
    this.say({ type: "ice" });
    this.expect();
  }

  /** What was said just now is answered, or by a leave the line is closed; else it is dead, whatever the socket says. */
  expect(): void {
    const asked = performance.now();
    clearTimeout(this.asking);
    this.asking = setTimeout(() => {
      if (this.state !== "seated" || this.heardAt >= asked) return;
      this.giveUp();
      this.comeBack();
      this.hurry();
    }, ANSWERS_WITHIN_MS);
  }

  private hurry(): void {
    if (this.opening && performance.now() - this.opening.began < YOUNG_MS) return;
    this.giveUp();
    void this.open();
  }

  /** The try that is under way comes to nothing. */
  private giveUp(): void {
    clearTimeout(this.retry);
    clearTimeout(this.slow);
    this.opening?.given.abort();
    this.opening = null;
    const { socket } = this;
    this.gathered = [];
    this.socket = null;
    socket?.close();
  }

  private async open(): Promise<void> {
    if (this.opening) return; // two at once would take the seat from each other
    this.become(this.state === "lost" ? "lost" : "joining");
    const trying = (this.opening = { began: performance.now(), given: new AbortController() });
    this.slow = setTimeout(() => {
      this.giveUp();
      this.comeBack();
    }, SEATED_WITHIN_MS * 2 ** Math.min(this.tries, MOST_DOUBLINGS));
    const ticket = brought();
    if (ticket) return this.connect(ticket);
    try {
      const ticket = await api.post<Ticket>(`/api/v1/visits/${this.id}/tickets`, undefined, { key: null, signal: trying.given.signal });
      if (trying === this.opening) this.connect(ticket);
    } catch (problem) {
      if (trying !== this.opening) return;
      this.giveUp();
      this.noTicket(problem);
    }
  }

  private connect(ticket: Ticket): void {
    this.rtc = { iceServers: ticket.ice_servers, iceTransportPolicy: ticket.ice_transport_policy };
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/rooms`);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "join", ticket: ticket.ticket, device: this.device, returns: this.returns }));
    socket.onmessage = (event) => socket === this.socket && this.heard(JSON.parse(String(event.data)) as Record<string, unknown>);
    socket.onclose = (event) => socket === this.socket && this.closed(event.code, event.reason);
  }

  private noTicket(problem: unknown): void {
    const status = problem instanceof Problem ? problem.status : 0;
    if (status === 410) return this.become("over");
    if (status === 401 || status === 403 || status === 404) return this.become("closed");
    this.comeBack();
  }

  private heard(message: Record<string, unknown>): void {
    this.heardAt = performance.now();
    if (!this.opening) this.events.heard();
    switch (message["type"]) {
      case "state":
        this.settled();
        this.takes = Number(message["several"] ?? 0);
        this.returns = true; // from here on this page only comes back
        this.visit = message["visit"] as Visit;
        this.become("seated");
        this.point((message["panel"] as Shown | null | undefined) ?? { panel: null }); // first: whoever comes in sees it at once
        this.events.state(this.visit);
        break;
      case "ice":
        this.rtc = { iceServers: message["ice_servers"] as RTCIceServer[], iceTransportPolicy: message["ice_transport_policy"] as RTCIceTransportPolicy };
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

  private settled(): void {
    clearTimeout(this.slow);
    this.opening = null;
    this.tries = 0;
  }

  private closed(code: number, why: string): void {
    this.giveUp();
    const ending = why === LINK_ENDED ? "closed" : ENDINGS[code];
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

/** What this tab calls itself, the same over a reload. */
function deviceName(): string {
  try {
    const name = sessionStorage.getItem(DEVICE) ?? newKey();
    sessionStorage.setItem(DEVICE, name);
    return name;
  } catch {
    return newKey();
  }
}

/** Not every browser tells of networks. */
function network(): EventTarget | undefined {
  return (navigator as Navigator & { readonly connection?: EventTarget }).connection;
}
