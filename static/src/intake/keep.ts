/**
 * Answers on their way to the server: one request at a time, everything unsent stays in this tab until the server has it.
 *
 * What is kept lives in the tab's own storage, so that a reload or a lost connection loses nothing, and a closed tab leaves nothing behind.
 */
import { Problem, api } from "../lib/api";
import type { Answers, Sheet } from "./types";

export type State = "saving" | "saved" | "offline" | "refused";

const PAUSE_MS = 700;
const AGAIN_MS = 5000;

export class Keep {
  private waiting: Answers = {};
  private again = new Set<string>();
  private running: Promise<void> | null = null;
  private timer = 0;

  constructor(
    private readonly appointment: string,
    private readonly tell: (state: State, problem?: Problem, sheet?: Sheet) => void,
  ) {
    this.waiting = this.stored();
    addEventListener("online", () => void this.send());
    if (Object.keys(this.waiting).length) this.later(0);
  }

  private get shelf(): string {
    return `telegut-intake-${this.appointment}`;
  }

  private stored(): Answers {
    try {
      return JSON.parse(sessionStorage.getItem(this.shelf) ?? "{}") as Answers;
    } catch {
      return {};
    }
  }

  private store(): void {
    try {
      if (Object.keys(this.waiting).length) sessionStorage.setItem(this.shelf, JSON.stringify(this.waiting));
      else sessionStorage.removeItem(this.shelf);
    } catch {
      // A full or forbidden storage: the answers stay in memory, as on any page.
    }
  }

  /** What the server does not have yet. */
  get unsent(): Readonly<Answers> {
    return this.waiting;
  }

  /** A new answer; goes out after a short pause in typing. */
  put(question: string, value: Answers[string]): void {
    this.waiting[question] = value;
    this.again.delete(question);
    this.store();
    this.later(PAUSE_MS);
  }

  /** The earlier answer to a question still holds. */
  still(question: string): void {
    delete this.waiting[question];
    this.again.add(question);
    this.store();
    this.later(0);
  }

  private later(pause: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), pause);
  }

  /** Resolves to whether the server has everything. */
  async send(): Promise<boolean> {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    if (!Object.keys(this.waiting).length && !this.again.size) return true;
    let fine = false;
    this.running = this.once().then((sent) => {
      fine = sent;
      this.running = null;
    });
    await this.running;
    return fine && this.send();
  }

  private async once(): Promise<boolean> {
    const answers = { ...this.waiting };
    const keep = [...this.again];
    this.tell("saving");
    try {
      const sheet = await api.put<Sheet>(`/api/v1/appointments/${this.appointment}/intake/answers`, { answers, keep });
      for (const [name, value] of Object.entries(answers)) if (this.waiting[name] === value) delete this.waiting[name];
      for (const name of keep) this.again.delete(name);
      this.store();
      this.tell("saved", undefined, sheet);
      return true;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.offline) {
        this.tell("offline", problem);
        this.later(AGAIN_MS);
      } else {
        this.drop(problem);
        this.tell("refused", problem);
      }
      return false;
    }
  }

  /** What the server refused is not sent again as it is; the other answers are. */
  private drop(problem: Problem): void {
    const refused = problem.errors.map((error) => error.field.replace(/^answers\./, ""));
    const named = refused.filter((name) => name in this.waiting);
    for (const name of named.length ? named : Object.keys(this.waiting)) delete this.waiting[name];
    if (!named.length) this.again.clear();
    this.store();
    if (named.length && Object.keys(this.waiting).length) this.later(PAUSE_MS);
  }
}
