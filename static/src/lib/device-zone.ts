/** Says when the clock of this device is another one than the clock of the times on the page. */
import { maybe } from "./dom";
import { myZone, sameClock, zoneName } from "./time";
import { _ } from "./words";

/** Fills `[data-device-zone]`, if the page has one, when both clocks differ now. *zone*: of the times on the page. */
export function hintDeviceZone(root: ParentNode = document, zone = myZone()): void {
  const place = maybe("[data-device-zone]", root);
  const device = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!place || !device || sameClock(new Date().toISOString(), device, zone)) return;
  place.textContent = _("Your device is in {device}; times are in {zone}.", { device: zoneName(device), zone: zoneName(zone) });
  place.hidden = false;
}
