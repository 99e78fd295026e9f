/** The week as a place to edit: the grid with its pointer and keys, the scope of a change, undo, and a small form for what is picked. */
import { announce } from "../lib/announce";
import { all, h, icon, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { Grid, type Visit } from "./grid";
import { type Draft, type State, press } from "./keyboard";
import { DAY, WEEK, type Scope, type Stretch, absences, changed, clock, stretchAt, stretches } from "./model";
import { followPointer } from "./pointer";
import type { Span } from "./spans";
import type { HoursStore } from "./store";
import { type Day, changeInWords, length, spanInWords } from "./words";

export interface WeekFacts {
  readonly monday: string;
  /** 0 for Monday; -1 when today is in another week. */
  readonly today: number;
  readonly step: number;
  readonly days: readonly Day[];
  readonly visits: readonly Visit[];
  readonly elsewhere: readonly Span[];
}

export class Editor {
  private readonly grid: Grid;
  private state: State;
  private selected: Span | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly store: HoursStore,
    private readonly week: WeekFacts,
  ) {
    this.grid = new Grid(one("[data-week-grid]", root), week.days, week.visits, week.elsewhere, week.step, week.today);
    const today = Math.max(week.today, 0) * DAY;
    const first = this.open.find((span) => span.from >= today && span.from < today + DAY);
    this.state = { at: this.grid.cellAt(first?.from ?? today + 9 * 60), draft: null };
    this.wire();
    store.watch(() => this.draw());
    this.grid.scrollTo(Math.min(7 * 60, ...this.open.map((span) => span.from % DAY)));
  }

  private get open(): Stretch[] {
    return stretches(this.store.hours, this.week.monday);
  }

  private get scope(): Scope {
    return one<HTMLInputElement>('input[name="scope"][value="once"]', this.root).checked ? "once" : "weekly";
  }

  private wire(): void {
    const { box } = this.grid;
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("focusin", (event) => this.cameTo(event.target));
    followPointer(this.grid, {
      stretches: () => this.open,
      drawing: (draft) => this.become({ at: this.state.at, draft }, false),
      drawn: (draft) => void this.put(draft.before, draft.after),
      picked: (span, minute) => this.pick(span, minute),
    });
    one("[data-undo]", this.root).addEventListener("click", () => void this.store.undo());
    for (const [selector, by] of [["[data-day-back]", -1], ["[data-day-on]", 1]] as const) {
      one(selector, this.root).addEventListener("click", () => this.become({ at: (this.state.at + by * DAY + WEEK) % WEEK, draft: null }, false));
    }
  }

  private cameTo(target: EventTarget | null): void {
    const at = target instanceof HTMLElement ? target.dataset["at"] : undefined;
    if (at === undefined || this.state.draft || this.grid.cellAt(this.state.at) === Number(at)) return;
    this.state = { at: Number(at), draft: null };
    this.draw();
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return this.undoKey(event);
    const next = press(this.state, { key: event.key, shift: event.shiftKey }, this.week.step, this.open);
    if (!next) return;
    event.preventDefault();
    this.become(next.state, true);
    if (next.effect?.kind === "store") void this.put(next.effect.before, next.effect.after);
    else if (next.effect) announce(_("Left as it was."));
    else if (next.state.draft) this.sayDraft(next.state.draft);
  }

  private undoKey(event: KeyboardEvent): void {
    if (event.key.toLowerCase() !== "z" || event.shiftKey || event.altKey || !this.store.canUndo) return;
    event.preventDefault();
    void this.store.undo();
  }

  private become(state: State, focus: boolean): void {
    this.state = state;
    this.draw();
    if (focus) this.grid.focus(state.at);
  }

  private sayDraft({ before, after }: Draft): void {
    const facts = { span: spanInWords(after, this.week.days), length: length(after) };
    announce(before ? _("{span}, {length}. Enter stores it, Escape leaves it as it was.", facts) : _("New: {span}, {length}. Enter stores it.", facts));
  }

  /** A one-off stays one: moving it must not make it a rule. */
  private async put(before: Span | null, after: Span | null): Promise<void> {
    const scope = before && stretchAt(this.open, before.from)?.once ? "once" : this.scope;
    const at = (after ?? before)?.from ?? this.state.at;
    const words = changeInWords(before, after, scope, this.week.days);
    this.select(null);
    this.state = { at, draft: after && { before, after } };
    this.draw();
    await this.store.apply((hours) => changed(hours, this.week.monday, before, after, scope), words);
    this.state = { at: this.state.at, draft: null };
    this.draw();
  }

  private pick(span: Span | null, minute: number): void {
    this.state = { at: this.grid.cellAt(minute), draft: null };
    this.select(span);
    this.grid.focus(this.state.at);
    if (span) one("[data-picked]", this.root).scrollIntoView({ block: "nearest" });
    if (span) announce(spanInWords(span, this.week.days));
  }

  // --- the form for what is picked

  private select(span: Span | null): void {
    this.selected = span;
    const place = one("[data-picked]", this.root);
    place.replaceChildren(...(span ? [this.form(span)] : []));
    place.hidden = span === null;
    this.draw();
  }

  private form(span: Span): HTMLElement {
    const [from, to] = [clock(span.from), clock(span.to)];
    const field = (id: string, label: string, value: string): HTMLElement => h("div", { class: "field" }, h("label", { for: id }, label), h("input", { id, type: "time", value, required: true }));
    const form = h(
      "form",
      { class: "row row-end week-form", "aria-label": spanInWords(span, this.week.days) },
      h("p", null, h("strong", null, spanInWords(span, this.week.days))),
      field("picked-from", _("From"), from),
      field("picked-to", _("Until"), to),
      h("button", { class: "button button-main", type: "submit" }, _("Store")),
      h("button", { class: "button", type: "button", onclick: () => void this.put(span, null) }, icon("trash-2"), _("Remove")),
      h("button", { class: "button button-bare", type: "button", onclick: () => this.select(null) }, _("Leave as it was")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const after = this.written(form, span);
      if (after) void this.put(span, after);
    });
    return form;
  }

  private written(form: HTMLElement, span: Span): Span | null {
    const [from, to] = all<HTMLInputElement>('input[type="time"]', form).map((input) => Number(input.value.slice(0, 2)) * 60 + Number(input.value.slice(3, 5)));
    if (from === undefined || to === undefined || Number.isNaN(from + to) || from === to) return null;
    const day = Math.floor(span.from / DAY) * DAY;
    return { from: day + from, to: day + to + (to < from ? DAY : 0) };
  }

  private draw(): void {
    const { hours } = this.store;
    const away = absences(hours, this.week.monday);
    this.grid.draw({ open: this.open, away, draft: this.state.draft, at: this.state.at, selected: this.selected });
    one("[data-day-name]", this.root).textContent = this.week.days[this.grid.shownDay]?.name ?? "";
    const undo = maybe<HTMLButtonElement>("[data-undo]", this.root);
    if (undo) undo.disabled = !this.store.canUndo;
  }
}
