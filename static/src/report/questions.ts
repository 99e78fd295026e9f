/**
 * Questions about lines of a report, collected in the message to the care team that is not sent yet: the same draft that the messages' page shows, kept
 * on this device until it is sent. Each line is cited; the words are the reader's to write.
 */
import { announce, toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { all, maybe, one } from "../lib/dom";
import { type Cite, type Place, onWrite, samePlace } from "../lib/places";
import { _ } from "../lib/words";
import { type Begun, type Shelf, openShelf } from "../thread/shelf";

interface Conversations {
  readonly items: readonly { readonly id: string; readonly kind: string; readonly patient: string }[];
}

const CARE = "care";

export class Questions {
  private shelf: Promise<Shelf> | null = null;
  private conversation: Promise<string | null> | null = null;
  /** The way to leave questions to whoever is next. */
  stop: () => void = () => undefined;

  constructor(
    private readonly bar: HTMLElement,
    private readonly account: string,
    private readonly patient: string,
  ) {}

  start(): void {
    this.bar.parentElement?.append(this.bar); // the end of the page: it stays in sight at the lower edge
    this.stop = onWrite((place) => place.patient === this.patient && (void this.take(place), true));
    this.show();
  }

  /** Marks what is asked already, also on lines that were just drawn. */
  show(): void {
    void this.drawn().catch(console.warn);
  }

  private async take(place: Place): Promise<void> {
    try {
      const conversation = await this.care();
      if (!conversation) return void location.assign(`/patients/${this.patient}/messages`);
      const shelf = await this.opened();
      const begun = await shelf.draft(this.account, conversation);
      const next = asked(begun, place.cite) ? without(begun, place.cite) : withQuestion(begun, place.cite);
      await shelf.keepDraft(this.account, conversation, next);
      announce(asked(next, place.cite) ? _("Added to your questions: {what}", { what: nameOf(place.cite) }) : _("Taken out of your questions: {what}", { what: nameOf(place.cite) }));
      this.draw(next);
    } catch (problem) {
      toastProblem(problem);
    }
  }

  private async drawn(): Promise<void> {
    const conversation = await this.care();
    if (conversation) this.draw(await (await this.opened()).draft(this.account, conversation));
  }

  private draw(begun: Begun): void {
    const places = new Set<string>();
    for (const button of all("[data-write-about]")) {
      const { cite } = JSON.parse(button.dataset["writeAbout"] ?? "{}") as Place;
      const chosen = asked(begun, cite);
      button.classList.toggle("ask-chosen", chosen);
      if (chosen) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      const word = maybe(".ask-word", button);
      if (word) word.textContent = chosen ? _("Collected") : _("Ask");
      if (chosen) places.add(nameOf(cite));
    }
    const count = places.size;
    this.bar.hidden = count === 0;
    const words = count === 1 ? _("One question waits in your message. It is not sent yet.") : _("{n} questions wait in your message. It is not sent yet.", { n: count });
    const said = one("[data-questions-said]", this.bar);
    if (said.textContent !== words) said.textContent = words;
  }

  private opened(): Promise<Shelf> {
    this.shelf ??= openShelf();
    return this.shelf;
  }

  private care(): Promise<string | null> {
    this.conversation ??= api.get<Conversations>("/api/v1/conversations").then(({ items }) => items.find((one) => one.kind === CARE && one.patient === this.patient)?.id ?? null);
    return this.conversation;
  }
}

function nameOf(cite: Cite): string {
  return cite.place ?? "";
}

/** The line of the draft for one place, until somebody changes it. */
function lineOf(cite: Cite): string {
  return _("About {what}: what does this mean for me?", { what: `“${nameOf(cite)}”` });
}

function asked(begun: Begun, cite: Cite): boolean {
  return begun.text.split("\n").some((line) => line.includes(`“${nameOf(cite)}”`));
}

function withQuestion(begun: Begun, cite: Cite): Begun {
  const text = begun.text.trim() ? `${begun.text.trimEnd()}\n${lineOf(cite)}` : lineOf(cite);
  const cites = begun.cites.some((one) => samePlace(one, cite)) ? begun.cites : [...begun.cites, cite];
  return { text, cites };
}

/** Takes a question out again, only while its line is as we drafted it; words of the reader's own stay. */
function without(begun: Begun, cite: Cite): Begun {
  const drafted = lineOf(cite);
  if (!begun.text.split("\n").includes(drafted)) return begun;
  const text = begun.text
    .split("\n")
    .filter((line) => line !== drafted)
    .join("\n");
  const cites = cite.kind === "report" ? begun.cites : begun.cites.filter((one) => !samePlace(one, cite));
  return { text, cites: text.includes("“") ? cites : [] };
}

/** Starts it on a page that has the bar; without an account there is no message to write. */
export function collectQuestions(patient: string): Questions | null {
  const bar = maybe("[data-questions]");
  const account = document.documentElement.dataset["account"];
  if (!bar || !account) return null;
  const made = new Questions(bar, account, patient);
  made.start();
  return made;
}
