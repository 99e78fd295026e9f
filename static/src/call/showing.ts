/** What people in a visit show each other besides their faces: a place in the record, a screen, a photo; and captions, where there are any. */
import { toast } from "../lib/announce";
import { maybe } from "../lib/dom";
import { _ } from "../lib/words";
import { Captions } from "./captions";
import type { Devices } from "./devices";
import type { Panels } from "./panels";
import { Pointing } from "./pointing";
import { Screen } from "./screen";
import { ShowMe } from "./show-me";
import { type Visit, others } from "./visit";

export interface ShowingFacts {
  readonly me: string;
  readonly host: boolean;
  readonly visit: string;
  readonly patient: string;
  readonly devices: Devices;
  nameOf(account: string): string;
  say(message: Readonly<Record<string, unknown>> & { readonly type: string }): boolean;
  /** Sends a screen to everybody by whichever way; null stops. */
  share(track: MediaStreamTrack | null): void;
}

type Message = Readonly<Record<string, unknown>>;

export class Showing {
  readonly screen: Screen;
  private readonly pointing: Pointing | null = null;
  private readonly showMe: ShowMe | null = null;
  private readonly captions: Captions;
  private inside = "";

  constructor(
    stage: HTMLElement,
    private readonly panels: Panels | null,
    private readonly facts: ShowingFacts,
  ) {
    const { me, host, nameOf, say } = facts;
    this.screen = new Screen(stage, { me, host, shelf: `telegut-share-${facts.visit}`, nameOf, say, send: facts.share });
    this.captions = new Captions(stage, nameOf, say);
    if (!panels) return;
    const button = maybe("[data-show-me]", stage);
    if (button) this.showMe = new ShowMe(button, facts.devices, { patient: facts.patient, say });
    this.pointing = new Pointing(stage, panels, facts.host, facts.nameOf, facts.say);
    panels.onFollowing = () => this.tell();
    panels.onGoThere = () => void this.pointing?.go();
  }

  /** The visit as it stands; whoever came in is told what they cannot know. */
  with(visit: Visit): void {
    const people = others(visit, this.facts.me).filter((person) => person.state === "inside").map((person) => person.account);
    this.pointing?.with(people);
    this.screen.with(people);
    const inside = people.sort().join(" ");
    if (inside === this.inside) return;
    this.inside = inside;
    this.tell();
  }

  leave(): void {
    this.screen.leave();
    this.showMe?.leave();
    this.captions.leave();
    this.inside = "";
  }

  hear(message: Message): void {
    const from = String(message["from"] ?? "");
    switch (message["type"]) {
      case "point":
        this.pointing?.hear({ from, anchor: (message["anchor"] as string | null | undefined) ?? null });
        break;
      case "pointed":
        this.pointing?.named(String(message["anchor"]), message["seen_by"] as string[]);
        break;
      case "pointer":
        this.pointing?.pointer(String(message["anchor"]), Number(message["x"]), Number(message["y"]));
        break;
      case "photo":
        this.photo(from, message["event"]);
        break;
      case "caption":
        this.captions.hear(message);
        break;
      case "screen":
        this.screen.hear(from, message);
        break;
      case "follow":
        this.pointing?.follows(from, message["following"] === true);
        break;
    }
  }

  refused(of: string): void {
    if (of === "point") this.pointing?.refused();
    if (of === "screen") this.screen.refused();
  }

  private photo(from: string, event: unknown): void {
    const name = this.facts.nameOf(from);
    if (event === "taking") toast(_("{name} takes a photo.", { name }));
    if (event === "sent") toast(_("{name} has sent the photo. It is in the chat.", { name }));
    if (event === "left") toast(_("{name} did not keep the photo.", { name }));
  }

  private tell(): void {
    if (this.panels && !this.facts.host && this.inside) this.facts.say({ type: "follow", following: this.panels.following });
  }
}
