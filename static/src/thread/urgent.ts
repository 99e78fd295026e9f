/** Before something urgent leaves: a message is no way to call for help, and whoever marks one as urgent reads that first, with the numbers to call. */
import { ask } from "../lib/dialog";
import { h } from "../lib/dom";
import { _ } from "../lib/words";
import { type Outlook, calls } from "./outlook";

export function askUrgent(outlook: Pick<Outlook, "staffed" | "helplines">): Promise<boolean> {
  return ask({
    title: _("Is somebody in danger?"),
    text: outlook.staffed
      ? _("Then please call now. A message is no way to get help at once: nobody may see it in time.")
      : _("Then please call now. Nobody reads messages at this hour, also urgent ones may not be seen in time."),
    content: h("div", { class: "thread-danger" }, calls(outlook.helplines)),
    confirm: _("Nobody is in danger: send it as urgent"),
    decline: _("Back to my message"),
  });
}
