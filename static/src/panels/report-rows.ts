/** Every row of the file as a table, by rank: drawn when somebody opens it, a part at a time. */
import { announce, toastProblem } from "../lib/announce";
import { h, maybe } from "../lib/dom";
import { _ } from "../lib/words";
import { type Taxa, type Taxon, ranked, share } from "./report-taxa";

const RANKS = ["domain", "phylum", "class", "order", "family", "genus", "species", "strain"];
/** Rows drawn at once: ten thousand make a phone stand still. */
const AT_ONCE = 100;

/** Makes `[data-rows]` of the panel work; `fetched` gives the groups. */
export function wireRows(root: ParentNode, fetched: () => Promise<Taxa>): void {
  const more = maybe<HTMLDetailsElement>("[data-rows]", root);
  const place = more && maybe("[data-rows-place]", more);
  if (!more || !place) return;
  let drawn = false;
  more.addEventListener("toggle", () => {
    if (!more.open || drawn) return;
    drawn = true;
    const wait = h("p", { class: "wait" }, _("One moment …"));
    place.append(wait);
    fetched()
      .then(({ taxa }) => place.append(...table(taxa)))
      .catch((problem: unknown) => {
        drawn = false;
        more.open = false;
        toastProblem(problem);
      })
      .finally(() => wait.remove());
  });
}

function table(taxa: readonly Taxon[]): HTMLElement[] {
  const there = RANKS.filter((rank) => taxa.some((taxon) => taxon.rank === rank));
  const choice = h("select", { class: "input" }, h("option", { value: "" }, _("every rank")), ...there.map((rank) => h("option", { value: rank, selected: rank === "genus" }, ranked(rank))));
  const body = h("tbody");
  const said = h("p", { class: "small quiet", role: "status" });
  const goOn = h("button", { type: "button", class: "button", onclick: () => add() }, _("Show more rows"));
  const heads = [_("Group"), _("Rank"), _("Share"), _("Reads"), _("As the file has it")].map((words, at) => h("th", { scope: "col", class: at === 2 || at === 3 ? "number" : undefined }, words));
  const scroll = h("div", { class: "table-scroll rows-table", tabindex: 0, role: "region", "aria-label": _("Rows of the file") }, h("table", { class: "table" }, h("thead", null, h("tr", null, ...heads)), body));
  let rows: readonly Taxon[] = [];

  const add = (): void => {
    const from = body.childElementCount;
    body.append(...rows.slice(from, from + AT_ONCE).map(line));
    said.textContent = _("{n} of {all} rows", { n: body.childElementCount, all: rows.length });
    goOn.hidden = body.childElementCount >= rows.length;
    if (from > 0) announce(said.textContent);
  };
  const draw = (): void => {
    rows = choice.value ? taxa.filter((taxon) => taxon.rank === choice.value) : taxa;
    body.replaceChildren();
    add();
  };
  choice.addEventListener("change", draw);
  draw();
  return [h("label", { class: "field" }, _("Rank"), choice), said, scroll, goOn];
}

function line(taxon: Taxon): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, taxon.name),
    h("td", null, ranked(taxon.rank)),
    h("td", { class: "number figures" }, share(taxon.percent)),
    h("td", { class: "number figures" }, taxon.reads === null ? "–" : taxon.reads.toLocaleString("en")),
    h("td", { class: "small quiet" }, taxon.lineage),
  );
}
