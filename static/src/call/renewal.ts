/**
 * Credentials of our relay are good for ten minutes and a call lasts longer: they are fetched anew, and put into every
 * connection, so that a path can be made again at any time.
 */
import { api } from "../lib/api";
import type { Ticket } from "./visit";

/** Less than half of their life: one that fails has another try before they end. */
const EVERY_MS = 4 * 60 * 1000;

export class Renewal {
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly visit: string,
    private readonly renewed: (configuration: RTCConfiguration) => void,
  ) {}

  start(): void {
    this.timer ??= setInterval(() => void this.renew(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async renew(): Promise<void> {
    const told = await api.get<Pick<Ticket, "ice_servers" | "ice_transport_policy">>(`/api/v1/visits/${this.visit}/ice-servers`).catch(() => null);
    if (told && this.timer) this.renewed({ iceServers: told.ice_servers, iceTransportPolicy: told.ice_transport_policy });
  }
}
