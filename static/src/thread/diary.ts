/** A day of the diary, inside the message that points at it. Each reader sees it with their own rights; without them the name of the day remains. */
import { type ItemPage, Problem, api } from "../lib/api";
import { fill, h } from "../lib/dom";
import { _ } from "../lib/words";

interface Entry {
  readonly mood: number | null;
  readonly gut: number | null;
  readonly sleep: number | null;
  readonly note: string;
}

const BEST = 5;

export async function fillDay(card: HTMLElement, patient: string, day: string): Promise<void> {
  try {
    const { items } = await api.get<ItemPage<Entry>>(`/api/v1/patients/${patient}/diary`, { query: { from: day, to: day } });
    // Several lines of a day are corrections; the newest comes first and counts.
    const entry = items[0];
    fill(card, ...(entry ? drawn(entry) : [h("p", { class: "quiet small" }, _("Nothing is written on this day any more."))]));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    fill(card, problem.offline && h("p", { class: "quiet small" }, _("The entry is shown when there is a connection.")));
  }
}

function drawn(entry: Entry): HTMLElement[] {
  const felt: [string, number | null][] = [
    [_("Mood"), entry.mood],
    [_("Gut"), entry.gut],
    [_("Sleep"), entry.sleep],
  ];
  const facts = felt.filter(([, value]) => value !== null).map(([name, value]) => h("div", null, h("dt", null, name), h("dd", { class: "figures" }, _("{value} of {best}", { value: value ?? "", best: BEST }))));
  const pieces: HTMLElement[] = [];
  if (facts.length) pieces.push(h("dl", { class: "day-felt small" }, ...facts));
  if (entry.note) pieces.push(h("p", { class: "plan-words" }, entry.note));
  return pieces;
}
