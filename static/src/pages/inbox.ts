/** The inbox: the thread that is open, the list beside it kept true, and the patient's plan where there is room. */
import { fill, maybe, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { mount as mountPlan } from "../panels/plan";
import { mount } from "../panels/thread";

const GATHER_MS = 400;
/** From this width on there are three columns (messaging.css). */
const DESK = "(min-width: 75rem)";

const place = one("[data-messages]");
mount(place);

const inbox = maybe("[data-inbox]", place);
if (inbox) keepFresh(inbox);

const beside = maybe("[data-beside]", place);
if (beside) showBeside(beside);

async function fetched(path: string, selector: string): Promise<HTMLElement | null> {
  const response = await fetch(path, { headers: { Accept: "text/html" }, credentials: "same-origin" }).catch(() => null);
  if (!response?.ok) return null;
  return new DOMParser().parseFromString(await response.text(), "text/html").querySelector<HTMLElement>(selector);
}

/** The server sorts by promise; the list is drawn there and only put in place here. */
function keepFresh(list: HTMLElement): void {
  let due: ReturnType<typeof setTimeout> | undefined;
  const refresh = async (): Promise<void> => {
    const drawn = await fetched(location.pathname, "[data-inbox]");
    if (!drawn) return;
    const focused = document.activeElement?.closest<HTMLElement>("[data-conversation]")?.dataset["conversation"];
    list.replaceChildren(...drawn.childNodes);
    if (focused) maybe(`[data-conversation="${CSS.escape(focused)}"]`, list)?.focus();
  };
  const soon = (): void => {
    clearTimeout(due);
    due = setTimeout(() => void refresh(), GATHER_MS);
  };
  for (const prefix of ["message.", "member.", "read"]) feed().on(prefix, (event) => event["conversation"] && soon());
}

function showBeside(aside: HTMLElement): void {
  const width = matchMedia(DESK);
  const show = async (): Promise<void> => {
    if (!width.matches) return;
    width.removeEventListener("change", show);
    const panel = await fetched(aside.dataset["beside"] ?? "", "[data-panel]");
    if (!panel) return;
    fill(one("[data-beside-panel]", aside), document.adoptNode(panel));
    mountPlan(panel);
  };
  width.addEventListener("change", show);
  void show();
}
