/** The week as a picture: hours and visits are put where their times are, and it renews itself. Without this script they stand in a list. */
import { maybe, one } from "../lib/dom";
import { hintDeviceZone } from "../lib/device-zone";
import { keepLive } from "../lib/live";
import { placeAll } from "../board/place";

function shown(root: HTMLElement): void {
  placeAll(one(".agenda", root));
  maybe("[data-print]", root)?.addEventListener("click", () => window.print());
  hintDeviceZone(root);
}

keepLive({ selector: "[data-live]", events: ["appointment.", "availability."], shown });
