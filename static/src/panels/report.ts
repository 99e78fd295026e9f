/**
 * The report panel: bars or a table, a search over every group, the choice of a sample or of another report, and a file
 * that is being read shown as soon as it is. The server draws it; this makes it move.
 */
import { announce, toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { all, maybe } from "../lib/dom";
import { feed } from "../lib/feed";
import { _ } from "../lib/words";
import { WANTED, type Wanted } from "../call/anchors";
import { wireOpens } from "./report-opens";
import { wireRows } from "./report-rows";
import { type Found, type Taxa, fetchTaxa, foundRow, search } from "./report-taxa";

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
  private taxa: Promise<Taxa> | null = null;
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
    const beside = this.section.closest<HTMLElement>("[role=tabpanel]");
    beside?.addEventListener("click", elsewhere);
    this.stops.push(() => beside?.removeEventListener("click", elsewhere));
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
    const field = maybe<HTMLInputElement>("[data-search]", this.section);
    field?.addEventListener("input", () => void this.look(field));
    this.section.addEventListener(WANTED, (event) => {
      const wanted = (event as CustomEvent<Wanted>).detail;
      wanted.drawn.push(this.draw(wanted.fits));
    });
    wireRows(this.section, () => this.fetched());
    wireOpens(this.section);
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

  /** Every group of the report, fetched once. */
  private fetched(): Promise<Taxa> {
    this.taxa ??= fetchTaxa(this.report ?? "").catch((problem: unknown) => {
      this.taxa = null;
      throw problem;
    });
    return this.taxa;
  }

  private async look(field: HTMLInputElement): Promise<void> {
    const wanted = field.value.trim();
    const list = maybe("[data-search-found]", this.section);
    const said = maybe("[data-search-said]", this.section);
    if (!list || !said) return;
    if (wanted.length < 2) {
      list.hidden = true;
      said.textContent = "";
      return;
    }
    try {
      const found = search(await this.fetched(), wanted);
      if (field.value.trim() !== wanted) return; // typed on while we waited
      this.list(list, found.slice(0, MOST_FOUND));
      said.textContent = sentence(found.length);
    } catch (problem) {
      toastProblem(problem);
    }
  }

  /** Rows of what was found; a genus that is not among the bars can be pointed at here. */
  private list(place: HTMLElement, found: readonly Found[]): void {
    const withoutNumbers = maybe("[data-found-only]", this.section) !== null;
    place.replaceChildren(...found.map((one) => foundRow(one, withoutNumbers)));
    place.hidden = found.length === 0;
    const drawn = new Set(all("[data-bars] [data-finding]", this.section).map((one) => one.dataset["finding"]));
    for (const row of all("[data-found]", place)) if (!drawn.has(row.dataset["found"])) row.dataset["finding"] = row.dataset["found"];
  }

  /** Somebody points at a genus that is not among the bars of this person. */
  private async draw(fits: (name: string) => boolean): Promise<void> {
    const place = maybe("[data-search-found]", this.section);
    const { taxa } = await this.fetched();
    const taxon = taxa.find((one) => one.rank === "genus" && fits(one.name));
    if (place && taxon) this.list(place, [{ taxon }]);
  }

  private async choose(form: HTMLFormElement): Promise<void> {
    const button = maybe<HTMLButtonElement>("button[type=submit]", form);
    const sample = new FormData(form).get("sample");
    if (button) button.disabled = true;
    try {
      await api.post(`/api/v1/reports/${this.report ?? ""}/sample`, { sample });
      await this.show(this.report);
      if (document.activeElement === document.body) this.takeFocus(); // the button that had it is gone
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
    // What stands around a report on its own page (how to read it, questions, paper) is written with it: that is drawn by the page.
    const page = this.section.closest("[data-report-page]");
    if (page && before !== "ready" && fresh.dataset["state"] === "ready") return void page.dispatchEvent(new CustomEvent("report-arrived"));
    const focused = this.section.contains(document.activeElement);
    const old = this.section;
    old.replaceWith(fresh);
    this.section = fresh;
    this.wire();
    if (old.dataset["report"] === fresh.dataset["report"]) keepPlace(old, fresh);
    fresh.dispatchEvent(new CustomEvent("report-shown", { bubbles: true })); // which one: data-report
    if (before !== fresh.dataset["state"]) announce(arrived(fresh.dataset["state"] ?? "", fresh));
    if (focused) this.takeFocus();
  }

  private takeFocus(): void {
    this.section.tabIndex = -1;
    this.section.focus({ preventScroll: true });
  }
}

/** What somebody had opened, looked for, or had as a table stays so in the panel that is drawn anew. */
function keepPlace(old: HTMLElement, fresh: HTMLElement): void {
  const folds = new Map(all<HTMLDetailsElement>("details", fresh).map((one) => [foldName(one), one]));
  for (const one of all<HTMLDetailsElement>("details[open]", old)) {
    const same = folds.get(foldName(one));
    if (same) same.open = true;
  }
  const [wanted, field] = [maybe<HTMLInputElement>("[data-search]", old)?.value ?? "", maybe<HTMLInputElement>("[data-search]", fresh)];
  if (field && wanted) {
    field.value = wanted;
    field.dispatchEvent(new Event("input"));
  }
  if (maybe('[data-as-table][aria-pressed="true"]', old)) maybe<HTMLButtonElement>("[data-as-table]", fresh)?.click();
}

/** Its place, or its words. */
function foldName(fold: HTMLDetailsElement): string {
  return fold.dataset["opens"] ?? maybe("summary", fold)?.textContent?.trim() ?? "";
}

/** Beside a call, a link out of the panel opens in a tab of its own: nobody leaves a visit by reading on. */
function elsewhere(event: MouseEvent): void {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]:not([download], [data-write-about])");
  if (!link) return;
  link.target = "_blank";
  link.rel = "noopener";
}

function sentence(found: number): string {
  if (found === 0) return _("Nothing of that name was found in this sample. It may be there in amounts too small to see.");
  if (found > MOST_FOUND) return _("{n} found; the largest {most} are shown.", { n: found, most: MOST_FOUND });
  return found === 1 ? _("One found.") : _("{n} found.", { n: found });
}

/** What to say aloud; of a file that gives no numbers its own first words: it may be kept for somebody to explain. */
export function arrived(state: string, panel: HTMLElement): string {
  if (state === "ready") return _("The report is ready.");
  if (state === "refused") return maybe("[data-problem]", panel)?.textContent?.trim() ?? _("This file could not be read as a report.");
  return state === "choose_sample" ? _("Please choose the sample.") : _("The file is being read.");
}
