/** The grid of a week: one cell a step, with a name of its own; hours, time off and visits are drawn over the cells. */
import { all, fill, h, one } from "../lib/dom";
import { _ } from "../lib/words";
import type { Draft } from "./keyboard";
import { type Away, DAY, type Stretch, clock, stretchAt } from "./model";
import type { Span } from "./spans";
import { type Day, cellInWords } from "./words";

export interface Visit extends Span {
  readonly name: string;
}

/** What is drawn. *at*: the cell with the focus. */
export interface Picture {
  readonly open: readonly Stretch[];
  readonly away: readonly Away[];
  readonly draft: Draft | null;
  readonly at: number;
  readonly selected: Span | null;
}

export class Grid {
  readonly box: HTMLElement;
  private readonly table: HTMLElement;
  private readonly layer: HTMLElement;
  private readonly cells = new Map<number, HTMLElement>();
  private readonly headings: HTMLElement[];
  /** The day that a narrow screen shows, from 0 for Monday. */
  private day = 0;

  constructor(
    root: HTMLElement,
    private readonly days: readonly Day[],
    private readonly visits: readonly Visit[],
    /** Hours by rules on another zone's wall: seen here, changed in words. */
    private readonly elsewhere: readonly Span[],
    readonly step: number,
    today: number,
  ) {
    this.headings = days.map((day, place) => h("span", { role: "columnheader", class: place === today ? "week-today" : null, "data-day": place, "aria-label": day.name }, day.short));
    this.table = h("div", { role: "grid", class: "week-table", "aria-label": _("Hours of the week"), "aria-describedby": "week-help" }, h("div", { role: "row", class: "week-row week-head" }, h("span", { role: "columnheader" }, h("span", { class: "unseen" }, _("Time"))), ...this.headings), ...this.rows());
    this.layer = h("div", { class: "week-layer", "aria-hidden": "true" });
    this.box = h("div", { class: "week-box" }, h("div", { class: "week-sheet" }, this.table, this.layer));
    this.box.style.setProperty("--rows", String(DAY / step));
    fill(root, this.box);
  }

  private rows(): HTMLElement[] {
    return Array.from({ length: DAY / this.step }, (_row, place) => {
      const minute = place * this.step;
      const cells = this.days.map((_day, day) => this.cell(day * DAY + minute));
      return h("div", { role: "row", class: `week-row${minute % 60 ? "" : " week-hour"}` }, h("span", { role: "rowheader", class: "figures" }, minute % 60 ? h("span", { class: "unseen" }, clock(minute)) : clock(minute)), ...cells);
    });
  }

  private cell(at: number): HTMLElement {
    const cell = h("span", { role: "gridcell", tabindex: -1, "data-at": at, "data-day": Math.floor(at / DAY) });
    this.cells.set(at, cell);
    return cell;
  }

  /** The one day of a narrow screen, the focus's; wide ones show all. */
  private showDay(day: number): void {
    this.day = day;
    for (const each of all("[data-day]", this.box)) each.classList.toggle("week-other", Number(each.dataset["day"]) !== day);
  }

  get shownDay(): number {
    return this.day;
  }

  private get single(): boolean {
    const [first] = this.headings.filter((_heading, place) => place !== this.day);
    return first !== undefined && getComputedStyle(first).display === "none";
  }

  draw(picture: Picture): void {
    for (const [at, cell] of this.cells) this.name(cell, at, picture);
    fill(
      this.layer,
      ...this.days.flatMap((day, place) => day.clocks.map((change) => this.block("week-clock", { from: place * DAY + change.from, to: place * DAY + change.to }, change.kind === "skipped" ? _("does not exist: clocks go forward") : _("happens twice: clocks go back")))),
      ...this.days.flatMap((day, place) => (day.holiday ? [this.block("week-clock", { from: place * DAY, to: (place + 1) * DAY }, "")] : [])),
      ...this.elsewhere.flatMap((span) => this.blocks("week-elsewhere", span, _("by another zone's clock"))),
      ...picture.open.flatMap((span) => this.blocks(`week-open${span.once ? " week-once" : ""}${isSame(span, picture.selected) ? " week-selected" : ""}${isSame(span, picture.draft?.before ?? null) ? " week-before" : ""}`, span, `${clock(span.from)}–${clock(span.to)}`)),
      ...picture.away.flatMap((span) => this.blocks("week-away", span, span.note || _("away"))),
      ...this.visits.flatMap((visit) => this.blocks("week-visit", visit, `${clock(visit.from)} ${visit.name}`)),
      ...(picture.draft ? this.blocks("week-draft", picture.draft.after, `${clock(picture.draft.after.from)}–${clock(picture.draft.after.to)}`) : []),
    );
    this.showDay(Math.floor(picture.at / DAY));
  }

  private name(cell: HTMLElement, at: number, picture: Picture): void {
    const visits = this.visits.filter((visit) => visit.from < at + this.step && visit.to > at).map((visit) => _("visit with {name}", { name: visit.name }));
    const changes = (this.days[Math.floor(at / DAY)]?.clocks ?? []).filter((change) => change.from < (at % DAY) + this.step && change.to > at % DAY);
    const words = changes.map((change) => (change.kind === "skipped" ? _("clocks go forward, this time does not exist") : _("clocks go back, this time happens twice")));
    cell.setAttribute("aria-label", cellInWords(at, this.days, stretchAt(picture.open, at), stretchAt(picture.away, at), [...visits, ...words, ...(this.days[Math.floor(at / DAY)]?.holiday ? [_("the clinic is closed")] : [])]));
    const chosen = picture.draft ? stretchAt([picture.draft.after], at) !== null : false;
    cell.setAttribute("aria-selected", String(chosen));
    cell.tabIndex = at === this.cellAt(picture.at) ? 0 : -1;
  }

  /** A stretch over midnight is two blocks. */
  private blocks(kind: string, span: Span, text: string): HTMLElement[] {
    const found: HTMLElement[] = [];
    for (let day = Math.max(Math.floor(span.from / DAY), 0); day < 7 && day * DAY < span.to; day += 1) {
      const piece = { from: Math.max(span.from, day * DAY), to: Math.min(span.to, (day + 1) * DAY) };
      if (piece.from < piece.to) found.push(this.block(kind, piece, text));
    }
    return found;
  }

  private block(kind: string, piece: Span, text: string): HTMLElement {
    const day = Math.floor(piece.from / DAY);
    const styles = { "--day": String(day), "--from": String((piece.from - day * DAY) / DAY), "--long": String((piece.to - piece.from) / DAY) };
    return h("div", { class: `week-block ${kind}`, "data-day": day, styles }, h("span", null, text));
  }

  /** The cell that a minute lies in. */
  cellAt(minute: number): number {
    return Math.floor(minute / this.step) * this.step;
  }

  /** Puts the focus into a cell; it has to be drawn there first. */
  focus(minute: number): void {
    const cell = this.cells.get(this.cellAt(minute));
    cell?.focus({ preventScroll: true });
    if (cell) this.reveal(cell);
  }

  scrollTo(minute: number): void {
    const cell = this.cells.get(this.cellAt(minute));
    if (cell) this.box.scrollTop = cell.offsetTop - one(".week-head", this.box).offsetHeight;
  }

  /** Only the box scrolls, and the page when the box itself is out of sight. */
  private reveal(cell: HTMLElement): void {
    const head = one(".week-head", this.box).offsetHeight;
    const row = cell.parentElement ?? cell;
    if (row.offsetTop - head < this.box.scrollTop) this.box.scrollTop = row.offsetTop - head;
    else if (row.offsetTop + row.offsetHeight > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = row.offsetTop + row.offsetHeight - this.box.clientHeight;
    const place = cell.getBoundingClientRect();
    if (place.top < 0 || place.bottom > innerHeight) cell.scrollIntoView({ block: "nearest" });
  }

  /** The minute under a point of the screen, not yet on the grid; null beside the days. */
  minuteAt(x: number, y: number): number | null {
    const area = this.layer.getBoundingClientRect();
    if (x < area.left || x >= area.right || y < area.top || y >= area.bottom) return null;
    const day = this.single ? this.day : Math.min(Math.floor(((x - area.left) / area.width) * 7), 6);
    return day * DAY + ((y - area.top) / area.height) * DAY;
  }

  /** How many minutes one pixel stands for. */
  get minutesPerPixel(): number {
    return DAY / this.layer.getBoundingClientRect().height;
  }

  contains(node: Node): boolean {
    return this.table.contains(node);
  }
}

function isSame(one: Span, other: Span | null): boolean {
  return other !== null && one.from === other.from && one.to === other.to;
}
