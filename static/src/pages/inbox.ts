/** The inbox: the list kept true, the open thread, whose turn it is there, and the patient beside it. Its parts are in ../inbox. */
import { Beside } from "../inbox/beside";
import { Keys } from "../inbox/keys";
import { List } from "../inbox/list";
import { TurnBar } from "../inbox/turn";
import { maybe, one } from "../lib/dom";
import { mount } from "../panels/thread";

const place = one("[data-messages]");

const inbox = maybe("[data-inbox]", place);
const list = inbox ? new List(inbox) : null;
list?.start();

const bar = maybe("[data-turn]", place);
const turn = bar ? new TurnBar(bar) : null;
turn?.start();

const beside = maybe("[data-beside]", place);
if (beside) new Beside(beside).start();

if (place.matches(".messages-staff")) new Keys(list, turn).start();

mount(place);
