/**
 * One live note over its socket: y-protocols sync and awareness, and our own "saved" and "held" (see PROTOCOL.md, Live notes).
 *
 * Nothing is sent before both sides have told what they have; "saved" counts the messages that the server has stored.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as awarenessProtocol from "y-protocols/awareness";
import * as sync from "y-protocols/sync";
import * as Y from "yjs";
import { Keep } from "./keep";

const SYNC = 0;
const AWARENESS = 1;
const SAVED = 100;
const HELD = 101;

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 10_000;
const KEEP_AFTER_MS = 200;

/** Close codes after which coming back alone would not help. */
const ENDS: Readonly<Record<number, End>> = { 1009: "full", 4400: "broken", 4401: "signed-out", 4403: "read-only", 4404: "closed", 4413: "full", 4429: "too-many" };

export type End = "broken" | "signed-out" | "read-only" | "closed" | "full" | "too-many";
export type State = "opening" | "saving" | "saved" | "offline" | "unkept" | End;

/** Somebody who has the note open; `line` is where they are in it, from 1. */
export interface Person {
  readonly client: number;
  readonly account: string;
  readonly name: string;
  readonly line: number | null;
}

export class Connection {
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText("note");
  readonly awareness = new awarenessProtocol.Awareness(this.doc);
  private readonly keep: Keep;
  private socket: WebSocket | null = null;
  private state: State = "opening";
  private greeted = false;
  private synced = false;
  private sent = 0;
  private stored = 0;
  private dirty = false;
  private kept = true;
  /** What the server had when everything was saved last: only what came after needs to be kept here. */
  private base: Uint8Array = Y.encodeStateVector(new Y.Doc());
  private tries = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private keeping: ReturnType<typeof setTimeout> | undefined;
  private readonly ending = new AbortController();

  constructor(
    private readonly url: string,
    account: string,
    private readonly onState: (state: State) => void,
    private readonly onPeople: (people: Person[]) => void,
    /** The words because of which the patient does not read the last changes yet; none: they read everything. */
    private readonly onHeld: (words: readonly string[]) => void = () => undefined,
  ) {
    this.keep = new Keep(account, url);
    for (const update of this.keep.left()) {
      this.dirty = true;
      Y.applyUpdate(this.doc, update, this);
    }
    this.doc.on("update", this.updated);
    this.awareness.on("update", this.moved);
    this.awareness.setLocalState({ caret: null });
    const signal = this.ending.signal;
    addEventListener("online", () => this.again(0), { signal });
    addEventListener("offline", () => this.dropped(), { signal });
    addEventListener("pagehide", () => this.keepNow(), { signal });
    this.open();
  }

  /** Tell the others where the caret is. */
  at(caret: number): void {
    const place = Y.createRelativePositionFromTypeIndex(this.text, caret);
    this.awareness.setLocalState({ caret: Y.relativePositionToJSON(place) });
  }

  destroy(): void {
    this.keepNow();
    this.ending.abort();
    clearTimeout(this.retry);
    clearTimeout(this.keeping);
    this.awareness.destroy();
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.doc.destroy();
  }

  private open(): void {
    clearTimeout(this.retry);
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.greeted = this.synced = false;
    this.sent = this.stored = 0;
    socket.onopen = () => {
      this.write(SYNC, (encoder) => sync.writeSyncStep1(encoder, this.doc));
      this.writeWhere([this.doc.clientID]);
    };
    socket.onmessage = (event) => this.heard(new Uint8Array(event.data as ArrayBuffer));
    socket.onclose = (event) => this.lost(socket, event.code);
  }

  private heard(frame: Uint8Array): void {
    const decoder = decoding.createDecoder(frame);
    const kind = decoding.readVarUint(decoder);
    if (kind === SYNC) this.heardSync(decoder);
    else if (kind === AWARENESS) awarenessProtocol.applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this);
    else if (kind === SAVED) this.stored = decoding.readVarUint(decoder);
    else if (kind === HELD) this.onHeld(JSON.parse(decoding.readVarString(decoder)) as string[]);
    this.show();
  }

  private heardSync(decoder: decoding.Decoder): void {
    const answer = encoding.createEncoder();
    encoding.writeVarUint(answer, SYNC);
    const step = sync.readSyncMessage(decoder, answer, this.doc, this);
    if (step === sync.messageYjsSyncStep2) this.synced = true;
    if (step !== sync.messageYjsSyncStep1) return;
    this.put(answer);
    this.sent += 1;
    this.greeted = true;
  }

  private readonly updated = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    this.dirty = true;
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.keepNow(), KEEP_AFTER_MS);
    if (this.greeted && this.write(SYNC, (encoder) => sync.writeUpdate(encoder, update))) this.sent += 1;
    this.show();
  };

  private readonly moved = ({ added, updated, removed }: { added: number[]; updated: number[]; removed: number[] }, origin: unknown): void => {
    if (origin !== this) this.writeWhere([...added, ...updated, ...removed]);
    this.onPeople(this.people());
  };

  private people(): Person[] {
    const found: Person[] = [];
    for (const [client, state] of this.awareness.getStates()) {
      if (client === this.doc.clientID || typeof state["name"] !== "string") continue;
      found.push({ client, account: String(state["account"]), name: state["name"], line: this.line(state["caret"]) });
    }
    return found;
  }

  private line(caret: unknown): number | null {
    if (!caret) return null;
    try {
      const place = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(caret), this.doc);
      return place ? this.text.toString().slice(0, place.index).split("\n").length : null;
    } catch {
      return null; // a place that another version of the page wrote
    }
  }

  private writeWhere(clients: number[]): void {
    const mine = clients.filter((client) => client === this.doc.clientID);
    if (mine.length) this.write(AWARENESS, (encoder) => encoding.writeVarUint8Array(encoder, awarenessProtocol.encodeAwarenessUpdate(this.awareness, mine)));
  }

  private write(kind: number, content: (encoder: encoding.Encoder) => void): boolean {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, kind);
    content(encoder);
    return this.put(encoder);
  }

  private put(encoder: encoding.Encoder): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(encoding.toUint8Array(encoder));
    return true;
  }

  private keepNow(): void {
    clearTimeout(this.keeping);
    if (!this.dirty) return;
    this.kept = this.keep.put(Y.encodeStateAsUpdate(this.doc, this.base));
    this.show();
  }

  private show(): void {
    // A socket that is closing takes nothing more, so nothing counts as saved on it.
    const connected = this.greeted && this.synced && this.socket?.readyState === WebSocket.OPEN;
    if (connected && this.stored === this.sent) {
      this.tries = 0;
      if (this.dirty) this.keep.clear();
      this.dirty = false;
      this.kept = true;
      this.base = Y.encodeStateVector(this.doc);
      clearTimeout(this.keeping);
      return this.become("saved");
    }
    if (connected) return this.become("saving");
    if (this.dirty && !this.kept) return this.become("unkept");
    this.become(this.state === "opening" ? "opening" : "offline");
  }

  private lost(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return;
    this.socket = null;
    this.greeted = this.synced = false;
    this.keepNow();
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID);
    awarenessProtocol.removeAwarenessStates(this.awareness, others, this);
    const end = ENDS[code];
    if (end) return this.become(end);
    this.become(this.dirty && !this.kept ? "unkept" : "offline");
    const bound = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.tries);
    this.tries += 1;
    this.again(bound * (0.5 + Math.random() / 2));
  }

  /** The device says that it is offline: the closing handshake would wait for nobody. */
  private dropped(): void {
    const socket = this.socket;
    if (!socket) return;
    socket.close();
    this.lost(socket, 1006);
  }

  private again(pause: number): void {
    if (this.socket || ENDS_SET.has(this.state)) return;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), pause);
  }

  private become(state: State): void {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }
}

const ENDS_SET: ReadonlySet<State> = new Set(Object.values(ENDS));
