/** A patient's threads: the one place with everybody, topics, and side threads of the care team. Which is which, and opening another. */
import { api } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { _ } from "../lib/words";
import type { Host } from "./more";
import { numbers } from "./outlook";
import type { Member } from "./state";
import { type Window_, openWindow, sentence } from "./window";

export interface Thread {
  readonly id: string;
  readonly patient: string;
  readonly patient_name: string;
  readonly kind: "care" | "topic" | "team";
  readonly audience: "everyone" | "team";
  readonly subject: string | null;
  readonly unread: number;
  readonly members: readonly Member[];
}

const ORDER: readonly Thread["kind"][] = ["care", "topic", "team"];
const SUBJECT_MAX = 120;

export async function threadsAbout(patient: string): Promise<Thread[]> {
  const { items } = await api.get<{ items: Thread[] }>("/api/v1/conversations");
  return items.filter((one) => one.patient === patient).sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

export function titleOf(thread: Thread): string {
  return thread.subject ?? _("Everything, with the whole care team");
}

export function openOthers(host: Host): void {
  const window_ = openWindow(_("Threads"), "threads-window", h("p", { class: "wait" }, _("One moment …")));
  void list(host, window_);
}

async function list(host: Host, window_: Window_): Promise<void> {
  const title = host.inTeam ? _("Threads about {name}", { name: host.patientName }) : _("Threads");
  try {
    const threads = await threadsAbout(host.patient);
    const ask = (audience: Thread["audience"]): void => askAbout(host, window_, threads, audience);
    window_.show(
      title,
      h("ul", { class: "list" }, ...threads.map((thread) => h("li", null, row(thread, host)))),
      h("p", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => ask("everyone") }, icon("message-square-plus"), _("Open a topic"))),
      host.inTeam && h("p", { class: "row" }, h("button", { type: "button", class: "button button-team", onclick: () => ask("team") }, icon("lock"), _("Open a side thread of the care team"))),
    );
  } catch (problem) {
    window_.show(title, h("p", { class: "wrong" }, sentence(problem)));
  }
}

function row(thread: Thread, host: Host): HTMLElement {
  const here = thread.id === host.conversation;
  const who = thread.members.filter((one) => one.account !== host.me).map((one) => one.name);
  return h(
    "a",
    { class: `list-row thread-row${thread.audience === "team" ? " thread-row-team" : ""}`, href: `/messages/${thread.id}`, ...(here ? { "aria-current": "page" } : {}) },
    h(
      "span",
      null,
      h("span", { class: "list-title" }, titleOf(thread)),
      h("span", { class: "small quiet thread-row-who" }, thread.audience === "team" ? h("span", { class: "team-mark" }, icon("lock"), _("Only the care team sees this")) : who.length ? _("with {names}", { names: who.join(", ") }) : ""),
    ),
    here ? h("span", { class: "small quiet" }, _("open here")) : thread.unread > 0 && h("span", { class: "count" }, thread.unread > 99 ? "99+" : thread.unread, h("span", { class: "unseen" }, ` ${_("unread")}`)),
  );
}

/** The form for a new one. *threads*: who is around is read from the place with everybody. */
function askAbout(host: Host, window_: Window_, threads: readonly Thread[], audience: Thread["audience"]): void {
  const team = audience === "team";
  const subject = h("input", { class: "input", id: "thread-subject", type: "text", maxlength: SUBJECT_MAX, required: true, autocomplete: "off" });
  const around = (threads.find((one) => one.kind === "care")?.members ?? host.members()).filter((one) => one.account !== host.me && one.account !== host.patient);
  const boxes = around.map((one) => {
    const box = h("input", { type: "checkbox", value: one.account });
    box.checked = true;
    return { box, label: h("label", { class: "choice" }, box, h("span", null, one.name)) };
  });
  const wrong = h("p", { class: "wrong", role: "alert" });
  const outlook = host.outlook();
  const form = h(
    "form",
    { class: `stack${team ? " team-ground" : ""}` },
    team && h("p", { class: "team-mark" }, icon("lock"), h("strong", null, _("Only the care team sees this.")), " ", _("{name} and their family see that you worked in the record, never that there is this conversation.", { name: host.patientName })),
    outlook && !outlook.staffed && numbers(outlook, "small"),
    h("div", { class: "field" }, h("label", { class: "label", for: "thread-subject" }, _("What is it about?")), subject),
    !team && boxes.length > 0 && h("fieldset", { class: "stack stack-close" }, h("legend", { class: "label" }, host.inTeam ? _("Who takes part, beside {name} and you", { name: host.patientName }) : _("Who takes part, beside you")), ...boxes.map((one) => one.label)),
    wrong,
    h("div", { class: "row row-end" }, h("button", { type: "button", class: "button", onclick: () => void list(host, window_) }, _("Back")), h("button", { type: "submit", class: team ? "button button-team" : "button button-main" }, team ? _("Open it for the team") : _("Open it"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const members = team ? [] : boxes.filter((one) => one.box.checked).map((one) => one.box.value);
    // To the server nobody means everybody of the team; who has just unticked them all means something else.
    if (!team && !host.inTeam && boxes.length && !members.length) return fill(wrong, _("Choose at least one person of the care team, so that somebody reads this and answers."));
    api.post<Thread>("/api/v1/conversations", { patient: host.patient, subject: subject.value, members, audience }).then(
      (made) => location.assign(`/messages/${made.id}`),
      (problem: unknown) => fill(wrong, sentence(problem)),
    );
  });
  window_.show(team ? _("A side thread of the care team") : _("A new topic"), form);
  subject.focus();
}
