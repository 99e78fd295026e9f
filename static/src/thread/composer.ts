/** Where a message is written: the draft that is kept, who reads it, urgent after an honest question, and what Enter does. */
import { toast } from "../lib/announce";
import { api } from "../lib/api";
import { ask } from "../lib/dialog";
import { h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { chooseEnter, enterSends, sends } from "./keyboard";
import type { Outbox } from "./outbox";
import { type Outlook, numbers } from "./outlook";
import { canRecord, record } from "./recorder";
import { type Rules, Tray } from "./tray";

export interface Hooks {
  /** Words are being written. */
  readonly writing: () => void;
  /** A message was taken. */
  readonly taken: () => void;
  /** To the messages, by keyboard. */
  readonly up: () => void;
  readonly outlook: () => Outlook | null;
}

export class Composer {
  private readonly text: HTMLTextAreaElement;
  private readonly urgent: HTMLInputElement | null;
  /** null: no files are taken here, or it is not known yet. */
  private tray: Tray | null = null;
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
  }

  start(listen: (target: EventTarget, name: string, act: (event: Event) => void) => void): void {
    listen(one("[data-compose]", this.root), "submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    listen(this.text, "keydown", (event) => this.pressed(event as KeyboardEvent));
    listen(this.text, "input", () => this.wrote());
    const enter = one<HTMLInputElement>("[data-enter]", this.root);
    enter.checked = enterSends();
    listen(enter, "change", () => {
      chooseEnter(enter.checked);
      this.showKeys();
    });
    this.showKeys();
    void this.outbox.draft(this.conversation).then((draft) => {
      this.text.value ||= draft;
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
    listen(chooser, "change", () => {
      tray.add([...(chooser.files ?? [])]);
      chooser.value = "";
      this.text.focus();
    });
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
    if (event.key === "ArrowUp" && !this.text.value) {
      event.preventDefault();
      return this.hooks.up();
    }
    if (!sends(event)) return;
    event.preventDefault();
    void this.submit();
  }

  private wrote(): void {
    const form = one("[data-compose]", this.root);
    const text = this.text.value;
    form.dataset["draft"] = "";
    void this.outbox.keepDraft(this.conversation, text).then(() => text === this.text.value && (form.dataset["draft"] = "kept"));
    if (this.text.value) this.hooks.writing();
  }

  private async submit(): Promise<void> {
    const body = this.text.value;
    const hasFiles = this.tray !== null && !this.tray.isEmpty;
    if (!body.trim() && !hasFiles) return this.text.focus();
    if (this.tray?.waitsFor) return toast(this.tray.waitsFor, "attention");
    const urgent = this.urgent?.checked ?? false;
    const outlook = this.hooks.outlook();
    if (urgent && outlook && !(await askUrgent(outlook))) return this.text.focus();
    this.text.value = "";
    if (this.urgent) this.urgent.checked = false;
    const kept = this.outbox.add(this.conversation, { body: body.trim() ? body : "", urgent, attachments: this.tray?.empty() ?? [] });
    this.hooks.taken();
    this.text.focus();
    await kept.catch(() => {
      // No room on this device: nothing is lost, the words are back where they were written.
      this.putBack(body);
      toast(_("This device has no room to keep the message until it is sent. Your words are still here."), "trouble");
    });
  }
}

/** A message is no way to call for help, and whoever marks one as urgent reads that first, with the numbers to call. */
function askUrgent(outlook: Outlook): Promise<boolean> {
  return ask({
    title: _("Is somebody in danger?"),
    text: outlook.staffed
      ? _("Then please call now. A message is no way to get help at once: nobody may see it in time.")
      : _("Then please call now. Nobody reads messages at this hour, also urgent ones may not be seen in time."),
    content: h("div", { class: "thread-danger" }, numbers(outlook)),
    confirm: _("Nobody is in danger: send it as urgent"),
    decline: _("Back to my message"),
  });
}
