/** Everybody else in a visit and what can be done about them: tiles' marks, hands, the interpreter, people, keys. */
import { maybe, fill, h, icon } from "../../lib/dom";
import { _ } from "../../lib/words";
import type { Devices } from "../devices";
import { type Shown, type Visit, participant } from "../visit";
import { Chat } from "./chat";
import { Asked } from "./consent";
import { Interpreter } from "./interpreter";
import { Keys } from "./keys";
import { People } from "./people";
import { wirePicture } from "./picture";
import { type ShownToMe, shownToMe } from "./shown";
import { Marks } from "./tiles";

type Say = (message: Readonly<Record<string, unknown>> & { readonly type: string }) => boolean;

export interface Of {
  readonly visit: string;
  readonly me: string;
  readonly host: boolean;
  /** Whose record is beside the video; empty for nobody's. */
  readonly patient: string;
  readonly say: Say;
  nameOf(account: string): string;
  admitFirst(): void;
}

export class Company {
  private readonly marks: Marks;
  private readonly interpreter: Interpreter;
  private readonly people: People;
  private readonly asked: Asked | null;
  private readonly chat: Chat;
  private readonly shown: ShownToMe | null;
  private raised = false;

  constructor(
    private readonly stage: HTMLElement,
    devices: Devices,
    private readonly of: Of,
  ) {
    const { me, host, say } = of;
    this.marks = new Marks(stage, me, host, (account) => say({ type: "hand", participant: account, raised: false }));
    this.interpreter = new Interpreter(stage, me);
    this.chat = new Chat(stage, of.patient, me, (account) => of.nameOf(account));
    this.people = new People(stage, of.visit, me, host, say);
    this.shown = shownToMe(stage, of.visit, me);
    const asked = maybe("#asked");
    this.asked = asked ? new Asked(asked, (type, account, agreed) => say({ type, participant: account, agreed })) : null;
    const picture = wirePicture(stage);
    maybe("[data-hand]", stage)?.addEventListener("click", () => this.hand());
    new Keys(stage, devices, { hand: () => this.hand(), people: () => void this.people.open(), picture, chat: () => maybe('[data-tab="thread"]', stage)?.click(), admit: () => of.admitFirst() }, host);
  }

  /** With every state, in the room or before it. */
  know(visit: Visit): void {
    this.asked?.show(visit);
    this.people.show(visit);
  }

  /** In the room, after the tiles are there. */
  show(visit: Visit, calm: Promise<void>): void {
    this.chat.enter(calm);
    this.shown?.show(visit);
    this.marks.show(visit);
    this.interpreter.show(visit);
    this.showHand(participant(visit, this.of.me)?.hand != null);
  }

  /** What a practitioner shows to a guest who has no panels of their own. */
  point(shown: Shown): void {
    this.shown?.point(shown);
  }

  leave(): void {
    this.chat.leave();
    this.shown?.leave();
    this.interpreter.leave();
  }

  /** Who leads the visit speaks when they like. */
  private hand(): void {
    if (!this.of.host) this.of.say({ type: "hand", raised: !this.raised });
  }

  private showHand(raised: boolean): void {
    this.raised = raised;
    const button = maybe("[data-hand]", this.stage);
    if (!button) return;
    button.setAttribute("aria-pressed", String(raised));
    fill(button, icon("hand"), h("span", null, raised ? _("Lower hand") : _("Raise hand")));
  }
}
