/** The report of promises: everything is drawn by the server; this prints it. */
import { one } from "../lib/dom";

const button = one("[data-print]");
button.hidden = false;
button.addEventListener("click", () => print());
