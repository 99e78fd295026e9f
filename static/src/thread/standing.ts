/** Whether my last message has arrived, by when an answer comes, who takes part: asked after growing pauses while the page is looked at. */
import { Problem, api } from "../lib/api";
import type { Outlook } from "./outlook";
import type { Member } from "./state";

export interface Standing {
  readonly members: Member[];
  readonly outlook: Outlook | null;
  readonly answer_due: string | null;
}

/** The last one again and again. */
const AFTER_MS = [2000, 5000, 15_000, 60_000];

export class Asking {
  private asked = 0;
  private due: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(
    private readonly path: string,
    private readonly isLive: () => boolean,
    private readonly take: (standing: Standing) => void,
    /** The reader does not take part any more. */
    private readonly left: () => void,
  ) {}

  /** Whether the page is looked at or not. */
  now(): void {
    clearTimeout(this.due);
    if (!this.stopped) void this.ask(true);
  }

  /** Something has changed: soon again. */
  anew(): void {
    this.asked = 0;
    this.later();
  }

  later(): void {
    clearTimeout(this.due);
    if (this.stopped) return;
    const pause = AFTER_MS[Math.min(this.asked, AFTER_MS.length - 1)] ?? 0;
    this.asked += 1;
    this.due = setTimeout(() => void this.ask(), pause);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.due);
  }

  private async ask(unseen = false): Promise<void> {
    if (!this.isLive() || (document.visibilityState !== "visible" && !unseen)) return;
    try {
      this.take(await api.get<Standing>(this.path));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status === 404) return this.left();
    }
    this.later();
  }
}
