/** Saying how far was read: only what was on the screen of a page that is looked at. */
import { Problem, api } from "../lib/api";
import { all } from "../lib/dom";
import type { View } from "./view";

export class Reading {
  private saying = false;

  constructor(
    private readonly view: View,
    private readonly path: string,
    private marker: number,
  ) {}

  look(): void {
    if (this.saying || document.visibilityState !== "visible" || !document.hasFocus() || !this.view.isVisible()) return;
    const seen = this.view.seen();
    if (seen <= this.marker) return;
    this.saying = true;
    void this.say(seen).finally(() => {
      this.saying = false;
      if (this.marker >= seen) this.look();
    });
  }

  private async say(seen: number): Promise<void> {
    try {
      const { up_to } = await api.post<{ up_to: number }>(`${this.path}/read`, { up_to: seen });
      if (this.marker < up_to) lowerCount();
      this.marker = Math.max(this.marker, up_to);
    } catch (problem) {
      // Not said is not read; the next look says it again, unless the server will not hear it.
      if (problem instanceof Problem && !problem.offline && problem.status < 500) this.marker = seen;
    }
  }
}

/** One conversation fewer is unread, in the navigation. */
function lowerCount(): void {
  for (const count of all("[data-unread]")) {
    const left = Math.max(0, Number.parseInt(count.textContent, 10) - 1 || 0);
    count.hidden = left === 0;
    const number = count.firstChild;
    if (number) number.textContent = String(left);
  }
}
