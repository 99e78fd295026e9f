/** The care plan as the API gives it; see `/api/docs`. */

export interface Gate {
  readonly id: string;
  readonly version: number;
  readonly question: string;
  readonly effect: "block" | "check" | "caution";
  readonly caution: string;
  readonly answer: string | null;
  readonly state: "open" | "caution" | "closed" | "unanswered";
}

export interface Week {
  readonly week: number;
  readonly amount: string;
}

/** A place that a step cites as context. */
export interface Noted {
  readonly kind: "finding" | "diary_day" | "message";
  readonly id: string;
  readonly place: string;
}

export interface Step {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly kind: string;
  readonly details: string;
  readonly why: string;
  readonly why_words: string;
  readonly restricts: boolean;
  readonly schedule: readonly Week[];
  readonly noted: readonly Noted[];
  readonly starts_on: string | null;
  readonly evidence: { readonly id: string } | null;
  readonly changed_by: { readonly name: string };
}

export interface Goal {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly details: string;
  readonly status: string;
  readonly changed_by: { readonly name: string };
}

export interface Plan {
  readonly id: string;
  readonly version: number;
  readonly goals: readonly Goal[];
  readonly steps: readonly Step[];
  readonly gates: readonly Gate[];
}

export interface Evidence {
  readonly id: string;
  readonly intervention: string;
  readonly population: string;
  readonly effect: string;
  readonly certainty: string;
  readonly may_say: string;
  readonly must_not_say: string;
  readonly kinds: readonly string[];
  /** What must be read with it. */
  readonly shown_beside: readonly { readonly id: string; readonly may_say: string }[];
}

/** Words by group and name, from the page. */
export type Labels = Readonly<Record<"kind" | "why" | "status" | "certainty" | "went" | "answer" | "gate", Readonly<Record<string, string>>>>;
