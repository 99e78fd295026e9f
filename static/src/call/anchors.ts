/**
 * Places of a record as they lie in a panel, and their names on the way to another page: `finding:REPORT:MARK`, `step:ID`, `diary:DATE`.
 * A name holds ids alone (PROTOCOL.md, Pointing): of a finding the hash of its name, which each page computes of what it shows itself.
 */
import { all } from "../lib/dom";

export interface Anchored {
  readonly anchor: string;
  readonly element: HTMLElement;
  /** What it is called, for a button. */
  readonly name: string;
}

export type PanelName = "report" | "plan" | "diary" | "thread";

/** Every place in the panel *root*, as it is drawn now. */
export function anchored(root: ParentNode): Anchored[] {
  const report = root.querySelector<HTMLElement>("[data-panel][data-report]")?.dataset["report"];
  const findings = all("[data-finding]", root).map((element) => {
    const name = element.dataset["finding"] ?? "";
    return { anchor: `finding:${report ?? ""}:${markOf(name)}`, element, name };
  });
  const steps = all('[data-panel="plan"] [data-step]', root).map((element) => ({ anchor: `step:${element.dataset["step"] ?? ""}`, element, name: titleOf(element) }));
  const days = all("[data-diary-day]", root).map((element) => ({ anchor: `diary:${element.dataset["diaryDay"] ?? ""}`, element, name: titleOf(element) }));
  return [...(report ? findings : []), ...steps, ...days];
}

export function find(root: ParentNode, anchor: string): HTMLElement | null {
  return anchored(root).find((one) => one.anchor === anchor)?.element ?? null;
}

/** Asked of a report's panel: to draw the group whose name fits, should it not be among its largest. Whoever does puts a promise into `drawn`. */
export interface Wanted {
  readonly fits: (name: string) => boolean;
  readonly drawn: Promise<unknown>[];
}

export const WANTED = "telegut-wanted-finding";

/** The place, also of a group that this person's panel does not show by itself: the care team sees more of them than a patient. */
export async function findOrDraw(root: ParentNode, anchor: string): Promise<HTMLElement | null> {
  const there = find(root, anchor);
  const [kind, , mark] = anchor.split(":");
  const panel = root.querySelector<HTMLElement>('[data-panel="report"]');
  if (there || kind !== "finding" || !panel) return there;
  const wanted: Wanted = { fits: (name) => markOf(name) === mark, drawn: [] };
  panel.dispatchEvent(new CustomEvent(WANTED, { detail: wanted }));
  await Promise.allSettled(wanted.drawn);
  return find(root, anchor);
}

/** The panel in which a place lies, and the report for which it has to be opened. */
export function panelOf(anchor: string): { readonly panel: PanelName; readonly report?: string } | null {
  const [kind, id] = anchor.split(":");
  switch (kind) {
    case "finding":
    case "report":
      return { panel: "report", ...(id ? { report: id } : {}) };
    case "step":
      return { panel: "plan" };
    case "diary":
      return { panel: "diary" };
    default:
      return null;
  }
}

/** FNV-1a, 32 bits, of the name in lower case (RFC 9923). */
export function markOf(name: string): string {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name.toLowerCase())) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value.toString(16).padStart(8, "0");
}

const LONGEST_SPOKEN = 280;
const NOT_SPOKEN = "button, a.button, svg, details, form, fieldset, script, .unseen, [hidden], [aria-hidden=true], .step-week, .row .tag, table";

/** The words of a place for reading them out: what stands there, without its buttons and what is folded away. */
export function spoken(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const other of copy.querySelectorAll(NOT_SPOKEN)) other.remove();
  const parts: string[] = [];
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = (walker.currentNode.textContent ?? "").replace(/\s+/g, " ").trim();
    if (text) parts.push(text);
  }
  const whole = parts.map((part) => (/[.,:;!?…]$/.test(part) ? part : `${part},`)).join(" ").replace(/,$/, ".");
  return whole.length > LONGEST_SPOKEN ? `${whole.slice(0, whole.lastIndexOf(" ", LONGEST_SPOKEN))} …` : whole;
}

function titleOf(element: HTMLElement): string {
  return element.querySelector("h3, strong")?.textContent?.trim() ?? "";
}
