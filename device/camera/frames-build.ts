/**
 * What the simulated camera sees, made when Porter is built, because writing JPEGs takes too long for the event loop:
 * somebody at the reception desk, a clock whose hand goes round once a loop, and a bar that moves along the bottom.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { encode } from 'jpeg-js';
import { frameCount, frameName } from './frames.ts';

const width = 640;
const height = 480;
const quality = 75;

/** Writes the frames of the loop, a black one, and one of a thumb before the lens to `outDir`, replacing what was there only once all are made. */
export async function buildFrames(outDir: string): Promise<void> {
  const fresh = `${outDir}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  for (let i = 0; i < frameCount; i++) await writeFile(join(fresh, frameName(i)), jpeg(scene(i)));
  await writeFile(join(fresh, frameName('black')), jpeg('<rect width="640" height="480" fill="#050505"/>'));
  await writeFile(join(fresh, frameName('covered')), jpeg('<rect width="640" height="480" fill="#7a2f26"/>'));
  const old = `${outDir}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(outDir, old).catch(() => undefined); // there is none yet
  await rename(fresh, outDir);
  await rm(old, { recursive: true, force: true });
}

function jpeg(drawing: string): Uint8Array {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawing}</svg>`;
  const data = new Resvg(svg, { font: { loadSystemFonts: false } }).render().pixels;
  return encode({ data, width, height }, quality).data;
}

function scene(frame: number): string {
  const turn = (frame / frameCount) * 2 * Math.PI;
  const sway = Math.sin(turn) * 9;
  const clockHand = { x: 545 + Math.sin(turn) * 38, y: 95 - Math.cos(turn) * 38 };
  return (
    defs +
    `<rect width="640" height="480" fill="url(#wall)"/><rect y="400" width="640" height="80" fill="#7d5f45"/>` +
    `<circle cx="545" cy="95" r="52" fill="#fff" stroke="#333" stroke-width="6"/>` +
    `<path d="M545 95L${clockHand.x} ${clockHand.y}M545 95v24" stroke="#333" stroke-width="5"/>` +
    `<g transform="translate(${sway} ${Math.cos(turn) * 3})">${person(frame === frameCount - 1)}</g>` +
    `<rect x="${(frame / frameCount) * width}" y="462" width="${width / frameCount}" height="18" fill="#e33"/>`
  );
}

const defs =
  `<defs><linearGradient id="wall" x2="1" y2="1"><stop stop-color="#dfe7e4"/><stop offset="1" stop-color="#9fb4ad"/></linearGradient>` +
  `<radialGradient id="skin" cx=".4" cy=".35" r=".75"><stop stop-color="#d8a27a"/><stop offset=".6" stop-color="#b97f57"/>` +
  `<stop offset="1" stop-color="#7c4c2f"/></radialGradient>` +
  `<linearGradient id="jumper" x2="1"><stop stop-color="#2c4a78"/><stop offset="1" stop-color="#172b4b"/></linearGradient></defs>`;

function person(blinks: boolean): string {
  const eye = (x: number): string =>
    blinks
      ? `<path d="M${x - 20} 212q20 12 40 0" stroke="#2a1710" stroke-width="5" fill="none"/>`
      : `<ellipse cx="${x}" cy="211" rx="20" ry="13" fill="#fff"/><circle cx="${x + 2}" cy="211" r="10" fill="#2a1710"/>` +
        `<circle cx="${x + 6}" cy="207" r="3" fill="#fff"/>`;
  return (
    `<path d="M120 480c0-90 60-120 130-130h140c70 10 130 40 130 130z" fill="url(#jumper)"/>` +
    `<path d="M262 352l58 72 58-72z" fill="#fff"/><path d="M310 384h20l8 80h-36z" fill="#a8312f"/>` +
    `<path d="M272 290h96v62q-48 48-96 0z" fill="#a06a46"/>` +
    `<path d="M182 215c-14-130 60-172 138-172s152 42 138 172c-4 40-12 60-24 78H206c-12-18-20-38-24-78z" fill="#1e1411"/>` +
    `<ellipse cx="206" cy="226" rx="16" ry="27" fill="#a06a46"/><ellipse cx="434" cy="226" rx="16" ry="27" fill="#8a5838"/>` +
    `<path d="M210 190c0-66 44-100 110-100s110 34 110 100c0 104-50 160-110 160s-110-56-110-160z" fill="url(#skin)"/>` +
    `<path d="M207 196c4-76 50-112 118-112 60 0 104 32 108 112-30-14-44-44-52-66-40 34-112 30-174 66z" fill="#1e1411"/>` +
    `<path d="M250 184q26-18 50-4M344 180q26-14 48 6" stroke="#1e1411" stroke-width="9" fill="none"/>` +
    eye(275) +
    eye(367) +
    `<path d="M322 214q-10 40-12 48 12 10 26 2" stroke="#6e4229" stroke-width="5" fill="none"/>` +
    `<path d="M272 292q48 42 98 0-48 12-98 0z" fill="#fff" stroke="#6b2a22" stroke-width="5"/>`
  );
}
