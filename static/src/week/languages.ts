/** The languages that somebody speaks, the best one first: kept at each change. */
import { announce, toast, toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { fill, h, icon, one } from "../lib/dom";
import { _ } from "../lib/words";

/** What is offered to choose from, by ISO 639-1 (two letters) where there is such a code; others can be set by the API. */
const OFFERED =
  "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ku ky lb lo lt lv mk ml mn mr ms mt my ne nl no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th ti tl tr uk ur uz vi yo zh zu".split(" ");

export class Languages {
  constructor(
    private readonly root: HTMLElement,
    private readonly path: string,
    private tags: readonly string[],
  ) {
    const select = this.select;
    const named = OFFERED.map((tag) => [tag, nameOf(tag)] as const).sort((a, b) => a[1].localeCompare(b[1]));
    fill(select, ...named.map(([tag, name]) => h("option", { value: tag }, name)));
    one("[data-add-language]", root).addEventListener("click", () => void this.add());
    this.show();
  }

  private get select(): HTMLSelectElement {
    return one<HTMLSelectElement>("#language", this.root);
  }

  private async add(): Promise<void> {
    const tag = this.select.value;
    if (this.tags.includes(tag)) return announce(_("{language} is there already.", { language: nameOf(tag) }));
    await this.keep([...this.tags, tag]);
  }

  private async keep(wanted: readonly string[]): Promise<void> {
    try {
      const { languages } = await api.put<{ readonly languages: readonly string[] }>(this.path, { languages: wanted });
      this.tags = languages;
      this.show();
      toast(_("Stored. {what}", { what: languages.map(nameOf).join(", ") || _("No languages.") }));
    } catch (problem) {
      toastProblem(problem);
    }
  }

  private show(): void {
    one("[data-no-languages]", this.root).hidden = this.tags.length > 0;
    const list = one("[data-languages]", this.root);
    list.hidden = !this.tags.length;
    fill(list, ...this.tags.map((tag) => h("li", { class: "list-row" }, h("span", null, nameOf(tag)), this.remove(tag))));
  }

  private remove(tag: string): HTMLElement {
    const act = (): void => void this.keep(this.tags.filter((each) => each !== tag)).then(() => this.select.focus());
    return h("button", { type: "button", class: "button", "aria-label": _("Remove: {what}", { what: nameOf(tag) }), onclick: act }, icon("x"));
  }
}

function nameOf(tag: string): string {
  return new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "language" }).of(tag) ?? tag;
}
