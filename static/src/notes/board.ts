/** The notes of a plan on a page: one paper for each audience, who else is here, and whether what was typed is saved. */
import { all, fill, h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { Binding } from "./binding";
import { Connection, type Person, type State } from "./connection";

const SAYS: Readonly<Record<State, string>> = {
  opening: _("Opening …"),
  saving: _("Saving …"),
  saved: _("Saved"),
  offline: _("Offline: kept on this device"),
  unkept: _("Offline, and this device has no room. Keep this page open."),
  broken: _("This page and the server no longer understand each other. Please load the page again."),
  "signed-out": _("You are signed out. What you wrote is kept on this device; sign in again to save it."),
  "read-only": _("You can read this note, and not write in it."),
  closed: _("This note is not open to you any more."),
  full: _("This note is full. Please start a shorter one; your last words are kept on this device."),
  "too-many": _("This note is open in many windows. Please close one, then load this page again."),
};

/** Wires the notes inside *root*; returns what ends it. */
export function mountNotes(root: HTMLElement): () => void {
  const paper = one("[data-note-paper]", root);
  const area = one<HTMLTextAreaElement>("textarea", paper);
  const choices = all<HTMLInputElement>("[data-note-audience]", root);
  const ending = new AbortController();
  let close = (): void => undefined;

  const open = (audience: string, word: string): void => {
    close();
    paper.dataset["audience"] = audience;
    one("[data-note-word]", paper).textContent = word;
    close = openNote(paper, area, `${socketBase()}/notes/${root.dataset["plan"]}?audience=${audience}`, root.dataset["writes"] !== "no");
  };
  for (const choice of choices) {
    choice.addEventListener("change", () => choice.checked && open(choice.value, choice.dataset["word"] ?? ""), { signal: ending.signal });
  }
  const first = choices.find((choice) => choice.checked);
  open(first?.value ?? "shared", first?.dataset["word"] ?? one("[data-note-word]", paper).textContent ?? "");
  return () => {
    ending.abort();
    close();
  };
}

function openNote(paper: HTMLElement, area: HTMLTextAreaElement, url: string, writes: boolean): () => void {
  const ending = new AbortController();
  area.readOnly = true;
  area.value = "";
  let binding: Binding | null = null;
  const connection = new Connection(
    url,
    document.documentElement.dataset["account"] ?? "visit",
    (state) => {
      showState(paper, state);
      if (state === "saved") binding ??= new Binding(area, connection.text);
      area.readOnly = !writes || !binding || (["read-only", "closed", "broken"] as State[]).includes(state);
    },
    (people) => showPeople(paper, people),
    (words) => showHeld(paper, words),
  );
  showState(paper, "opening");
  const tell = (): void => {
    if (binding && document.activeElement === area) connection.at(area.selectionEnd);
  };
  for (const event of ["keyup", "click", "focus"]) area.addEventListener(event, tell, { signal: ending.signal });
  return () => {
    ending.abort();
    binding?.destroy();
    connection.destroy();
    showPeople(paper, []);
    showHeld(paper, []);
  };
}

function showState(paper: HTMLElement, state: State): void {
  const place = one("[data-note-state]", paper);
  place.dataset["noteState"] = state;
  place.textContent = SAYS[state];
}

/** What the patient does not read yet, and how it can be said: nothing of it is lost, and it appears once it is put otherwise. */
function showHeld(paper: HTMLElement, words: readonly string[]): void {
  const place = maybe("[data-note-held]", paper);
  if (!place) return;
  const quoted = words.map((one) => `“${one}”`).join(", ");
  place.textContent = words.length
    ? _("{name} does not see the last changes yet, and nothing of them is lost: {words} ties them to what a stool sample showed, and no study says that such a finding tells what helps. Please say it by the person: what they like, what they eat, how they feel, what they want to reach.", { name: place.dataset["name"] ?? "", words: quoted })
    : "";
}

/** One line for each other person, however many windows they have open. */
function showPeople(paper: HTMLElement, people: readonly Person[]): void {
  const place = maybe("[data-note-people]", paper);
  if (!place) return;
  const lines = new Map<string, Person>();
  const me = document.documentElement.dataset["account"];
  for (const person of people) if (person.account !== me) lines.set(person.account, person);
  fill(place, ...[...lines.values()].map((person) => h("li", { class: "tag tag-leaf" }, person.line ? _("{name} · line {line}", { name: person.name, line: person.line }) : _("{name} is here", { name: person.name }))));
}

function socketBase(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
}
