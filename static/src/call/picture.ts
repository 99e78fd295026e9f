/**
 * How light and how sharp a picture is, from its pixels. Pure.
 *
 * Light is the mean luma (ITU-R BT.601, 0 to 255). Sharpness is the variance of the Laplacian of the luma: edges that are in focus have large
 * second derivatives (Pech-Pacheco and others 2000). Both are taken of a small copy, so that they mean the same for every camera.
 */

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha, row by row, as canvases give them. */
  readonly data: ArrayLike<number>;
}

export type Light = "dark" | "good" | "bright";

export interface Judged {
  readonly light: Light;
  readonly sharp: boolean;
}

/** Width in pixels of the copy that is judged. */
export const JUDGED_WIDTH = 320;
const DARK_BELOW = 60;
const BRIGHT_ABOVE = 215;
/** Hand-held pictures of a label at 320 pixels lie above 100 in focus and below 30 when blurred by more than two pixels. */
const SHARP_FROM = 60;

export function luma({ width, height, data }: Pixels): Float32Array {
  const found = new Float32Array(width * height);
  for (let at = 0; at < found.length; at += 1) {
    found[at] = 0.299 * (data[4 * at] ?? 0) + 0.587 * (data[4 * at + 1] ?? 0) + 0.114 * (data[4 * at + 2] ?? 0);
  }
  return found;
}

/** 0 for black to 255 for white. */
export function lightOf(pixels: Pixels): number {
  const values = luma(pixels);
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

/** 0 for an even area; larger, the sharper its edges are. */
export function sharpnessOf(pixels: Pixels): number {
  const { width, height } = pixels;
  const values = luma(pixels);
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const second = (values[at - 1] ?? 0) + (values[at + 1] ?? 0) + (values[at - width] ?? 0) + (values[at + width] ?? 0) - 4 * (values[at] ?? 0);
      sum += second;
      squares += second * second;
      count += 1;
    }
  }
  return count ? squares / count - (sum / count) ** 2 : 0;
}

export function judge(pixels: Pixels): Judged {
  const light = lightOf(pixels);
  return { light: light < DARK_BELOW ? "dark" : light > BRIGHT_ABOVE ? "bright" : "good", sharp: sharpnessOf(pixels) >= SHARP_FROM };
}
