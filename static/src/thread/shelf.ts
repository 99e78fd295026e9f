/**
 * What this device keeps of messages that are not stored on the server yet: an outbox and drafts, in IndexedDB, by account and conversation.
 *
 * They are words about somebody's health on a phone that others may use. So: a message is deleted the moment it is stored, everything goes at
 * sign-out (`Clear-Site-Data`) and when somebody else signs in, and nothing is encrypted here: a key that lies beside the text protects nobody.
 */

import type { Cite } from "../lib/places";
import type { Helpline } from "./outlook";

export type WishState = "queued" | "sending" | "failed";

/** A message that is not stored yet. Its `client_id` is made once, when it is written, so that no try can double it. */
export interface Wish {
  readonly client_id: string;
  readonly account: string;
  readonly conversation: string;
  readonly body: string;
  readonly urgent: boolean;
  readonly attachments: readonly { readonly id: string; readonly name: string }[];
  /** Accounts whose names stand in it behind an "@". */
  readonly mentions?: readonly string[];
  /** Places that it points at. */
  readonly cites?: readonly Cite[];
  /** Whether its writer has read whom to call in danger; only asked of what is urgent. */
  readonly confirmed?: boolean;
  /** Whom to call instead, as the server said when it refused an urgent message that was not asked about. */
  readonly helplines?: readonly Helpline[];
  readonly at: string;
  readonly state: WishState;
  /** Why it was not taken, in words; empty while nothing is wrong. */
  readonly why: string;
  /** Refused for good: trying again as it is cannot help. */
  readonly final: boolean;
}

/** What was begun and not sent. */
export interface Begun {
  readonly text: string;
  readonly cites: readonly Cite[];
}

const NOTHING: Begun = { text: "", cites: [] };

export interface Shelf {
  /** In the order in which they were written. */
  all(account: string): Promise<Wish[]>;
  /** Keeps it and forgets the draft it came from, both or none. */
  add(wish: Wish): Promise<void>;
  /** Changes one that is in one of these states; null when it is not there any more or elsewhere. */
  move(client_id: string, from: readonly WishState[], to: Partial<Wish>): Promise<Wish | null>;
  /** Whether it was there in one of these states, and is gone now. */
  remove(client_id: string, from: readonly WishState[]): Promise<boolean>;
  draft(account: string, conversation: string): Promise<Begun>;
  keepDraft(account: string, conversation: string, begun: Begun): Promise<void>;
  /** Deletes what another account has left here. */
  keepOnly(account: string): Promise<void>;
  /** Whether it outlives the page. */
  readonly lasting: boolean;
}

const NAME = "telegut messages";
const OUTBOX = "outbox";
const DRAFTS = "drafts";

interface Draft extends Partial<Begun> {
  readonly account: string;
  readonly conversation: string;
}

/** The device's shelf; in a window that may keep nothing, one that ends with the page. */
export async function openShelf(): Promise<Shelf> {
  try {
    return new LastingShelf(await opened());
  } catch {
    return new PassingShelf();
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      // The key counts up: it is the order in which they were written, in whichever tab.
      asked.result.createObjectStore(OUTBOX, { keyPath: "n", autoIncrement: true }).createIndex("client_id", "client_id", { unique: true });
      asked.result.createObjectStore(DRAFTS, { keyPath: ["account", "conversation"] });
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
    asked.onerror = asked.onblocked = () => reject(asked.error ?? new Error("blocked"));
  });
}

class LastingShelf implements Shelf {
  readonly lasting = true;

  constructor(private readonly db: IDBDatabase) {}

  async all(account: string): Promise<Wish[]> {
    const all = await this.within("readonly", (store) => store(OUTBOX).getAll() as IDBRequest<Wish[]>);
    return all.filter((wish) => wish.account === account);
  }

  async add(wish: Wish): Promise<void> {
    await this.within("readwrite", (store) => {
      store(DRAFTS).delete([wish.account, wish.conversation]);
      return store(OUTBOX).add(wish);
    });
  }

  move(client_id: string, from: readonly WishState[], to: Partial<Wish>): Promise<Wish | null> {
    return this.found(client_id, from, (cursor) => {
      const next = { ...(cursor.value as Wish), ...to };
      cursor.update(next);
      return next;
    });
  }

  async remove(client_id: string, from: readonly WishState[]): Promise<boolean> {
    const gone = await this.found(client_id, from, (cursor) => {
      cursor.delete();
      return cursor.value as Wish;
    });
    return gone !== null;
  }

  async draft(account: string, conversation: string): Promise<Begun> {
    const kept = await this.within("readonly", (store) => store(DRAFTS).get([account, conversation]) as IDBRequest<Draft | undefined>);
    return { ...NOTHING, ...kept };
  }

  async keepDraft(account: string, conversation: string, { text, cites }: Begun): Promise<void> {
    const draft: Draft = { account, conversation, text, cites };
    const something = text !== "" || cites.length > 0;
    await this.within("readwrite", (store) => {
      if (!something) store(DRAFTS).delete([account, conversation]);
      return something ? (store(DRAFTS).put(draft) as IDBRequest<unknown>) : (store(DRAFTS).count() as IDBRequest<unknown>);
    });
  }

  async keepOnly(account: string): Promise<void> {
    await this.within("readwrite", (store) => {
      for (const name of [OUTBOX, DRAFTS]) {
        store(name).openCursor().onsuccess = (event) => {
          const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
          if (!cursor) return;
          if ((cursor.value as { account: string }).account !== account) cursor.delete();
          cursor.continue();
        };
      }
      return store(OUTBOX).count();
    });
  }

  /** One look and one change in one transaction: of two tabs, one. */
  private found(client_id: string, from: readonly WishState[], act: (cursor: IDBCursorWithValue) => Wish): Promise<Wish | null> {
    return new Promise((resolve, reject) => {
      const tx = this.db.transaction(OUTBOX, "readwrite");
      let outcome: Wish | null = null;
      tx.objectStore(OUTBOX).index("client_id").openCursor(client_id).onsuccess = (event) => {
        const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
        if (cursor && from.includes((cursor.value as Wish).state)) outcome = act(cursor);
      };
      tx.oncomplete = () => resolve(outcome);
      tx.onabort = () => reject(tx.error ?? new Error("aborted"));
    });
  }

  private within<T>(mode: IDBTransactionMode, act: (store: (name: string) => IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // Answered when it is on the disk, not when it is on its way there.
      const tx = this.db.transaction([OUTBOX, DRAFTS], mode, { durability: "strict" });
      const asked = act((name) => tx.objectStore(name));
      tx.oncomplete = () => resolve(asked.result);
      tx.onabort = () => reject(tx.error ?? new Error("aborted"));
    });
  }
}

/** Where the browser keeps nothing (a private window of some kind): it lasts as long as the page. */
class PassingShelf implements Shelf {
  readonly lasting = false;
  private wishes: Wish[] = [];
  private readonly drafts = new Map<string, Begun>();

  async all(account: string): Promise<Wish[]> {
    return this.wishes.filter((wish) => wish.account === account);
  }

  async add(wish: Wish): Promise<void> {
    this.wishes.push(wish);
    this.drafts.delete(`${wish.account} ${wish.conversation}`);
  }

  async move(client_id: string, from: readonly WishState[], to: Partial<Wish>): Promise<Wish | null> {
    const n = this.wishes.findIndex((wish) => wish.client_id === client_id && from.includes(wish.state));
    const known = this.wishes[n];
    if (!known) return null;
    return (this.wishes[n] = { ...known, ...to });
  }

  async remove(client_id: string, from: readonly WishState[]): Promise<boolean> {
    const before = this.wishes.length;
    this.wishes = this.wishes.filter((wish) => wish.client_id !== client_id || !from.includes(wish.state));
    return this.wishes.length < before;
  }

  async draft(account: string, conversation: string): Promise<Begun> {
    return this.drafts.get(`${account} ${conversation}`) ?? NOTHING;
  }

  async keepDraft(account: string, conversation: string, begun: Begun): Promise<void> {
    this.drafts.set(`${account} ${conversation}`, begun);
  }

  async keepOnly(): Promise<void> {
    // Nobody else's can be here.
  }
}
