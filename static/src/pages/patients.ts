/** The list of patients, narrowed by typing a name. */
import { all, one } from "../lib/dom";

/** Letters as people type them: without case and accents. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

const finder = document.querySelector<HTMLElement>("[data-finder]");
if (finder) {
  const input = one<HTMLInputElement>("input", finder);
  finder.hidden = false;
  input.addEventListener("input", () => {
    const wanted = plain(input.value.trim());
    const rows = all("[data-name]");
    for (const row of rows) row.hidden = !plain(row.dataset["name"] ?? "").includes(wanted);
    const none = rows.every((row) => row.hidden);
    one("[data-none]").hidden = !none;
    one("[data-found]").hidden = none;
  });
}
