/** The right column: the patient's plan and how it has been, fetched once it is looked at and kept true. */
import { fill, h, one } from "../lib/dom";
import { type FeedEvent, feed } from "../lib/feed";
import { _ } from "../lib/words";

/** From this width on there are three columns (inbox.css). */
const DESK = "(min-width: 75rem)";
const GATHER_MS = 1000;
const WELCOME_MS = 700;
const EVENTS = ["plan.", "diary.", "response.", "appointment.", "intake.", "report."];

export class Beside {
  private due: ReturnType<typeof setTimeout> | undefined;
  private shown = false;

  constructor(private readonly root: HTMLElement) {}

  start(): void {
    const wide = matchMedia(DESK);
    const look = (): void => void (!this.shown && (wide.matches || location.hash === "#about") && this.show());
    wide.addEventListener("change", look);
    addEventListener("hashchange", look);
    // With the first welcome, so that nothing is missed between the two; without a connection soon after.
    setTimeout(look, WELCOME_MS);
    const mine = (event: FeedEvent): boolean => event["patient"] === this.root.dataset["patient"];
    for (const prefix of EVENTS) feed().on(prefix, (event) => this.shown && mine(event) && this.soon());
    feed().onFresh(() => (this.shown ? this.soon() : look()));
  }

  private soon(): void {
    clearTimeout(this.due);
    this.due = setTimeout(() => void this.show(), GATHER_MS);
  }

  private async show(): Promise<void> {
    const place = one("[data-beside-panel]", this.root);
    if (!this.shown) fill(place, h("p", { class: "quiet", role: "status" }, _("Fetching the plan …")));
    this.shown = true;
    const answer = await fetch(this.root.dataset["beside"] ?? "", { headers: { Accept: "text/html" }, credentials: "same-origin" }).catch(() => null);
    const panel = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").querySelector<HTMLElement>("[data-panel]") : null;
    if (panel) return this.put(place, document.adoptNode(panel));
    if (place.querySelector("[data-panel]")) return; // what was fetched before stays until the next event
    fill(place, h("p", null, _("The plan could not be fetched.")), h("button", { class: "button", type: "button", onclick: () => void this.show() }, _("Try again")));
  }

  private put(place: HTMLElement, panel: HTMLElement): void {
    const open = [...place.querySelectorAll<HTMLDetailsElement>("details")].map((one) => one.open);
    const focused = place.contains(document.activeElement) ? [...place.querySelectorAll("a, button, summary")].indexOf(document.activeElement as Element) : -1;
    fill(place, panel);
    place.querySelectorAll("details").forEach((one, n) => (one.open = open[n] ?? false));
    if (focused >= 0) place.querySelectorAll<HTMLElement>("a, button, summary")[focused]?.focus({ preventScroll: true });
  }
}
