/**
 * What was looked at together when a step was talked about: a finding, a day of the diary, a message. Context, never the reason.
 * The choices are fetched when somebody wants to add one; what is chosen is a place by its id, which the server looks for.
 */
import { type ItemPage, api } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { longDay } from "../lib/time";
import { _ } from "../lib/words";
import { select } from "./form";
import type { Noted } from "./types";

const MOST = 6;
const DAYS = 30;
const MESSAGES = 30;
const EXCERPT = 60;

interface Choice {
  readonly words: string;
  readonly noted: Noted;
}

type Choices = () => Promise<readonly Choice[]>;

export interface NotedField {
  readonly element: HTMLElement;
  value(): Noted[];
}

/** Its name for people. */
export function nameOf(one: Noted): string {
  if (one.kind === "diary_day") return _("Diary, {day}", { day: longDay(`${one.id}T12:00:00Z`, "UTC") });
  return one.kind === "message" ? _("A message") : one.place;
}

export function notedField(base: string, given: readonly Noted[]): NotedField {
  const patient = /patients\/([^/]+)/.exec(base)?.[1] ?? "";
  const chosen = [...given];
  const list = h("ul", { class: "plain noted-chosen" });
  const kind = select({ finding: _("A finding"), diary_day: _("A day of the diary"), message: _("A message") }, "finding");
  const which = h("select", { class: "input" });
  const said = h("p", { class: "small quiet", role: "status" });
  const wrong = h("p", { class: "wrong", "data-wrong": "noted", hidden: true });
  kind.classList.add("input");
  kind.setAttribute("aria-label", _("What kind of place"));
  which.setAttribute("aria-label", _("Which one"));
  const sources: Readonly<Record<string, Choices>> = { finding: () => findings(patient), diary_day: () => days(patient), message: () => messages(patient) };
  let offered: readonly Choice[] = [];

  const draw = (): void => {
    fill(list, ...chosen.map((one, at) => h("li", { class: "cite" }, nameOf(one), h("button", { type: "button", class: "button button-bare", "aria-label": _("Take out: {name}", { name: nameOf(one) }), onclick: () => remove(at) }, icon("x")))));
    add.hidden = chosen.length >= MOST;
  };
  const remove = (at: number): void => {
    chosen.splice(at, 1);
    draw();
    kind.focus();
  };
  const offer = async (): Promise<void> => {
    const wanted = kind.value;
    fill(said, _("One moment …"));
    const found = await (sources[wanted] ?? days.bind(null, patient))().catch(() => null);
    if (kind.value !== wanted) return;
    offered = found ?? [];
    fill(which, ...offered.map((one, at) => h("option", { value: String(at) }, one.words)));
    fill(said, found === null ? _("This could not be fetched. Choose again.") : offered.length ? "" : _("There is nothing of this kind yet."));
  };
  const take = (): void => {
    const one = offered[Number(which.value)]?.noted;
    if (!one || chosen.some((other) => other.kind === one.kind && other.id === one.id && other.place === one.place)) return;
    chosen.push(one);
    draw();
  };
  const add = h("div", { class: "noted-add" }, kind, which, h("button", { type: "button", class: "button", onclick: take }, icon("plus"), _("Add")));
  const more = h("details", { class: "more" }, h("summary", null, _("Add what you looked at")), h("div", { class: "stack stack-close" }, add, said));
  kind.addEventListener("change", () => void offer());
  more.addEventListener("toggle", () => more.open && void offer());
  draw();
  const hint = h("p", { class: "hint" }, _("Shown beside the step as context. It is never the reason: a bacterium alone is none."));
  return { element: h("fieldset", { class: "stack stack-close" }, h("legend", { class: "label" }, _("Looked at together")), hint, list, more, wrong), value: () => [...chosen] };
}

/** The largest genera of the newest report that can be read. */
async function findings(patient: string): Promise<Choice[]> {
  const reports = await api.get<ItemPage<{ id: string; state: string }>>(`/api/v1/patients/${patient}/reports`);
  const newest = reports.items.find((one) => one.state === "ready");
  if (!newest) return [];
  const report = await api.get<{ taxa: readonly { name: string; rank: string }[] }>(`/api/v1/reports/${newest.id}`);
  const names = report.taxa.filter((one) => one.rank === "genus").map((one) => one.name);
  return names.slice(0, MESSAGES).map((name) => ({ words: name, noted: { kind: "finding", id: newest.id, place: name } }));
}

/** The last days; the server says which of them has something written. */
async function days(patient: string): Promise<Choice[]> {
  const since = new Date(Date.now() - DAYS * 86_400_000).toISOString().slice(0, 10);
  const found = await api.get<ItemPage<{ day: string }>>(`/api/v1/patients/${patient}/diary`, { query: { from: since } });
  const written = [...new Set(found.items.map((one) => one.day))].sort().reverse();
  return written.map((day) => ({ words: longDay(`${day}T12:00:00Z`, "UTC"), noted: { kind: "diary_day", id: day, place: "" } }));
}

/** The last messages between the patient and the team. */
async function messages(patient: string): Promise<Choice[]> {
  const all = await api.get<ItemPage<{ id: string; kind: string; patient: string; last_seq: number }>>("/api/v1/conversations");
  const ours = all.items.find((one) => one.patient === patient && one.kind === "care");
  if (!ours) return [];
  const log = await api.get<ItemPage<{ type: string; seq: number; body?: string | null }>>(`/api/v1/conversations/${ours.id}/events`, { query: { before: ours.last_seq + 1, limit: MESSAGES } });
  const sent = log.items.filter((one) => one.type === "message.sent" && one.body);
  return sent.reverse().map((one) => ({ words: (one.body ?? "").slice(0, EXCERPT), noted: { kind: "message", id: `${ours.id}:${one.seq}`, place: "" } }));
}
