/**
 * Is there anything to see in a picture? By light and shade alone: nobody is looked for or recognised in it (product.md 10).
 */
import { render } from '../badge/render.ts';

export type Concern = 'black' | 'covered' | 'frozen';

export const concernWords: Readonly<Record<Concern, string>> = {
  black: 'Its pictures are black: is the lens covered, or the room dark?',
  covered: 'Its pictures show nothing: is something before the lens?',
  frozen: 'Its picture does not move: switch the box off and on',
};

const [width, height] = [32, 24];
/** Of 255, where black is 0. */
const blackBelow = 24;
/** Spread of the light (its standard deviation): a room has 40 and more, a hand before the lens a few. */
const flatBelow = 8;

/** Null: nothing is wrong, or it is no picture. Drawn by the renderer's own thread: some 20 ms of a PC. */
export async function concernOf(jpeg: Uint8Array): Promise<'black' | 'covered' | null> {
  const href = `data:image/jpeg;base64,${Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.length).toString('base64')}`;
  const size = `width="${String(width)}" height="${String(height)}"`;
  const { rgba } = await render(
    `<svg xmlns="http://www.w3.org/2000/svg" ${size}><image ${size} preserveAspectRatio="none" href="${href}"/></svg>`,
  );
  if ((rgba[0] ?? 0) >>> 24 === 0) return null; // nothing was drawn
  const lights = Array.from(
    rgba,
    (dot) => (dot & 0xff) * 0.299 + ((dot >> 8) & 0xff) * 0.587 + ((dot >> 16) & 0xff) * 0.114,
  );
  const mean = lights.reduce((sum, light) => sum + light, 0) / lights.length;
  const spread = Math.sqrt(lights.reduce((sum, light) => sum + (light - mean) ** 2, 0) / lights.length);
  if (spread >= flatBelow) return null;
  return mean < blackBelow ? 'black' : 'covered';
}
