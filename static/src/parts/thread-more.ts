/** The parts of a thread that are fetched when somebody asks for them (thread/more.ts). One bundle: whoever uses one uses others. */
import type { Host } from "../thread/more";
import { openOthers } from "../thread/others";
import { openPlaces } from "../thread/picker";
import { openReplies } from "../thread/replies";
import { openLater, openWaiting } from "../thread/later";
import { openSearch } from "../thread/search";

export { showReport } from "../thread/column";
export { fillDay } from "../thread/diary";
export { showWaiting } from "../thread/later";

const PARTS: Readonly<Record<string, (host: Host) => void>> = { search: openSearch, others: openOthers, places: openPlaces, replies: openReplies, later: openLater, waiting: openWaiting };

/** Opens one of them, by the name that stands on its button. */
export function open(name: string, host: Host): void {
  PARTS[name]?.(host);
}
