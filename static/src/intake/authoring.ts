/** One question of a form as its author sees it: what is asked, how it is answered, whether it has to be. */
import { fill, h, icon, one } from "../lib/dom";
import { _ } from "../lib/words";
import type { Question } from "./types";

export type Authored = Question & { readonly fact: string | null };

const KINDS = (): readonly (readonly [Question["kind"], string])[] => [
  ["text", _("A few words")],
  ["long_text", _("A longer text")],
  ["yes_no", _("Yes or no")],
  ["choice", _("One of several")],
  ["choices", _("Some of several")],
  ["number", _("A number")],
  ["date", _("A day")],
  ["consent", _("A tick to agree")],
];

/** What a screen reader and the person hear of a question that has no words yet. */
export function called(text: string): string {
  return text.trim() || _("a new question");
}

export interface Moves {
  up(card: QuestionCard): void;
  down(card: QuestionCard): void;
  remove(card: QuestionCard): void;
}

let cards = 0;

export class QuestionCard {
  readonly element: HTMLLIElement;
  private readonly body: HTMLDetailsElement;
  private readonly more = h("div", { class: "stack" });
  private readonly number = (cards += 1);
  private low = "";
  private high = "";
  private unit = "";
  private options = "";

  constructor(
    private readonly first: Authored,
    facts: readonly string[],
    private readonly moves: Moves,
  ) {
    this.options = first.options.join("\n");
    this.unit = first.unit;
    this.low = String(first.low ?? "");
    this.high = String(first.high ?? "");
    this.body = h("details", { class: "more" });
    this.element = h("li", { "data-question": first.id }, this.body);
    this.body.append(
      h("summary", null, h("span", null, h("span", { "data-place": "" }), " ", h("strong", { "data-called": "" }), h("span", { class: "quiet small asked-line", "data-line": "" }))),
      h("div", { class: "stack" }, ...this.fields(first, facts)),
    );
    this.part("kind").addEventListener("change", () => this.showMore());
    this.element.addEventListener("input", () => this.name());
    this.showMore();
    this.name();
  }

  private fields(first: Authored, facts: readonly string[]): HTMLElement[] {
    return [
      this.field("text", _("The question"), h("textarea", { rows: 2, maxlength: 500, value: first.text })),
      this.field("help", _("Help below it"), h("input", { type: "text", maxlength: 500, value: first.help })),
      h("div", { class: "asked-pair" }, this.field("group", _("Under the heading"), h("input", { type: "text", maxlength: 120, value: first.group })), this.field("kind", _("It is answered by"), this.kinds())),
      this.more,
      h("div", { class: "asked-pair" }, this.field("fact", _("Is it known from before?"), this.facts(facts)), h("label", { class: "choice" }, h("input", { type: "checkbox", checked: first.required, "data-part": "required" }), h("span", null, _("It has to be answered")))),
      this.ways(),
    ];
  }

  /** The question as it stands in the form. */
  value(): Authored {
    const kind = this.part("kind").value as Question["kind"];
    this.remember();
    const chooses = kind === "choice" || kind === "choices";
    const counts = kind === "number";
    return {
      id: this.first.id,
      group: this.part("group").value.trim(),
      kind,
      text: this.part("text").value.trim(),
      help: this.part("help").value.trim(),
      required: this.isRequired(),
      options: chooses ? this.options.split("\n").map((each) => each.trim()).filter(Boolean) : [],
      unit: counts ? this.unit.trim() : "",
      low: counts && this.low !== "" ? Number(this.low) : null,
      high: counts && this.high !== "" ? Number(this.high) : null,
      fact: this.part("fact").value || null,
    };
  }

  complain(part: string, text: string): void {
    if (text) this.body.open = true;
    const place = this.element.querySelector<HTMLElement>(`[data-wrong="${part}"]`) ?? one('[data-wrong="text"]', this.element);
    fill(place, text && icon("circle-alert"), text && h("span", null, text));
    place.hidden = !text;
  }

  allRight(): void {
    for (const place of this.element.querySelectorAll<HTMLElement>("[data-wrong]")) this.complain(place.dataset["wrong"] ?? "", "");
  }

  focus(part = "text"): void {
    this.body.open = true;
    (this.element.querySelector<HTMLElement>(`[data-part="${part}"]`) ?? this.part("text")).focus();
  }

  /** Whether it can go further up or down, and the how-manieth it is. */
  place(index: number, count: number): void {
    one<HTMLButtonElement>("[data-up]", this.element).disabled = index === 0;
    one<HTMLButtonElement>("[data-down]", this.element).disabled = index === count - 1;
    one("[data-place]", this.element).textContent = `${index + 1}.`;
  }

  private ways(): HTMLElement {
    const button = (mark: string, drawn: SVGElement, text: string, act: () => void): HTMLElement => h("button", { type: "button", class: "button", [`data-${mark}`]: "", onclick: act }, drawn, h("span", null, text));
    return h(
      "div",
      { class: "row" },
      button("up", icon("arrow-up"), _("Up"), () => this.moves.up(this)),
      button("down", icon("arrow-down"), _("Down"), () => this.moves.down(this)),
      button("remove", icon("trash-2"), _("Remove"), () => this.moves.remove(this)),
    );
  }

  private name(): void {
    const text = called(this.part("text").value);
    const say = (mark: string, words: string): void => one(`[data-${mark}]`, this.element).setAttribute("aria-label", words);
    const kind = this.part("kind").value;
    one("[data-called]", this.element).textContent = text;
    one("[data-line]", this.element).textContent = [KINDS().find(([each]) => each === kind)?.[1], this.isRequired() && _("has to be answered")].filter(Boolean).join(" · ");
    say("up", _("Up: {question}", { question: text }));
    say("down", _("Down: {question}", { question: text }));
    say("remove", _("Remove: {question}", { question: text }));
  }

  private isRequired(): boolean {
    return one<HTMLInputElement>('[data-part="required"]', this.element).checked;
  }

  private kinds(): HTMLElement {
    return h("select", null, ...KINDS().map(([value, text]) => h("option", { value, selected: value === this.first.kind }, text)));
  }

  private facts(facts: readonly string[]): HTMLElement {
    const own = this.first.fact && !facts.includes(this.first.fact) ? [this.first.fact] : [];
    const known = [...facts, ...own].map((each) => h("option", { value: each, selected: each === this.first.fact }, _("Ask only what is new about: {fact}", { fact: each.replaceAll("_", " ") })));
    return h("select", null, h("option", { value: "", selected: !this.first.fact }, _("No, it is asked anew each time")), ...known);
  }

  private showMore(): void {
    this.remember();
    const kind = this.part("kind").value;
    if (kind === "choice" || kind === "choices") fill(this.more, this.field("options", _("What can be chosen, one a line"), h("textarea", { rows: 4, value: this.options })));
    else if (kind === "number") {
      const parts = [this.field("unit", _("Unit"), h("input", { type: "text", maxlength: 20, value: this.unit })), this.field("low", _("Smallest"), h("input", { type: "number", step: "any", value: this.low })), this.field("high", _("Largest"), h("input", { type: "number", step: "any", value: this.high }))];
      fill(this.more, h("div", { class: "asked-pair" }, ...parts));
    } else fill(this.more);
    this.more.hidden = !this.more.childElementCount;
  }

  /** What was typed about options and bounds is kept while the kind of answer changes. */
  private remember(): void {
    const typed = (part: string, before: string): string => this.element?.querySelector<HTMLInputElement>(`[data-part="${part}"]`)?.value ?? before;
    this.options = typed("options", this.options);
    this.unit = typed("unit", this.unit);
    this.low = typed("low", this.low);
    this.high = typed("high", this.high);
  }

  private field(part: string, label: string, input: HTMLElement): HTMLElement {
    const id = `question-${this.number}-${part}`;
    input.id = id;
    input.dataset["part"] = part;
    input.setAttribute("aria-describedby", `${id}-wrong`);
    return h("div", { class: "field" }, h("label", { for: id }, label), input, h("p", { class: "wrong", id: `${id}-wrong`, "data-wrong": part, hidden: true }));
  }

  private part(part: string): HTMLInputElement {
    return one<HTMLInputElement>(`[data-part="${part}"]`, this.element);
  }
}

/** A short word for a new question that no other one has; it stays the same over versions. */
export function idFor(text: string, taken: ReadonlySet<string>): string {
  const word = text
    .toLowerCase()
    .normalize("NFD")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 30);
  const base = word || "question";
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}
