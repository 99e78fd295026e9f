/**
 * What a person does reaches the server, or they are told that it did not. What takes something back (leaving, a no, sending
 * somebody out, the end) is kept while the connection is away and said as soon as it is there again; anything else is to be
 * pressed again, because the moment it was meant for may be over.
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

export class Deeds {
  private kept: readonly Message[] = [];

  constructor(private readonly send: (message: Message) => boolean) {}

  /** Whether one means to leave, and the server does not know. */
  get leaves(): boolean {
    return this.kept.some(({ type }) => type === "leave");
  }

  readonly say = (message: Message): boolean => {
    if (this.send(message)) return true;
    const automatic = BY_THE_PAGE.includes(message.type) || message["do"] === "look";
    if (takesBack(message)) this.keep(message);
    else if (!automatic) toast(_("That was not done, because the connection is away. Please try again in a moment."), "attention");
    return false;
  };

  /** The connection is back: what was kept is said first, and that one leaves last. Whether one leaves by that. */
  settle(): boolean {
    const { leaves, kept } = this;
    this.kept = [];
    for (const message of [...kept.filter(({ type }) => type !== "leave"), ...kept.filter(({ type }) => type === "leave")]) this.send(message);
    return leaves;
  }

  /** Who left and wants to come back has not left. */
  forget(): void {
    this.kept = [];
  }

  private keep(message: Message): void {
    const same = JSON.stringify(message);
    if (this.kept.some((one) => JSON.stringify(one) === same)) return;
    this.kept = [...this.kept, message];
    if (message.type !== "leave") toast(_("The connection is away right now. This is done as soon as it is back."), "attention");
  }
}
