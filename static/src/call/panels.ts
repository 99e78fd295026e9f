/**
 * Report, plan and chat beside the video: fetched from the server as the caller may see them, made alive by their own
 * modules. The host shows one; the other side follows until they choose for themselves.
 */
import { announce, toastProblem } from "../lib/announce";
import { all, fill, h, icon, one } from "../lib/dom";
import { _ } from "../lib/words";
import * as plan from "../panels/plan";
import * as report from "../panels/report";
import * as thread from "../panels/thread";
import type { Shown } from "./visit";

type Name = "report" | "plan" | "thread";
type Mount = (root: HTMLElement) => () => void;

const NAMES: readonly Name[] = ["report", "plan", "thread"];
const MOUNTS: Readonly<Record<Name, Mount>> = { report: report.mount, plan: plan.mount, thread: thread.mount };

export class Panels {
  private readonly place: HTMLElement;
  private readonly follow: HTMLElement;
  private open: Name | null = null;
  private unmount: (() => void) | null = null;
  private shown: Shown | null = null;
  private following = true;
  private loading = 0;

  constructor(
    private readonly stage: HTMLElement,
    private readonly patient: string,
    private readonly host: boolean,
    private readonly nameOf: (account: string) => string,
    private readonly show: (shown: Shown) => void,
  ) {
    this.place = one("[data-panel-place]", stage);
    this.follow = one("[data-follow]", stage);
    for (const tab of this.tabs()) {
      tab.addEventListener("click", () => this.choose(tab.dataset["tab"] as Name));
      tab.addEventListener("keydown", (event) => this.arrow(event, tab));
    }
    one("[data-follow-button]", stage).addEventListener("click", () => this.pressed());
    this.showFollow();
  }

  /** The room was entered: the first panel is fetched now, because nobody may see one before. */
  enter(): void {
    if (this.open === null) void this.load("report");
  }

  /** The room was left. */
  leave(): void {
    this.unmount?.();
    this.unmount = null;
    this.open = null;
    fill(this.place);
  }

  /** What the host shows now. */
  point(shown: Shown): void {
    this.shown = shown.panel ? shown : null;
    if (!this.host && this.shown && this.following && isName(this.shown.panel)) {
      void this.load(this.shown.panel, this.shown.report);
      announce(_("{name} shows you something.", { name: this.pointer() }));
    }
    this.showFollow();
  }

  private tabs(): HTMLButtonElement[] {
    return all<HTMLButtonElement>("[data-tab]", this.stage);
  }

  private choose(name: Name): void {
    if (!this.host && this.shown && this.shown.panel !== name) this.following = false;
    void this.load(name);
    this.showFollow();
  }

  private arrow(event: KeyboardEvent, tab: HTMLButtonElement): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const tabs = this.tabs();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next?.focus();
    next?.click();
  }

  private async load(name: Name, id?: string): Promise<void> {
    const turn = (this.loading += 1);
    this.open = name;
    for (const tab of this.tabs()) {
      const here = tab.dataset["tab"] === name;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
    }
    this.place.setAttribute("aria-labelledby", `tab-${name}`);
    this.unmount?.();
    this.unmount = null;
    fill(this.place, h("p", { class: "wait" }, _("One moment …")));
    try {
      const section = await fetched(`/patients/${this.patient}/panels/${name}${id ? `?report=${encodeURIComponent(id)}` : ""}`);
      if (turn !== this.loading) return;
      fill(this.place, section);
      this.unmount = MOUNTS[name](section);
      section.addEventListener("change", () => this.showFollow()); // another report was chosen
    } catch (problem) {
      if (turn !== this.loading) return;
      fill(this.place, this.again(name, id));
      if (problem instanceof Error && problem.name !== "TypeError" && !(problem instanceof Unread)) toastProblem(problem);
    }
    this.showFollow();
  }

  private again(name: Name, id?: string): HTMLElement {
    const retry = h("button", { type: "button", class: "button", onclick: () => void this.load(name, id) }, icon("rotate-cw"), _("Try again"));
    return h("div", { class: "empty" }, h("p", null, _("This could not be fetched. The call goes on.")), retry);
  }

  private pointer(): string {
    return this.shown?.from ? this.nameOf(this.shown.from) : _("Your practitioner");
  }

  private pressed(): void {
    if (this.host) return this.pointOut();
    this.following = !this.following;
    if (this.following && isName(this.shown?.panel)) void this.load(this.shown.panel, this.shown.report);
    this.showFollow();
  }

  private pointOut(): void {
    if (!this.open) return;
    const id = this.openReport();
    this.show(this.isShown() ? { panel: null } : { panel: this.open, ...(id ? { report: id } : {}) });
  }

  private openReport(): string | undefined {
    return this.open === "report" ? this.place.querySelector<HTMLElement>("[data-panel]")?.dataset["report"] : undefined;
  }

  /** Whether what the host looks at is what the host shows. */
  private isShown(): boolean {
    return this.shown !== null && this.shown.panel === this.open && this.shown.report === this.openReport();
  }

  private showFollow(): void {
    const words = one("[data-follow-words]", this.follow);
    const button = one("[data-follow-button]", this.follow);
    if (this.host) {
      this.follow.hidden = this.open === null;
      words.textContent = this.isShown() ? _("You show this.") : _("Only you see this now.");
      button.textContent = this.isShown() ? _("Stop showing") : _("Show this");
      return;
    }
    this.follow.hidden = this.shown === null;
    words.textContent = this.following ? _("Following {name}'s view", { name: this.pointer() }) : _("{name} shows something else.", { name: this.pointer() });
    button.textContent = this.following ? _("Stop") : _("Follow");
  }
}

/** The server did not give the panel. */
class Unread extends Error {}

async function fetched(path: string): Promise<HTMLElement> {
  const response = await fetch(path, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!response.ok) throw new Unread(String(response.status));
  const section = new DOMParser().parseFromString(await response.text(), "text/html").querySelector<HTMLElement>("[data-panel]");
  if (!section) throw new Unread("no panel");
  return document.importNode(section, true);
}

function isName(name: unknown): name is Name {
  return NAMES.includes(name as Name);
}
