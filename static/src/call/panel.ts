/** One panel beside the video: what there are, how it is fetched as the caller may see it, and made alive. */
import { _ } from "../lib/words";
import * as diary from "../panels/diary";
import * as plan from "../panels/plan";
import * as report from "../panels/report";
import * as thread from "../panels/thread";
import type { PanelName as Name } from "./anchors";

const NAMES: readonly Name[] = ["report", "plan", "diary", "thread"];
const PANELS = { report, plan, diary, thread } as const;

export const TITLES: Readonly<Record<Name, string>> = { report: _("Report"), plan: _("Plan"), diary: _("Diary"), thread: _("Chat") };

/** The server did not give the panel. */
export class Unread extends Error {}

export function isName(name: unknown): name is Name {
  return NAMES.includes(name as Name);
}

/** *report*: which one of several. */
export async function fetched(patient: string, name: Name, report: string | undefined): Promise<HTMLElement> {
  const path = `/patients/${patient}/panels/${name}${report ? `?report=${encodeURIComponent(report)}` : ""}`;
  const response = await fetch(path, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!response.ok) throw new Unread(String(response.status));
  const section = new DOMParser().parseFromString(await response.text(), "text/html").querySelector<HTMLElement>("[data-panel]");
  if (!section) throw new Unread("no panel");
  return document.importNode(section, true);
}

/** Makes it alive; what comes back ends that. */
export function mounted(name: Name, section: HTMLElement): () => void {
  return PANELS[name].mount(section);
}
