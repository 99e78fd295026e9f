/** The day: renewed as things happen, with what presses on top; whoever comes to the door is said once. */
import { announce, toast } from "../lib/announce";
import { all, maybe, one } from "../lib/dom";
import { hintDeviceZone } from "../lib/device-zone";
import { keepLive } from "../lib/live";
import { _ } from "../lib/words";
import { cancelVisit } from "../scheduling/cancel";

let waiting: ReadonlySet<string> | null = null;

function sayWhoWaits(root: HTMLElement): void {
  const rows = all('[data-stage="admit"]', root);
  for (const row of rows) {
    const name = one(".list-title, strong", row).textContent ?? "";
    if (waiting && !waiting.has(row.dataset["visit"] ?? "")) announce(_("{name} is waiting.", { name }));
  }
  waiting = new Set(rows.map((row) => row.dataset["visit"] ?? ""));
}

function wireCancel(row: HTMLElement): void {
  const button = maybe("[data-cancel]", row);
  button?.addEventListener("click", () => {
    const name = button.dataset["name"] ?? "";
    const title = _("Cancel {when}, with {names}?", { when: row.dataset["when"] ?? "", names: name });
    const text = _("{name} hears of it at once, and the time becomes free.", { name });
    void cancelVisit(row.dataset["appointment"] ?? "", Number(row.dataset["version"]), title, text).then((done) => {
      if (!done) return;
      toast(_("Cancelled."));
      location.reload();
    });
  });
}

/** On paper the day is in its order; what presses is gone by the time it is read. */
function inOrder(): void {
  const list = one(".day-list");
  const start = (row: HTMLElement): string => maybe("time", row)?.getAttribute("datetime") ?? "";
  list.append(...all(":scope > li", list).sort((a, b) => Date.parse(start(a)) - Date.parse(start(b))));
}

function shown(root: HTMLElement): void {
  for (const row of all("[data-appointment]", root)) wireCancel(row);
  maybe("[data-print]", root)?.addEventListener("click", () => window.print());
  hintDeviceZone(root);
  sayWhoWaits(root);
}

/** From when a room opens until its visit runs or is over, minutes count; and the room of the next one opens by the clock. */
function ticks(root: HTMLElement): boolean {
  const soon = Date.now() + 20 * 60_000;
  return all('[data-stage="prepare"] time, [data-stage="open"] time, [data-stage="admit"] time', root).some((time) => Date.parse(time.getAttribute("datetime") ?? "") <= soon);
}

addEventListener("beforeprint", inOrder);
keepLive({ selector: "[data-live]", events: ["appointment.", "visit.", "report.", "message.", "plan.", "care", "intake.", "availability."], shown, ticks });
