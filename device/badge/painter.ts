/** Draws badges, and lists on the same paper: one picture each. */
import type { Bitmap, SlipText } from '../domain/badge.ts';
import type { ListPage } from '../domain/list-page.ts';
import { stamp, threshold } from './bitmap.ts';
import { layOut, photoDots, textsOf } from './layout.ts';
import { layOutList, textsOfList } from './list-layout.ts';
import { openTypeCase } from './outline.ts';
import type { TypeCase } from './outline.ts';
import { ditheredPhoto } from './photo.ts';
import { renderHere } from './render.ts';

export interface BadgePainter {
  /** `photo`: a JPEG; printed only if the slip has room for one, left out if it is none. Rejects when fonts are missing. */
  paint(slip: SlipText | ListPage, photo: Uint8Array | null): Promise<Bitmap>;
}

/** `fontFolder`: what `buildFonts` made; opened at the first badge. */
export function createBadgePainter(fontFolder: string, paperMm: 58 | 80): BadgePainter {
  const dots = paperMm === 58 ? 384 : 576;
  let opened: Promise<TypeCase> | null = null;
  const fonts = async (): Promise<TypeCase> => {
    opened ??= openTypeCase(fontFolder);
    try {
      return await opened;
    } catch (error) {
      opened = null; // the next badge tries again
      throw error;
    }
  };
  return {
    paint: async (slip, photo) => {
      if ('rows' in slip) {
        const outlines = await (await fonts()).outlines(textsOfList(slip));
        return threshold(await renderHere(layOutList(slip, outlines, dots)));
      }
      const [outlines, face] = await Promise.all([
        fonts().then((typeCase) => typeCase.outlines(textsOf(slip))),
        slip.photo && photo !== null ? facePicture(photo, dots / 384) : null,
      ]);
      const layout = layOut(slip, outlines, dots, face !== null);
      const picture = threshold(await renderHere(layout.svg));
      if (face !== null) stamp(picture, face, layout.photo.x, layout.photo.y);
      return picture;
    },
  };
}

/** Whole dots also on wide paper. */
async function facePicture(photo: Uint8Array, scale: number): Promise<Bitmap | null> {
  return await ditheredPhoto(photo, Math.round(photoDots.width * scale), Math.round(photoDots.height * scale));
}
