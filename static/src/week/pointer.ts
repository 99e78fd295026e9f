/**
 * Drawing on the grid with a mouse, a pen or a finger.
 *
 * A mouse draws at once. A finger has to rest a moment first: until then it scrolls, as everywhere on the page.
 */
import type { Grid } from "./grid";
import type { Draft } from "./keyboard";
import { DAY, WEEK, stretchAt } from "./model";
import type { Span } from "./spans";

const REST_MS = 350;
const SLOP_PX = 8;
const EDGE_PX = 9;

export interface Hand {
  readonly stretches: () => readonly Span[];
  /** A change in the making; null: it was given up. */
  readonly drawing: (draft: Draft | null) => void;
  readonly drawn: (draft: Draft) => void;
  /** A click without drawing. */
  readonly picked: (span: Span | null, minute: number) => void;
}

type Grip = "new" | "from" | "to" | "whole";

interface Gesture {
  readonly pointer: number;
  readonly grip: Grip;
  readonly before: Span | null;
  readonly began: number;
  readonly x: number;
  readonly y: number;
  drawing: boolean;
  draft: Draft | null;
  resting: ReturnType<typeof setTimeout> | undefined;
}

export function followPointer(grid: Grid, hand: Hand): void {
  let gesture: Gesture | null = null;
  const { box, step } = grid;

  const end = (): void => {
    clearTimeout(gesture?.resting);
    gesture = null;
    box.classList.remove("week-drawing");
  };

  box.addEventListener("pointerdown", (event) => {
    const minute = grid.minuteAt(event.clientX, event.clientY);
    if (event.button !== 0 || gesture || minute === null || !(event.target instanceof Node && grid.contains(event.target))) return;
    const before = stretchAt(hand.stretches(), minute);
    const made: Gesture = { pointer: event.pointerId, grip: gripOf(before, minute, grid.minutesPerPixel), before: before && { from: before.from, to: before.to }, began: minute, x: event.clientX, y: event.clientY, drawing: false, draft: null, resting: undefined };
    gesture = made;
    if (event.pointerType === "touch") made.resting = setTimeout(() => begin(made), REST_MS);
    else event.preventDefault(); // no text is selected; the focus is given in `picked`
  });

  const begin = (made: Gesture): void => {
    if (gesture !== made) return;
    made.drawing = true;
    box.setPointerCapture(made.pointer);
    box.classList.add("week-drawing");
    navigator.vibrate?.(10);
    made.draft = draftOf(made, made.began, step);
    hand.drawing(made.draft);
  };

  box.addEventListener("pointermove", (event) => {
    if (!gesture || gesture.pointer !== event.pointerId) return hover(event);
    const far = Math.hypot(event.clientX - gesture.x, event.clientY - gesture.y) > SLOP_PX;
    if (!gesture.drawing && far && event.pointerType === "touch") return end(); // it scrolls
    if (!gesture.drawing && far) begin(gesture);
    if (!gesture.drawing) return;
    const minute = grid.minuteAt(event.clientX, event.clientY);
    if (minute === null) return;
    gesture.draft = draftOf(gesture, minute, step);
    hand.drawing(gesture.draft);
  });

  const hover = (event: PointerEvent): void => {
    const minute = grid.minuteAt(event.clientX, event.clientY);
    const over = minute === null ? null : stretchAt(hand.stretches(), minute);
    const grip = minute === null ? "new" : gripOf(over, minute, grid.minutesPerPixel);
    box.dataset["grip"] = grip === "from" || grip === "to" ? "edge" : grip;
  };

  box.addEventListener("pointerup", (event) => {
    if (!gesture || gesture.pointer !== event.pointerId) return;
    const { draft, drawing, before, began } = gesture;
    end();
    if (!drawing || !draft) return hand.picked(before, began);
    if (draft.before && draft.before.from === draft.after.from && draft.before.to === draft.after.to) {
      hand.drawing(null);
      return hand.picked(before, began);
    }
    hand.drawn(draft);
  });

  const giveUp = (): void => {
    if (!gesture) return;
    end();
    hand.drawing(null);
  };
  box.addEventListener("pointercancel", giveUp);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !gesture?.drawing) return;
    event.stopPropagation();
    giveUp();
  }, true);
  // Once a finger draws, the page must stay where it is.
  box.addEventListener("touchmove", (event) => gesture?.drawing && event.preventDefault(), { passive: false });
  box.addEventListener("contextmenu", (event) => gesture?.drawing && event.preventDefault());
}

/** What is held: an edge within some pixels, else the whole, else nothing yet. */
function gripOf(span: Span | null, minute: number, minutesPerPixel: number): Grip {
  if (!span) return "new";
  const edge = Math.min(EDGE_PX * minutesPerPixel, (span.to - span.from) / 4);
  if (minute - span.from <= edge) return "from";
  return span.to - minute <= edge ? "to" : "whole";
}

/** What the gesture has drawn when it is at *minute*. */
function draftOf({ grip, before, began }: Gesture, minute: number, step: number): Draft {
  const down = (at: number): number => Math.floor(at / step) * step;
  const near = (at: number): number => Math.round(at / step) * step;
  const day = Math.floor(began / DAY) * DAY;
  const here = Math.min(Math.max(day + (minute - Math.floor(minute / DAY) * DAY), day), day + DAY);
  if (grip === "whole" && before) {
    const by = near(minute - began);
    const kept = Math.min(Math.max(by, -before.from), WEEK - before.to);
    return { before, after: { from: before.from + kept, to: before.to + kept } };
  }
  if (grip === "from" && before) return { before, after: { from: Math.min(near(here), before.to - step), to: before.to } };
  if (grip === "to" && before) return { before, after: { from: before.from, to: Math.max(near(here), before.from + step) } };
  const [low, high] = began <= here ? [began, here] : [here, began];
  return { before: null, after: { from: down(low), to: Math.max(down(high - 0.001) + step, down(low) + step) } };
}
