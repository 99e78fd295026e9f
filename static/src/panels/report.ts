/**
 * The report panel: bars or a table, a search over every group, the choice of a sample or of another report, and a file
 * that is being read shown as soon as it is. The server draws it; this makes it move.
 */
import { announce, toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { all, h, maybe } from "../lib/dom";
import { feed } from "../lib/feed";
import { _ } from "../lib/words";

interface Taxon {
  readonly name: string;
  readonly rank: string;
  readonly percent: number;
  readonly reads: number | null;
}

interface Report {
  readonly state: string;
  readonly taxa: readonly Taxon[];
}

/** While a file is being read we ask again this often, should the live feed be away. */
const ASK_AGAIN_MS = 2000;
const MOST_FOUND = 40;

/** Makes the panel in or around `root` work. Returns the way to stop. */
export function mount(root: HTMLElement): () => void {
  return new ReportPanel(root).start();
}

class ReportPanel {
  private section: HTMLElement;
  private readonly stops: (() => void)[] = [];
  private asking: ReturnType<typeof setTimeout> | undefined;
  private taxa: Promise<readonly Taxon[]> | null = null;
  private stopped = false;

  constructor(root: HTMLElement) {
    const found = root.matches('[data-panel="report"]') ? root : maybe('[data-panel="report"]', root);
    if (!found) throw new Error("there is no report panel here");
    this.section = found;
  }

  start(): () => void {
    this.wire();
    if (document.documentElement.dataset["signedIn"] !== undefined) {
      this.stops.push(feed().on("report.", (event) => event["patient"] === this.patient && this.news(String(event["report"] ?? ""))));
    }
    return () => this.stop();
  }

  private stop(): void {
    this.stopped = true;
    clearTimeout(this.asking);
    for (const stop of this.stops) stop();
  }

  private get patient(): string {
    return this.section.dataset["patient"] ?? "";
  }

  private get report(): string | undefined {
    return this.section.dataset["report"];
  }

  private wire(): void {
    this.taxa = null;
    maybe<HTMLButtonElement>("[data-as-table]", this.section)?.addEventListener("click", (event) => this.swap(event.currentTarget as HTMLButtonElement));
    const search = maybe<HTMLInputElement>("[data-search]", this.section);
    search?.addEventListener("input", () => void this.look(search));
    const choice = maybe<HTMLSelectElement>("[data-choose-report]", this.section);
    choice?.addEventListener("change", () => void this.show(choice.value));
    const form = maybe<HTMLFormElement>("[data-choose-sample]", this.section);
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.choose(form);
    });
    clearTimeout(this.asking);
    if (this.section.dataset["state"] === "received") this.asking = setTimeout(() => void this.ask(), ASK_AGAIN_MS);
  }

  private swap(button: HTMLButtonElement): void {
    const asTable = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(asTable));
    for (const bars of all("[data-bars]", this.section)) bars.hidden = asTable;
    for (const table of all("[data-table]", this.section)) table.hidden = !asTable;
    announce(asTable ? _("Shown as a table.") : _("Shown as bars."));
  }

  private async look(search: HTMLInputElement): Promise<void> {
    const wanted = search.value.trim().toLowerCase();
    const list = maybe("[data-search-found]", this.section);
    const said = maybe("[data-search-said]", this.section);
    if (!list || !said) return;
    if (wanted.length < 2) {
      list.hidden = true;
      said.textContent = "";
      return;
    }
    this.taxa ??= api.get<Report>(`/api/v1/reports/${this.report ?? ""}`).then((report) => report.taxa);
    try {
      const found = (await this.taxa).filter((taxon) => taxon.name.toLowerCase().includes(wanted));
      if (search.value.trim().toLowerCase() !== wanted) return; // typed on while we waited
      list.replaceChildren(...found.slice(0, MOST_FOUND).map(row));
      list.hidden = found.length === 0;
      said.textContent = sentence(found.length);
    } catch (problem) {
      this.taxa = null;
      toastProblem(problem);
    }
  }

  private async choose(form: HTMLFormElement): Promise<void> {
    const button = maybe<HTMLButtonElement>("button[type=submit]", form);
    const sample = new FormData(form).get("sample");
    if (button) button.disabled = true;
    try {
      await api.post(`/api/v1/reports/${this.report ?? ""}/sample`, { sample });
      await this.show(this.report);
    } catch (problem) {
      toastProblem(problem);
    }
    if (button) button.disabled = false;
  }

  private async news(report: string): Promise<void> {
    if (report === this.report || this.report === undefined) await this.show(report);
  }

  private async ask(): Promise<void> {
    try {
      await this.show(this.report);
    } catch (problem) {
      if (!this.stopped) this.asking = setTimeout(() => void this.ask(), ASK_AGAIN_MS);
      console.warn(problem);
    }
  }

  /** Fetches the panel anew and puts it in the place of this one. */
  private async show(report: string | undefined): Promise<void> {
    const query = report ? `?report=${encodeURIComponent(report)}` : "";
    const answer = await fetch(`/patients/${this.patient}/panels/report${query}`, { credentials: "same-origin" });
    if (this.stopped || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector<HTMLElement>('[data-panel="report"]');
    if (!fresh) return;
    const before = this.section.dataset["state"];
    const focused = this.section.contains(document.activeElement);
    this.section.replaceWith(fresh);
    this.section = fresh;
    this.wire();
    fresh.dispatchEvent(new CustomEvent("report-shown", { bubbles: true })); // which one: data-report
    if (before !== fresh.dataset["state"]) announce(arrived(fresh.dataset["state"] ?? ""));
    if (focused) {
      fresh.tabIndex = -1;
      fresh.focus({ preventScroll: true });
    }
  }
}

function row(taxon: Taxon): HTMLElement {
  const reads = taxon.reads === null ? "" : ` · ${_("{n} reads", { n: taxon.reads.toLocaleString("en") })}`;
  return h(
    "li",
    null,
    h("div", { class: "list-row" }, h("span", { class: "list-title" }, taxon.name), h("span", { class: "quiet figures" }, `${ranked(taxon.rank)} · ${share(taxon.percent)}${reads}`)),
  );
}

function ranked(rank: string): string {
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

function share(percent: number): string {
  if (percent < 0.01) return _("under 0.01 %");
  return `${percent.toFixed(percent >= 1 ? 1 : 2)} %`;
}

function sentence(found: number): string {
  if (found === 0) return _("Nothing of that name was found in this sample. It may be there in amounts too small to see.");
  if (found > MOST_FOUND) return _("{n} found; the largest {most} are shown.", { n: found, most: MOST_FOUND });
  return found === 1 ? _("One found.") : _("{n} found.", { n: found });
}

function arrived(state: string): string {
  if (state === "ready") return _("The report is ready.");
  if (state === "refused") return _("This file could not be read as a report.");
  return state === "choose_sample" ? _("Please choose the sample.") : _("The file is being read.");
}
