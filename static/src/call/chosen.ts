/** Which camera, microphone and speaker somebody chose on this device, from visit to visit. */

export interface Remembered {
  audio?: string;
  video?: string;
  speaker?: string;
  camera?: boolean;
  /** The day on which they were last tried, as `2026-11-24`. */
  checked?: string;
}

const SHELF = "telegut-devices";

export function remembered(): Remembered {
  try {
    return JSON.parse(localStorage.getItem(SHELF) ?? "{}") as Remembered;
  } catch {
    return {};
  }
}

export function keep(chosen: Remembered): void {
  try {
    localStorage.setItem(SHELF, JSON.stringify(chosen));
  } catch {
    // a browser that keeps nothing asks again next time
  }
}
