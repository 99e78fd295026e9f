/** A time that is kept while the last step is read: how long still, in words, and once some minutes more. */
import { announce } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { fill, h } from "../lib/dom";
import { _ } from "../lib/words";
import type { Hold } from "../scheduling/types";

const LOOK_MS = 5_000;
/** From here on the page offers more time. */
const SOON_MS = 120_000;
const MINUTE_MS = 60_000;

export class Keeping {
  private timer = 0;
  private said = "";

  constructor(
    private readonly place: HTMLElement,
    private readonly minutes: number,
    /** The time is renewed until then, by this machine's clock. */
    private readonly renewed: (hold: Hold, until: number) => void,
    private readonly ended: () => void,
  ) {}

  start(hold: Hold, until: number): void {
    this.stop();
    this.said = "";
    const look = (): void => {
      const left = until - Date.now();
      if (left <= 0) {
        this.stop();
        this.ended();
      } else this.show(hold, left);
    };
    look();
    this.timer = setInterval(look, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    fill(this.place);
  }

  private show(hold: Hold, left: number): void {
    const offers = left <= SOON_MS && hold.renewable !== false;
    const words = left < MINUTE_MS ? _("We keep it for less than a minute.") : left < 1.5 * MINUTE_MS ? _("We keep it for one minute.") : _("We keep it for {n} minutes.", { n: Math.round(left / MINUTE_MS) });
    if (words === this.said) return;
    this.said = words;
    const more = h("button", { type: "button", class: "button", "data-renew": "" }, _("Keep it {n} more minutes", { n: this.minutes }));
    more.addEventListener("click", () => void this.renew(hold, more));
    fill(this.place, h("span", { class: "quiet" }, words), offers && more);
  }

  private async renew(hold: Hold, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      const longer = await api.post<Hold>(`/api/v1/holds/${hold.id}/renew`);
      const until = Date.now() + this.minutes * MINUTE_MS;
      this.renewed(longer, until);
      this.start({ ...longer, renewable: false }, until);
      announce(_("Kept for {n} more minutes.", { n: this.minutes }));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status === 410) this.ended();
      else fill(this.place, h("span", null, problem.message));
    }
  }
}
