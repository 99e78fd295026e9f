/** One message, one day, one line: the pieces a thread is drawn from. */
import { h, icon } from "../lib/dom";
import { clockTime, date, instant, longDay, myZone, zoneName } from "../lib/time";
import { _ } from "../lib/words";
import { type DayCard, citesOf, faceOf } from "./cites";
import { filesOf } from "./files";
import { linked } from "./links";
import { marked } from "./mentions";
import { calls } from "./outlook";
import type { Wish } from "./shelf";
import type { Log, Message } from "./state";

export interface Actions {
  readonly edit: (message: Message) => void;
  readonly retract: (message: Message) => void;
  readonly retry: (wish: Wish) => void;
  /** Asks the question before something urgent, then tries again. */
  readonly confirm: (wish: Wish) => void;
  /** Takes an unsent message back into the composer. */
  readonly rewrite: (wish: Wish) => void;
  readonly copy: (wish: Wish) => void;
  readonly discard: (wish: Wish) => void;
  /** A message's menu was closed: what waited for that can be shown. */
  readonly closed: () => void;
}

/** Where a thread is shown. */
export interface Surroundings {
  readonly patient: string;
  /** Next to a call, which no link may end. */
  readonly beside: boolean;
  readonly dayCard: DayCard;
}

export function dayLine(when: string): HTMLElement {
  const year = new Date(when).getFullYear() === new Date().getFullYear() ? "" : ` ${date(when).slice(-4)}`;
  return h("li", { class: "thread-day" }, h("span", null, `${longDay(when)}${year}`, h("span", { class: "thread-zone" }, ` · ${zoneName(myZone())}`)));
}

export function unreadLine(since: string): HTMLElement {
  return h("li", { class: "thread-unread" }, h("span", null, _("New since {when}", { when: instant(since) })));
}

/** What may truthfully be said about one of my messages. */
export interface State {
  readonly icon: string;
  readonly text: string;
}

export function stateOf(message: Message, log: Log): State {
  const readers = log.others().filter((member) => member.read_up_to >= message.seq);
  if (readers.length) return { icon: "eye", text: _("Read by {names}", { names: readers.map((member) => member.name).join(", ") }) };
  const reached = log.others().some((member) => (member.delivered_up_to ?? 0) >= message.seq);
  return reached ? { icon: "check-check", text: _("Delivered") } : { icon: "check", text: _("Sent") };
}

export function bubble(message: Message, log: Log, options: { lead: boolean; state: State | null; where: Surroundings }, actions: Actions): HTMLElement {
  const mine = message.sender === log.me;
  return h(
    "li",
    { class: `message${mine ? " message-mine" : ""}${options.lead ? " message-lead" : ""}`, "data-message": message.id, tabindex: -1 },
    options.lead && h("p", { class: "message-head small" }, h("strong", null, mine ? _("You") : log.nameOf(message.sender) || _("Somebody who has left")), " ", time(message.sentAt)),
    !options.lead && h("span", { class: "unseen" }, mine ? _("You") : log.nameOf(message.sender), " ", clockTime(message.sentAt), ": "),
    h(
      "div",
      { class: "message-row" },
      message.body === null ? h("p", { class: "message-body message-gone" }, takenBack(message)) : words(message, log),
      mine && message.body !== null && menu(message, actions),
    ),
    message.body !== null && citesOf(message.cites, options.where.patient, options.where.beside, options.where.dayCard),
    message.body !== null && filesOf(message.attachments),
    message.editedAt && history(message),
    options.state && h("p", { class: "message-state small quiet" }, icon(options.state.icon), options.state.text),
  );
}

/** A message that is files alone has no words to show. */
function words(message: Message, log: Log): HTMLElement | null {
  if (!message.body && !message.urgent) return null;
  return h("p", { class: "message-body" }, message.urgent && urgentMark(), ...marked(linked(message.body ?? ""), message.mentions, log));
}

function urgentMark(): HTMLElement {
  return h("strong", { class: "tag tag-grave message-urgent" }, icon("triangle-alert"), _("Urgent"));
}

function takenBack(message: Message): string {
  if (message.purgedAt) return _("Deleted {when}: its time of keeping was over", { when: instant(message.purgedAt) });
  return message.retractedAt ? _("Taken back {when}", { when: instant(message.retractedAt) }) : _("Taken back");
}

function time(when: string): HTMLElement {
  return h("time", { datetime: when, class: "quiet" }, clockTime(when));
}

function history(message: Message): HTMLElement {
  return h(
    "details",
    { class: "message-history small" },
    h("summary", { class: "quiet" }, _("Edited {when}", { when: instant(message.editedAt ?? message.sentAt) })),
    ...message.earlier.map((version) => h("p", { class: "message-before" }, h("span", { class: "quiet" }, _("{when} it said:", { when: instant(version.at) }), " "), version.body)),
  );
}

function chosen(from: HTMLDetailsElement, act: () => void): void {
  from.open = false;
  act();
}

/** Opens the menu to the side where the log has room for it; whatever is still outside is scrolled into view. */
function place(menu: HTMLElement): void {
  const body = menu.querySelector(".menu-body");
  const log = menu.closest("[data-log]")?.getBoundingClientRect();
  if (!body || !log) return;
  menu.classList.remove("message-menu-up", "message-menu-start");
  const needs = body.getBoundingClientRect();
  const from = menu.getBoundingClientRect();
  menu.classList.toggle("message-menu-up", needs.bottom > log.bottom && from.top - needs.height > log.top);
  menu.classList.toggle("message-menu-start", needs.left < log.left);
  body.scrollIntoView({ block: "nearest" });
}

function menu(message: Message, actions: Actions): HTMLElement {
  const opened = h(
    "details",
    {
      class: "menu message-menu",
      ontoggle: () => {
        if (opened.open) place(opened);
        else actions.closed();
      },
    },
    h("summary", { class: "button button-bare" }, icon("ellipsis"), h("span", { class: "unseen" }, _("What to do with this message"))),
    h(
      "div",
      { class: "menu-body" },
      h("button", { type: "button", class: "button button-bare", onclick: () => chosen(opened, () => actions.edit(message)) }, icon("pencil"), _("Change it")),
      h("button", { type: "button", class: "button button-bare", onclick: () => chosen(opened, () => actions.retract(message)) }, icon("undo-2"), _("Take it back")),
    ),
  );
  return opened;
}

/** @param live whether there is a connection, as far as the page has said */
export function wishBubble(wish: Wish, live: boolean, actions: Actions): HTMLElement {
  const failed = wish.state === "failed";
  return h(
    "li",
    { class: `message message-mine message-wish${failed ? " message-failed" : ""}`, "data-wish": wish.client_id, "data-wish-state": wish.state, tabindex: -1 },
    h("span", { class: "unseen" }, _("You"), ": "),
    h("div", { class: "message-row" }, h("p", { class: "message-body" }, wish.urgent && urgentMark(), ...linked(wish.body), ...wish.attachments.map((file) => h("span", { class: "message-leaving small" }, icon("paperclip"), file.name)), ...(wish.cites ?? []).map((cite) => h("span", { class: "message-leaving small" }, ...faceOf(cite))))),
    failed ? notSent(wish, actions) : onItsWay(wish, live, actions),
  );
}

function onItsWay(wish: Wish, live: boolean, actions: Actions): HTMLElement {
  if (live && !wish.why) return h("p", { class: "message-state small quiet" }, icon("clock"), _("Sending …"));
  const says = wish.why || _("Kept on this device. It is sent as soon as you are connected.");
  return h(
    "div",
    { class: "message-state small quiet row row-end" },
    h("span", null, icon("clock"), says),
    // What may have reached the server already cannot be taken out here any more.
    wish.state === "queued" && h("button", { type: "button", class: "button button-bare", onclick: () => actions.discard(wish) }, icon("trash-2"), _("Remove")),
  );
}

function notSent(wish: Wish, actions: Actions): HTMLElement {
  return h(
    "div",
    { class: "message-state small row row-end" },
    h("span", { class: "wrong" }, icon("circle-alert"), _("Not sent. Your words are kept on this device."), " ", wish.why),
    wish.helplines?.length ? h("div", { class: "message-calls" }, calls(wish.helplines)) : null,
    wish.helplines?.length ? h("button", { type: "button", class: "button", onclick: () => actions.confirm(wish) }, icon("send"), _("Nobody is in danger: send it as urgent")) : null,
    !wish.final && h("button", { type: "button", class: "button", onclick: () => actions.retry(wish) }, icon("rotate-cw"), _("Try again")),
    wish.final && h("button", { type: "button", class: "button", onclick: () => actions.rewrite(wish) }, icon("pencil"), _("Change it")),
    wish.final && h("button", { type: "button", class: "button button-bare", onclick: () => actions.copy(wish) }, icon("copy"), _("Copy")),
    h("button", { type: "button", class: "button button-bare", onclick: () => actions.discard(wish) }, icon("trash-2"), _("Remove")),
  );
}
