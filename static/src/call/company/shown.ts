/**
 * What a practitioner shows beside the video, for an interpreter or a supporter to whom the patient agreed to show it: to look at, not to
 * work with. It comes from the server each time, which asks whether it may still be seen, and is gone from the page with the yes.
 */
import { announce } from "../../lib/announce";
import { fill, h, icon, maybe, one } from "../../lib/dom";
import { _ } from "../../lib/words";
import { type Shown, type Visit, participant } from "../visit";

export class ShownToMe {
  private told = "";
  private loading = 0;

  constructor(
    private readonly stage: HTMLElement,
    private readonly side: HTMLElement,
    private readonly visit: string,
    private readonly me: string,
  ) {}

  /** The panel that the server names to this guest; none ends it. */
  point(shown: Shown): void {
    const told = shown.panel ? `${shown.panel} ${shown.report ?? ""}` : "";
    if (told === this.told) return;
    this.told = told;
    this.loading += 1;
    fill(this.place);
    this.side.hidden = told === "";
    this.stage.classList.toggle("stage-whole", told === "");
    if (told) void this.load(this.loading);
  }

  /** Sent out of the room, or the yes was taken back: nothing stays on the screen. */
  show(visit: Visit): void {
    if (participant(visit, this.me)?.panels !== "given") this.point({ panel: null });
  }

  leave(): void {
    this.point({ panel: null });
  }

  private get place(): HTMLElement {
    return one("[data-shown-place]", this.side);
  }

  private async load(turn: number): Promise<void> {
    fill(this.place, h("p", { class: "wait" }, _("One moment …")));
    const section = await fetched(`/visits/${this.visit}/shown`);
    if (turn !== this.loading) return;
    fill(this.place, section ?? this.again());
    if (section) announce(_("The practitioner shows you something."));
  }

  private again(): HTMLElement {
    const retry = h("button", { type: "button", class: "button", onclick: () => void this.load(this.loading) }, icon("rotate-cw"), _("Try again"));
    return h("div", { class: "empty" }, h("p", null, _("This could not be fetched. The call goes on.")), retry);
  }
}

/** Nothing in it can be pressed: whoever is shown something does not act for the patient. */
async function fetched(path: string): Promise<HTMLElement | null> {
  const response = await fetch(path, { credentials: "same-origin", headers: { Accept: "text/html" } }).catch(() => null);
  if (!response?.ok) return null;
  const section = new DOMParser().parseFromString(await response.text(), "text/html").querySelector<HTMLElement>("[data-panel]");
  for (const acting of section?.querySelectorAll("form, .field, button, select, input, textarea, a.button, [data-write-about]") ?? []) acting.remove();
  for (const link of section?.querySelectorAll("a") ?? []) link.replaceWith(...link.childNodes); // it would lead out of the call
  return section && document.importNode(section, true);
}

export function shownToMe(stage: HTMLElement, visit: string, me: string): ShownToMe | null {
  const side = maybe("[data-shown]", stage);
  return side && new ShownToMe(stage, side, visit, me);
}
