/** SVG to pixels, on a thread of the renderer's own: the event loop is not held. */
import { pixelsOf } from './bitmap.ts';
import type { Pixels } from './bitmap.ts';

/** The SVG holds no text: what it would look like depended on fonts. Rejects when it is no SVG. */
export async function render(svg: string): Promise<Pixels> {
  const { renderAsync } = await import('@resvg/resvg-js');
  const image = await renderAsync(svg, { font: { loadSystemFonts: false }, logLevel: 'off' });
  return pixelsOf(image.width, image.height, image.pixels);
}
