/**
 * The call by keyboard: one letter each, Space held to speak while muted, and a sheet that names them all.
 *
 * Letters can be switched off for who speaks to their machine (WCAG 2.1.4); Space and "?" too then. Nothing is caught while
 * somebody writes, or while a control that uses the key has the focus.
 */
import { announce } from "../../lib/announce";
import { all, fill, h } from "../../lib/dom";
import { _ } from "../../lib/words";
import type { Devices } from "../devices";

export interface KeyActions {
  hand(): void;
  people(): void;
  picture(): void;
  chat(): void;
  admit(): void;
}

const SHELF = "telegut-call-keys";
/** Shorter is a press of a button; the usual bound between a tap and a long press. */
const TAP_MS = 400;

export class Keys {
  private talking = false;
  /** Since when the bar is held on the microphone's own button, in ms; null where it is held anywhere else. */
  private onButton: number | null = null;

  constructor(
    private readonly stage: HTMLElement,
    private readonly devices: Devices,
    private readonly actions: KeyActions,
    private readonly host: boolean,
  ) {
    document.addEventListener("keydown", (event) => this.down(event));
    document.addEventListener("keyup", (event) => event.key === " " && this.release(event));
    addEventListener("blur", () => this.release(null));
    for (const button of all("[data-keys]", stage)) button.addEventListener("click", () => this.help());
  }

  private get on(): boolean {
    return localStorage.getItem(SHELF) !== "off";
  }

  private down(event: KeyboardEvent): void {
    if (this.stage.hidden || !this.on || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest("input:not([type=range]), textarea, select, [contenteditable]")) return;
    if (event.key === " ") return this.hold(event, target);
    const action = this.action(event.key);
    if (!action || event.repeat) return;
    event.preventDefault();
    action();
  }

  private action(key: string): (() => void) | undefined {
    const { devices, actions } = this;
    const found: Readonly<Record<string, () => void>> = {
      "?": () => this.help(),
      m: () => devices.mute(!devices.muted),
      v: () => void devices.camera(!devices.cameraOn),
      h: actions.hand,
      u: actions.people,
      p: actions.picture,
      c: actions.chat,
      l: () => this.stage.querySelector<HTMLElement>("[data-leave]")?.click(),
      ...(this.host ? { a: actions.admit } : {}),
    };
    return found[key.toLowerCase()];
  }

  /**
   * Push to talk: only who is muted, and not where Space means something already. On the microphone's button, where the focus stays for
   * who muted with the mouse, a tap presses it and holding it speaks: never a microphone that stays open after the bar was let go.
   */
  private hold(event: KeyboardEvent, target: Element): void {
    if (this.talking) return event.preventDefault();
    const button = target.closest("button, a, summary, [role=tab], [role=button], input");
    if (!this.devices.muted || (button && !button.matches("[data-mic]"))) return;
    event.preventDefault();
    this.talking = true;
    this.onButton = button ? performance.now() : null;
    this.devices.mute(false);
    announce(_("You can be heard while you hold the space bar."));
  }

  private release(event: KeyboardEvent | null): void {
    if (!this.talking) return;
    event?.preventDefault(); // some browsers press a button as the key goes up
    this.talking = false;
    const tapped = event !== null && this.onButton !== null && performance.now() - this.onButton < TAP_MS;
    if (!tapped) this.devices.mute(true);
  }

  private help(): void {
    const rows: readonly (readonly [string, string])[] = [
      [_("Space, held"), _("Speak while you are muted")],
      ["M", _("Microphone on or off")],
      ["V", _("Camera on or off")],
      ...(this.host ? [] : [["H", _("Raise or lower your hand")] as const]),
      ["U", _("Who is here")],
      ["C", _("Chat")],
      ["P", _("Picture in a small window")],
      ...(this.host ? [["A", _("Admit who waits longest")] as const] : []),
      ["L", _("Leave, after a question")],
      ["?", _("This list")],
    ];
    const toggle = h("input", { type: "checkbox", checked: this.on });
    toggle.addEventListener("change", () => localStorage.setItem(SHELF, toggle.checked ? "on" : "off"));
    const list = h("dl", { class: "keys" });
    fill(list, ...rows.flatMap(([key, words]) => [h("dt", null, h("kbd", null, key)), h("dd", null, words)]));
    const title = h("h2", { id: "keys-title", tabindex: "-1" }, _("Keys in the call"));
    const form = h("form", { method: "dialog", class: "stack" }, title, list, h("label", { class: "choice" }, toggle, _("Use these keys")), h("div", { class: "row row-end" }, h("button", { class: "button button-main" }, _("Close"))));
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "keys-title" }, form);
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
  }
}
