/** What is said, as text under the pictures: off until somebody switches it on, and not offered where there is no source of it (PROTOCOL.md, Captions). */
import { fill, h, maybe } from "../lib/dom";

/** Lines that stand at once, and for how long the last one stays. */
const LINES = 3;
const STAYS_MS = 8000;

export class Captions {
  private readonly place: HTMLElement | null;
  private readonly field: HTMLInputElement | null;
  private readonly lines = new Map<string, HTMLElement>();
  private gone: ReturnType<typeof setTimeout> | undefined;

  constructor(
    stage: HTMLElement,
    private readonly nameOf: (account: string) => string,
    say: (message: Readonly<Record<string, unknown>> & { readonly type: string }) => boolean,
  ) {
    this.place = maybe("[data-captions]", stage);
    this.field = maybe<HTMLInputElement>("[data-captions-on]", stage);
    this.field?.addEventListener("change", () => {
      say({ type: "captions", on: this.field?.checked === true });
      this.clear();
    });
  }

  /** A line, or a better reading of one. */
  hear(message: Readonly<Record<string, unknown>>): void {
    if (!this.place || !this.field?.checked) return;
    const seat = String(message["seat"]);
    const key = `${seat} ${String(message["number"])}`;
    const line = this.lines.get(key) ?? h("p", { lang: String(message["language"]) });
    fill(line, h("strong", null, `${this.nameOf(seat)}: `), String(message["text"]));
    this.lines.set(key, line);
    for (const old of [...this.lines.keys()].slice(0, -LINES)) this.lines.delete(old);
    this.place.hidden = false;
    fill(this.place, ...this.lines.values());
    clearTimeout(this.gone);
    this.gone = setTimeout(() => this.clear(), STAYS_MS);
  }

  leave(): void {
    if (this.field) this.field.checked = false;
    this.clear();
  }

  private clear(): void {
    this.lines.clear();
    if (this.place) this.place.hidden = true;
  }
}
