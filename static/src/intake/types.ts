/** What the API sends of a form before a visit. */

export type Value = boolean | number | string | readonly string[];

export interface Question {
  readonly id: string;
  readonly group: string;
  readonly kind: "text" | "long_text" | "yes_no" | "choice" | "choices" | "number" | "date" | "consent";
  readonly text: string;
  readonly help: string;
  readonly required: boolean;
  readonly options: readonly string[];
  readonly unit: string;
  readonly low: number | null;
  readonly high: number | null;
}

/** An answer; `hidden`: there is one that is not shown to who came by a personal link. */
export interface Given {
  readonly value: Value | null;
  readonly at: string;
  readonly kept: boolean;
  readonly hidden: boolean;
}

export interface Sheet {
  readonly state: "none" | "open" | "draft" | "submitted";
  readonly editable: boolean;
  readonly form: { readonly title: string; readonly questions: readonly Question[] } | null;
  readonly answers: Readonly<Record<string, Given>>;
  readonly known: Readonly<Record<string, Given>>;
}

export type Answers = Record<string, Value | null>;
