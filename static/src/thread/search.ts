/** Looking for words in everything that was written about one patient and is open to the reader. The words are sealed; the server finds them by tokens. */
import { type ItemPage, api } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { clockTime, date } from "../lib/time";
import { _ } from "../lib/words";
import type { Host } from "./more";
import { type Thread, threadsAbout, titleOf } from "./others";
import { openWindow, sentence } from "./window";

interface Hit {
  readonly conversation: string;
  readonly message: string;
  readonly seq: number;
  readonly sender: string;
  readonly sent_at: string;
  readonly snippet: string;
  readonly path: string;
}

interface Found extends ItemPage<Hit> {
  readonly complete: boolean;
}

/** Words shorter than this are looked for as they are, longer ones by their beginning; as on the server (search/rules.py). */
const SHORTEST_BEGINNING = 3;

export function openSearch(host: Host): void {
  const field = h("input", { class: "input", type: "search", id: "thread-search", maxlength: 200, autocomplete: "off", enterkeyhint: "search", required: true });
  const said = h("p", { class: "small quiet", role: "status" });
  const list = h("ol", { class: "plain search-found" });
  const further = h("div");
  const form = h(
    "form",
    { class: "row search-form", role: "search" },
    h("div", { class: "field" }, h("label", { class: "label", for: "thread-search" }, _("Words to look for")), field),
    h("button", { class: "button button-main", type: "submit" }, icon("search"), _("Search")),
  );
  const window_ = openWindow(_("Search what was written"), "search-window", form, said, list, further);
  const threads = threadsAbout(host.patient).catch(() => [] as Thread[]);

  const look = async (cursor: string | null): Promise<void> => {
    const asked = field.value;
    said.textContent = _("Looking …");
    try {
      const found = await api.get<Found>(`/api/v1/patients/${host.patient}/messages/search`, { query: { q: asked, cursor } });
      if (asked !== field.value) return;
      const named = await threads;
      const rows = found.items.map((hit) => row(hit, asked, host, named, window_.close));
      if (cursor === null) fill(list, ...rows);
      else list.append(...rows);
      said.textContent = summary(list.childElementCount, found);
      fill(further, found.next && h("button", { type: "button", class: "button", onclick: () => void look(found.next) }, _("Show more")));
    } catch (problem) {
      said.textContent = sentence(problem);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) void look(null);
  });
  field.focus();
}

function summary(shown: number, found: Found): string {
  const count = shown === 0 ? _("Nothing was found.") : shown === 1 ? _("One message.") : found.next ? _("The newest {n} messages.", { n: shown }) : _("{n} messages.", { n: shown });
  return found.complete ? count : `${count} ${_("Older messages are still being read in. Search again in a minute.")}`;
}

function row(hit: Hit, asked: string, host: Host, threads: readonly Thread[], close: () => void): HTMLElement {
  const thread = threads.find((one) => one.id === hit.conversation);
  const people = [...host.members(), ...(thread?.members ?? [])];
  const name = hit.sender === host.me ? _("You") : (people.find((one) => one.account === hit.sender)?.name ?? _("Somebody who has left"));
  const go = (event: Event): void => {
    if (hit.conversation !== host.conversation) return;
    event.preventDefault();
    close();
    host.goTo(hit.seq);
  };
  const where = thread && hit.conversation !== host.conversation ? h("span", { class: "search-where" }, thread.audience === "team" && icon("lock"), titleOf(thread)) : null;
  return h(
    "li",
    null,
    h("a", { class: "list-row search-hit", href: hit.path, onclick: go }, h("span", null, h("span", { class: "small" }, h("strong", null, name), " ", h("span", { class: "quiet" }, `${date(hit.sent_at)}, ${clockTime(hit.sent_at)}`), " ", where), h("span", { class: "search-snippet" }, ...withMarks(hit.snippet, asked)))),
  );
}

/** The piece of a message with the words that were asked for marked. */
function withMarks(text: string, asked: string): (string | HTMLElement)[] {
  const terms = [...normal(asked).matchAll(/[\p{L}\p{N}]+/gu)].map((term) => term[0]);
  const answers = (word: string): boolean => terms.some((term) => (term.length < SHORTEST_BEGINNING ? word === term : word.startsWith(term)));
  return text.split(/([\p{L}\p{N}\p{M}]+)/u).map((piece, n) => (n % 2 === 1 && answers(normal(piece)) ? h("mark", null, piece) : piece));
}

function normal(text: string): string {
  return text.normalize("NFKC").toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
}
