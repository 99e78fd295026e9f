/** What somebody who waits is told about how late it is: facts, or that we do not know. And one tap to say it. */
import { api } from "../../lib/api";
import { h } from "../../lib/dom";
import { clockTime } from "../../lib/time";
import { toast, toastProblem } from "../../lib/announce";
import { _ } from "../../lib/words";

export interface Outlook {
  readonly known: "here" | "said" | "in_another_visit" | "on_time" | "not_known";
  readonly name: string | null;
  readonly minutes: number | null;
  readonly expected_at: string | null;
}

const LOOK_MS = 20_000;
export const MINUTES = [5, 10, 15] as const;

/** In words; nothing where there is nothing to add to what the page says already. */
export function words(found: Outlook): string {
  const name = found.name ?? "";
  const about = found.minutes ? _("about {minutes} minutes late", { minutes: found.minutes }) : "";
  switch (found.known) {
    case "said":
      return _("{name} will be {about}, at {time}.", { name, about: about || _("there soon"), time: clockTime(found.expected_at ?? "") });
    case "in_another_visit":
      return about ? _("{name} is still in another visit, {about}.", { name, about }) : _("{name} is still in another visit. We do not know yet how long it takes.", { name });
    case "not_known":
      return _("We do not know yet when it begins. Your place is kept.");
    default:
      return "";
  }
}

/** Looks again every while as long as somebody waits. */
export class Late {
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly id: string,
    private readonly place: HTMLElement,
  ) {}

  waits(waits: boolean): void {
    clearInterval(this.timer);
    if (!waits) {
      this.show("");
      return;
    }
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  private async look(): Promise<void> {
    const found = await api.get<Outlook>(`/api/v1/visits/${this.id}/outlook`).catch(() => null);
    if (found) this.show(words(found));
  }

  private show(said: string): void {
    if (this.place.textContent !== said) this.place.textContent = said;
    this.place.hidden = said === "";
  }
}

/** "Late by 5 10 15 minutes": one tap each, for the practitioner. */
export function lateButtons(visit: string): HTMLElement {
  const say = async (minutes: number): Promise<void> => {
    try {
      const found = await api.put<Outlook>(`/api/v1/visits/${visit}/late`, { minutes });
      toast(words(found) ? _("They read: {words}", { words: words(found) }) : _("Said."));
    } catch (problem) {
      toastProblem(problem);
    }
  };
  return h(
    "div",
    { class: "row late-row", role: "group", "aria-label": _("Say how late you are") },
    h("span", { class: "small" }, _("Late by")),
    ...MINUTES.map((minutes) => h("button", { type: "button", class: "button button-bare", "data-late": minutes, onclick: () => void say(minutes) }, String(minutes), h("span", { class: "unseen" }, ` ${_("minutes")}`))),
    h("span", { class: "small" }, _("min")),
  );
}
