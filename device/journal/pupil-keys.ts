/**
 * The keys of pupils: each pupil has a random one, under which everything about the pupil stands within the records. They lie
 * beside the records in one small file under the master key, in two copies. A pupil is gone when the key is in neither copy
 * (durability.md 13); its id is kept, so that what was erased is told from what was lost.
 */
import * as v from 'valibot';
import type { Disk, DiskReader } from './disk.ts';
import { JournalError } from './error.ts';
import type { Masters } from './masters.ts';
import { KEY_BYTES, deriveKey, openBytes, sealBytes } from './seal.ts';
import type { RandomBytes } from './seal.ts';
import { fileSeal, isSealedFile, isUnder } from './sealed-file.ts';
import type { FileSeal } from './sealed-file.ts';
import { copiesOf, putTwice, readTwice } from './two-copies.ts';
import { checked, withCheck } from './whole-file.ts';

const NAME = 'pupil-keys';
const ID_BYTES = 8;

const fileSchema = v.object({
  v: v.literal(1),
  generation: v.number(),
  /** Pupil, id of the key, the key. */
  pupils: v.array(v.tuple([v.string(), v.string(), v.string()])),
  destroyed: v.array(v.string()),
  /** Keys of before were lost, and nobody has said yet that they know. */
  lost: v.optional(v.boolean(), false),
  /** Records up to this number may be under lost keys: a person knows that. */
  lossSeen: v.optional(v.number(), 0),
});
type KeyFile = v.InferOutput<typeof fileSchema>;
interface PupilKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** What was sealed under several pupils' keys needs all of them. */
export interface Sealed {
  readonly keys: readonly string[];
  readonly box: Buffer;
}

export class PupilKeys {
  private readonly masters: Masters;
  private readonly random: RandomBytes;
  private readonly seal: FileSeal;
  private keys: ReadonlyMap<string, PupilKey> = new Map();
  private byId: ReadonlyMap<string, Uint8Array> = new Map();
  private destroyed: ReadonlySet<string> = new Set();
  private generation = 0;
  private loss = { lost: false, lossSeen: 0 };
  /** As the copies were found: none, none of them good, different from each other, or under an older master key. */
  private found: 'none' | 'lost' | 'uneven' | 'whole';
  /** Destroyed in memory, and perhaps not on the disk. */
  private unfinished = false;

  /** Only reads. Throws `wrong_key` where all there is stands under a key that is not here. */
  constructor(disk: DiskReader, masters: Masters, random: RandomBytes) {
    this.masters = masters;
    this.random = random;
    this.seal = fileSeal(() => masters, random);
    const copies = readTwice(disk, NAME);
    const newest = this.newestOf(copies);
    this.found = copies.length === 0 ? 'none' : newest === null ? 'lost' : this.areWhole(copies) ? 'whole' : 'uneven';
    if (newest !== null) this.take(newest);
  }

  get count(): number {
    return this.keys.size;
  }

  /** Is something under keys that are lost? `expected`: there are records that only such keys open. */
  isLost(expected: boolean): boolean {
    return this.loss.lost || this.found === 'lost' || (this.found === 'none' && expected);
  }

  /** Do both copies say the same? The next start makes the other one good. */
  get isEven(): boolean {
    return this.found !== 'uneven';
  }

  /** See `lossSeen` of the file. */
  get lossSeen(): number {
    return this.loss.lossSeen;
  }

  /** A person knows of the loss, and of what cannot be read up to the record `upTo`. Throws what the disk throws. */
  acknowledgeLoss(disk: Disk, upTo: number): void {
    const before = this.loss;
    this.loss = { lost: false, lossSeen: upTo };
    try {
      this.save(disk, this.keys);
    } catch (error) {
      this.loss = before;
      throw error;
    }
  }

  /** Ids of all keys that were destroyed. */
  get gone(): ReadonlySet<string> {
    return this.destroyed;
  }

  /**
   * Before the first record: there are two good copies that are the same. `expected`: there are records that only such keys
   * open. What is damaged is set aside, never written over. False: the keys of before are lost, and nobody has said that they
   * know (`acknowledgeLoss`).
   */
  begin(disk: Disk, expected: boolean): boolean {
    const lost = this.isLost(expected);
    if (this.found === 'whole') return !lost;
    if (this.found === 'lost') setAside(disk);
    this.loss = { ...this.loss, lost };
    this.save(disk, this.keys);
    return !lost;
  }

  /** Ids of the keys that these pupils have. */
  idsOf(pupils: readonly string[]): readonly string[] {
    return pupils.flatMap((pupil) => this.keys.get(pupil)?.id ?? []);
  }

  /** Keys for those who have none, on the disk when it returns. Throws what the disk throws, and then nothing was made. */
  make(disk: Disk, pupils: readonly string[]): void {
    const missing = [...new Set(pupils)].filter((pupil) => !this.keys.has(pupil));
    if (missing.length === 0) return;
    const made = missing.map((pupil) => {
      const id = Buffer.from(this.random(ID_BYTES)).toString('hex');
      return [pupil, { id, key: this.random(KEY_BYTES) }] as const;
    });
    this.save(disk, new Map([...this.keys, ...made]));
  }

  /** From now on nothing opens by these, and who comes again gets another. Throws where they may still be on the disk. */
  destroy(disk: Disk, ids: readonly string[]): void {
    if (ids.every((id) => this.destroyed.has(id))) return this.finish(disk);
    this.unfinished = true;
    this.destroyed = new Set([...this.destroyed, ...ids]);
    this.use(new Map([...this.keys].filter(([, { id }]) => !this.destroyed.has(id))));
    this.finish(disk);
  }

  /** Both copies without what was destroyed: written, and read back. */
  finish(disk: Disk): void {
    if (!this.unfinished) return;
    this.save(disk, this.keys);
    const copies = readTwice(disk, NAME).map((bytes) => this.parse(bytes));
    const holds = (copy: KeyFile | null): boolean =>
      copy === null || copy.pupils.some(([, id]) => this.destroyed.has(id));
    if (copies.length < 2 || copies.some(holds)) {
      throw new JournalError('refused', 'the key of a pupil may still be on the card');
    }
    this.unfinished = false;
  }

  /** Throws RangeError for who has no key. */
  sealFor(pupils: readonly string[], plain: Uint8Array, about: Uint8Array): Sealed {
    const keys = pupils.map((pupil) => {
      const key = this.keys.get(pupil);
      if (key === undefined) throw new RangeError('this pupil has no key yet');
      return key;
    });
    return { keys: keys.map(({ id }) => id), box: sealBytes(this.random, together(keys), plain, about) };
  }

  /** `lost`: nobody destroyed the key, and yet nothing here opens it. */
  open({ keys: ids, box }: Sealed, about: Uint8Array): Buffer | 'erased' | 'lost' {
    if (ids.some((id) => this.destroyed.has(id))) return 'erased';
    const keys = ids.flatMap((id) => {
      const key = this.byId.get(id);
      return key === undefined ? [] : [{ id, key }];
    });
    return keys.length < ids.length || keys.length === 0 ? 'lost' : (openBytes(together(keys), box, about) ?? 'lost');
  }

  private take({ generation, pupils, destroyed, lost, lossSeen }: KeyFile): void {
    this.generation = generation;
    this.loss = { lost, lossSeen };
    this.destroyed = new Set(destroyed);
    this.use(new Map(pupils.map(([pupil, id, key]) => [pupil, { id, key: Buffer.from(key, 'base64') }])));
  }

  private use(keys: ReadonlyMap<string, PupilKey>): void {
    this.keys = keys;
    this.byId = new Map([...keys.values()].map(({ id, key }) => [id, key]));
  }

  /** Half done, the next one is newer than whatever was written of this one. */
  private save(disk: Disk, keys: ReadonlyMap<string, PupilKey>): void {
    this.generation += 1;
    const file: KeyFile = {
      v: 1,
      generation: this.generation,
      pupils: [...keys].map(([pupil, { id, key }]) => [pupil, id, Buffer.from(key).toString('base64')]),
      destroyed: [...this.destroyed],
      ...this.loss,
    };
    putTwice(disk, NAME, withCheck(this.seal.seal(NAME, Buffer.from(JSON.stringify(file)))));
    this.found = 'whole';
    this.use(keys);
  }

  private newestOf(copies: readonly Buffer[]): KeyFile | null {
    const read: KeyFile[] = [];
    let foreign: JournalError | null = null;
    for (const bytes of copies) {
      try {
        const file = this.parse(bytes);
        if (file !== null) read.push(file);
      } catch (error) {
        if (!(error instanceof JournalError)) throw error;
        foreign = error;
      }
    }
    const [newest] = read.sort((a, b) => b.generation - a.generation);
    if (newest === undefined && foreign !== null) throw foreign;
    return newest ?? null;
  }

  private areWhole([first, second]: readonly Buffer[]): boolean {
    return first !== undefined && second !== undefined && first.equals(second) && isUnder(first, this.masters.newest);
  }

  private parse(bytes: Buffer): KeyFile | null {
    const stored = checked(bytes);
    if (stored === null || !isSealedFile(stored)) return null;
    const plain = this.seal.open(NAME, stored);
    const parsed = v.safeParse(fileSchema, plain === null ? null : JSON.parse(plain.toString('utf8')));
    return parsed.success ? parsed.output : null;
  }
}

function together(keys: readonly PupilKey[]): Uint8Array {
  const [first] = keys;
  if (keys.length === 1 && first !== undefined) return first.key;
  return deriveKey(Buffer.concat(keys.map(({ key }) => key)), 'several pupils');
}

/** Under names of their own, for whoever can still make something of them. */
function setAside(disk: Disk): void {
  const taken = new Set(disk.list());
  for (const copy of copiesOf(NAME)) {
    if (!taken.has(copy)) continue;
    let n = 1;
    while (taken.has(`${copy}.damaged-${n}`)) n += 1;
    disk.rename(copy, `${copy}.damaged-${n}`);
  }
  disk.syncFolder();
}
