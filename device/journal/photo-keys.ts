/**
 * The keys of photos: each photo has its own, wrapped by the key of its day, and all of them stand in one small file under the
 * master key, in two copies. A photo, or all of a day, is gone when its key is in neither copy, whatever is left of its bytes
 * on the card (durability.md 13).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { Turns } from '../domain/turns.ts';
import type { DiskReader } from './disk.ts';
import { JournalError } from './error.ts';
import type { Masters } from './masters.ts';
import { KEY_BYTES, noRandom, openBytes, sealBytes } from './seal.ts';
import type { RandomBytes } from './seal.ts';
import { fileSeal } from './sealed-file.ts';
import type { FileSeal } from './sealed-file.ts';
import { checked, loadWhole, saveWhole, setAside } from './whole-file.ts';

const daySchema = v.object({ key: v.string(), photos: v.record(v.string(), v.string()) });
const fileSchema = v.object({
  v: v.literal(1),
  generation: v.number(),
  days: v.record(v.string(), daySchema),
  /** Keys of before were lost, and nobody has said yet that they know. */
  lost: v.optional(v.boolean(), false),
});
type KeyFile = v.InferOutput<typeof fileSchema>;

/** No visit's id begins with a dot. */
const COPIES = ['.keys.1', '.keys.2'];
const none: KeyFile = { v: 1, generation: 0, days: {}, lost: false };

export class PhotoKeys {
  private readonly folder: string;
  private readonly seal: FileSeal;
  private readonly random: RandomBytes;
  private current: KeyFile | null = null;
  /** Do both copies say the same? Else the older one may hold a key that the other does not any more. */
  private even = true;
  /** One after the other: each change builds on the one before it. */
  private readonly turns = new Turns();

  constructor(folder: string, masters: Masters, random: RandomBytes) {
    this.folder = folder;
    this.seal = fileSeal(() => masters, random);
    this.random = random;
  }

  /** The photo's key, made now if it has none. Resolves when both copies hold it. */
  keyFor(visit: string, day: string): Promise<Uint8Array> {
    return this.turns.take(async () => {
      const file = await this.load();
      const there = keyIn(file, visit);
      if (there !== null) return there;
      const key = this.random(KEY_BYTES);
      const { key: dayKey, photos } = file.days[day] ?? { key: base64(this.random(KEY_BYTES)), photos: {} };
      const wrapped = base64(sealBytes(this.random, Buffer.from(dayKey, 'base64'), key, Buffer.from(visit)));
      const days = { ...file.days, [day]: { key: dayKey, photos: { ...photos, [visit]: wrapped } } };
      await this.save({ ...file, days });
      return key;
    });
  }

  /** Null: it has none, or none any more. */
  keyOf(visit: string): Promise<Uint8Array | null> {
    return this.turns.take(async () => keyIn(await this.load(), visit));
  }

  visits(): Promise<readonly string[]> {
    return this.turns.take(async () =>
      Object.values((await this.load()).days).flatMap(({ photos }) => Object.keys(photos)),
    );
  }

  /** With the last photo of a day goes the day's key. Rejects where a copy, read back, still holds it. */
  destroy(visit: string): Promise<void> {
    return this.turns.take(async () => {
      const file = await this.load();
      if (this.even && !isIn(file, visit)) return;
      const days = Object.entries(file.days).flatMap(([day, { key, photos }]) => {
        const left = Object.entries(photos).filter(([one]) => one !== visit);
        return left.length === 0 ? [] : [[day, { key, photos: Object.fromEntries(left) }] as const];
      });
      await this.save({ ...file, days: Object.fromEntries(days) });
      const copies = await this.copies();
      if (copies.length < COPIES.length || copies.some((copy) => isIn(copy, visit))) {
        throw new JournalError('refused', 'the key of a photo is still on the card');
      }
    });
  }

  /** Were there copies, and none of them good? They are set aside, and new photos get new keys; true until `acknowledgeLoss`. */
  areLost(): Promise<boolean> {
    return this.turns.take(async () => (await this.load()).lost);
  }

  /** There are photos and no keys. */
  noteLoss(): Promise<void> {
    return this.turns.take(async () => {
      await this.load();
      await this.saveLoss();
    });
  }

  /** A person knows. Rejects where the card does not take it. */
  acknowledgeLoss(): Promise<void> {
    return this.turns.take(async () => this.save({ ...(await this.load()), lost: false }));
  }

  /** The newest good copy; a photo whose key is in neither is as good as gone. */
  private async load(): Promise<KeyFile> {
    if (this.current === null) {
      const copies = await this.copies();
      const [newest, older] = copies.sort((a, b) => b.generation - a.generation);
      this.even = newest?.generation === older?.generation;
      const damaged = newest === undefined ? COPIES.map((name) => join(this.folder, name)).filter(existsSync) : [];
      this.current = newest ?? none;
      for (const path of damaged) setAside(path);
      if (damaged.length > 0) await this.saveLoss();
    }
    return this.current;
  }

  /** The file says so from the start on; a card that does not take that is told by it the next time it is written. */
  private async saveLoss(): Promise<void> {
    const lost = { ...(this.current ?? none), lost: true };
    await this.save(lost).catch(() => (this.current = lost));
  }

  private async copies(): Promise<KeyFile[]> {
    const copies: KeyFile[] = [];
    for (const name of COPIES) {
      const bytes = await loadWhole(join(this.folder, name), this.seal);
      const file = parse(bytes);
      if (file !== null) copies.push(file);
    }
    return copies;
  }

  /** Half done, it is read anew: nobody knows which copies were written. */
  private async save(file: KeyFile): Promise<void> {
    const next = { ...file, generation: file.generation + 1 };
    const { seal } = this;
    this.current = null;
    for (const name of COPIES) {
      await saveWhole(join(this.folder, name), Buffer.from(JSON.stringify(next)), { keep: false, seal });
    }
    this.current = next;
    this.even = true;
  }
}

/**
 * For `porter key check`, which only reads: how many photos have a key. `lost`: neither copy is good. `uneven`: one copy is not as the
 * other, and the next photo makes it good. Throws `wrong_key`.
 */
export function checkPhotoKeys(
  disk: DiskReader,
  masters: Masters,
): { readonly state: 'none' | 'lost' | 'uneven' | 'whole'; readonly count: number } {
  const there = COPIES.filter((name) => disk.list().includes(name));
  const seal = fileSeal(() => masters, noRandom);
  const good = there.flatMap((name) => {
    const stored = checked(disk.read(name));
    return parse(stored === null ? null : seal.open(name, stored)) ?? [];
  });
  const [newest, older] = good.sort((a, b) => b.generation - a.generation);
  const count = Object.values(newest?.days ?? {}).reduce((sum, { photos }) => sum + Object.keys(photos).length, 0);
  if (newest === undefined) return { state: there.length === 0 ? 'none' : 'lost', count };
  return { state: newest.generation === older?.generation ? 'whole' : 'uneven', count };
}

function parse(bytes: Buffer | null): KeyFile | null {
  const parsed = v.safeParse(fileSchema, bytes === null ? null : JSON.parse(bytes.toString('utf8')));
  return parsed.success ? parsed.output : null;
}

function keyIn({ days }: KeyFile, visit: string): Uint8Array | null {
  for (const { key, photos } of Object.values(days)) {
    const wrapped = photos[visit];
    if (wrapped === undefined) continue;
    return openBytes(Buffer.from(key, 'base64'), Buffer.from(wrapped, 'base64'), Buffer.from(visit));
  }
  return null;
}

const isIn = ({ days }: KeyFile, visit: string): boolean =>
  Object.values(days).some(({ photos }) => Object.hasOwn(photos, visit));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
