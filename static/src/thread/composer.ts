/** Where a message is written: the draft that is kept, who reads it, urgent after an honest question, and what Enter does. */
import { toast } from "../lib/announce";
import { ask } from "../lib/dialog";
import { h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { chooseEnter, enterSends, sends } from "./keyboard";
import type { Outbox } from "./outbox";
import { type Outlook, numbers } from "./outlook";

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
    void this.outbox.keepDraft(this.conversation, this.text.value);
    if (this.text.value) this.hooks.writing();
  }

  private async submit(): Promise<void> {
    const body = this.text.value;
    if (!body.trim()) return this.text.focus();
    const urgent = this.urgent?.checked ?? false;
    const outlook = this.hooks.outlook();
    if (urgent && outlook && !(await askUrgent(outlook))) return this.text.focus();
    this.text.value = "";
    if (this.urgent) this.urgent.checked = false;
    const kept = this.outbox.add(this.conversation, { body, urgent, attachments: [] });
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
