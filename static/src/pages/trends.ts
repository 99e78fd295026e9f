/** How it has been: nothing moves here, but a message that points at a day leads to it. */
import { arrive } from "../lib/places";

arrive();
