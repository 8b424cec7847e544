/**
 * A cut as it met the disk: the medium, the writes in its cache, seed and mode. Kept when the start after it finds something
 * wrong; the same disk, or what another seed or mode would have left, can be made of it at any time.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { seeded } from '../../device/demo/random.ts';
import { copyImage } from './file-system.ts';
import { openVolatileDisk } from './volatile-disk.ts';
import type { CutMode, CutReport, VolatileDisk } from './volatile-disk.ts';

const schema = v.object({
  seed: v.number(),
  mode: v.picklist(['none', 'prefix', 'random', 'all']),
  writes: v.array(v.object({ at: v.number(), base64: v.string() })),
});

/** Before the cut is made. `folder` is replaced. */
export function keepCut(folder: string, image: string, disk: VolatileDisk, seed: number, mode: CutMode): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyImage(image, join(folder, 'medium.img'));
  const writes = disk.pending().map(({ at, bytes }) => ({ at, base64: bytes.toString('base64') }));
  writeFileSync(join(folder, 'cut.json'), JSON.stringify({ seed, mode, writes }));
}

/** Makes `after.img` in the folder of a kept cut; seed and mode as they were, or others. */
export function replayCut(folder: string, other: { readonly seed?: number; readonly mode?: CutMode }): CutReport {
  const kept = v.parse(schema, JSON.parse(readFileSync(join(folder, 'cut.json'), 'utf8')));
  const after = join(folder, 'after.img');
  copyImage(join(folder, 'medium.img'), after);
  const disk = openVolatileDisk(after);
  for (const { at, base64 } of kept.writes) disk.write(at, Buffer.from(base64, 'base64'));
  const report = disk.cut(other.mode ?? kept.mode, seeded(other.seed ?? kept.seed));
  disk.close();
  return report;
}
