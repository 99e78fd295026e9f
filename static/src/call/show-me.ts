/**
 * "Show something": the rear camera in place of the usual one, with a word about light and sharpness, and a photo of what it sees.
 * The photo is drawn anew here, so that where it was taken does not leave this device; it is sent when its taker says so.
 */
import { announce, toast, toastProblem } from "../lib/announce";
import { Problem, api, newKey, upload } from "../lib/api";
import { fill, h, icon } from "../lib/dom";
import { _ } from "../lib/words";
import { outbox } from "../thread/outbox";
import type { Devices } from "./devices";
import { JUDGED_WIDTH, type Judged, judge } from "./picture";

export interface ShowMeFacts {
  readonly patient: string;
  say(message: Readonly<Record<string, unknown>> & { readonly type: string }): boolean;
}

const REAR: MediaTrackConstraints = { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 }, frameRate: { ideal: 24, max: 30 } };
const JUDGE_EVERY_MS = 600;
const QUALITY = 0.9;
const LOOK_AGAIN_MS = 1000;
const CHECKED_WITHIN_MS = 60_000;

export class ShowMe {
  private judging: ReturnType<typeof setInterval> | undefined;
  private readonly video = h("video", { autoplay: true, playsinline: true, muted: true, class: "show-me-picture", "aria-label": _("What your camera sees") });
  private readonly body = h("div", { class: "show-me-body" });
  private readonly hint = h("p", { role: "status", class: "show-me-hint" });
  private readonly row = h("div", { class: "row row-end" });
  private readonly dialog: HTMLDialogElement;
  private url = "";
  private out = false;

  constructor(
    button: HTMLElement,
    private readonly devices: Devices,
    private readonly facts: ShowMeFacts,
  ) {
    const title = h("h2", { id: "show-me-title" }, _("Show something"));
    this.dialog = h("dialog", { class: "dialog show-me", "aria-labelledby": "show-me-title" }, title, this.body, this.hint, this.row);
    this.dialog.addEventListener("close", () => void this.ended());
    document.body.append(this.dialog);
    button.addEventListener("click", () => {
      const menu = button.closest("details");
      if (menu) menu.open = false;
      void this.open();
    });
  }

  /** The room was left, and with it the camera. */
  leave(): void {
    if (!this.dialog.open) return;
    this.out = true;
    this.dialog.close();
  }

  private async open(): Promise<void> {
    const track = await this.devices.borrow(REAR);
    if (!track) return toast(_("The camera could not be opened. Is it used by something else?"), "trouble");
    this.video.srcObject = new MediaStream([track]);
    this.aim();
    this.dialog.showModal();
    this.judging = setInterval(() => this.judge(), JUDGE_EVERY_MS);
    announce(_("Everybody in the room sees what your camera sees."));
  }

  /** The picture as it moves, and what can be done. */
  private aim(): void {
    fill(this.body, this.video);
    void this.video.play().catch(() => undefined);
    this.say(_("Everybody in the room sees what your camera sees."));
    const take = h("button", { type: "button", class: "button button-main", onclick: () => void this.take() }, icon("camera"), _("Take a photo"));
    fill(this.row, h("button", { type: "button", class: "button", onclick: () => this.dialog.close() }, _("Close")), take);
  }

  private judge(): void {
    if (!this.video.isConnected || !this.video.videoWidth) return;
    this.say(words(judge(small(this.video))));
  }

  private say(text: string): void {
    if (this.hint.textContent !== text) this.hint.textContent = text;
  }

  private async take(): Promise<void> {
    this.facts.say({ type: "photo", event: "taking" });
    fill(this.row, h("p", { class: "quiet" }, _("One moment …")));
    try {
      const photo = await still(this.video);
      this.confirm(photo);
    } catch {
      this.facts.say({ type: "photo", event: "left" });
      toast(_("The photo could not be taken. Please try again."), "trouble");
      this.aim();
    }
  }

  private confirm(photo: File): void {
    URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(photo);
    fill(this.body, h("img", { src: this.url, class: "show-me-picture", alt: _("The photo that you took") }));
    this.say(_("Send this photo to your care team? It is kept in your messages, without the place where it was taken."));
    const again = h("button", { type: "button", class: "button", onclick: () => this.discard() }, icon("rotate-ccw"), _("Take another"));
    const send = h("button", { type: "button", class: "button button-main", onclick: () => void this.send(photo) }, icon("send-horizontal"), _("Send this photo"));
    fill(this.row, again, send);
    send.focus();
  }

  private discard(): void {
    this.facts.say({ type: "photo", event: "left" });
    this.aim();
  }

  private async send(photo: File): Promise<void> {
    fill(this.row, h("p", { class: "quiet" }, _("On its way …")));
    try {
      await file(this.facts.patient, photo);
      this.facts.say({ type: "photo", event: "sent" });
      toast(_("The photo is in your messages."));
      this.dialog.close();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      toastProblem(problem);
      this.confirm(photo); // nothing is lost: it can be sent again
    }
  }

  private async ended(): Promise<void> {
    clearInterval(this.judging);
    URL.revokeObjectURL(this.url);
    this.video.srcObject = null;
    if (!this.out) await this.devices.borrow(null);
    this.out = false;
  }
}

function words({ light, sharp }: Judged): string {
  if (light === "dark") return _("It is dark here. A lamp or a window helps.");
  if (light === "bright") return _("It is very bright. Turn a little away from the light.");
  return sharp ? _("Light and sharpness are good.") : _("Not sharp yet. Hold still, or go a little further away.");
}

function drawn(from: CanvasImageSource, width: number, height: number): HTMLCanvasElement {
  const canvas = h("canvas", { width, height });
  canvas.getContext("2d", { willReadFrequently: true })?.drawImage(from, 0, 0, width, height);
  return canvas;
}

function small(video: HTMLVideoElement): ImageData {
  const height = Math.max(3, Math.round((JUDGED_WIDTH * video.videoHeight) / video.videoWidth));
  return drawn(video, JUDGED_WIDTH, height).getContext("2d", { willReadFrequently: true })!.getImageData(0, 0, JUDGED_WIDTH, height);
}

/** At the camera's full size where the browser can, else as the video is; drawn anew, which leaves everything but the picture behind. */
async function still(video: HTMLVideoElement): Promise<File> {
  const track = (video.srcObject as MediaStream | null)?.getVideoTracks()[0];
  const taken = track && "ImageCapture" in window ? await photographed(track) : null;
  const source = taken ?? video;
  const canvas = taken ? drawn(taken, taken.width, taken.height) : drawn(source, video.videoWidth, video.videoHeight);
  taken?.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!blob) throw new Error("no picture");
  return new File([blob], `photo-${new Date().toISOString().slice(0, 10)}.jpg`, { type: "image/jpeg" });
}

interface Photographer {
  takePhoto(): Promise<Blob>;
}

async function photographed(track: MediaStreamTrack): Promise<ImageBitmap | null> {
  try {
    const Capture = (window as unknown as { ImageCapture: new (track: MediaStreamTrack) => Photographer }).ImageCapture;
    return await createImageBitmap(await new Capture(track).takePhoto(), { imageOrientation: "from-image" });
  } catch {
    return null; // this camera gives no photos: the video's own picture is there
  }
}

interface ThreadData {
  readonly conversation: string;
  readonly me: string;
}

interface Uploaded {
  readonly id: string;
  readonly state: "pending" | "clean" | "refused";
  readonly problem: { readonly detail: string } | null;
}

/** Hands the photo in, waits until it is checked, and puts it into the thread with the care team. */
async function file(patient: string, photo: File): Promise<void> {
  const { conversation, me } = await thread(patient);
  const form = new FormData();
  form.append("file", photo, photo.name);
  form.append("conversation", conversation);
  const { id } = await upload<Uploaded>("/api/v1/uploads", form, () => undefined, { key: newKey() });
  const until = performance.now() + CHECKED_WITHIN_MS;
  for (;;) {
    const { state, problem } = await api.get<Uploaded>(`/api/v1/uploads/${id}/state`);
    if (state === "clean") break;
    if (state === "refused" || performance.now() > until) throw new Problem(422, "photo", _("Not taken"), problem?.detail ?? _("The photo could not be checked. Please try again in a minute."));
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  await outbox(me).add(conversation, { body: _("A photo from the visit"), urgent: false, attachments: [{ id, name: photo.name }], mentions: [], cites: [], confirmed: true });
}

async function thread(patient: string): Promise<ThreadData> {
  const answer = await fetch(`/patients/${patient}/panels/thread`, { credentials: "same-origin", headers: { Accept: "text/html" } }).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const data = page?.querySelector("[data-thread-data]")?.textContent;
  if (!data) throw new Problem(answer?.status ?? 0, "thread", _("No messages"), answer ? _("There is nobody yet to send a photo to.") : _("There is no connection right now. Please try again."));
  return JSON.parse(data) as ThreadData;
}
