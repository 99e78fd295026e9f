/** What a key does on the grid, as a step from one state to the next. Pure. */
import { DAY, WEEK, stretchAt } from "./model";
import type { Span } from "./spans";

/** A stretch that is being drawn or changed, and not stored yet. *before* null: it is new. */
export interface Draft {
  readonly before: Span | null;
  readonly after: Span;
}

/** Where the focus is, as minutes since Monday's midnight, and what is being changed. */
export interface State {
  readonly at: number;
  readonly draft: Draft | null;
}

export interface Pressed {
  readonly key: string;
  readonly shift: boolean;
}

/** What is to happen besides the new state: store a change, or say that nothing was changed. */
export type Effect = { readonly kind: "store"; readonly before: Span | null; readonly after: Span | null } | { readonly kind: "left" };

export interface Step {
  readonly state: State;
  readonly effect: Effect | null;
}

const ARROWS: Readonly<Record<string, readonly [days: number, steps: number]>> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** The next step, or null when the key means nothing here. *step*: minutes of one row. */
export function press(state: State, pressed: Pressed, step: number, stretches: readonly Span[]): Step | null {
  return state.draft ? change(state.draft, pressed, step) : look(state, pressed, step, stretches);
}

/** Between changes: arrows look around, Enter begins, Delete takes away. */
function look(state: State, { key, shift }: Pressed, step: number, stretches: readonly Span[]): Step | null {
  const here = stretchAt(stretches, state.at);
  const arrow = ARROWS[key];
  if (arrow && shift && arrow[1]) {
    const draft = here ? { before: { from: here.from, to: here.to }, after: { from: here.from, to: here.to } } : fresh(state.at, step);
    return change(draft, { key, shift }, step);
  }
  if (arrow) return to({ ...state, at: moved(state.at, arrow, step) });
  if (key === "Home" || key === "End") return to({ ...state, at: Math.floor(state.at / DAY) * DAY + (key === "Home" ? 0 : DAY - step) });
  if (key === "PageUp" || key === "PageDown") return to({ ...state, at: moved(state.at, [0, (key === "PageUp" ? -240 : 240) / step], step) });
  if (key === "Enter" || key === " ") {
    const draft = here ? { before: { from: here.from, to: here.to }, after: { from: here.from, to: here.to } } : fresh(state.at, step);
    return to({ at: draft.after.from, draft });
  }
  if ((key === "Delete" || key === "Backspace") && here) return { state, effect: { kind: "store", before: { from: here.from, to: here.to }, after: null } };
  return null;
}

/** While a stretch is being drawn or changed. */
function change(draft: Draft, { key, shift }: Pressed, step: number): Step | null {
  const arrow = ARROWS[key];
  if (arrow) return to(placed({ ...draft, after: longer(draft, arrow, shift, step) }, step));
  if (key === "Enter" || key === " ") return { state: { at: draft.after.from, draft: null }, effect: same(draft) ? { kind: "left" } : { kind: "store", ...draft } };
  if (key === "Escape") return { state: { at: draft.before?.from ?? draft.after.from, draft: null }, effect: { kind: "left" } };
  if ((key === "Delete" || key === "Backspace") && draft.before) return { state: { at: draft.before.from, draft: null }, effect: { kind: "store", before: draft.before, after: null } };
  return null;
}

/** Up and down move what is there and lengthen what is new; with Shift they change the length of both. */
function longer(draft: Draft, [days, steps]: readonly [number, number], shift: boolean, step: number): Span {
  const { from, to: end } = draft.after;
  if (days === 0 && (shift || draft.before === null)) return { from, to: Math.min(Math.max(end + steps * step, from + step), WEEK) };
  const by = days * DAY + steps * step;
  return from + by < 0 || end + by > WEEK ? draft.after : { from: from + by, to: end + by };
}

function placed(draft: Draft, step: number): State {
  return { at: draft.before === null ? draft.after.to - step : draft.after.from, draft };
}

function fresh(at: number, step: number): Draft {
  return { before: null, after: { from: at, to: Math.min(at + step, WEEK) } };
}

function same({ before, after }: Draft): boolean {
  return before !== null && before.from === after.from && before.to === after.to;
}

/** Up and down stay within the day. */
function moved(at: number, [days, steps]: readonly [number, number], step: number): number {
  const day = Math.floor(at / DAY);
  const minute = Math.min(Math.max(at - day * DAY + steps * step, 0), DAY - step);
  return Math.min(Math.max(day + days, 0), 6) * DAY + minute;
}

function to(state: State): Step {
  return { state, effect: null };
}
