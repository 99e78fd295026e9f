/** What people in a visit show each other besides their faces: a place in the record, a screen, a photo; and captions, where there are any. */
import type { Panels } from "./panels";
import { Pointing } from "./pointing";
import { Screen } from "./screen";
import { type Visit, others } from "./visit";

export interface ShowingFacts {
  readonly me: string;
  readonly host: boolean;
  readonly visit: string;
  nameOf(account: string): string;
  say(message: Readonly<Record<string, unknown>> & { readonly type: string }): boolean;
  /** Sends a screen to everybody by whichever way; null stops. */
  share(track: MediaStreamTrack | null): void;
}

type Message = Readonly<Record<string, unknown>>;

export class Showing {
  readonly screen: Screen;
  private readonly pointing: Pointing | null = null;
  private inside = "";

  constructor(
    stage: HTMLElement,
    private readonly panels: Panels | null,
    private readonly facts: ShowingFacts,
  ) {
    const { me, host, nameOf, say } = facts;
    this.screen = new Screen(stage, { me, host, shelf: `telegut-share-${facts.visit}`, nameOf, say, send: facts.share });
    if (!panels) return;
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

  private tell(): void {
    if (this.panels && !this.facts.host && this.inside) this.facts.say({ type: "follow", following: this.panels.following });
  }
}
