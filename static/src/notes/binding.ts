/** A plain textarea that shows a shared text: what is typed becomes the smallest change, what others type moves no caret. */
import * as Y from "yjs";
import { difference, moved, type Part } from "./diff";

export class Binding {
  private shown: string;
  private composing = false;
  private missed: Part[][] = [];
  /** Where the last change typed here ended: what is typed elsewhere is undone on its own. */
  private end = -1;
  private readonly undo: Y.UndoManager;
  private readonly ending = new AbortController();

  constructor(
    private readonly area: HTMLTextAreaElement,
    private readonly text: Y.Text,
  ) {
    this.shown = area.value = text.toString();
    this.undo = new Y.UndoManager(text, { trackedOrigins: new Set([this]), captureTimeout: 600 });
    text.observe(this.changed);
    const signal = this.ending.signal;
    area.addEventListener("input", () => this.typed(), { signal });
    area.addEventListener("compositionstart", () => (this.composing = true), { signal });
    area.addEventListener("compositionend", () => this.composed(), { signal });
    area.addEventListener("beforeinput", (event) => this.wanted(event), { signal });
    area.addEventListener("keydown", (event) => this.pressed(event), { signal });
  }

  destroy(): void {
    this.ending.abort();
    this.text.unobserve(this.changed);
    this.undo.destroy();
  }

  private typed(): void {
    if (this.composing) return;
    const change = difference(this.shown, this.area.value, this.area.selectionEnd);
    if (!change) return;
    this.shown = this.area.value;
    this.put(change.start, change.removed, change.inserted);
  }

  private put(start: number, removed: number, inserted: string): void {
    if (start + removed !== this.end) this.undo.stopCapturing();
    this.end = start + inserted.length;
    this.text.doc?.transact(() => {
      if (removed) this.text.delete(start, removed);
      if (inserted) this.text.insert(start, inserted);
    }, this);
  }

  private readonly changed = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin === this) return;
    const parts = event.delta as Part[];
    if (this.end >= 0) this.end = moved(this.end, parts);
    // A word that is being composed must not be touched: what others do waits until it is done.
    if (this.composing) this.missed.push(parts);
    else this.show([parts]);
  };

  private composed(): void {
    this.composing = false;
    const change = difference(this.shown, this.area.value, this.area.selectionEnd);
    const missed = this.missed.splice(0);
    if (!change) return this.show(missed);
    // What was typed belongs where its neighbours are now.
    const start = missed.reduce(moved, change.start);
    const end = missed.reduce(moved, change.start + change.removed);
    const caret = start + change.inserted.length;
    this.put(start, end - start, change.inserted);
    this.shown = this.area.value = this.text.toString();
    this.area.setSelectionRange(caret, caret);
  }

  private show(events: readonly (readonly Part[])[]): void {
    const { selectionStart, selectionEnd, selectionDirection, scrollTop } = this.area;
    this.shown = this.text.toString();
    if (this.area.value === this.shown) return;
    this.area.value = this.shown;
    this.area.setSelectionRange(events.reduce(moved, selectionStart), events.reduce(moved, selectionEnd), selectionDirection);
    this.area.scrollTop = scrollTop;
  }

  /** The browser's own history knows nothing of what others wrote, so undo is ours: it takes back only what was typed here. */
  private wanted(event: InputEvent): void {
    if (event.inputType !== "historyUndo" && event.inputType !== "historyRedo") return;
    event.preventDefault();
    this.step(event.inputType === "historyRedo");
  }

  private pressed(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const again = key === "y" || (key === "z" && event.shiftKey);
    if (key !== "z" && !again) return;
    event.preventDefault();
    this.step(again);
  }

  private step(again: boolean): void {
    if (this.area.readOnly) return;
    if (again) this.undo.redo();
    else this.undo.undo();
  }
}
