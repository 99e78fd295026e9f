/** "@" and a name: offered while it is typed, marked where it is read. Only who takes part can be mentioned. */
import { announce } from "../lib/announce";
import { fill, h } from "../lib/dom";
import { _ } from "../lib/words";
import type { Log, Member } from "./state";

const MOST_SHOWN = 6;
/** An "@" at the beginning of a word, and what was typed of a name. */
const BEGUN = /(?:^|[\s(])@([^\n@]{0,40})$/;

/** Whom a message with these words mentions: everybody whose whole name stands behind an "@". */
export function mentioned(body: string, members: readonly Member[]): string[] {
  return members.filter((member) => spots(body, member.name).length > 0).map((member) => member.account);
}

/** Where "@name" begins in *text*, as words of their own. */
function spots(text: string, name: string): number[] {
  if (!name) return [];
  const found: number[] = [];
  for (let at = text.indexOf(`@${name}`); at >= 0; at = text.indexOf(`@${name}`, at + 1)) {
    const [before, after] = [text[at - 1] ?? " ", text[at + name.length + 1] ?? " "];
    if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after)) found.push(at);
  }
  return found;
}

/** *pieces* with the names of *accounts* marked. */
export function marked(pieces: readonly (string | HTMLElement)[], accounts: readonly string[], log: Log): (string | HTMLElement)[] {
  let left = [...pieces];
  for (const account of accounts) {
    const name = log.nameOf(account);
    left = left.flatMap((piece) => (typeof piece === "string" ? split(piece, name, account === log.me) : [piece]));
  }
  return left;
}

function split(text: string, name: string, me: boolean): (string | HTMLElement)[] {
  const pieces: (string | HTMLElement)[] = [];
  let from = 0;
  for (const at of spots(text, name)) {
    pieces.push(text.slice(from, at), h("strong", { class: me ? "mention mention-me" : "mention" }, `@${name}`));
    from = at + name.length + 1;
  }
  return [...pieces, text.slice(from)];
}

/** The names that are offered above the box. */
export class Mentions {
  private shown: Member[] = [];
  private at = 0;

  constructor(
    private readonly text: HTMLTextAreaElement,
    private readonly list: HTMLElement,
    private readonly members: () => readonly Member[],
    private readonly changed: () => void,
  ) {
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-controls", list.id);
  }

  /** Something was typed or the caret moved. */
  look(): void {
    const begun = this.text.selectionStart === this.text.selectionEnd ? BEGUN.exec(this.text.value.slice(0, this.text.selectionStart)) : null;
    const wanted = begun?.[1]?.toLowerCase() ?? null;
    const found = wanted === null ? [] : this.members().filter((member) => answers(member.name.toLowerCase(), wanted));
    const news = found.length > 0 && found.map((one) => one.account).join() !== this.shown.map((one) => one.account).join();
    this.shown = found.slice(0, MOST_SHOWN);
    if (news) this.at = 0;
    this.draw();
    if (news) announce(found.length === 1 ? _("One name. Enter takes it.") : _("{n} names. Arrow keys choose, Enter takes one.", { n: found.length }));
  }

  close(): void {
    this.shown = [];
    this.draw();
  }

  /** Whether the key was for the names. */
  pressed(event: KeyboardEvent): boolean {
    const chosen = this.shown[this.at];
    if (!chosen || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      this.at = (this.at + step + this.shown.length) % this.shown.length;
      this.draw();
    } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey)) this.take(chosen);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  private take(member: Member): void {
    const caret = this.text.selectionStart;
    const begin = this.text.value.lastIndexOf("@", caret - 1);
    this.text.setRangeText(`@${member.name} `, begin, caret, "end");
    this.close();
    this.changed();
    this.text.focus();
  }

  private draw(): void {
    this.list.hidden = this.shown.length === 0;
    fill(this.list, ...this.shown.map((member, n) => this.option(member, n)));
    const chosen = this.shown.length ? `${this.list.id}-${this.at}` : "";
    if (chosen) this.text.setAttribute("aria-activedescendant", chosen);
    else this.text.removeAttribute("aria-activedescendant");
  }

  private option(member: Member, n: number): HTMLElement {
    // The box keeps the focus: a press must not take it away before the click.
    return h(
      "li",
      { id: `${this.list.id}-${n}`, role: "option", "aria-selected": String(n === this.at), onmousedown: (event: Event) => event.preventDefault(), onclick: () => this.take(member) },
      h("strong", null, member.name),
      " ",
      h("span", { class: "quiet small" }, member.roles.map(roleName).join(", ")),
    );
  }
}

function answers(name: string, wanted: string): boolean {
  // A whole name needs no offer: Enter sends then.
  return name !== wanted && (name.startsWith(wanted) || (!wanted.includes(" ") && name.split(" ").some((word) => word.startsWith(wanted))));
}

function roleName(role: string): string {
  const words: Readonly<Record<string, string>> = { patient: _("patient"), guardian: _("guardian"), consultant: _("consultant"), nutritionist: _("nutritionist") };
  return words[role] ?? role;
}
