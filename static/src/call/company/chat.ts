/** The chat of a call is the thread itself; its tab counts what was written while another one is open. */
import { announce } from "../../lib/announce";
import { feed } from "../../lib/feed";
import { maybe, one } from "../../lib/dom";
import { _ } from "../../lib/words";

export class Chat {
  private unread = 0;
  private stop: (() => void) | null = null;

  constructor(
    private readonly stage: HTMLElement,
    private readonly patient: string,
    private readonly me: string,
    private readonly nameOf: (account: string) => string,
  ) {
    const tab = maybe('[data-tab="thread"]', stage);
    if (tab) new MutationObserver(() => this.read()).observe(tab, { attributes: true, attributeFilter: ["aria-selected"] });
  }

  /** In the room, where it is *calm*: nobody is told of a record's messages before. */
  enter(calm: Promise<void>): void {
    if (!this.patient || this.stop) return;
    let deaf = (): void => undefined;
    let left = false;
    this.stop = () => {
      left = true;
      deaf();
    };
    void calm.then(() => {
      if (!left) deaf = feed().on("message.sent", (event) => event["patient"] === this.patient && event["sender"] !== this.me && this.came(String(event["sender"])));
    });
  }

  leave(): void {
    this.stop?.();
    this.stop = null;
    this.unread = 0;
    this.show();
  }

  private came(sender: string): void {
    if (this.isOpen()) return;
    this.unread += 1;
    this.show();
    announce(_("{name} wrote in the chat.", { name: this.nameOf(sender) }));
  }

  private read(): void {
    if (!this.isOpen()) return;
    this.unread = 0;
    this.show();
  }

  private isOpen(): boolean {
    return maybe('[data-tab="thread"]', this.stage)?.getAttribute("aria-selected") === "true";
  }

  private show(): void {
    const tab = maybe('[data-tab="thread"]', this.stage);
    if (!tab) return;
    const count = one("[data-count]", tab);
    count.hidden = this.unread === 0;
    count.textContent = this.unread ? String(this.unread) : "";
    if (this.unread) tab.setAttribute("aria-label", _("Chat, {n} new", { n: this.unread }));
    else tab.removeAttribute("aria-label");
  }
}
