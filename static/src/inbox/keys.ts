/** The inbox by keyboard: one key an action, listed under `?`. Whoever speaks to their computer can switch single keys off. */
import { ask } from "../lib/dialog";
import { h, maybe } from "../lib/dom";
import { _ } from "../lib/words";
import type { List } from "./list";
import type { TurnBar } from "./turn";

const CHOICE = "telegut keys";

/** Each key with what it does; the dialog shows them in this order. */
function listed(open: boolean): [string, string][] {
  const list: [string, string][] = [
    ["j, ↓", _("next conversation")],
    ["k, ↑", _("the one before")],
    ["Enter", _("open it")],
    ["s", _("sort the list, when something has moved")],
  ];
  const thread: [string, string][] = [
    ["r", _("write an answer")],
    ["c", _("I answer this")],
    ["h", _("hand it over")],
    ["w", _("wait for the patient")],
    ["e", _("nothing is open here")],
    ["u", _("back to the list")],
    ["l", _("to what was written; there ↑ and ↓ go from message to message")],
  ];
  return [...list, ...(open ? thread : []), ["?", _("these keys")]];
}

export class Keys {
  constructor(
    private readonly list: List | null,
    private readonly turn: TurnBar | null,
  ) {}

  start(): void {
    document.addEventListener("keydown", (event) => this.pressed(event));
    const help = maybe("[data-help]");
    if (!help) return;
    help.hidden = false;
    help.addEventListener("click", () => void this.help());
  }

  private pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const at = event.target instanceof HTMLElement ? event.target : document.body;
    if (at.closest("input, textarea, select, dialog, [contenteditable], [data-log], details[open]") || document.querySelector("dialog[open]")) return;
    const arrows = at.closest("[data-inbox]") !== null;
    const single = isOn();
    const act = event.key === "ArrowDown" && arrows ? this.acts["j"] : event.key === "ArrowUp" && arrows ? this.acts["k"] : single || event.key === "?" ? this.acts[event.key] : undefined;
    if (!act) return;
    event.preventDefault();
    act();
  }

  private readonly acts: Readonly<Record<string, () => void>> = {
    j: () => this.list?.step(1),
    k: () => this.list?.step(-1),
    s: () => this.list?.sort(),
    u: () => this.list?.step(0),
    r: () => maybe("[data-text]")?.focus(),
    l: () => maybe("[data-log]")?.focus(),
    c: () => void this.turn?.claim(),
    h: () => void this.turn?.handOver(),
    w: () => void this.turn?.wait(),
    e: () => void this.turn?.settle(),
    "?": () => void this.help(),
  };

  private async help(): Promise<void> {
    const choice = h("input", { type: "checkbox", checked: isOn() });
    const rows = listed(maybe("[data-text]") !== null).map(([key, words]) => h("tr", null, h("th", { scope: "row" }, ...key.split(", ").flatMap((one, n) => [n ? " " : "", h("kbd", null, one)])), h("td", null, words)));
    const content = h(
      "div",
      { class: "stack" },
      h("table", { class: "table keys" }, h("thead", { class: "unseen" }, h("tr", null, h("th", { scope: "col" }, _("Key")), h("th", { scope: "col" }, _("What it does")))), h("tbody", null, ...rows)),
      h("label", { class: "choice" }, choice, h("span", null, _("Single keys act (not while you write)"))),
    );
    await ask({ title: _("Keys of this page"), content, confirm: _("All right"), decline: _("Close") });
    choose(choice.checked);
  }
}

function isOn(): boolean {
  try {
    return localStorage.getItem(CHOICE) !== "off";
  } catch {
    return true;
  }
}

function choose(on: boolean): void {
  try {
    if (on) localStorage.removeItem(CHOICE);
    else localStorage.setItem(CHOICE, "off");
  } catch {
    // Nothing may be kept here: the keys go on acting.
  }
}
