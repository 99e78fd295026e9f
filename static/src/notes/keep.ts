/**
 * What was typed and is not on the server yet stays on this device, so that closing the page while offline loses nothing.
 *
 * Only the unsaved part is kept, under the account and the tab that typed it, and removed the moment the server has it.
 */
import { newKey } from "../lib/api";

const ROOT = "telegut.note";

export class Keep {
  private readonly prefix: string;
  private readonly mine: string;
  private taken: string[] = [];

  constructor(account: string, place: string) {
    this.prefix = `${ROOT}|${account}|${place}|`;
    this.mine = this.prefix + newKey();
  }

  /** What earlier tabs left behind; it is forgotten with the next `clear`. */
  left(): Uint8Array[] {
    try {
      this.taken = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
      return this.taken.flatMap((key) => decoded(localStorage.getItem(key) ?? ""));
    } catch {
      return []; // storage is switched off: nothing was kept here
    }
  }

  /** Returns whether the device had room. */
  put(update: Uint8Array): boolean {
    try {
      localStorage.setItem(this.mine, encoded(update));
      return true;
    } catch {
      return false; // full, or switched off: the page says so
    }
  }

  clear(): void {
    try {
      for (const key of [this.mine, ...this.taken.splice(0)]) localStorage.removeItem(key);
    } catch {
      // storage is switched off: nothing was kept here
    }
  }
}

function encoded(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function decoded(text: string): Uint8Array[] {
  try {
    return [Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))];
  } catch {
    return []; // not ours
  }
}
