/** A message that leaves later: when, on which wall, and what waits already. */
import { toast, toastProblem } from "../lib/announce";
import { type ItemPage, Problem, api, newKey } from "../lib/api";
import { ask } from "../lib/dialog";
import { fill, h, icon, one } from "../lib/dom";
import { civilDay, clockTime, instant, myZone, sameClock, zoneName } from "../lib/time";
import { _ } from "../lib/words";
import type { Host } from "./more";
import { askUrgent } from "./urgent";
import { instantOn } from "./wall";
import { type Window_, openWindow, sentence } from "./window";

interface Scheduled {
  readonly id: string;
  readonly conversation: string;
  readonly version: number;
  readonly state: "waiting" | "sent" | "cancelled" | "refused";
  readonly body: string | null;
  readonly send_at: string;
  readonly quiet_hours: boolean;
  /** Of one that was refused, or will be: who has left sends nothing. */
  readonly why: "left" | "client_id_reused" | null;
}

const NOT_SENT = {
  left: _("Not sent: you do not take part in this conversation any more."),
  client_id_reused: _("Not sent: you have sent another message in its place. These words are kept here."),
};

const DAY_MS = 86_400_000;
/** The evening and night of whoever reads (scheduled/rules.py). */
const QUIET_FROM = "21:00";
const QUIET_UNTIL = "08:00";
const MORNING = "09:00";

/** When to send what is in the box. */
export function openLater(host: Host): void {
  const why = host.notForLater();
  if (why) {
    toast(why, "attention");
    return host.text().focus();
  }
  const body = host.text().value;
  const key = newKey();
  const window_ = openWindow(_("Send it later"), "later-window");
  window_.show(
    _("Send it later"),
    h("blockquote", { class: "later-words" }, body),
    form(host, Date.now() + DAY_MS, _("Send it then"), async (send_at) => {
      const urgent = host.isUrgent();
      const outlook = host.outlook();
      if (urgent && outlook && !(await askUrgent(outlook))) return;
      const kept = await api.post<Scheduled>(`/api/v1/conversations/${host.conversation}/scheduled`, { client_id: key, body, send_at, ...(urgent ? { urgent, urgent_confirmed: true } : {}) }, { key });
      window_.close();
      host.clear();
      toast(_("It is sent {when}.", { when: instant(kept.send_at) }));
      await showWaiting(host);
      host.text().focus();
    }),
  );
}

/** Day, time, what that is for the reader, and the button. *send* may fail; its reason is shown and everything stays. */
function form(host: Host, near: number, confirm: string, send: (at: string) => Promise<void>): HTMLElement {
  const day = h("input", { class: "input", type: "date", id: "later-day", required: true, value: civilDay(near), min: civilDay(Date.now()) });
  const time = h("input", { class: "input", type: "time", id: "later-time", required: true, value: near - Date.now() > DAY_MS / 2 && near - Date.now() <= DAY_MS + 1000 ? MORNING : clockTime(near) });
  const said = h("p", { class: "small", role: "status" });
  const wrong = h("p", { class: "wrong", role: "alert" });
  const chosen = (): number | null => (day.value && time.value ? instantOn(day.value, time.value, myZone()) : null);
  const explain = (): void => {
    fill(wrong);
    const at = chosen();
    if (at === null) return fill(said, day.value && time.value ? _("This time does not exist on that day: the clock goes forward.") : "");
    fill(said, ...told(host, at));
  };
  day.addEventListener("input", explain);
  time.addEventListener("input", explain);
  explain();
  const element = h(
    "form",
    { class: "stack" },
    h("div", { class: "row later-when" }, h("div", { class: "field" }, h("label", { class: "label", for: "later-day" }, _("Day")), day), h("div", { class: "field" }, h("label", { class: "label", for: "later-time" }, _("Time in {zone}", { zone: zoneName(myZone()) })), time)),
    said,
    wrong,
    h("div", { class: "row row-end" }, h("button", { type: "submit", class: "button button-main" }, icon("clock"), confirm)),
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const at = chosen();
    if (at === null) return;
    send(new Date(at).toISOString()).catch((problem: unknown) => fill(wrong, sentence(problem)));
  });
  return element;
}

/** What the moment is for whoever reads it, and that it is their evening or night. */
function told(host: Host, at: number): (Node | string)[] {
  if (at <= Date.now()) return [h("span", { class: "wrong" }, _("This moment has passed. Choose a later one, or send the message now."))];
  const zone = host.patientZone;
  const theirs = host.me !== host.patient && host.audience !== "team";
  const words = [_("It leaves {when}.", { when: instant(at) })];
  if (theirs && !sameClock(at, zone, myZone())) words.push(_("For {name} that is {when}.", { name: host.patientName, when: instant(at, zone) }));
  const clock = clockTime(at, zone);
  const quiet = theirs && (clock >= QUIET_FROM || clock < QUIET_UNTIL);
  return [words.join(" "), ...(quiet ? [h("span", { class: "later-quiet" }, icon("moon"), _("That is evening or night for {name}. A morning may be kinder.", { name: host.patientName }))] : [])];
}

// --- what waits

async function mine(): Promise<Scheduled[]> {
  return (await api.get<ItemPage<Scheduled>>("/api/v1/scheduled-messages")).items;
}

/** One line above the box, for as long as something waits or was refused. */
export async function showWaiting(host: Host): Promise<void> {
  const place = one("[data-waiting]", host.root);
  try {
    const all = await mine();
    const refused = all.filter((message) => message.why !== null).length;
    const here = all.filter((message) => message.why === null && message.conversation === host.conversation);
    const words = [
      here.length === 1 ? _("A message is sent {when}.", { when: instant(here[0]?.send_at ?? 0) }) : here.length ? _("{n} messages wait to be sent.", { n: here.length }) : "",
      here.length < all.length - refused ? _("Others wait in other conversations.") : "",
      refused ? _("One could not be sent.") : "",
    ].filter(Boolean);
    place.hidden = words.length === 0;
    const look = h("button", { type: "button", class: "button button-bare", onclick: () => openWaiting(host) }, here.length > 1 ? _("Look at them") : _("Look at it"));
    fill(place, icon("clock"), h("span", null, words.join(" ")), look);
  } catch (problem) {
    // Without a connection the line stays as it was.
    if (!(problem instanceof Problem)) throw problem;
  }
}

export function openWaiting(host: Host): void {
  const window_ = openWindow(_("Messages for later"), "later-window", h("p", { class: "wait" }, _("One moment …")));
  void list(host, window_);
}

async function list(host: Host, window_: Window_): Promise<void> {
  try {
    const all = await mine();
    const rows = all.map((message) => h("li", null, row(message, host, window_)));
    window_.show(_("Messages for later"), rows.length ? h("ul", { class: "list" }, ...rows) : h("p", { class: "quiet" }, _("Nothing waits to be sent.")));
  } catch (problem) {
    window_.show(_("Messages for later"), h("p", { class: "wrong" }, sentence(problem)));
  }
  void showWaiting(host);
}

function row(message: Scheduled, host: Host, window_: Window_): HTMLElement {
  const refused = message.state === "refused" || message.why !== null;
  const elsewhere = message.conversation !== host.conversation;
  return h(
    "div",
    { class: "stack stack-close later-row", "data-scheduled": message.id },
    h("p", { class: refused ? "wrong" : "" }, icon(refused ? "circle-alert" : "clock"), " ", refused ? NOT_SENT[message.why ?? "left"] : instant(message.send_at), elsewhere && !refused && h("span", { class: "quiet small" }, " ", h("a", { href: `/messages/${message.conversation}` }, _("in another conversation")))),
    message.body && h("blockquote", { class: "later-words" }, message.body),
    h(
      "p",
      { class: "row" },
      !refused && h("button", { type: "button", class: "button", onclick: () => change(message, host, window_) }, icon("pencil"), _("Change it")),
      h("button", { type: "button", class: "button button-bare", onclick: () => void cancel(message, host, window_) }, icon("trash-2"), refused ? _("Remove it here") : _("Do not send it")),
    ),
  );
}

function change(message: Scheduled, host: Host, window_: Window_): void {
  const body = h("textarea", { class: "input", id: "later-body", rows: 5, maxlength: host.maxCharacters });
  body.value = message.body ?? "";
  window_.show(
    _("Change a message for later"),
    h("div", { class: "field" }, h("label", { class: "label", for: "later-body" }, _("Words")), body),
    form(host, Date.parse(message.send_at), _("Save"), async (send_at) => {
      await api.patch(`/api/v1/scheduled-messages/${message.id}`, { version: message.version, body: body.value, send_at });
      await list(host, window_);
    }),
  );
  body.focus();
}

async function cancel(message: Scheduled, host: Host, window_: Window_): Promise<void> {
  if (message.why === null && !(await ask({ title: _("Do not send this message?"), text: _("Its words are gone then."), confirm: _("Do not send it"), decline: _("Keep it"), grave: true }))) return;
  await api.delete(`/api/v1/scheduled-messages/${message.id}`).catch((problem: unknown) => toastProblem(problem));
  await list(host, window_);
}
