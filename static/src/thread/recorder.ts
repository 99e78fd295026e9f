/** A voice note: recorded here, heard by nobody until it is sent, with a level that moves because sound arrives. */
import { toast } from "../lib/announce";
import { fill, h, icon } from "../lib/dom";
import { elapsed } from "../lib/time";
import { _ } from "../lib/words";
import { level } from "../call/sound";

const TICK_MS = 250;
/** What browsers record and the server takes, the smaller first. */
const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

export function canRecord(): boolean {
  return "MediaRecorder" in globalThis && Boolean(navigator.mediaDevices) && kind() !== undefined;
}

function kind(): string | undefined {
  return KINDS.find((one) => MediaRecorder.isTypeSupported(one));
}

/** Records in *place* until it is kept or left; null when it was left, or the microphone may not be used. */
export async function record(place: HTMLElement, longest_s: number): Promise<File | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => null);
  const [track] = stream?.getAudioTracks() ?? [];
  if (!stream || !track) {
    toast(_("The microphone cannot be used. Allow it in the browser's settings for this page; you can write meanwhile."), "trouble");
    return null;
  }
  try {
    return await recorded(stream, track, place, longest_s);
  } finally {
    for (const one of stream.getTracks()) one.stop();
    fill(place);
    place.hidden = true;
  }
}

function recorded(stream: MediaStream, track: MediaStreamTrack, place: HTMLElement, longest_s: number): Promise<File | null> {
  const recorder = new MediaRecorder(stream, { mimeType: kind() ?? "", audioBitsPerSecond: 32_000 });
  const pieces: Blob[] = [];
  const began = Date.now();
  let kept = false;
  const meter = h("meter", { min: 0, max: 1, "aria-label": _("How loud you are") });
  const time = h("span", { class: "figures" }, "0:00");
  const end = (keep: boolean): void => {
    kept = keep;
    if (recorder.state !== "inactive") recorder.stop();
  };
  const done = h("button", { type: "button", class: "button button-main", onclick: () => end(true) }, icon("check"), _("Done"));
  const leave = h("button", { type: "button", class: "button", onclick: () => end(false) }, icon("trash-2"), _("Throw away"));
  fill(place, h("span", { class: "row" }, icon("mic"), _("Recording"), time, meter), h("span", { class: "row" }, leave, done));
  place.hidden = false;
  place.onkeydown = (event) => event.key === "Escape" && end(false);
  done.focus();
  const quiet = level(track, (loud) => (meter.value = loud));
  const ticking = setInterval(() => {
    time.textContent = elapsed(Date.now() - began);
    if (Date.now() - began >= longest_s * 1000) end(true);
  }, TICK_MS);
  return new Promise((resolve) => {
    recorder.ondataavailable = (event) => pieces.push(event.data);
    recorder.onstop = () => {
      clearInterval(ticking);
      quiet();
      const type = (kind() ?? "").split(";")[0] ?? "";
      resolve(kept && pieces.length ? new File(pieces, `${_("Voice note")}.${type.slice(6)}`, { type }) : null);
    };
    recorder.start();
  });
}
