/** SVG to pixels. The SVG holds no text: what it would look like depended on fonts. Both reject when it is no SVG. */
import { pixelsOf } from './bitmap.ts';
import type { Pixels } from './bitmap.ts';

const options = { font: { loadSystemFonts: false }, logLevel: 'off' } as const;

/** On a thread of the renderer's own: the event loop is not held. */
export async function render(svg: string): Promise<Pixels> {
  const { renderAsync } = await import('@resvg/resvg-js');
  const image = await renderAsync(svg, options);
  return pixelsOf(image.width, image.height, image.pixels);
}

/** On the thread that calls: what it took is the machine's again when that thread ends. */
export async function renderHere(svg: string): Promise<Pixels> {
  const { Resvg } = await import('@resvg/resvg-js');
  const image = new Resvg(svg, options).render();
  return pixelsOf(image.width, image.height, image.pixels);
}
