/** A page read out, block by block, the block that is read marked. Pausing keeps the place; what is folded away is not read. */
import { all, one } from "../lib/dom";
import { onVoice } from "../lib/voice";

const BLOCKS = "h1, h2, h3, p, li, dt, dd, summary";
/** What is no text of its own: controls, drawings and how to read them, numbers for machines. */
const SILENT = ".no-print, .unseen, [hidden], button, svg, table, code, [aria-hidden=true], [data-strip-legend]";

export class Aloud {
  private voice: SpeechSynthesisVoice | null = null;
  private blocks: HTMLElement[] = [];
  private at = 0;
  private state: "quiet" | "reading" | "paused" = "quiet";
  /** Which order to read this is: a cancelled one still reports its end. */
  private turn = 0;

  constructor(
    private readonly controls: HTMLElement,
    private readonly roots: () => readonly HTMLElement[],
  ) {
    onVoice((voice) => {
      this.voice = voice;
      controls.hidden = false;
    });
    this.button("start").addEventListener("click", () => this.start());
    this.button("pause").addEventListener("click", () => (this.state === "paused" ? this.goOn() : this.pause()));
    this.button("stop").addEventListener("click", () => this.stop());
    window.addEventListener("pagehide", () => this.stop());
  }

  private start(): void {
    this.blocks = this.roots()
      .flatMap((root) => (root.matches(BLOCKS) ? [root] : all(BLOCKS, root)))
      .filter((block) => spokenOf(block) !== "");
    this.at = 0;
    this.goOn();
    this.button("pause").focus();
  }

  private pause(): void {
    this.turn += 1;
    this.state = "paused";
    speechSynthesis.cancel();
    this.show();
  }

  private goOn(): void {
    this.state = "reading";
    this.show();
    this.next();
  }

  /** Ends it; nothing happens when nothing is read. */
  stop(): void {
    if (this.state === "quiet") return;
    const inside = this.controls.contains(document.activeElement);
    this.turn += 1;
    this.state = "quiet";
    speechSynthesis.cancel();
    this.show();
    if (inside) this.button("start").focus();
  }

  private next(): void {
    const block = this.blocks[this.at];
    if (!block || !this.voice) return this.stop();
    const turn = (this.turn += 1);
    const said = new SpeechSynthesisUtterance(spokenOf(block));
    said.voice = this.voice;
    said.lang = this.voice.lang;
    const done = (): void => {
      if (turn !== this.turn) return;
      this.at += 1;
      this.next();
    };
    said.addEventListener("end", done);
    said.addEventListener("error", done);
    this.mark(block);
    speechSynthesis.speak(said);
  }

  private mark(block: HTMLElement | null): void {
    for (const marked of document.querySelectorAll(".being-read")) marked.classList.remove("being-read");
    block?.classList.add("being-read");
    block?.scrollIntoView({ block: "nearest" });
  }

  private show(): void {
    const on = this.state !== "quiet";
    this.button("start").hidden = on;
    this.button("pause").hidden = !on;
    this.button("stop").hidden = !on;
    this.button("pause").setAttribute("aria-pressed", String(this.state === "paused"));
    if (!on) this.mark(null);
  }

  private button(name: "start" | "pause" | "stop"): HTMLButtonElement {
    return one<HTMLButtonElement>(`[data-aloud-${name}]`, this.controls);
  }
}

/** What is said of a block: its own words, without those of blocks inside it, of buttons and of what is hidden. */
export function spokenOf(block: HTMLElement): string {
  if (block.closest(SILENT) || block.getClientRects().length === 0) return "";
  const said: string[] = [];
  const walk = (node: Node): void => {
    if (node instanceof Text) said.push(node.data);
    if (!(node instanceof Element) || (node !== block && (node.matches(SILENT) || node.matches(BLOCKS)))) return;
    for (const child of node.childNodes) walk(child);
    if (node !== block) said.push(standsAlone(node) ? ". " : " ");
  };
  walk(block);
  return said.join("").replace(/\s+/g, " ").replace(/([.:?!…])(?: ?\.)+(?= |$)/g, "$1").replace(/^\. |(?<= )\. /g, "").trim();
}

/** On a line of its own, as a name above its sentence: a voice pauses after it as an eye does. */
function standsAlone(node: Element): boolean {
  return ["block", "flex", "grid"].includes(getComputedStyle(node).display) && (node.textContent ?? "").trim() !== "";
}
