/**
 * A report that was read while its page was open: what the server writes around it takes the place of what stood there. Nobody's place is lost: the page
 * stays where it is, and who had the focus has it on the same link, or on the report.
 */
import { all, maybe, one } from "../lib/dom";

const PAGE = "[data-report-page]";

interface Part {
  readonly start: (page: HTMLElement) => void;
}

/** Fetches the page anew and puts it in the place of `old`; gives the new one. */
export async function renewed(old: HTMLElement): Promise<HTMLElement> {
  const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(`${location.pathname}: ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const script = maybe<HTMLScriptElement>(`${PAGE} script[src]`, page)?.getAttribute("src");
  const fresh = document.adoptNode(one(PAGE, page));
  for (const inert of all("script", fresh)) inert.remove();
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  one("main").className = one("main", page).className;
  document.title = page.title;
  if (focused) focusAgain(focused, fresh);
  if (script) ((await import(script)) as Part).start(fresh);
  return fresh;
}

function focusAgain(gone: Element, fresh: HTMLElement): void {
  const address = gone.getAttribute("href");
  const same = address === null ? null : maybe(`a[href="${CSS.escape(address)}"]`, fresh);
  const target = same ?? one('[data-panel="report"]', fresh);
  if (!same) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}
