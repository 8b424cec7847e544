/** A camera's JPEG to black dots in which a person is recognised at 203 dots an inch. */
import { blacken, blank } from './bitmap.ts';
import type { Pixels } from './bitmap.ts';
import { renderHere } from './render.ts';
import type { Bitmap } from '../domain/badge.ts';

/** Rendered this much larger and averaged down, which keeps edges that plain scaling loses. */
const oversample = 2;
/** The part of the picture that is kept: by position only, no face is looked for (product.md 10). */
const zoom = 1.15;
/** The darkest and the lightest hundredth go to black and white. */
const clipped = 0.01;
/** Heated dots spread: greys are printed lighter than they are. */
const gamma = 0.72;
const sharpening = 0.6;

/** The upper middle of the picture, `width` by `height` dots. Null when the bytes are no picture. */
export async function ditheredPhoto(jpeg: Uint8Array, width: number, height: number): Promise<Bitmap | null> {
  const [w, h] = [width * oversample, height * oversample];
  const href = `data:image/jpeg;base64,${Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.length).toString('base64')}`;
  // "slice" fills the frame whatever the camera's proportions are; then a little closer, more off the bottom than the top.
  const frame = `x="${(w - w * zoom) / 2}" y="${(h - h * zoom) / 4}" width="${w * zoom}" height="${h * zoom}"`;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}">` +
    `<image ${frame} preserveAspectRatio="xMidYMid slice" href="${href}"/></svg>`;
  const pixels = await renderHere(svg);
  if ((pixels.rgba[0] ?? 0) >>> 24 === 0) return null; // nothing was drawn
  return dither(sharpen(stretch(greys(pixels)), width), width, height);
}

/** Brightness 0 to 255 of each dot. */
function greys({ width, height, rgba }: Pixels): Float32Array {
  const w = width / oversample;
  const grey = new Float32Array((w * height) / oversample);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / oversample) * w;
    for (let x = 0; x < width; x++) {
      const pixel = rgba[y * width + x] ?? 0;
      const light = (pixel & 0xff) * 0.299 + ((pixel >> 8) & 0xff) * 0.587 + ((pixel >> 16) & 0xff) * 0.114;
      const at = row + Math.floor(x / oversample);
      grey[at] = (grey[at] ?? 0) + light / oversample ** 2;
    }
  }
  return grey;
}

/** Full contrast, and lighter by `gamma`. A picture of one grey (a covered lens) stays as it is. */
function stretch(grey: Float32Array): Float32Array {
  const histogram = new Uint32Array(256);
  for (const light of grey) histogram[light | 0] = (histogram[light | 0] ?? 0) + 1;
  const dark = percentile(histogram, grey.length * clipped);
  const light = percentile(histogram, grey.length * (1 - clipped));
  if (light - dark < 8) return grey;
  const shown = Float32Array.from(histogram, (_, value) => {
    return 255 * Math.min(1, Math.max(0, (value - dark) / (light - dark))) ** gamma;
  });
  return grey.map((value) => shown[value | 0] ?? 0);
}

function percentile(histogram: Uint32Array, count: number): number {
  let sum = 0;
  return histogram.findIndex((n) => (sum += n) >= count);
}

/** Each dot moves away from the mean of its neighbours, so that eyes and mouth survive the dither. */
function sharpen(grey: Float32Array, width: number): Float32Array {
  const sharp = new Float32Array(grey.length);
  for (let i = 0; i < grey.length; i++) {
    const value = grey[i] ?? 0;
    const across = (grey[i - 1] ?? value) + (grey[i + 1] ?? value);
    const along = (grey[i - width] ?? value) + (grey[i + width] ?? value);
    sharp[i] = value + (value - (across + along) / 4) * sharpening;
  }
  return sharp;
}

/** Floyd and Steinberg, to and fro, so that no worms run across even areas. Uses up `grey`. */
function dither(grey: Float32Array, width: number, height: number): Bitmap {
  const picture = blank(width, height);
  const spread = (x: number, y: number, error: number): void => {
    const at = y * width + x;
    if (x >= 0 && x < width && y < height) grey[at] = (grey[at] ?? 0) + error;
  };
  for (let y = 0; y < height; y++) {
    const forward = y % 2 === 0 ? 1 : -1;
    for (let i = 0; i < width; i++) {
      const x = forward === 1 ? i : width - 1 - i;
      const value = grey[y * width + x] ?? 0;
      const black = value < 128;
      if (black) blacken(picture, x, y);
      const error = black ? value : value - 255;
      spread(x + forward, y, (error * 7) / 16);
      spread(x - forward, y + 1, (error * 3) / 16);
      spread(x, y + 1, (error * 5) / 16);
      spread(x + forward, y + 1, error / 16);
    }
  }
  return picture;
}
