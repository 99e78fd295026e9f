/**
 * What is folded up in the panel and stands on a page of its own: fetched when it is opened, and shown in place, so that nobody
 * leaves a visit to look at it. Without scripts its link leads there.
 */
import { all, h, maybe } from "../lib/dom";
import { _ } from "../lib/words";

export function wireOpens(root: ParentNode): void {
  for (const more of all<HTMLDetailsElement>("details[data-opens]", root)) {
    more.addEventListener("toggle", () => more.open && more.dataset["state"] === undefined && void open(more));
  }
}

async function open(more: HTMLDetailsElement): Promise<void> {
  const place = maybe(".opened", more);
  if (!place) return;
  more.dataset["state"] = "opening";
  const wait = h("p", { class: "wait", role: "status" }, _("One moment …"));
  place.append(wait);
  try {
    const part = await fetched(more.dataset["opens"] ?? "", more.dataset["part"] ?? "main");
    place.append(part);
    more.dataset["state"] = "open";
  } catch (problem) {
    console.warn(problem);
    delete more.dataset["state"]; // opening it again tries again
    place.append(h("p", { role: "status" }, _("This could not be fetched. Close it and open it again, or use the link.")));
  }
  wait.remove();
}

async function fetched(path: string, part: string): Promise<HTMLElement> {
  const answer = await fetch(path, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector<HTMLElement>(part);
  if (!found) throw new Error(`${path} has no ${part}`);
  for (const head of found.querySelectorAll(".page-head")) head.remove();
  // Opened beside others of its kind: their sections are no landmarks here, and no id stands twice on a page.
  for (const named of found.querySelectorAll("section[aria-labelledby]")) named.removeAttribute("aria-labelledby");
  for (const section of found.querySelectorAll("section > [id]")) section.removeAttribute("id");
  return document.importNode(found, true);
}
