/** What the daemon and the thread that draws say to each other. */
import type { Bitmap, SlipText } from '../domain/badge.ts';
import type { ListPage } from '../domain/list-page.ts';

export interface ThreadData {
  /** What `buildFonts` made. */
  readonly fonts: string;
  readonly paperMm: 58 | 80;
}
export interface PaintRequest {
  readonly n: number;
  readonly slip: SlipText | ListPage;
  readonly photo: Uint8Array | null;
}
export type PaintReply =
  | { readonly n: number; readonly picture: Bitmap }
  /** No name, no photo in it. */
  | { readonly n: number; readonly problem: string };
