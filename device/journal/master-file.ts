/**
 * The file of the master keys, in two copies: all of them in each of two boxes, one that the host key opens and one that the
 * recovery key opens (durability.md 16). Everything here stays as it is until something is written whole over it.
 */
import * as v from 'valibot';
import type { Disk, DiskReader } from './disk.ts';
import { JournalError } from './error.ts';
import { mastersOf } from './masters.ts';
import type { Masters } from './masters.ts';
import { deriveKey, openBytes, sealBytes } from './seal.ts';
import type { RandomBytes } from './seal.ts';
import { putTwice, readTwice } from './two-copies.ts';
import { checked, withCheck } from './whole-file.ts';

/** Who may open: the host key by itself at every start, the recovery key in a person's hands. */
export type Opener = 'host' | 'recovery';

const boxSchema = v.object({ for: v.picklist(['host', 'recovery']), box: v.string() });
const fileSchema = v.object({
  v: v.literal(1),
  generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
  plainBefore: v.boolean(),
  boxes: v.array(boxSchema),
});
export type MasterFile = v.InferOutput<typeof fileSchema>;

const NAME = 'masters';

/** The newest good copy; null: there is none at all. Throws `key_missing` where all there is is damaged. */
export function readMasterFile(disk: DiskReader): MasterFile | null {
  const copies = readTwice(disk, NAME);
  if (copies.length === 0) return null;
  const good = copies.flatMap((bytes) => parse(bytes) ?? []).sort((a, b) => b.generation - a.generation);
  const [newest] = good;
  if (newest === undefined) {
    throw new JournalError('key_missing', 'both copies of the master keys (keys/masters.1 and .2) are damaged');
  }
  return newest;
}

/** Are both copies good and the same? What a power cut left is evened out by writing again. */
export const isWhole = (disk: DiskReader): boolean => {
  const [first, second] = readTwice(disk, NAME);
  return first !== undefined && second !== undefined && first.equals(second) && parse(first) !== null;
};

export function writeMasterFile(disk: Disk, file: MasterFile): void {
  putTwice(disk, NAME, withCheck(Buffer.from(JSON.stringify(file))));
}

/** Null: not with this key. */
export function openMasters(file: MasterFile, opener: Opener, key: Uint8Array): Masters | null {
  for (const { box } of file.boxes.filter((one) => one.for === opener)) {
    const plain = openBytes(boxKey(opener, key), Buffer.from(box, 'base64'), aboutBox(file, opener));
    if (plain === null) continue;
    const keys = v.parse(v.array(v.string()), JSON.parse(plain.toString('utf8')));
    return mastersOf(
      keys.map((text) => Buffer.from(text, 'base64')),
      file.plainBefore,
    );
  }
  return null;
}

/** The file's generation `generation`. Two keys of one opener: while the one gives way to the other. */
export function sealMasters(
  masters: Masters,
  generation: number,
  openers: Readonly<Record<Opener, readonly Uint8Array[]>>,
  random: RandomBytes,
): MasterFile {
  const head = { v: 1 as const, generation, plainBefore: masters.plainBefore };
  const plain = Buffer.from(JSON.stringify(masters.all.map(({ key }) => Buffer.from(key).toString('base64'))));
  const box = (opener: Opener) => (key: Uint8Array) => ({
    for: opener,
    box: sealBytes(random, boxKey(opener, key), plain, aboutBox(head, opener)).toString('base64'),
  });
  return { ...head, boxes: [...openers.host.map(box('host')), ...openers.recovery.map(box('recovery'))] };
}

const boxKey = (opener: Opener, key: Uint8Array): Buffer => deriveKey(key, `${opener} box`);
const aboutBox = ({ generation, plainBefore }: Omit<MasterFile, 'boxes'>, opener: Opener): Buffer =>
  Buffer.from(`masters ${opener} ${generation} ${plainBefore ? 'plain before' : ''}`);

function parse(bytes: Buffer): MasterFile | null {
  const text = checked(bytes)?.toString('utf8');
  if (text === undefined) return null;
  try {
    const parsed = v.safeParse(fileSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
