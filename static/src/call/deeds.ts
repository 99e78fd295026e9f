/**
 * What a person does reaches the server, or they are told that it did not. What takes something back (leaving, a no, sending
 * somebody out, the end) is kept while the connection is away and said as soon as it is there again; anything else is to be
 * pressed again, because the moment it was meant for may be over. A line may look open and be dead: what was said and had no
 * answer of any kind is said again once the line is another one.
 */
import { toast } from "../lib/announce";
import { _ } from "../lib/words";

export type Message = Readonly<Record<string, unknown>> & { readonly type: string };

/** Said by the page and not by its person: whether it arrives is nobody's worry, as it is said again. */
export const BY_THE_PAGE: readonly string[] = ["signal", "key", "status", "forward", "direct", "look", "unheard", "media", "ice", "follow", "pointer", "screen", "photo", "captions"];

/** Whether it takes something back, and so must not get lost. */
export function takesBack(message: Message): boolean {
  switch (message.type) {
    case "leave":
    case "end":
    case "remove":
    case "send_back":
      return true;
    case "record":
      return message["do"] === "no" || message["do"] === "stop";
    case "consent":
    case "panels_answer":
      return message["agreed"] === false;
    case "panels":
      return message["shown"] === false;
    default:
      return false;
  }
}

const isLeave = ({ type }: Message): boolean => type === "leave";

export class Deeds {
  /** To be said as soon as the connection is back. */
  private kept: readonly Message[] = [];
  /** Said, perhaps to nobody. */
  private unanswered: readonly Message[] = [];

  /** *asks*: makes sure that the line is alive after something was said that must arrive. */
  constructor(
    private readonly send: (message: Message) => boolean,
    private readonly asks: (message: Message) => void = () => undefined,
  ) {}

  /** Whether one means to leave, and the server has not let go of the seat yet. */
  get leaves(): boolean {
    return this.kept.some(isLeave) || this.unanswered.some(isLeave);
  }

  readonly say = (message: Message): boolean => {
    if (this.tell(message)) return true;
    const automatic = BY_THE_PAGE.includes(message.type) || message["do"] === "look";
    if (takesBack(message)) this.keep(message);
    else if (!automatic) toast(_("That was not done, because the connection is away. Please try again in a moment."), "attention");
    return false;
  };

  /** The connection is back: what was kept is said first, and that one leaves last. Whether one leaves by that. */
  settle(): boolean {
    const { leaves, kept } = this;
    this.kept = [];
    for (const message of [...kept.filter((one) => !isLeave(one)), ...kept.filter(isLeave)]) this.tell(message);
    return leaves;
  }

  /** The server said something, so it heard what was said before. To who leaves it answers by closing. */
  heard(): void {
    if (this.unanswered.length) this.unanswered = this.unanswered.filter(isLeave);
  }

  /** The connection is away. A step back that did arrive would be two steps if it were said again. */
  lost(): void {
    const again = this.unanswered.filter(({ type }) => type !== "send_back");
    this.unanswered = [];
    this.kept = [...again.filter((one) => !this.has(one)), ...this.kept];
  }

  /** Who has left, or left and wants to come back, leaves no more. */
  forget(): void {
    this.kept = this.kept.filter((one) => !isLeave(one));
    this.unanswered = this.unanswered.filter((one) => !isLeave(one));
  }

  private tell(message: Message): boolean {
    if (!this.send(message)) return false;
    if (!takesBack(message)) return true;
    this.unanswered = [...this.unanswered, message];
    this.asks(message);
    return true;
  }

  private has(message: Message): boolean {
    const same = JSON.stringify(message);
    return this.kept.some((one) => JSON.stringify(one) === same);
  }

  private keep(message: Message): void {
    if (this.has(message)) return;
    this.kept = [...this.kept, message];
    if (message.type !== "leave") toast(_("The connection is away right now. This is done as soon as it is back."), "attention");
  }
}
