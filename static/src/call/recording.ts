/**
 * Recording a visit, on everybody's own screen: the practitioner asks, each person is asked, and what is so stands over the pictures
 * all the time, in words. Whether it may run the server decides (telegut/rooms/recordings/rules.py); here it is said and shown.
 */
import { announce, note } from "../lib/announce";
import { ask } from "../lib/dialog";
import { fill, h, icon, one } from "../lib/dom";
import { _ } from "../lib/words";

type State = "asked" | "running" | "paused" | "ended";

interface Recorded {
  readonly id: string;
  readonly state: State;
  readonly why: string;
  readonly by: string;
  readonly missing: readonly string[];
  readonly voice_only: readonly string[];
  /** It may run, and right now nothing is kept: the server's recorder is away, or people are on their way to it. */
  readonly interrupted?: boolean;
  readonly ended_by: string | null;
  readonly ending: "declined" | "stopped" | "over" | "disk" | "full" | null;
  readonly started_at: string | null;
  readonly kept_days: number;
}

export interface RecordingContext {
  readonly me: string;
  readonly host: boolean;
  /** Whether this visit has one patient, in whose record a recording would be. */
  readonly possible: boolean;
  nameOf(account: string): string;
  say(message: Readonly<Record<string, unknown>> & { readonly type: string }): boolean;
}

const WHY_MOST = 200;
/** So long without our server, and the recorder stands still by itself (media/recording, its lease). */
const STANDS_STILL_MS = 10_000;

export class RecordingOfVisit {
  private readonly place = h("div", { class: "recording", "data-recording": "", hidden: true });
  private readonly button: HTMLButtonElement | null;
  private question: HTMLDialogElement | null = null;
  private now: Recorded | null = null;
  private told = "";
  /** Our server has been away for so long that nothing is recorded. */
  private still = false;
  private away: ReturnType<typeof setTimeout> | undefined;
  /** What was said last of one that has ended. */
  private takeBack: () => void = () => undefined;

  constructor(
    stage: HTMLElement,
    private readonly context: RecordingContext,
  ) {
    one(".stage-video", stage).append(this.place);
    this.button = context.host && context.possible ? h("button", { type: "button", class: "button button-wide", "data-record": "" }, icon("circle-dot"), h("span", null, _("Record this visit"))) : null;
    if (!this.button) return;
    one(".controls .menu-body", stage).prepend(this.button);
    this.button.addEventListener("click", () => void this.ask());
  }

  /** The seat is taken, anew perhaps: how is it? */
  enter(): void {
    this.context.say({ type: "record", do: "look" });
  }

  /** Our server hears us, or does not. */
  reach(connected: boolean): void {
    clearTimeout(this.away);
    if (connected) this.stands(false);
    else this.away = setTimeout(() => this.stands(true), STANDS_STILL_MS);
  }

  leave(): void {
    clearTimeout(this.away);
    this.still = false;
    this.closeQuestion();
    this.place.hidden = true;
    this.now = null;
    this.told = "";
  }

  hear(message: Readonly<Record<string, unknown>>): void {
    if (message["type"] !== "recording") return;
    const before = this.now;
    const after = (message["recording"] ?? null) as Recorded | null;
    this.now = after?.state === "ended" ? null : after;
    if (this.now) this.takeBack(); // what was said of the last one is not so any more
    if (after?.state === "ended" && before?.id === after.id) this.sayEnding(after);
    if (this.button) this.button.disabled = this.now !== null;
    this.show();
    if (this.now?.missing.includes(this.context.me)) this.openQuestion(this.now);
    else this.closeQuestion();
  }

  // --- asking

  private async ask(): Promise<void> {
    const why = h("textarea", { id: "recording-why", rows: 2, required: true, maxlength: WHY_MOST, "aria-describedby": "recording-why-hint" });
    const field = h(
      "div",
      { class: "field" },
      h("label", { for: "recording-why" }, _("What is it for?")),
      h("p", { class: "hint", id: "recording-why-hint" }, _("Everybody reads this before they answer. For example: so that you can listen to the plan again.")),
      why,
    );
    const sure = await ask({
      title: _("Record this visit?"),
      text: _("Everybody in the room is asked on their own screen. It begins when all have agreed, and anybody can stop it."),
      content: field,
      confirm: _("Ask everybody"),
    });
    if (sure) this.context.say({ type: "record", do: "ask", why: why.value });
  }

  private openQuestion(recorded: Recorded): void {
    if (this.question) return;
    const agree = h("button", { type: "button", class: "button button-main", "data-agree": "" }, _("I agree"));
    const decline = h("button", { type: "button", class: "button", "data-decline": "" }, _("I would rather not"));
    const name = this.context.nameOf(recorded.by);
    const terms: readonly (readonly [string, string])[] = [
      [_("What"), _("Picture and voice of everybody in this visit, and screens that are shared. Not the chat.")],
      [_("What for"), recorded.why],
      [_("Who can watch it"), _("The patient, who acts for them, and their care team. Everybody who watches is listed.")],
      [_("How long"), _("It is kept sealed for {days} days and removed then.", { days: recorded.kept_days })],
      [_("You decide"), _("You can stop it at any time, and afterwards have it removed. The visit goes on just the same.")],
    ];
    const facts = h("dl", { class: "recording-terms" }, ...terms.flatMap(([term, text]) => [h("dt", null, term), h("dd", null, text)]));
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "recording-question", "data-recording-question": "" },
      h(
        "div",
        { class: "stack" },
        h("h2", { id: "recording-question" }, _("May this visit be recorded?")),
        h("p", null, recorded.state === "asked" ? _("{name} asks. Nothing is recorded until everybody has agreed.", { name }) : _("{name} records this visit. It is paused until you have answered.", { name })),
        facts,
        h("div", { class: "row row-end" }, decline, agree),
      ),
    );
    agree.addEventListener("click", () => this.answer("yes"));
    decline.addEventListener("click", () => this.answer("no"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (this.question === dialog) this.question = null;
      this.show();
    });
    document.body.append(dialog);
    this.question = dialog;
    dialog.showModal();
  }

  private answer(word: "yes" | "no"): void {
    this.context.say({ type: "record", do: word });
    this.closeQuestion();
  }

  private closeQuestion(): void {
    const dialog = this.question;
    this.question = null;
    dialog?.close();
  }

  // --- showing

  private stands(still: boolean): void {
    if (this.still === still) return;
    this.still = still;
    this.show();
  }

  private show(): void {
    const recorded = this.now;
    this.place.hidden = recorded === null;
    if (!recorded) {
      this.told = "";
      return;
    }
    const words = this.words(recorded);
    const runs = recorded.state === "running" && !recorded.interrupted && !this.still;
    this.place.dataset["state"] = recorded.state === "running" && !runs ? "paused" : recorded.state;
    const mine = recorded.missing.includes(this.context.me);
    const act = mine
      ? h("button", { type: "button", class: "button button-bare", "data-answer": "" }, _("Answer"))
      : h("button", { type: "button", class: "button button-bare", "data-stop-recording": "" }, recorded.state === "asked" ? _("Take it back") : _("Stop recording"));
    act.addEventListener("click", () => (mine ? this.now && this.openQuestion(this.now) : this.context.say({ type: "record", do: "stop" })));
    const offersAct = mine || recorded.state !== "asked" || recorded.by === this.context.me;
    if (words !== this.told || this.place.dataset["mine"] !== String(mine)) {
      this.place.dataset["mine"] = String(mine);
      fill(this.place, icon(runs ? "circle-dot" : recorded.state === "asked" ? "circle" : "circle-pause"), h("p", null, words), offersAct && act);
    }
    if (words !== this.told) announce(words, runs);
    this.told = words;
  }

  private words(recorded: Recorded): string {
    const names = recorded.missing.filter((account) => account !== this.context.me).map((account) => this.context.nameOf(account)).join(", ");
    const mine = recorded.missing.includes(this.context.me);
    if (recorded.state === "running" && (recorded.interrupted || this.still)) return _("Nothing is recorded right now. It goes on by itself as soon as our recorder is connected.");
    if (recorded.state === "running") {
      const voices = recorded.voice_only.map((account) => this.context.nameOf(account)).join(", ");
      return voices ? _("Recording. Of {names} only the voice.", { names: voices }) : _("Recording");
    }
    if (recorded.state === "asked") {
      if (mine) return _("Not recording yet. You are asked.");
      return names ? _("Not recording yet. {names} is asked.", { names }) : _("Not recording yet.");
    }
    if (mine) return _("Recording is paused until you have answered.");
    return names ? _("Recording is paused until {names} has answered.", { names }) : _("Recording is paused while nobody else is here.");
  }

  private sayEnding(recorded: Recorded): void {
    const mine = recorded.ended_by === this.context.me;
    const kept = recorded.started_at !== null;
    switch (recorded.ending) {
      case "declined":
        this.takeBack = note(kept ? _("The recording has ended. The visit goes on.") : _("This visit is not recorded. That is fine; the visit goes on."));
        break;
      case "stopped":
        this.takeBack = note(mine ? _("The recording has stopped.") : _("{name} has stopped the recording.", { name: this.context.nameOf(recorded.ended_by ?? "") }));
        break;
      case "disk":
        this.takeBack = note(_("The recording has ended by itself: it could not be kept. The visit goes on."), "attention");
        break;
      case "full":
        this.takeBack = note(_("The recording has ended: it is as long as one can be. The visit goes on."), "attention");
        break;
      default:
        break;
    }
  }
}
