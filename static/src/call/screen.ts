/**
 * Sharing a screen: large for everybody, one at a time. Who shares says so, and pages show a screen only then. A guest asks a host first,
 * and whoever wants to share while somebody does asks them; nobody's screen is taken away without a word.
 */
import { announce, toast } from "../lib/announce";
import { ask } from "../lib/dialog";
import { fill, h, icon, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

export interface ScreenFacts {
  readonly me: string;
  readonly host: boolean;
  /** Where this tab keeps a host's leave to share. */
  readonly shelf: string;
  nameOf(account: string): string;
  say(message: Readonly<Record<string, unknown>> & { readonly type: string }): boolean;
  /** Sends this to everybody, by whichever way; null stops. */
  send(track: MediaStreamTrack | null): void;
}

type Way = "direct" | "relayed";

const WANTED: DisplayMediaStreamOptions = { video: { frameRate: { ideal: 15, max: 30 } }, audio: false };
/** Two who begin within this time began at once. */
const AT_ONCE_MS = 3000;

export class Screen {
  private mine: MediaStreamTrack | null = null;
  private since = 0;
  private sharer: string | null = null;
  private asking = false;
  private people: readonly string[] = [];
  private readonly streams: Record<Way, Map<string, MediaStream>> = { direct: new Map(), relayed: new Map() };
  private readonly video: HTMLVideoElement;
  private readonly button: HTMLElement;

  constructor(
    private readonly stage: HTMLElement,
    private readonly facts: ScreenFacts,
  ) {
    this.video = one<HTMLVideoElement>("[data-screen-video]", stage);
    this.button = one("[data-share]", stage);
    this.button.hidden = !("getDisplayMedia" in (navigator.mediaDevices ?? {}));
    this.button.addEventListener("click", () => void this.press());
    one("[data-share-stop]", stage).addEventListener("click", () => this.stop());
    maybe("[data-screen-end]", stage)?.addEventListener("click", () => this.sharer && facts.say({ type: "screen", event: "stop", to: this.sharer }));
    this.show();
  }

  /** Somebody's screen came by this way, or is gone from it. */
  stream(way: Way, account: string, stream: MediaStream | null): void {
    if (stream) {
      this.streams[way].set(account, stream);
      for (const track of stream.getTracks()) track.addEventListener("unmute", () => this.show());
    } else this.streams[way].delete(account);
    this.show();
  }

  /** Who else is inside now. */
  with(people: readonly string[]): void {
    const fresh = people.some((account) => !this.people.includes(account));
    this.people = people;
    if (fresh && this.mine) this.tell(true);
    if (this.sharer && !people.includes(this.sharer)) this.sharer = null;
    this.show();
  }

  /** This person is out of the room. */
  leave(): void {
    this.stop();
    this.people = [];
    this.sharer = null;
    this.show();
  }

  hear(from: string, message: Readonly<Record<string, unknown>>): void {
    const name = this.facts.nameOf(from);
    switch (message["event"]) {
      case "sharing":
        this.shares(from, message["on"] === true);
        break;
      case "ask":
        void this.asked(from);
        break;
      case "allow":
        if (typeof message["pass"] === "string") sessionStorage.setItem(this.facts.shelf, message["pass"]);
        void this.allowed(name);
        break;
      case "decline":
        toast(_("{name} would rather not have that now.", { name }));
        break;
      case "stop":
        sessionStorage.removeItem(this.facts.shelf);
        if (this.mine) toast(_("{name} has ended your sharing.", { name }), "attention");
        this.stop();
        break;
    }
  }

  /** The server did not take it. */
  refused(): void {
    sessionStorage.removeItem(this.facts.shelf);
    this.stop();
  }

  private async press(): Promise<void> {
    if (this.mine) return this.stop();
    const { sharer } = this;
    const pass = sessionStorage.getItem(this.facts.shelf);
    if (!sharer && (this.facts.host || pass)) return this.begin();
    if (this.facts.say({ type: "screen", event: "ask", ...(sharer ? { to: sharer } : {}) })) {
      toast(sharer && this.facts.host ? _("We ask {name} whether you may share now.", { name: this.facts.nameOf(sharer) }) : _("We ask whether you may share your screen."));
    }
  }

  private async begin(): Promise<void> {
    const stream = await navigator.mediaDevices.getDisplayMedia(WANTED).catch(() => null);
    const track = stream?.getVideoTracks()[0];
    if (!track) return announce(_("No screen was chosen. Nothing is shared."));
    track.contentHint = "detail";
    track.addEventListener("ended", () => this.mine === track && this.stop()); // the browser's own button
    this.mine = track;
    this.since = performance.now();
    this.facts.send(track);
    this.tell(true);
    this.show();
    announce(_("Everybody in the room sees your screen now."));
  }

  private stop(): void {
    const { mine } = this;
    if (!mine) return;
    this.mine = null;
    mine.stop();
    this.facts.send(null);
    this.tell(false);
    this.show();
    announce(_("You share nothing any more."));
  }

  private tell(on: boolean): void {
    const pass = sessionStorage.getItem(this.facts.shelf);
    this.facts.say({ type: "screen", event: "sharing", on, ...(pass ? { pass } : {}) });
  }

  private shares(from: string, on: boolean): void {
    if (!on && this.sharer !== from) return;
    const known = this.sharer === from && on;
    if (on && this.mine) {
      // Of two who began at once the one whose id is smaller goes on; otherwise the later one was let take over.
      if (performance.now() - this.since < AT_ONCE_MS && this.facts.me < from) return;
      this.stop();
    }
    this.sharer = on ? from : null;
    this.show();
    const name = this.facts.nameOf(from);
    if (!known) announce(on ? _("{name} shares a screen.", { name }) : _("{name} shares nothing any more.", { name }));
  }

  private async asked(from: string): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const name = this.facts.nameOf(from);
    const agreed = await ask({
      title: _("{name} would like to share a screen", { name }),
      text: this.mine ? _("Your own sharing ends then.") : _("Everybody in the room sees what they choose. You can end it."),
      confirm: this.mine ? _("Let {name} take over", { name }) : _("Let {name} share", { name }),
      decline: _("Not now"),
    });
    this.asking = false;
    if (agreed) this.stop();
    this.facts.say({ type: "screen", event: agreed ? "allow" : "decline", to: from });
  }

  private async allowed(name: string): Promise<void> {
    // Browsers let a screen be chosen only right after somebody has pressed something.
    const now = await ask({ title: _("You can share your screen now"), text: _("{name} agrees. Choose a window rather than the whole screen: others see everything in it.", { name }), confirm: _("Choose what to share"), decline: _("Not now") });
    if (now) await this.begin();
  }

  private show(): void {
    const shown = this.sharer ? this.incoming(this.sharer) : null;
    const waits = this.sharer !== null && shown === null;
    one("[data-screen]", this.stage).hidden = this.sharer === null;
    this.stage.toggleAttribute("data-has-screen", this.sharer !== null);
    if (this.video.srcObject !== shown) this.video.srcObject = shown;
    if (shown) void this.video.play().catch(() => undefined);
    const name = this.sharer ? this.facts.nameOf(this.sharer) : "";
    one("[data-screen-name]", this.stage).textContent = waits ? _("The screen of {name} is coming …", { name }) : _("Screen of {name}", { name });
    this.video.setAttribute("aria-label", _("Screen of {name}", { name }));
    one("[data-sharing]", this.stage).hidden = this.mine === null;
    this.button.setAttribute("aria-pressed", String(this.mine !== null));
    fill(this.button, icon(this.mine ? "monitor-x" : "monitor-up"), h("span", null, this.mine ? _("Stop sharing") : _("Share screen")));
  }

  /** By the forwarder once it comes that way, directly until then. */
  private incoming(account: string): MediaStream | null {
    const relayed = this.streams.relayed.get(account);
    return (relayed && !relayed.getTracks().some((track) => track.muted) ? relayed : null) ?? this.streams.direct.get(account) ?? relayed ?? null;
  }
}
