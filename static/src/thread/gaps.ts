/** Gaps of a saved reply that nobody has filled: shown above the box, one press away, and asked about before sending. */
import { ask } from "../lib/dialog";
import { fill, h, icon } from "../lib/dom";
import { _ } from "../lib/words";

const GAP = /\{(first_name|visit_time)\}/g;

function gapsIn(text: string): string[] {
  return [...new Set([...text.matchAll(GAP)].map((found) => found[0]))];
}

function called(gap: string): string {
  return gap === "{first_name}" ? _("first name") : _("time of the next visit");
}

/** Puts the caret on the first gap, marked, so that typing fills it; false when there is none. */
export function toGap(text: HTMLTextAreaElement, gap = gapsIn(text.value)[0]): boolean {
  const at = gap ? text.value.indexOf(gap) : -1;
  if (!gap || at < 0) return false;
  text.focus();
  text.setSelectionRange(at, at + gap.length);
  return true;
}

export function showGaps(place: HTMLElement, text: HTMLTextAreaElement): void {
  const gaps = gapsIn(text.value);
  place.hidden = gaps.length === 0;
  fill(
    place,
    h("span", null, icon("text-cursor-input"), _("Still to fill in:")),
    ...gaps.map((gap) => h("button", { type: "button", class: "button button-bare", onclick: () => toGap(text, gap) }, h("mark", null, gap), h("span", { class: "unseen" }, called(gap)))),
  );
}

/** Whether the words may leave: without gaps, or although there are some. */
export async function agreesToGaps(body: string): Promise<boolean> {
  const gaps = gapsIn(body);
  if (!gaps.length) return true;
  return ask({
    title: _("A gap is not filled in yet"),
    text: _("It says {gaps} where there should be words.", { gaps: gaps.join(", ") }),
    confirm: _("Send it as it is"),
    decline: _("Fill it in"),
  });
}
