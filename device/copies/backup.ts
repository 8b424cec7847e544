/**
 * A backup: the files of a data folder in an envelope that a password opens (scrypt; product.md 6, durability.md 13). What is in
 * the files stays under the keys of the box: who has file and password still needs the recovery key to read a name.
 */
import { scrypt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { JournalError, causeOf } from '../journal/error.ts';
import type { RandomBytes } from '../journal/seal.ts';
import { dataPaths, isDataPath } from './data-files.ts';
import { Source, open, pieceMax, seal } from './envelope.ts';
import type { Bytes } from './envelope.ts';

/** 64 MiB and about a second of a Pi: one guess at a time. */
const cost = { N: 65_536, r: 8, p: 1 } as const;
const costMax = 4 * cost.N;
export const passwordLeast = 10;

const headSchema = v.object({
  kind: v.literal('backup'),
  v: v.literal(1),
  box: v.string(),
  school: v.string(),
  build: v.string(),
  /** ISO times. Behind `until` the records in it may not be kept any more: it is not restored. */
  made: v.string(),
  until: v.string(),
  kdf: v.object({
    name: v.literal('scrypt'),
    N: v.pipe(v.number(), v.integer(), v.maxValue(costMax)),
    r: v.pipe(v.number(), v.integer(), v.maxValue(16)),
    p: v.pipe(v.number(), v.integer(), v.maxValue(4)),
    salt: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  }),
});
export type BackupHead = v.InferOutput<typeof headSchema>;
export type About = Pick<BackupHead, 'box' | 'school' | 'build' | 'made' | 'until'>;

/** In the data folder: when a backup was last taken at the console, an ISO time. One that is taken from the staff page is a record. */
export const takenName = 'backup-taken';
/** Milliseconds since the epoch; null: never, as far as the folder knows. */
export function takenAtConsole(folder: string): number | null {
  try {
    return Date.parse(readFileSync(join(folder, takenName), 'utf8')) || null;
  } catch {
    return null;
  }
}

export interface BackupKey {
  readonly key: Uint8Array;
  readonly kdf: BackupHead['kdf'];
}

export async function backupKey(password: string, random: RandomBytes): Promise<BackupKey> {
  const kdf = { name: 'scrypt', ...cost, salt: Buffer.from(random(16)).toString('hex') } as const;
  return { key: await derived(password, kdf), kdf };
}

function derived(password: string, { N, r, p, salt }: BackupHead['kdf']): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), Buffer.from(salt, 'hex'), 32, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

export interface Backup {
  readonly folder: string;
  readonly about: About;
  readonly random: RandomBytes;
}

/** Piece by piece, while Porter runs or not. */
export function backup({ folder, about, random }: Backup, { key, kdf }: BackupKey): AsyncGenerator<Buffer> {
  const head: BackupHead = { kind: 'backup', v: 1, ...about, kdf };
  return seal({ head, key, random }, entries(folder));
}

async function* entries(folder: string): AsyncGenerator<Buffer> {
  let files = 0;
  for (const path of dataPaths(folder)) {
    const file = await openFile(join(folder, path)).catch((error: unknown) => {
      // Retention took it meanwhile, and the spine, which comes later, says so.
      if (causeOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (file === null) continue;
    try {
      // What is written on while it is read is taken as far as it was: a start cuts an unfinished end (durability.md 8).
      const { size } = await file.stat();
      yield entry({ path, size });
      for (let at = 0; at < size;) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(pieceMax, size - at)), 0, null, at);
        if (bytesRead === 0) throw new JournalError('refused', `${path} became shorter while it was read: begin again`);
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
    files += 1;
  }
  yield entry({ files });
}

function entry(what: object): Buffer {
  const text = Buffer.from(JSON.stringify(what));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text]);
}

const entrySchema = v.union([
  v.object({ path: v.string(), size: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  v.object({ files: v.number() }),
]);
const entryMax = 4_096;

/** Rejects with `JournalError`. `write` gets each file as it comes; only when this resolves all of them are good. */
export async function readBackup(
  stored: Bytes,
  password: string,
  write: (path: string, bytes: AsyncIterable<Buffer>) => Promise<void>,
): Promise<{ readonly head: BackupHead; readonly files: number }> {
  const { head: given, plain } = await open(stored, async (given) => {
    const parsed = v.safeParse(headSchema, given);
    if (!parsed.success) throw new JournalError('refused', 'this is no backup, or one of a newer version');
    return derived(password, parsed.output.kdf);
  });
  const head = v.parse(headSchema, given);
  const source = new Source(plain);
  for (let files = 0; ; files += 1) {
    const next = await nextEntry(source);
    if ('files' in next) {
      if (next.files !== files || (await source.take(1)) !== null) throw damaged();
      return { head, files };
    }
    if (!isDataPath(next.path)) throw damaged();
    await write(next.path, bytesOf(source, next.size));
  }
}

async function nextEntry(source: Source): Promise<v.InferOutput<typeof entrySchema>> {
  const length = (await source.take(4))?.readUInt32BE(0) ?? entryMax + 1;
  const text = length > entryMax ? null : await source.take(length);
  const parsed = v.safeParse(entrySchema, text === null ? null : JSON.parse(text.toString('utf8')));
  if (!parsed.success) throw damaged();
  return parsed.output;
}

async function* bytesOf(source: Source, size: number): AsyncGenerator<Buffer> {
  for (let left = size; left > 0;) {
    const piece = await source.take(Math.min(pieceMax, left));
    if (piece === null) throw damaged();
    left -= piece.length;
    yield piece;
  }
}

const damaged = (): JournalError => new JournalError('refused', 'the backup is damaged');
