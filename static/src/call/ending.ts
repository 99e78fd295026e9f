/**
 * A page that has no seat, because the call goes on elsewhere or its person left, hears nothing of the visit any more. It asks now and
 * then, and when somebody looks at it again: when the visit is over, the page knows what comes next.
 */
import { Problem, api } from "../lib/api";
import type { Visit } from "./visit";

const EVERY_MS = 60_000;
/** To this person there is no such visit any more, or no way into it. */
const GONE: readonly number[] = [401, 403, 404, 410];

export class Ending {
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly visit: string,
    private readonly over: () => void,
  ) {
    addEventListener("focus", () => void this.look());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.look());
  }

  watch(): void {
    this.timer ??= setInterval(() => void this.look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.timer === undefined) return;
    const ended = await api.get<Visit>(`/api/v1/visits/${this.visit}`).then(
      (visit) => visit.state === "ended",
      (problem: unknown) => problem instanceof Problem && GONE.includes(problem.status),
    );
    if (ended && this.timer !== undefined) this.over();
  }
}
