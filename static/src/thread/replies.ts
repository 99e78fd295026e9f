/** Words that somebody writes often: chosen into the message with their gaps filled, written, changed and removed here. */
import { type ItemPage, api } from "../lib/api";
import { toast } from "../lib/announce";
import { ask } from "../lib/dialog";
import { fill, h, icon } from "../lib/dom";
import { _ } from "../lib/words";
import { toGap } from "./gaps";
import type { Host } from "./more";
import { type Window_, openWindow, sentence } from "./window";

interface Reply {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly shared: boolean;
  readonly version: number;
}

const TITLE_MAX = 80;

export function openReplies(host: Host): void {
  const window_ = openWindow(_("Saved replies"), "replies-window", h("p", { class: "wait" }, _("One moment …")));
  void list(host, window_);
}

async function list(host: Host, window_: Window_): Promise<void> {
  try {
    const { items } = await api.get<ItemPage<Reply>>("/api/v1/saved-replies");
    const rows = h("ul", { class: "list" });
    const said = h("p", { class: "wrong", role: "alert" });
    const find = h("input", { class: "input", type: "search", id: "reply-find", autocomplete: "off" });
    const show = (): void => {
      const wanted = find.value.trim().toLowerCase();
      const found = items.filter((one) => !wanted || `${one.title} ${one.body}`.toLowerCase().includes(wanted));
      fill(rows, ...found.map((one) => h("li", null, row(one, host, window_, said))));
    };
    find.addEventListener("input", show);
    show();
    window_.show(
      _("Saved replies"),
      items.length > 0 ? h("div", { class: "field" }, h("label", { class: "label", for: "reply-find" }, _("Look for one")), find) : h("p", null, _("There is none yet. Save words that you write often; a gap such as {first_name} is filled for each patient.")),
      said,
      rows,
      h("p", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => edit(host, window_, null) }, icon("plus"), _("Save a new one"))),
    );
    if (items.length > 0) find.focus();
  } catch (problem) {
    window_.show(_("Saved replies"), h("p", { class: "wrong" }, sentence(problem)));
  }
}

function row(reply: Reply, host: Host, window_: Window_, said: HTMLElement): HTMLElement {
  const choose = h(
    "button",
    { type: "button", class: "reply-choose", onclick: () => void insert(reply, host, window_, said) },
    h("span", { class: "list-title" }, reply.title, reply.shared && h("span", { class: "quiet small" }, ` ${_("for everybody in the clinic")}`)),
    h("span", { class: "reply-body quiet small" }, reply.body),
  );
  return h(
    "div",
    { class: "list-row" },
    choose,
    h("button", { type: "button", class: "button button-bare", "aria-label": _("Change {title}", { title: reply.title }), onclick: () => edit(host, window_, reply) }, icon("pencil")),
  );
}

async function insert(reply: Reply, host: Host, window_: Window_, said: HTMLElement): Promise<void> {
  try {
    const { body, open } = await api.get<{ body: string; open: string[] }>(`/api/v1/saved-replies/${reply.id}/filled`, { query: { patient: host.patient } });
    window_.close();
    const text = host.text();
    const before = text.value && !text.value.endsWith("\n") ? "\n" : "";
    text.setRangeText(`${before}${body}`, text.value.length, text.value.length, "end");
    host.wrote();
    text.focus();
    if (open.length && toGap(text)) toast(_("Something could not be filled in: it is marked above the message."), "attention");
  } catch (problem) {
    fill(said, sentence(problem));
  }
}

function edit(host: Host, window_: Window_, reply: Reply | null): void {
  const title = h("input", { class: "input", id: "reply-title", type: "text", maxlength: TITLE_MAX, required: true, value: reply?.title ?? "" });
  const body = h("textarea", { class: "input", id: "reply-body", rows: 6, required: true, maxlength: host.maxCharacters, "aria-describedby": "reply-hint" });
  body.value = reply?.body ?? host.text().value;
  const shared = h("input", { type: "checkbox" });
  const wrong = h("p", { class: "wrong", role: "alert" });
  let version = reply?.version ?? 0;
  const gap = (words: string, name: string): HTMLElement =>
    h(
      "button",
      {
        type: "button",
        class: "button button-bare",
        onclick: () => {
          body.setRangeText(name, body.selectionStart, body.selectionEnd, "end");
          body.focus();
        },
      },
      icon("plus"),
      words,
    );
  const remove = async (): Promise<void> => {
    if (!reply || !(await ask({ title: _("Remove “{title}”?", { title: reply.title }), text: reply.shared ? _("It goes for everybody in the clinic.") : "", confirm: _("Remove it"), decline: _("Keep it"), grave: true }))) return;
    await api.delete(`/api/v1/saved-replies/${reply.id}`).then(() => list(host, window_), (problem: unknown) => fill(wrong, sentence(problem)));
  };
  const form = h(
    "form",
    { class: "stack" },
    h("div", { class: "field" }, h("label", { class: "label", for: "reply-title" }, _("Title")), title),
    h("div", { class: "field" }, h("label", { class: "label", for: "reply-body" }, _("Words")), body, h("p", { class: "hint", id: "reply-hint" }, _("{first_name} and {visit_time} are filled in for each patient. What cannot be filled stays visible."))),
    h("p", { class: "row" }, gap(_("First name"), "{first_name}"), gap(_("Time of the next visit"), "{visit_time}")),
    !reply && h("label", { class: "choice" }, shared, h("span", null, _("For everybody in the clinic. Write nothing about one patient."))),
    wrong,
    h(
      "div",
      { class: "row row-end" },
      reply && h("button", { type: "button", class: "button button-bare", onclick: () => void remove() }, icon("trash-2"), _("Remove")),
      h("button", { type: "button", class: "button", onclick: () => void list(host, window_) }, _("Back")),
      h("button", { type: "submit", class: "button button-main" }, _("Save")),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = { title: title.value, body: body.value };
    const sent = reply ? api.patch(`/api/v1/saved-replies/${reply.id}`, { ...words, version }) : api.post("/api/v1/saved-replies", { ...words, shared: shared.checked });
    sent.then(
      () => list(host, window_),
      (problem: unknown) => {
        // Somebody was faster: saving again puts these words over theirs, knowingly.
        const current = (problem as { body?: { current?: { version: number } } }).body?.current;
        if (current) version = current.version;
        fill(wrong, sentence(problem));
      },
    );
  });
  window_.show(reply ? _("Change a saved reply") : _("Save a new reply"), form);
  title.focus();
}
