/** Choosing a place in the record that a message points at: a step, a finding, a day of the diary, a visit, a report. */
import { type ItemPage, api } from "../lib/api";
import { fill, h } from "../lib/dom";
import type { Cite } from "../lib/places";
import { civilDay } from "../lib/time";
import { _ } from "../lib/words";
import { faceOf, saidOf } from "./cites";
import type { Host } from "./more";
import { openWindow, sentence } from "./window";

/** Days of the diary, visits and findings that are offered before somebody types. */
const DAYS = 21;
const VISITS = 8;
const FINDINGS = 8;
const MOST_FOUND = 40;

interface Group {
  readonly title: string;
  readonly cites: readonly Cite[];
  /** Shown without a search. */
  readonly first: number;
}

interface Taxon {
  readonly name: string;
  readonly rank: string;
  readonly percent: number | null;
}

export function openPlaces(host: Host): void {
  const find = h("input", { class: "input", type: "search", id: "place-find", autocomplete: "off" });
  const place = h("div", { class: "stack" }, h("p", { class: "wait" }, _("One moment …")));
  const window_ = openWindow(_("Point at something in the record"), "places-window", h("p", { class: "quiet small" }, _("Whoever reads your message can open it there.")), h("div", { class: "field" }, h("label", { class: "label", for: "place-find" }, _("Look for it")), find), place);
  const choose = (cite: Cite): void => {
    window_.close();
    host.cite(cite);
  };
  void gathered(host).then(
    (groups) => {
      const show = (): void => fill(place, ...drawn(groups, find.value.trim().toLowerCase(), choose));
      find.addEventListener("input", show);
      show();
    },
    (problem: unknown) => fill(place, h("p", { class: "wrong" }, sentence(problem))),
  );
  find.focus();
}

function drawn(groups: readonly Group[], wanted: string, choose: (cite: Cite) => void): HTMLElement[] {
  const sections = groups.flatMap((group) => {
    const found = wanted ? group.cites.filter((cite) => saidOf(cite).toLowerCase().includes(wanted)).slice(0, MOST_FOUND) : group.cites.slice(0, group.first);
    const rows = found.map((cite) => h("li", null, h("button", { type: "button", class: "cite", onclick: () => choose(cite) }, ...faceOf(cite))));
    return rows.length ? [h("section", { class: "stack stack-close" }, h("h3", null, group.title), h("ul", { class: "plain cite-list" }, ...rows))] : [];
  });
  return sections.length ? sections : [h("p", { class: "quiet" }, wanted ? _("Nothing in the record is called so.") : _("There is nothing in the record yet."))];
}

/** Everything that there is; what could not be fetched is left out, unless nothing could. */
async function gathered(host: Host): Promise<Group[]> {
  const asked = await Promise.allSettled([steps(host.patient), diary(host.patient), findings(host.patient), visits(host.patient)]);
  const failed = asked.find((one) => one.status === "rejected");
  const groups = asked.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  if (failed && !groups.length) throw failed.reason;
  return groups;
}

async function steps(patient: string): Promise<Group[]> {
  const plan = await api.get<{ steps: { id: string; title: string }[] }>(`/api/v1/patients/${patient}/care-plan`);
  const cites = plan.steps.map(({ id, title }): Cite => ({ kind: "plan_step", id, place: title }));
  return [{ title: _("Steps of the plan"), cites, first: cites.length }];
}

async function diary(patient: string): Promise<Group[]> {
  const { items } = await api.get<ItemPage<{ day: string }>>(`/api/v1/patients/${patient}/diary`);
  const cites = [...new Set(items.map((one) => one.day))].map((id): Cite => ({ kind: "diary_day", id }));
  return [{ title: _("Days of the diary"), cites, first: DAYS }];
}

async function findings(patient: string): Promise<Group[]> {
  const { items } = await api.get<ItemPage<{ id: string; state: string; collected_at: string | null; uploaded_at: string }>>(`/api/v1/patients/${patient}/reports`);
  const ready = items.filter((one) => one.state === "ready");
  const reports = ready.map((one): Cite => ({ kind: "report", id: one.id, place: (one.collected_at ?? civilDay(one.uploaded_at)).slice(0, 10) }));
  const newest = ready[0];
  if (!newest) return [];
  const { taxa } = await api.get<{ taxa: Taxon[] }>(`/api/v1/reports/${newest.id}`);
  const share = (taxon: Taxon): number => (taxon.rank === "genus" ? 1000 : 0) + (taxon.percent ?? 0);
  const named = [...taxa].sort((a, b) => share(b) - share(a)).map((taxon): Cite => ({ kind: "finding", id: newest.id, place: taxon.name.slice(0, 200) }));
  return [
    { title: _("Findings of the newest report"), cites: named, first: FINDINGS },
    { title: _("Reports"), cites: reports, first: reports.length },
  ];
}

async function visits(patient: string): Promise<Group[]> {
  const { items } = await api.get<ItemPage<{ id: string; start: string; status: string }>>("/api/v1/appointments", { query: { patient } });
  const apart = (start: string): number => Math.abs(Date.parse(start) - Date.now());
  const held = items.filter((one) => one.status !== "cancelled").sort((a, b) => apart(a.start) - apart(b.start));
  return [{ title: _("Visits"), cites: held.map(({ id, start }): Cite => ({ kind: "visit", id, place: start })), first: VISITS }];
}

