/** Where a message is written: the draft that is kept, who reads it, urgent after an honest question, and what Enter does. */
import { toast } from "../lib/announce";
import { api } from "../lib/api";
import { maybe, one } from "../lib/dom";
import type { Cite } from "../lib/places";
import { _ } from "../lib/words";
import { CiteTray } from "./cites";
import { agreesToGaps, showGaps } from "./gaps";
import { chooseEnter, enterSends, sends } from "./keyboard";
import { Mentions, mentioned } from "./mentions";
import type { Outbox } from "./outbox";
import type { Outlook } from "./outlook";
import { canRecord, record } from "./recorder";
import type { Member } from "./state";
import { type Rules, Tray } from "./tray";
import { askUrgent } from "./urgent";

export interface Hooks {
  /** Words are being written. */
  readonly writing: () => void;
  /** A message was taken. */
  readonly taken: () => void;
  /** To the messages, by keyboard. */
  readonly up: () => void;
  readonly outlook: () => Outlook | null;
  /** Everybody else who takes part. */
  readonly others: () => readonly Member[];
}

export class Composer {
  readonly text: HTMLTextAreaElement;
  private readonly urgent: HTMLInputElement | null;
  /** null: no files are taken here, or it is not known yet. */
  private tray: Tray | null = null;
  private readonly places: CiteTray;
  private readonly mentions: Mentions;
  private ended = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly conversation: string,
    max: number,
    private readonly outbox: Outbox,
    private readonly hooks: Hooks,
  ) {
    this.text = one<HTMLTextAreaElement>("[data-text]", root);
    this.text.maxLength = max;
    this.urgent = maybe<HTMLInputElement>("[data-urgent]", root);
    this.places = new CiteTray(one("[data-cites]", root), () => this.wrote());
    this.mentions = new Mentions(this.text, one("[data-mentions]", root), hooks.others, () => this.wrote());
  }

  start(listen: (target: EventTarget, name: string, act: (event: Event) => void) => void): void {
    listen(one("[data-compose]", this.root), "submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    listen(this.text, "keydown", (event) => this.pressed(event as KeyboardEvent));
    listen(this.text, "input", () => {
      this.wrote();
      this.mentions.look();
    });
    listen(this.text, "click", () => this.mentions.look());
    listen(this.text, "blur", () => this.mentions.close());
    const enter = one<HTMLInputElement>("[data-enter]", this.root);
    enter.checked = enterSends();
    listen(enter, "change", () => {
      chooseEnter(enter.checked);
      this.showKeys();
    });
    this.showKeys();
    void this.outbox.draft(this.conversation).then((draft) => {
      this.text.value ||= draft.text;
      this.places.add(...draft.cites);
      this.gaps();
    });
    void this.offerFiles(listen);
  }

  stop(): void {
    this.ended = true;
    this.tray?.stop();
  }

  focus(): void {
    this.text.focus();
  }

  /** The message that is being written points at this place. */
  cite(cite: Cite): void {
    this.places.add(cite);
    this.text.focus();
  }

  /** Why what is here cannot wait on the server; empty when it can: words alone are sent later. */
  get notForLater(): string {
    if (!this.text.value.trim()) return _("Write the message first, then choose when it is sent.");
    const more = this.places.cites.length > 0 || (this.tray !== null && !this.tray.isEmpty);
    return more ? _("A message for later is words alone. Take out the files and places first, or send it now.") : "";
  }

  get isUrgent(): boolean {
    return this.urgent?.checked ?? false;
  }

  /** The words were taken elsewhere. */
  clear(): void {
    this.text.value = "";
    if (this.urgent) this.urgent.checked = false;
    this.wrote();
  }

  /** Puts words back here, above what was begun meanwhile. */
  putBack(body: string): void {
    this.text.value = this.text.value ? `${body}\n${this.text.value}` : body;
    this.wrote();
    this.text.focus();
  }

  /** Buttons for files appear when the server says that it takes them. */
  private async offerFiles(listen: (target: EventTarget, name: string, act: (event: Event) => void) => void): Promise<void> {
    const rules = await api.get<Rules>("/api/v1/upload-rules").catch(() => null);
    if (!rules?.taken || this.ended) return;
    const tray = (this.tray = new Tray(this.root, this.conversation, rules));
    const chooser = one<HTMLInputElement>("[data-files]", this.root);
    chooser.accept = rules.accepts.filter((kind) => !kind.startsWith("audio/")).join(",");
    listen(one("[data-attach]", this.root), "click", () => chooser.click());
    const camera = one<HTMLInputElement>("[data-photo]", this.root);
    listen(one("[data-camera]", this.root), "click", () => camera.click());
    for (const from of [chooser, camera]) {
      listen(from, "change", () => {
        tray.add([...(from.files ?? [])]);
        from.value = "";
        this.text.focus();
      });
    }
    // A phone has its camera at hand; on a desk the chooser of files is the way.
    one("[data-camera]", this.root).hidden = !matchMedia("(pointer: coarse)").matches;
    listen(this.text, "paste", (event) => this.dropped(event, (event as ClipboardEvent).clipboardData));
    listen(this.root, "dragover", (event) => (event as DragEvent).dataTransfer?.types.includes("Files") && event.preventDefault());
    listen(this.root, "drop", (event) => this.dropped(event, (event as DragEvent).dataTransfer));
    one("[data-attach]", this.root).hidden = false;
    this.offerVoice(tray, rules, listen);
  }

  private offerVoice(tray: Tray, rules: Rules, listen: (target: EventTarget, name: string, act: (event: Event) => void) => void): void {
    const button = one<HTMLButtonElement>("[data-voice]", this.root);
    listen(button, "click", () => {
      button.disabled = true;
      void record(one("[data-recording]", this.root), rules.recording_s).then((note) => {
        button.disabled = false;
        if (note) tray.add([note]);
        this.text.focus();
      });
    });
    button.hidden = !canRecord();
  }

  private dropped(event: Event, from: DataTransfer | null): void {
    const files = [...(from?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.tray?.add(files);
  }

  private showKeys(): void {
    one("[data-keys]", this.root).textContent = enterSends() ? _("Shift + Enter makes a new line.") : _("Ctrl + Enter sends.");
  }

  private pressed(event: KeyboardEvent): void {
    if (this.mentions.pressed(event)) return;
    if (event.key === "ArrowUp" && !this.text.value) {
      event.preventDefault();
      return this.hooks.up();
    }
    if (!sends(event)) return;
    event.preventDefault();
    void this.submit();
  }

  /** Something in the box has changed: it is kept. */
  wrote(): void {
    const form = one("[data-compose]", this.root);
    const text = this.text.value;
    form.dataset["draft"] = "";
    this.gaps();
    void this.outbox.keepDraft(this.conversation, { text, cites: this.places.cites }).then(() => text === this.text.value && (form.dataset["draft"] = "kept"));
    if (this.text.value) this.hooks.writing();
  }

  private gaps(): void {
    showGaps(one("[data-gaps]", this.root), this.text);
  }

  private async submit(): Promise<void> {
    const body = this.text.value;
    const hasFiles = this.tray !== null && !this.tray.isEmpty;
    if (!body.trim() && !hasFiles) {
      if (this.places.cites.length) toast(_("Write a word about it, then send."), "attention");
      return this.text.focus();
    }
    if (this.tray?.waitsFor) return toast(this.tray.waitsFor, "attention");
    if (!(await agreesToGaps(body))) return this.text.focus();
    const urgent = this.isUrgent;
    const outlook = this.hooks.outlook();
    if (urgent && outlook && !(await askUrgent(outlook))) return this.text.focus();
    this.text.value = "";
    if (this.urgent) this.urgent.checked = false;
    const cites = this.places.empty();
    const written = { body: body.trim() ? body : "", urgent, attachments: this.tray?.empty() ?? [], mentions: mentioned(body, this.hooks.others()), cites };
    // Whoever could not be asked here (their page knew no numbers) is asked by the server.
    const kept = this.outbox.add(this.conversation, { ...written, confirmed: !urgent || outlook !== null });
    this.gaps();
    this.hooks.taken();
    this.text.focus();
    await kept.catch(() => {
      // No room on this device: nothing is lost, the words are back where they were written.
      this.places.add(...cites);
      this.putBack(body);
      toast(_("This device has no room to keep the message until it is sent. Your words are still here."), "trouble");
    });
  }
}
