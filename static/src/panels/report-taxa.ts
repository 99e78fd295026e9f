/** The groups of a report as the API has them, and the search over them: under the names of the file, old ones and new ones. */
import { api } from "../lib/api";
import { h } from "../lib/dom";
import { _ } from "../lib/words";

export interface Taxon {
  readonly name: string;
  readonly rank: string;
  readonly lineage: string;
  readonly percent: number;
  readonly reads: number | null;
}

/** Another name of a group that is in the sample; not certain: only some databases use it for this group. */
export interface OtherName {
  readonly name: string;
  readonly rank: string;
  readonly other: string;
  readonly certain: boolean;
}

export interface Taxa {
  readonly taxa: readonly Taxon[];
  readonly other_names: readonly OtherName[];
}

export interface Found {
  readonly taxon: Taxon;
  /** The name that was looked for, when it is not the one in the file. */
  readonly under?: OtherName;
}

export function fetchTaxa(report: string): Promise<Taxa> {
  return api.get<Taxa>(`/api/v1/reports/${report}`);
}

/** Every group that has the words in its name or in another name of it, in the order of the file. */
export function search({ taxa, other_names }: Taxa, words: string): Found[] {
  const wanted = words.trim().toLowerCase();
  const others = other_names.filter((one) => one.other.toLowerCase().includes(wanted));
  return taxa.flatMap((taxon): Found[] => {
    if (taxon.name.toLowerCase().includes(wanted)) return [{ taxon }];
    const under = others.find((one) => one.name === taxon.name && one.rank === taxon.rank);
    return under ? [{ taxon, under }] : [];
  });
}

/** withoutNumbers: rarer groups are found or not found, and no more. */
export function foundRow({ taxon, under }: Found, withoutNumbers: boolean): HTMLElement {
  const reads = taxon.reads === null ? "" : ` · ${_("{n} reads", { n: taxon.reads.toLocaleString("en") })}`;
  return h(
    "li",
    taxon.rank === "genus" ? { "data-found": taxon.name } : null,
    h("div", { class: "list-row" }, h("span", { class: "list-title" }, taxon.name), h("span", { class: "quiet figures" }, withoutNumbers ? `${ranked(taxon.rank)} · ${_("found")}` : `${ranked(taxon.rank)} · ${share(taxon.percent)}${reads}`)),
    under && h("p", { class: "small quiet" }, otherwise(under)),
  );
}

function otherwise({ name, other, certain }: OtherName): string {
  if (certain) return _("{other} and {name} are two names of one group.", { other, name });
  return _("Not certainly the same as {other}: databases draw the line between the two names differently.", { other });
}

export function ranked(rank: string): string {
  const names: Readonly<Record<string, string>> = {
    domain: _("domain"),
    phylum: _("phylum"),
    class: _("class"),
    order: _("order"),
    family: _("family"),
    genus: _("genus"),
    species: _("species"),
    strain: _("strain"),
  };
  return names[rank] ?? rank;
}

export function share(percent: number): string {
  if (percent === 0) return "0 %";
  if (percent < 0.01) return _("under 0.01 %");
  return `${percent.toFixed(percent >= 1 ? 1 : 2)} %`;
}
