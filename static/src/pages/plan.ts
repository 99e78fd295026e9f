/** The plan's own page. */
import { one } from "../lib/dom";
import { feed } from "../lib/feed";
import { mount } from "../panels/plan";

mount(one('[data-panel="plan"]'));
feed().start();
