/** What the waitlist keeps for somebody, at the top of a page that is open: it appears the moment it is offered. */
import { toast } from "../lib/announce";
import { maybe } from "../lib/dom";
import { feed } from "../lib/feed";
import { _ } from "../lib/words";

const PLACE = "[data-kept-offers]";

/** The page as it is now says what is kept; only that part of it is put in place, so that nothing half written is lost. */
async function renew(): Promise<void> {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = maybe(PLACE, new DOMParser().parseFromString(await answer.text(), "text/html"));
  if (fresh) maybe(PLACE)?.replaceWith(document.adoptNode(fresh));
}

/** Watches for offers while the page is open. */
export function keepOffers(): void {
  feed().on("waitlist.offered", () => {
    toast(_("A time has become free and is kept for you."), "attention");
    void renew().catch(() => undefined); // the line above has said it; the waitlist shows it
  });
}
