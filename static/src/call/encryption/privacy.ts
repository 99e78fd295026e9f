/** What everybody in a visit is told of who could see and hear it, in honest words; and the host's switch. */
import { announce, toastProblem } from "../../lib/announce";
import { api } from "../../lib/api";
import { fill, h, icon, maybe, one } from "../../lib/dom";
import { _ } from "../../lib/words";
import { type Visit, others } from "../visit";
import { ableToEncrypt } from "./transforms";

export class Privacy {
  private visit: Visit | null = null;
  private readonly words = new Map<string, string | null>();
  private readonly unable = new Set<string>();
  private readonly switches: HTMLInputElement[];

  constructor(
    private readonly root: HTMLElement,
    private readonly me: string,
    private readonly host: boolean,
    private readonly able = ableToEncrypt(),
  ) {
    this.switches = [...root.querySelectorAll<HTMLInputElement>("[data-encrypt]")];
    for (const input of this.switches) input.addEventListener("change", () => void this.choose(input));
  }

  show(visit: Visit): void {
    const before = this.visit;
    this.visit = visit;
    for (const input of this.switches) if (!input.disabled) input.checked = visit.encrypted;
    for (const note of this.root.querySelectorAll<HTMLElement>("[data-encrypted-note]")) note.hidden = !visit.encrypted;
    if (before && before.encrypted !== visit.encrypted) {
      announce(visit.encrypted ? _("This visit is now encrypted end to end.") : _("This visit is no longer encrypted end to end through our media server."));
    }
    this.draw();
  }

  /** The words to compare with this person; null: the check did not fit. Absent while there is no direct connection. */
  compared(account: string, words: string | null): void {
    this.words.set(account, words);
    this.draw();
  }

  /** What somebody's browser says of itself. */
  status(account: string, encrypts: boolean | undefined): void {
    const known = this.unable.has(account);
    if (encrypts === false) this.unable.add(account);
    else this.unable.delete(account);
    if (known !== this.unable.has(account)) this.draw();
  }

  private async choose(input: HTMLInputElement): Promise<void> {
    const on = input.checked;
    input.disabled = true;
    try {
      const visit = await api.put<Visit>(`/api/v1/visits/${one("#visit").dataset["visit"]}/encryption`, { on });
      input.disabled = false;
      if (!this.visit || visit.version >= this.visit.version) this.show(visit);
    } catch (problem) {
      input.disabled = false;
      input.checked = !on;
      toastProblem(problem);
    }
  }

  private draw(): void {
    const visit = this.visit;
    const place = maybe("[data-privacy]", this.root);
    if (!visit || !place) return;
    const whole = visit.encrypted || !visit.forwarded;
    one("[data-privacy-label]", place).textContent = whole ? _("End to end encrypted") : _("Encrypted on the way");
    place.dataset["whole"] = String(whole);
    fill(one("[data-privacy-words]", place), ...this.lines(visit).map((line) => (typeof line === "string" ? h("p", null, line) : line)));
  }

  private lines(visit: Visit): (string | HTMLElement)[] {
    return [...this.wayLines(visit), ...this.trouble(visit), ...(visit.forwarded ? [] : this.comparison(visit))];
  }

  private wayLines(visit: Visit): string[] {
    if (!visit.forwarded) {
      const kept = _("If more people come in, it stays encrypted end to end, and it cannot be recorded.");
      return [_("Picture and sound go encrypted from device to device. No server can see or hear them."), ...(visit.encrypted ? [kept] : [])];
    }
    if (!visit.encrypted) return [_("Picture and sound go through our media server, encrypted on the way there and on. The server itself could see and hear them.")];
    return [
      _("Our media server passes on picture and sound that only the people in this room can open. Everybody's keys are made anew whenever somebody comes or goes."),
      _("This protects you from the media server. It does not protect you from a web server that hands out altered pages. An encrypted visit cannot be recorded."),
    ];
  }

  private trouble(visit: Visit): HTMLElement[] {
    if (!visit.encrypted || !visit.forwarded) return [];
    const lines = others(visit, this.me)
      .filter((person) => this.unable.has(person.account))
      .map((person) =>
        this.host
          ? _("The browser of {name} cannot encrypt like this. They are connected directly where that works. If you do not see each other, switch encryption off for this visit.", { name: person.name })
          : _("The browser of {name} cannot encrypt like this. The practitioner decides how to go on.", { name: person.name }),
      );
    if (!this.able) lines.push(_("This browser cannot encrypt like this. We connect you directly where that works. If nobody sees you, open your link in a newer browser, or ask the practitioner to go on without it."));
    return lines.map((line) => h("div", { class: "banner banner-now" }, icon("info"), h("p", null, line)));
  }

  private comparison(visit: Visit): (string | HTMLElement)[] {
    return others(visit, this.me).flatMap((person) => {
      const words = this.words.get(person.account);
      if (words === undefined) return [];
      const name = person.name;
      if (words === null) {
        const line = _("The devices of you and {name} do not recognise each other as they should. Somebody may be in between. Leave the visit and call the clinic.", { name });
        return [h("div", { class: "banner banner-grave", role: "alert" }, icon("shield-alert"), h("p", null, line))];
      }
      return [
        h("p", null, _("To be sure, say these three words to each other:")),
        h("p", { class: "privacy-said", "data-said-words": person.account }, words),
        h("p", { class: "small quiet" }, _("When {name} sees the same words, nobody is in between.", { name })),
      ];
    });
  }
}
