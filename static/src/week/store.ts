/** One's hours as they are stored, and every way to change them: a change is a step from some hours to others, so that it can be made again on newer ones. */
import { toast, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { _ } from "../lib/words";
import { exceptionInWords, ruleInWords } from "../scheduling/hours";
import type { Availability } from "../scheduling/types";

export type Change = (hours: Availability) => Availability;

/** A change that met newer hours: it is kept until the person says what to do with it. */
export interface Conflict {
  readonly change: Change;
  readonly words: string;
  readonly differences: readonly string[];
}

const UNDO_AT_MOST = 50;

export class HoursStore {
  private past: Availability[] = [];
  private readonly watchers: (() => void)[] = [];
  conflict: Conflict | null = null;
  problem = "";

  constructor(
    private readonly path: string,
    public hours: Availability,
    private readonly services: ReadonlyMap<string, string>,
  ) {}

  /** Calls back now and whenever the hours, the conflict or what is wrong changed. */
  watch(show: () => void): void {
    this.watchers.push(show);
    show();
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  /** Stores a change; true when it is stored. *words* say what it does. */
  async apply(change: Change, words: string): Promise<boolean> {
    const before = this.hours;
    if (!(await this.put(change, words))) return false;
    this.past = [...this.past.slice(1 - UNDO_AT_MOST), before];
    this.changed();
    toast(_("Stored. {what}", { what: words }));
    return true;
  }

  /** Takes back the last change of this page. */
  async undo(): Promise<void> {
    const last = this.past.at(-1);
    if (!last) return;
    const words = _("The last change is taken back.");
    if (await this.put((hours) => ({ ...last, version: hours.version }), words)) {
      this.past.pop();
      this.changed();
      toast(words);
    }
  }

  /** Makes the change that met newer hours on top of them. */
  async insist(): Promise<void> {
    const kept = this.conflict;
    this.conflict = null;
    if (kept) await this.apply(kept.change, kept.words);
  }

  /** Leaves the hours as somebody else made them. */
  yieldTo(): void {
    this.conflict = null;
    this.changed();
  }

  private async put(change: Change, words: string): Promise<boolean> {
    this.problem = "";
    try {
      this.hours = await api.put<Availability>(this.path, change(this.hours));
      this.conflict = null;
      return true;
    } catch (problem) {
      this.refused(problem, change, words);
      return false;
    }
  }

  private refused(problem: unknown, change: Change, words: string): void {
    if (!(problem instanceof Problem)) return toastProblem(problem);
    if (problem.status === 409 && problem.body["current"]) {
      const current = problem.body["current"] as Availability;
      this.conflict = { change, words, differences: this.differences(this.hours, current) };
      this.hours = current;
      this.past = [];
    } else {
      this.problem = [problem.message, ...problem.errors.map((error) => error.message)].join(" ");
    }
    this.changed();
  }

  private differences(ours: Availability, theirs: Availability): string[] {
    const [old, now] = [this.sentences(ours), this.sentences(theirs)];
    return [...now.filter((one) => !old.includes(one)).map((one) => _("New: {what}", { what: one })), ...old.filter((one) => !now.includes(one)).map((one) => _("Gone: {what}", { what: one }))];
  }

  private sentences(hours: Availability): string[] {
    return [...hours.rules.map((rule) => ruleInWords(rule, hours.zone, this.services)), ...hours.exceptions.map((one) => exceptionInWords(one, hours.zone))];
  }

  private changed(): void {
    for (const show of this.watchers) show();
  }
}

/** Whether two rules or exceptions say the same. */
export function alike(one: object, other: object): boolean {
  const text = (value: object): string => JSON.stringify(value, Object.keys(value).sort());
  return text(one) === text(other);
}
