/** Files in a message: photos in small, documents by name, voice notes to play. Each is fetched when it is looked at, as the person who looks. */
import { toastProblem } from "../lib/announce";
import { Problem } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { elapsed } from "../lib/time";
import { _ } from "../lib/words";

export interface Attached {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly width?: number | null;
  readonly height?: number | null;
  readonly pages?: number | null;
  readonly duration_s?: number | null;
  readonly thumbnail: boolean;
}

export function filesOf(files: readonly Attached[]): HTMLElement | null {
  if (!files.length) return null;
  return h("ul", { class: "message-files" }, ...files.map((file) => h("li", null, shown(file))));
}

function shown(file: Attached): HTMLElement {
  if (file.type.startsWith("image/")) return photo(file);
  return file.type.startsWith("audio/") ? voice(file) : document_(file);
}

const THUMB_PX = 240;

function photo(file: Attached): HTMLElement {
  const picture = h("img", { alt: _("Photo {name}", { name: file.name }), width: THUMB_PX, height: Math.round((THUMB_PX * (file.height ?? 3)) / (file.width ?? 4)) });
  const button = h("button", { type: "button", class: "message-photo", onclick: () => void enlarge(file) }, picture);
  whenSeen(picture, () => void fetched(file, "/thumbnail").then((url) => (picture.src = url), () => fill(button, icon("image-off"), _("This photo cannot be shown now. Tap to try."))));
  return button;
}

async function enlarge(file: Attached): Promise<void> {
  try {
    const picture = h("img", { src: await fetched(file), alt: _("Photo {name}", { name: file.name }) });
    const close = h("button", { type: "button", class: "button", onclick: () => dialog.close() }, icon("x"), _("Close"));
    const dialog: HTMLDialogElement = h("dialog", { class: "dialog message-enlarged", "aria-label": file.name, onclose: () => dialog.remove() }, picture, h("div", { class: "row row-end" }, keepButton(file), close));
    document.body.append(dialog);
    dialog.showModal();
  } catch (problem) {
    toastProblem(problem);
  }
}

function voice(file: Attached): HTMLElement {
  const place = h("div", { class: "message-voice" });
  const play = async (): Promise<void> => {
    try {
      const player = h("audio", { controls: true, src: await fetched(file), "aria-label": _("Voice note") });
      fill(place, player);
      player.focus();
      await player.play();
    } catch (problem) {
      // A browser that does not play at once leaves the button of the player.
      if (problem instanceof Problem) toastProblem(problem);
    }
  };
  fill(place, h("button", { type: "button", class: "button", onclick: () => void play() }, icon("play"), _("Voice note"), file.duration_s ? ` ${elapsed(file.duration_s * 1000)}` : ""));
  return place;
}

function document_(file: Attached): HTMLElement {
  const facts = [file.pages && (file.pages === 1 ? _("one page") : _("{n} pages", { n: file.pages })), sized(file.size)].filter(Boolean).join(", ");
  return h("button", { type: "button", class: "button message-document", onclick: () => void keep(file) }, icon("file-text"), h("span", null, file.name, " ", h("span", { class: "quiet small" }, facts)), icon("download"));
}

function sized(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function keepButton(file: Attached): HTMLElement {
  return h("button", { type: "button", class: "button", onclick: () => void keep(file) }, icon("download"), _("Save on this device"));
}

async function keep(file: Attached): Promise<void> {
  try {
    h("a", { href: await fetched(file), download: file.name }).click();
  } catch (problem) {
    toastProblem(problem);
  }
}

/** Addresses of what was fetched, for as long as the page lives: a message that is drawn anew asks nothing again. */
const known = new Map<string, Promise<string>>();

function fetched(file: Attached, part = ""): Promise<string> {
  const path = `/api/v1/uploads/${file.id}${part}`;
  let url = known.get(path);
  if (!url) {
    known.set(path, (url = blobOf(path)));
    url.catch(() => known.delete(path));
  }
  return url;
}

async function blobOf(path: string): Promise<string> {
  const response = await fetch(path, { credentials: "same-origin" }).catch(() => null);
  if (!response?.ok) throw new Problem(response?.status ?? 0, "file", _("No file"), response ? _("This file cannot be shown.") : _("There is no connection right now. Please try again."));
  return URL.createObjectURL(await response.blob());
}

/** Once *element* comes on the screen. */
export function whenSeen(element: HTMLElement, act: () => void): void {
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watch.disconnect();
    act();
  });
  watch.observe(element);
}
