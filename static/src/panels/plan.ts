/** The care plan, on its page and beside a call: the server renders it, this keeps it fresh and carries what people do. */
import { announce, toast, toastProblem } from "../lib/announce";
import { api, Problem } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, maybe, one } from "../lib/dom";
import { type FeedEvent, feed } from "../lib/feed";
import { type Shown, hereOrLeave } from "../lib/places";
import { _ } from "../lib/words";
import { mountNotes } from "../notes/board";
import { clearGate, editGoal, editStep } from "../plan/steps";
import type { Labels, Plan } from "../plan/types";

export function mount(root: HTMLElement): () => void {
  const panel = new Panel(root);
  return () => panel.unmount();
}

class Panel {
  private readonly ending = new AbortController();
  private readonly endings: (() => void)[] = [];
  private readonly body: HTMLElement;
  private readonly base: string;
  private readonly labels: Labels;
  private fetching: AbortController | null = null;
  /** Finds what the focus goes to once it is on the page. */
  private wanted: (() => HTMLElement | null | undefined) | null = null;

  constructor(private readonly root: HTMLElement) {
    this.body = one("[data-plan-body]", root);
    this.base = `/api/v1/patients/${root.dataset["patient"]}/care-plan`;
    this.labels = JSON.parse(one("[data-plan-labels]", root).textContent ?? "{}") as Labels;
    const signal = this.ending.signal;
    this.body.addEventListener("click", (event) => this.clicked(event), { signal });
    this.body.addEventListener("click", (event) => this.cited(event), { signal });
    this.body.addEventListener("change", (event) => this.changed(event), { signal });
    this.tabs(signal);
    this.endings.push(mountNotes(one("[data-notes]", root)));
    const mine = (event: FeedEvent): boolean => event["plan"] === root.dataset["plan"];
    this.endings.push(feed().on("plan.", (event) => mine(event) && void this.freshen()));
    this.endings.push(feed().onFresh(() => void this.freshen()));
  }

  unmount(): void {
    this.ending.abort();
    this.fetching?.abort();
    for (const end of this.endings) end();
  }

  /** Fetches what the server shows now; the place, open details and the focus stay. */
  private async freshen(): Promise<void> {
    this.fetching?.abort();
    const fetching = (this.fetching = new AbortController());
    try {
      const answer = await fetch(`/patients/${this.root.dataset["patient"]}/panels/plan/body`, { credentials: "same-origin", signal: fetching.signal });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      this.swap(fresh);
    } catch (failure) {
      if (!fetching.signal.aborted) console.warn("the plan will be fetched again", failure);
    }
  }

  private swap(fresh: Document): void {
    const focused = pathOf(document.activeElement, this.body);
    const open = all<HTMLDetailsElement>("details", this.body).map((details) => details.open);
    const same = all("details", fresh.body).length === open.length;
    this.body.replaceChildren(...fresh.body.childNodes);
    if (same) all<HTMLDetailsElement>("details", this.body).forEach((details, at) => (details.open = open[at] ?? false));
    if (focused) maybe(focused, this.body)?.focus();
    this.focusWanted();
  }

  private focusWanted(): void {
    const place = this.wanted?.();
    if (!place || document.querySelector("dialog[open]")) return;
    this.wanted = null;
    place.tabIndex = -1;
    place.focus();
  }

  private heading(step: string): HTMLElement | null {
    return maybe(`#step-${CSS.escape(step)}-title`, this.body);
  }

  /** Proposes a step; the focus goes to it when it is there. */
  private async addStep(): Promise<void> {
    const before = new Set(all("[data-step]", this.body).map((card) => card.dataset["step"]));
    const added = (): string | undefined => all("[data-step]", this.body).map((card) => card.dataset["step"]).find((id) => !before.has(id));
    await this.afterForm(editStep(this.base, this.labels, null), () => this.heading(added() ?? ""));
  }

  /** What a step cites opens beside the call, or on its own page. */
  private cited(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLElement>("[data-noted]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const cite = JSON.parse(link.dataset["noted"] ?? "{}") as Shown;
    if (hereOrLeave({ patient: this.root.dataset["patient"] ?? "", cite })) event.preventDefault();
  }

  private clicked(event: Event): void {
    const button = (event.target as Element).closest<HTMLElement>("[data-act]");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    if (button.tagName === "A") event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    this.act(button)
      .catch((problem: unknown) => this.refused(problem))
      .finally(() => button.removeAttribute("aria-disabled"));
  }

  private async act(button: HTMLElement): Promise<void> {
    const card = button.closest<HTMLElement>("[data-step]");
    const step = `${this.base}/steps/${card?.dataset["step"]}`;
    const version = Number(card?.dataset["version"]);
    switch (button.dataset["act"]) {
      case "answer":
        return this.done(api.post(`${step}/acceptance`, { answer: button.dataset["to"], version }));
      case "status":
        return this.done(api.patch(step, { status: button.dataset["to"], version }));
      case "add-step":
        return this.addStep();
      case "edit-step":
        return this.editStep(card?.dataset["step"] ?? "");
      case "add-goal":
        return this.afterForm(editGoal(this.base, null));
      case "edit-goal":
        return this.editGoal(button.dataset["goal"] ?? "");
      case "clear-gate":
        return this.clearGate(button.closest<HTMLElement>("[data-gate]")?.dataset["gate"] ?? "");
      case "to-gate":
        return this.toGate(button.dataset["to"] ?? "");
      case "sign":
        return this.sign(button);
    }
  }

  private async editStep(id: string): Promise<void> {
    const plan = await api.get<Plan>(this.base);
    const step = plan.steps.find((found) => found.id === id);
    if (step) await this.afterForm(editStep(this.base, this.labels, step), () => this.heading(id));
  }

  private async editGoal(id: string): Promise<void> {
    const plan = await api.get<Plan>(this.base);
    const goal = plan.goals.find((found) => found.id === id);
    if (goal) await this.afterForm(editGoal(this.base, goal));
  }

  private async clearGate(id: string): Promise<void> {
    const plan = await api.get<Plan>(this.base);
    const gate = plan.gates.find((found) => found.id === id);
    if (gate) await this.afterForm(clearGate(this.base, gate));
  }

  private async toGate(id: string): Promise<void> {
    const row = maybe(`[data-gate="${CSS.escape(id)}"]`, this.body);
    const details = row?.closest("details");
    if (details) details.open = true;
    row?.scrollIntoView({ block: "center" });
    row?.querySelector<HTMLElement>("input")?.focus();
  }

  private async sign(button: HTMLElement): Promise<void> {
    const amend = button.dataset["amend"] === "yes";
    const open = all(".gate-unanswered", this.body).length;
    const left = open === 1 ? _("1 safety question is still open. ") : open ? _("{n} safety questions are still open. ", { n: open }) : "";
    const frozen = _("This freezes goals, steps, safety answers and the shared note as they are now. What was signed never changes; later edits become an amendment.");
    const agreed = await ask({
      title: amend ? _("Sign the amended plan?") : _("Sign this plan?"),
      text: left + frozen,
      confirm: _("Sign"),
    });
    if (agreed) await this.done(api.post(`${this.base}/sign`, { version: Number(button.dataset["version"]) }), _("Signed."));
  }

  private changed(event: Event): void {
    const input = event.target as HTMLInputElement;
    const gate = input.closest<HTMLElement>("[data-gate]");
    const card = input.closest<HTMLElement>("[data-step]");
    let sending: Promise<unknown> | null = null;
    if (input.dataset["gateAnswer"] !== undefined && gate) {
      sending = api.put(`${this.base}/gates/${gate.dataset["gate"]}`, { answer: input.value, version: Number(gate.dataset["version"]) });
    } else if (input.dataset["went"] !== undefined && card) {
      sending = api.put(`${this.base}/steps/${card.dataset["step"]}/days/${input.dataset["went"]}`, { result: input.value });
    }
    if (sending) this.done(sending, _("Saved.")).catch((problem: unknown) => this.refused(problem));
  }

  private async afterForm(sent: Promise<boolean>, wanted: typeof this.wanted = null): Promise<void> {
    if (!(await sent)) return;
    this.wanted = wanted;
    await this.freshen();
  }

  private async done(sending: Promise<unknown>, word = ""): Promise<void> {
    await sending;
    if (word) announce(word);
    await this.freshen();
  }

  private refused(problem: unknown): void {
    if (problem instanceof Problem && (problem.status === 409 || problem.code === "gate_blocks")) {
      toast(problem.status === 409 ? _("This was changed a moment ago. Here is how it stands now.") : problem.detail, "attention");
    } else toastProblem(problem);
    void this.freshen();
  }

  private tabs(signal: AbortSignal): void {
    const tabs = all("[role=tab]", this.root);
    const show = (tab: HTMLElement): void => {
      for (const each of tabs) {
        const chosen = each === tab;
        each.setAttribute("aria-selected", String(chosen));
        each.tabIndex = chosen ? 0 : -1;
        one(`#${each.getAttribute("aria-controls")}`, this.root).hidden = !chosen;
      }
    };
    for (const [at, tab] of tabs.entries()) {
      tab.addEventListener("click", () => show(tab), { signal });
      tab.addEventListener(
        "keydown",
        (event) => {
          const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
          const next = tabs[(at + by + tabs.length) % tabs.length];
          if (!by || !next) return;
          show(next);
          next.focus();
        },
        { signal },
      );
    }
  }
}

/** A selector that finds the same control again after its neighbourhood was rendered anew. */
function pathOf(element: Element | null, within: HTMLElement): string | null {
  if (!(element instanceof HTMLElement) || !within.contains(element)) return null;
  const input = element as HTMLInputElement;
  if (input.name) return `[name="${CSS.escape(input.name)}"][value="${CSS.escape(input.value)}"]`;
  const act = element.dataset["act"];
  if (!act) return null;
  const card = element.closest<HTMLElement>("[data-step]");
  const place = card ? `#${card.id} ` : "";
  return `${place}[data-act="${act}"]`;
}
