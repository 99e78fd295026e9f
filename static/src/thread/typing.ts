/** Who is writing right now. Nobody keeps it: what was said once is shown for a moment. */
import { feed } from "../lib/feed";
import { _ } from "../lib/words";

const EVERY_MS = 3000;
const SHOWN_MS = 6000;

export class Typing {
  private readonly typists = new Map<string, ReturnType<typeof setTimeout>>();
  private told = 0;

  constructor(
    private readonly conversation: string,
    private readonly line: HTMLElement,
    private readonly nameOf: (account: string) => string,
  ) {}

  /** I am writing. */
  tell(): void {
    const now = Date.now();
    if (now - this.told < EVERY_MS) return;
    this.told = now;
    feed().tell({ type: "typing", conversation: this.conversation });
  }

  /** The next word is told at once. */
  sent(): void {
    this.told = 0;
  }

  begin(account: string): void {
    clearTimeout(this.typists.get(account));
    this.typists.set(
      account,
      setTimeout(() => this.end(account), SHOWN_MS),
    );
    this.show();
  }

  end(account: string): void {
    clearTimeout(this.typists.get(account));
    if (this.typists.delete(account)) this.show();
  }

  private show(): void {
    const names = [...this.typists.keys()].map(this.nameOf).filter(Boolean);
    this.line.textContent = names.length ? _("{names} is writing …", { names: names.join(", ") }) : "";
  }
}
