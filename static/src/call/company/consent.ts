/**
 * What the patient's side is asked about a guest: whether somebody may be there (who learns; in a group also who supports somebody), and
 * whether a guest may see what is shown beside the video. A no costs nothing, and a yes can be taken back.
 */
import { announce } from "../../lib/announce";
import { fill, h } from "../../lib/dom";
import { _ } from "../../lib/words";
import type { Participant, Visit } from "../visit";

type Kind = "consent" | "panels_answer";

interface Question {
  readonly kind: Kind;
  readonly person: Participant;
  readonly asked: boolean;
  readonly title: string;
  readonly words: string;
}

const HERE: readonly string[] = ["waiting", "admitted", "inside", "away"];

export class Asked {
  private told = "";

  constructor(
    private readonly root: HTMLElement,
    private readonly answer: (kind: Kind, account: string, agreed: boolean) => void,
  ) {
    new ResizeObserver(() => document.documentElement.style.setProperty("--strip", `${root.offsetHeight}px`)).observe(root);
  }

  show(visit: Visit): void {
    const questions = visit.participants.flatMap((person) => [being(person, visit.group), seeing(person)].filter((one) => one !== null));
    const told = JSON.stringify(questions.map((one) => [one.kind, one.person.account, one.asked]));
    if (told === this.told) return;
    this.told = told;
    this.root.hidden = questions.length === 0;
    this.root.classList.toggle("strip-quiet", !questions.some((one) => one.asked));
    const focused = document.activeElement?.closest<HTMLElement>("[data-asked]")?.dataset["asked"];
    fill(this.root, ...questions.map((one) => this.question(one)));
    if (focused && document.activeElement === document.body) this.root.querySelector<HTMLElement>(`[data-asked="${focused}"] button`)?.focus();
    for (const one of questions) if (one.asked) announce(one.title, true);
  }

  private question({ kind, person, asked, title, words }: Question): HTMLElement {
    const { name, account } = person;
    const button = (agreed: boolean, said: string, look: string): HTMLElement =>
      h("button", { type: "button", class: `button ${look}`, onclick: () => this.answer(kind, account, agreed) }, said, h("span", { class: "unseen" }, ` (${name})`));
    const asks = { class: "strip-person", "data-asked": `${kind} ${account}` };
    if (!asked) return h("div", asks, h("p", null, title), button(false, _("I would rather not any more"), "button-bare"));
    return h("div", asks, h("p", null, h("strong", null, title), " ", words), h("div", { class: "row" }, button(true, _("Yes, they may"), "button-now"), button(false, _("No"), "button-now")));
  }
}

/** Whether they may be there at all. */
function being(person: Participant, group: boolean): Question | null {
  const { name, role, consent } = person;
  const asked = consent === "asked";
  if (!asked && !(consent === "given" && HERE.includes(person.state))) return null;
  const student = role === "student";
  if (!asked) return { kind: "consent", person, asked, title: student ? _("{name}, a student, may be here because you said yes.", { name }) : _("{name}, who is here for support, may be here because you said yes.", { name }), words: "" };
  const title = student ? _("May {name}, a student, be there to learn?", { name }) : _("May {name} be there to support somebody of the group?", { name });
  const words = group ? _("They would see and hear everybody, and nothing of any record. They come in only if all agree, and nobody is told who said no.") : _("They would see and hear you, and nothing of your record. Your visit is the same either way.");
  return { kind: "consent", person, asked, title, words };
}

/** Whether they may see what the practitioner shows. */
function seeing(person: Participant): Question | null {
  const { name } = person;
  if (person.panels === "given") return { kind: "panels_answer", person, asked: false, title: _("{name} sees what is shown of your report and plan, because you said yes.", { name }), words: "" };
  if (person.panels !== "asked") return null;
  return {
    kind: "panels_answer",
    person,
    asked: true,
    title: _("May {name} see what is shown of your report and plan?", { name }),
    words: _("Only in this visit, and only what your practitioner shows at that moment. You can end it at any time; your visit is the same either way."),
  };
}
