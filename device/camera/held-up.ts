/** A badge held up to the simulated camera: the printed picture, a little small and grey, as a photo would have it. */
import { encode } from 'jpeg-js';
import { render } from '../badge/render.ts';

const [width, height] = [640, 480];

/** A PNG of a badge to a JPEG picture of it before the lens. */
export async function heldUp(png: Uint8Array): Promise<Uint8Array> {
  const data = Buffer.from(png).toString('base64');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}">
<rect width="100%" height="100%" fill="#8d8579"/>
<g transform="translate(320 240) rotate(6)">
<image x="-220" y="-210" width="440" height="420" href="data:image/png;base64,${data}"/>
</g></svg>`;
  const pixels = await render(svg);
  return encode(
    { width, height, data: Buffer.from(pixels.rgba.buffer, pixels.rgba.byteOffset, pixels.rgba.byteLength) },
    80,
  ).data;
}
