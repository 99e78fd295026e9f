/** The plan's own page. */
import { toastProblem } from "../lib/announce";
import { maybe, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { arrive } from "../lib/places";
import { mount } from "../panels/plan";
import { nextVisit } from "../plan/next-visit";

mount(one('[data-panel="plan"]'));
const next = maybe("#next-visit");
if (next) nextVisit(next).catch(toastProblem);
feed().start();
arrive();
