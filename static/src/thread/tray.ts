/** Files that are to go with a message: handed in at once, checked by the server, sent when they are ready, taken out while they are not sent. */
import { announce } from "../lib/announce";
import { Problem, api, newKey, upload } from "../lib/api";
import { fill, h, icon, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { _ } from "../lib/words";

export interface Rules {
  readonly taken: boolean;
  readonly accepts: readonly string[];
  readonly bytes: number;
  readonly files: number;
  readonly recording_s: number;
}

interface Answer {
  readonly id: string;
  readonly state: "pending" | "clean" | "refused";
  readonly problem: { readonly detail: string } | null;
}

type Stage = "leaving" | "checking" | "ready" | "refused" | "stopped";

interface Item {
  /** The key of the intention: handing in again is no second file. */
  readonly key: string;
  readonly file: File;
  readonly row: HTMLElement;
  readonly ended: AbortController;
  id: string;
  stage: Stage;
  share: number;
  why: string;
}

/** Pauses between questions how far a check has come, when no event says it; the last one again and again. */
const ASK_AFTER_MS = [1000, 2000, 4000, 8000, 15_000];

export class Tray {
  private items: Item[] = [];
  private readonly list: HTMLElement;
  private readonly ends: (() => void)[] = [];

  constructor(
    root: HTMLElement,
    private readonly conversation: string,
    private readonly rules: Rules,
  ) {
    this.list = one("[data-tray]", root);
    this.ends.push(feed().on("upload.", (event) => void this.look(String(event["upload"]))));
    this.ends.push(feed().onState((state) => state === "live" && this.goOn()));
    const leaving = (event: BeforeUnloadEvent): void => void (this.items.length && event.preventDefault());
    addEventListener("beforeunload", leaving);
    this.ends.push(() => removeEventListener("beforeunload", leaving));
  }

  stop(): void {
    for (const item of this.items) item.ended.abort();
    for (const end of this.ends) end();
  }

  get isEmpty(): boolean {
    return this.items.length === 0;
  }

  /** Why nothing can be sent yet; empty when everything is ready. */
  get waitsFor(): string {
    if (this.items.some((item) => item.stage === "leaving" || item.stage === "checking")) return _("A file is still being checked. The message can be sent in a moment, or without the file: remove it.");
    return this.items.some((item) => item.stage !== "ready") ? _("A file could not be taken. Remove it, then the message can be sent.") : "";
  }

  /** Takes what is ready out, for a message. */
  empty(): { id: string; name: string }[] {
    const taken = this.items.map((item) => ({ id: item.id, name: item.file.name }));
    this.items = [];
    this.draw();
    return taken;
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const item: Item = { key: newKey(), file, row: h("li", { class: "tray-row" }), ended: new AbortController(), id: "", stage: "leaving", share: 0, why: "" };
      this.items.push(item);
      const why = this.refusal(file);
      if (why) this.turn(item, "refused", why);
      else void this.hand(item);
    }
    this.draw();
  }

  private refusal(file: File): string {
    if (this.items.length > this.rules.files) return _("{n} files fit into one message.", { n: this.rules.files });
    if (file.size > this.rules.bytes) return _("It is larger than {n} MB.", { n: Math.floor(this.rules.bytes / 1_000_000) });
    return "";
  }

  private async hand(item: Item): Promise<void> {
    this.turn(item, "leaving");
    const form = new FormData();
    form.append("file", item.file, item.file.name);
    form.append("conversation", this.conversation);
    try {
      const answer = await upload<Answer>("/api/v1/uploads", form, (share) => this.moved(item, share), { key: item.key, signal: item.ended.signal });
      item.id = answer.id;
      this.turn(item, "checking");
      await this.wait(item);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.turn(item, problem.offline || problem.status >= 500 ? "stopped" : "refused", problem.offline ? _("The connection was lost. Nothing is lost here.") : problem.message);
    }
  }

  private async wait(item: Item): Promise<void> {
    for (let n = 0; item.stage === "checking" && !item.ended.signal.aborted; n += 1) {
      await this.look(item.id);
      if (item.stage === "checking") await new Promise((resolve) => setTimeout(resolve, ASK_AFTER_MS[Math.min(n, ASK_AFTER_MS.length - 1)]));
    }
  }

  private async look(id: string): Promise<void> {
    const item = this.items.find((one) => one.id === id && one.stage === "checking");
    if (!item) return;
    try {
      const { state, problem } = await api.get<Answer>(`/api/v1/uploads/${id}/state`);
      if (state === "clean") this.turn(item, "ready");
      if (state === "refused") this.turn(item, "refused", problem?.detail ?? "");
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status === 404) this.turn(item, "refused", _("It is not there any more. Please add it again."));
    }
  }

  /** The connection is back: what stopped on its way leaves again. */
  private goOn(): void {
    for (const item of this.items) if (item.stage === "stopped") void this.hand(item);
  }

  private remove(item: Item): void {
    item.ended.abort();
    this.items = this.items.filter((one) => one !== item);
    // What was never sent goes by itself after a day, should this not arrive.
    if (item.id) void api.delete(`/api/v1/uploads/${item.id}`).catch(() => undefined);
    this.draw();
  }

  private turn(item: Item, stage: Stage, why = ""): void {
    item.stage = stage;
    item.why = why;
    if (stage === "ready" || stage === "refused") announce(`${item.file.name}: ${said(item)}`);
    this.show(item);
  }

  private moved(item: Item, share: number): void {
    item.share = share;
    const bar = item.row.querySelector("progress");
    if (bar) bar.value = share;
  }

  private draw(): void {
    this.list.hidden = this.isEmpty;
    fill(this.list, ...this.items.map((item) => item.row));
  }

  private show(item: Item): void {
    item.row.dataset["stage"] = item.stage;
    const { name } = item.file;
    fill(
      item.row,
      icon(item.stage === "ready" ? "check" : item.stage === "refused" ? "circle-alert" : "paperclip"),
      h("span", { class: "tray-name" }, name, " ", h("span", { class: item.stage === "refused" ? "wrong" : "quiet" }, said(item))),
      item.stage === "leaving" && h("progress", { max: 1, value: item.share, "aria-label": _("{name}: on its way", { name }) }),
      item.stage === "stopped" && h("button", { type: "button", class: "button", onclick: () => void this.hand(item) }, icon("rotate-cw"), _("Try again")),
      h("button", { type: "button", class: "button button-bare", "aria-label": _("Remove {name}", { name }), onclick: () => this.remove(item) }, icon("x")),
    );
  }
}

function said(item: Item): string {
  switch (item.stage) {
    case "leaving":
      return _("On its way …");
    case "checking":
      return _("Being checked …");
    case "ready":
      return _("Ready to send");
    case "refused":
      return _("Could not be taken. {why}", { why: item.why });
    case "stopped":
      return item.why;
  }
}
