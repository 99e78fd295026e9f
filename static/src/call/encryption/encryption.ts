/**
 * End-to-end encryption of a call by our forwarder, on or off as the visit says: a keyring and a worker while it is on.
 *
 * What goes directly from browser to browser is encrypted end to end by WebRTC itself and needs none of this.
 */
import type { KeyMessage } from "./keyring";
import { Keyring } from "./keyring";
import { Transforms, ableToEncrypt } from "./transforms";

export interface EncryptionEvents {
  send(message: Readonly<Record<string, unknown>> & { readonly type: string }): void;
  /** It was switched on or off: connections to the forwarder are to be made anew. */
  changed(): void;
}

export class Encryption {
  readonly able = ableToEncrypt();
  private on = false;
  private transforms: Transforms | null = null;
  private keyring: Keyring | null = null;

  constructor(
    private readonly visit: string,
    private readonly me: string,
    private readonly worker: string,
    private readonly events: EncryptionEvents,
  ) {}

  /** Whether the visit wants it. */
  get wanted(): boolean {
    return this.on;
  }

  /** Whether picture and sound may go by the forwarder from this browser: not unsealed where everybody was promised more. */
  get mayForward(): boolean {
    return !this.on || this.able;
  }

  with(people: readonly string[], on: boolean): void {
    if (on !== this.on) {
      this.on = on;
      if (on && this.able) this.begin();
      else this.end();
      this.events.changed();
    }
    this.keyring?.with(people);
  }

  /** Every line of a connection to the forwarder, before it is offered. */
  attach(connection: RTCPeerConnection): void {
    for (const line of connection.getTransceivers()) this.transforms?.attach(line);
  }

  hear(message: KeyMessage): void {
    this.keyring?.hear(message);
  }

  /** We are out of the room: our keys are gone with us. */
  close(): void {
    this.on = false;
    this.end();
  }

  private begin(): void {
    const transforms = (this.transforms = new Transforms(this.worker, () => this.lack()));
    this.keyring = new Keyring(this.visit, this.me, {
      send: (message) => this.events.send(message),
      use: (secret) => transforms.use(secret),
      take: (from, secret) => transforms.take(from, secret),
      forget: (from) => transforms.forget(from),
    });
  }

  private end(): void {
    this.keyring?.close();
    this.transforms?.close();
    this.keyring = this.transforms = null;
  }

  private lack(): void {
    this.keyring?.lack();
  }
}
