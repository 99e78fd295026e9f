/** What every page has: the theme switch, the state of the live feed, and the way out of a small screen's menu. */
import { all, maybe, one } from "../lib/dom";
import { type FeedState, feed } from "../lib/feed";
import { watchCalls } from "../lib/called";
import { watchUrgent } from "../lib/urgent";
import { wireWriteAbout } from "../lib/places";
import { keepTrue } from "../lib/push";
import { _ } from "../lib/words";
import { outbox } from "../thread/outbox";

const SAYS: Readonly<Record<FeedState, string>> = {
  idle: "",
  connecting: _("Connecting …"),
  live: _("Up to date"),
  waiting: _("No connection, trying again …"),
  ended: _("You are signed out"),
};

/** By long polls, where no socket passes. */
const SLOWLY = _("Up to date, a little slower");

/** A connection that drops for less than this is nobody's concern. */
const CALM_MS = 1500;

function showFeed(place: HTMLElement): void {
  let due: ReturnType<typeof setTimeout> | undefined;
  const say = (): void => {
    due = undefined;
    const { state } = feed();
    place.dataset["state"] = state;
    one("[data-feed-text]", place).textContent = state === "live" && feed().slow ? SLOWLY : SAYS[state];
    one("[data-feed-again]", place).hidden = state !== "ended";
  };
  feed()
    .start()
    .onState((state) => {
      // Trying again and waiting take turns: none of them starts the calm anew, or the head would say "Up to date" for long.
      if (state !== "live") {
        due ??= setTimeout(say, CALM_MS);
        return;
      }
      clearTimeout(due);
      say();
    });
}

const YEAR_S = 31_536_000;

function remember(theme: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `telegut-theme=${theme}; Path=/; Max-Age=${theme === "auto" ? 0 : YEAR_S}; SameSite=Lax${secure}`;
}

function wireTheme(choice: HTMLInputElement): void {
  choice.addEventListener("change", () => {
    remember(choice.value);
    if (choice.value === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = choice.value;
  });
}

function closeMenuOutside(menu: HTMLDetailsElement): void {
  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    one("summary", menu).focus();
  });
}

const place = maybe("[data-feed]");
if (place) showFeed(place);
// A message that was written without a connection leaves with whichever page has one.
const account = document.documentElement.dataset["account"];
if (account && place) {
  outbox(account);
  // A browser that cannot have the worker, or a moment without a connection, is nothing to tell anybody about.
  keepTrue(account).catch(() => undefined);
}
if (place && document.documentElement.dataset["team"] !== undefined) {
  watchUrgent();
  watchCalls();
}
wireWriteAbout();
all<HTMLInputElement>('input[name="theme"]').forEach(wireTheme);
all<HTMLDetailsElement>("details.menu").forEach(closeMenuOutside);
