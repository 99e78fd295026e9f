/** How video and panel share the screen: a divider on a desk (⅓ ½ ⅔ by buttons and arrow keys), a sheet with three heights on a phone. */
import { announce } from "../lib/announce";
import { all, one } from "../lib/dom";
import { _ } from "../lib/words";

const SPLITS = ["third", "half", "twothirds"] as const;
const HEIGHTS = ["low", "middle", "high"] as const;
type Split = (typeof SPLITS)[number];
type Height = (typeof HEIGHTS)[number];

const SHARE: Readonly<Record<Split, number>> = { third: 33, half: 50, twothirds: 67 };
const SPLIT_WORDS: Readonly<Record<Split, string>> = { third: _("Video a third"), half: _("Video half"), twothirds: _("Video two thirds") };
const HEIGHT_WORDS: Readonly<Record<Height, string>> = { low: _("Panel low: only the tabs"), middle: _("Panel half"), high: _("Panel high") };
/** What the button does from here. */
const HEIGHT_STEPS: Readonly<Record<Height, string>> = { low: _("Make the panel larger"), middle: _("Make the panel larger"), high: _("Make the panel smaller") };

export function wireLayout(stage: HTMLElement): void {
  const divider = one("[data-divider]", stage);
  const split = (wanted: Split, say: boolean): void => {
    stage.dataset["split"] = wanted;
    divider.setAttribute("aria-valuenow", String(SHARE[wanted]));
    divider.setAttribute("aria-valuetext", SPLIT_WORDS[wanted]);
    for (const button of all("[data-split-to]", stage)) button.setAttribute("aria-pressed", String(button.dataset["splitTo"] === wanted));
    if (say) announce(SPLIT_WORDS[wanted]);
  };
  for (const button of all("[data-split-to]", stage)) button.addEventListener("click", () => split(button.dataset["splitTo"] as Split, true));
  divider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -2, End: 2 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    split(moved(SPLITS, stage.dataset["split"] as Split, step), false);
  });
  split("twothirds", false);

  const handle = one("[data-height]", stage);
  const height = (wanted: Height, say: boolean): void => {
    stage.dataset["sheet"] = wanted;
    one("[data-height-words]", handle).textContent = HEIGHT_STEPS[wanted];
    if (say) announce(HEIGHT_WORDS[wanted]);
  };
  handle.addEventListener("click", () => {
    const at = HEIGHTS.indexOf(stage.dataset["sheet"] as Height);
    height(HEIGHTS[(at + 1) % HEIGHTS.length] ?? "middle", true);
  });
  height("middle", false);
}

function moved<T>(among: readonly T[], from: T, step: number): T {
  const at = Math.min(among.length - 1, Math.max(0, among.indexOf(from) + step));
  return among[at] ?? from;
}
