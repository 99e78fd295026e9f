/** To a day of the past and back to now. */
import { announce, toast, toastProblem } from "../lib/announce";
import { Problem } from "../lib/api";
import { maybe, one } from "../lib/dom";
import { civilDay, longDay } from "../lib/time";
import { _ } from "../lib/words";
import { type Past, dayStart } from "./past";
import type { Log } from "./state";
import type { View } from "./view";

export class Jump {
  constructor(
    private readonly root: HTMLElement,
    private readonly log: Log,
    private readonly past: Past,
    private readonly view: View,
    private readonly draw: () => void,
  ) {}

  start(listen: (target: EventTarget, name: string, act: (event: Event) => void) => void): void {
    listen(one("[data-now]", this.root), "click", () => this.toPresent());
    listen(one("[data-later]", this.root), "click", () => void this.later());
    const form = maybe<HTMLFormElement>("[data-jump]", this.root);
    if (!form) return;
    const field = one<HTMLInputElement>("input", form);
    field.max = civilDay(Date.now());
    listen(form, "submit", (event) => {
      event.preventDefault();
      if (field.value) void this.toDay(field.value);
    });
  }

  toPresent(): void {
    this.view.showPresent();
    this.draw();
    this.view.toEnd();
    this.view.following = true;
    one<HTMLTextAreaElement>("[data-text]", this.root).focus();
  }

  /** To the entry with this number, or the first message behind it. */
  async to(seq: number): Promise<void> {
    try {
      if (seq < this.log.present().first) {
        this.log.take(await this.past.around(seq));
        this.view.show(seq);
      } else this.view.showPresent();
      this.draw();
      this.view.toNumber(seq);
    } catch (problem) {
      toastProblem(problem);
    }
  }

  private async toDay(day: string): Promise<void> {
    const menu = maybe<HTMLDetailsElement>("[data-jump-menu]", this.root);
    try {
      const seq = await this.past.firstSince(dayStart(day, civilDay));
      if (menu) menu.open = false;
      if (seq === null) {
        this.toPresent();
        return toast(_("Nothing was written on that day or later."));
      }
      this.log.take(await this.past.around(seq));
      this.view.show(seq);
      this.draw();
      this.view.toNumber(seq);
      const there = this.log.ordered(this.view.run()).find((message) => message.seq >= seq);
      if (there) announce(_("You read from {day} on.", { day: longDay(there.sentAt) }));
    } catch (problem) {
      toastProblem(problem);
    }
  }

  private async later(): Promise<void> {
    const { last } = this.view.run();
    try {
      const entries = await this.past.more({ after: last });
      if (!entries) return;
      this.log.take(entries);
      this.draw();
    } catch (problem) {
      if (!(problem instanceof Problem && problem.offline)) toastProblem(problem);
    }
  }
}
