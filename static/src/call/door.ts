/** Everything before the room, and after it: the check of one's devices, what is said, and the few buttons. */
import { api } from "../lib/api";
import { maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { wireAnswer } from "./answer";
import { Check } from "./check";
import { Late } from "./company/late";
import type { Devices } from "./devices";
import type { Facts } from "./facts";
import { type PutBack, lobbyWords } from "./lobby";
import { Rehearsal } from "./rehearsal";
import { type Participant, type Visit, participant } from "./visit";

export interface DoorEvents {
  ready(): void;
  takeOver(): void;
  leave(): void;
}

export class Door {
  private readonly lobby = one("#lobby");
  private readonly ready = one<HTMLButtonElement>("#ready");
  private readonly takeOver = one<HTMLButtonElement>("#take-over");
  private readonly leaveWaiting = one<HTMLButtonElement>("#leave-waiting");
  private readonly next = one("#next");
  private readonly why = one("#why");
  private readonly check: Check;
  private readonly rehearsal: Rehearsal;
  private readonly late: Late;
  private pressed = false;

  constructor(
    private readonly facts: Facts,
    private readonly devices: Devices,
    comesBack: boolean,
    events: DoorEvents,
  ) {
    this.check = new Check(one("#check"), devices, facts.moment === "open", () => void this.tellPassed());
    this.rehearsal = new Rehearsal(one("#check"), facts.id, devices);
    if (comesBack) this.rehearsal.stop(); // whoever comes back to a call is not tested again beside it
    this.late = new Late(facts.id, one("#late"));
    const answer = maybe("#answer");
    if (answer && maybe("#will-be-there", answer)) wireAnswer(answer);
    this.ready.addEventListener("click", () => void this.press(events));
    this.takeOver.addEventListener("click", () => events.takeOver());
    this.leaveWaiting.addEventListener("click", () => events.leave());
  }

  say(words: string): void {
    if (this.next.textContent !== words) this.next.textContent = words;
  }

  /** Something has begun that what was said last is not about. */
  settle(): void {
    this.why.hidden = true;
  }

  /** With every state, in the room or before it. */
  know(visit: Visit): void {
    const mine = participant(visit, this.facts.me);
    this.late.waits(mine !== undefined && ["checking", "waiting"].includes(mine.state) && !visit.participants.some((person) => person.host && person.state === "inside"));
  }

  /** Through it, into the room. */
  pass(): void {
    this.check.stop();
    this.rehearsal.stop();
    this.lobby.hidden = true;
  }

  show(visit: Visit, mine: Participant, back: PutBack, wasInside: boolean): void {
    this.lobby.hidden = false;
    if (wasInside) this.check.again(); // one sees and hears oneself again, instead of a dead picture
    this.offer({ ready: mine.state === "checking", leave: mine.state === "waiting" });
    this.ready.textContent = _("I'm ready");
    this.say(lobbyWords(visit, mine, back));
    this.keepFocus();
  }

  elsewhere(): void {
    this.close();
    this.offer({ takeOver: true });
    this.say(_("You are in this visit on another device. The call goes on there, and camera and microphone are off here. You can bring it back any time."));
  }

  /** *left*: by their own wish. */
  gone(left: boolean): void {
    this.close();
    this.offer({ ready: true });
    const { host } = this.facts;
    this.ready.textContent = host ? _("Come back") : _("Ask to come in again");
    const where = left ? _("You have left.") : _("You are out of the room.");
    this.say(`${where} ${host ? _("You can come back while the visit lasts.") : _("You can ask to come in again while the visit lasts.")}`);
    this.keepFocus();
  }

  /** The page is theirs, and its calls are nobody's: what would say whose they are is not kept. */
  shut(): void {
    this.close();
    this.offer({});
    this.say(_("Your visit cannot be opened in this browser; perhaps it keeps no cookies. Open the link in your usual browser, or call the clinic."));
  }

  /** Before it again, with camera and microphone off. */
  private close(): void {
    this.lobby.hidden = false;
    this.devices.close();
  }

  private offer(offered: { readonly ready?: boolean; readonly takeOver?: boolean; readonly leave?: boolean }): void {
    this.ready.hidden = !offered.ready;
    this.takeOver.hidden = !offered.takeOver;
    this.leaveWaiting.hidden = !offered.leave;
  }

  /** Not by `disabled`, which would take the focus away. */
  private async press(events: DoorEvents): Promise<void> {
    if (this.pressed) return;
    this.pressed = true;
    await this.devices.open();
    this.pressed = false;
    events.ready();
  }

  /** Whoever was at something that is gone by now is led to what is said instead of it. */
  private keepFocus(): void {
    if (!document.activeElement?.closest("[hidden]")) return;
    this.next.tabIndex = -1;
    this.next.focus();
  }

  /** The next reminder says that camera and sound were checked; when that cannot be told, nothing is lost. */
  private async tellPassed(): Promise<void> {
    await api.post(`/api/v1/visits/${this.facts.id}/check`, {}).catch(() => undefined);
  }
}
