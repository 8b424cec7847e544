/**
 * The file of a checkpoint (durability.md 11): what the records add up to, at a place in the journal. A cache: damaged, of
 * another build, or with another chain than the journal's, it is as good as none. It is written a piece at a time, so that
 * the loop is never held, and each piece is sealed, since it names pupils.
 */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Recorded } from '../domain/record.ts';
import { removeWhole, syncFolder } from './whole-file.ts';

/** Where reading goes on behind the records that the checkpoint holds, and the head of the chain there. */
export interface Place {
  readonly segment: number;
  readonly at: number;
  /** The highest number before it. */
  readonly seen: number;
  /** 64 hex digits. */
  readonly head: string;
}

export interface CheckpointHead {
  readonly build: string;
  readonly journal: string;
  readonly place: Place;
  /** The records before it that the clock goes by. */
  readonly clock: readonly Recorded[];
}

/** Where one checkpoint is kept: the last that was saved whole. */
export interface CheckpointFile {
  /** Null: none, or none to be trusted. For the start: it holds up the loop. */
  load(): { readonly head: CheckpointHead; readonly lines: readonly string[] } | null;
  /** Rejects where the disk does not take it; the one before it is good until then. `turn` lets others have the loop. */
  save(head: CheckpointHead, lines: Iterable<string>, turn: () => Promise<void>): Promise<void>;
  /** Resolves when it is not on the disk any more, however much of it there was. */
  remove(): Promise<void>;
}

export interface CheckpointSeal {
  readonly seal: (plain: Uint8Array) => Uint8Array;
  /** Null: not sealed by us. */
  readonly open: (sealed: Uint8Array) => Uint8Array | null;
}

const LENGTH = 4;
const HASH = 32;

export function checkpointFile(path: string, seal: CheckpointSeal): CheckpointFile {
  return {
    load: () => loadCheckpoint(path, seal),
    save: (head, lines, turn) => saveCheckpoint(path, head, lines, seal, turn),
    remove: async () => {
      for (const name of [`${path}.tmp`, path]) await removeWhole(name);
    },
  };
}

async function saveCheckpoint(
  path: string,
  head: CheckpointHead,
  lines: Iterable<string>,
  { seal }: CheckpointSeal,
  turn: () => Promise<void>,
): Promise<void> {
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true });
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      let sum: Buffer = Buffer.alloc(HASH);
      for (const line of whole(head, lines)) {
        const piece = pieceOf(seal(Buffer.from(line)));
        await file.write(piece);
        sum = after(sum, piece);
        await turn();
      }
      await file.write(pieceOf(seal(sum)));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function* whole(head: CheckpointHead, lines: Iterable<string>): Generator<string> {
  yield JSON.stringify(head);
  yield* lines;
}

function pieceOf(sealed: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH);
  length.writeUInt32LE(sealed.length);
  return Buffer.concat([length, sealed]);
}

const after = (sum: Buffer, piece: Buffer): Buffer => hash('sha256', Buffer.concat([sum, piece]), 'buffer');

function loadCheckpoint(
  path: string,
  { open: openSealed }: CheckpointSeal,
): { readonly head: CheckpointHead; readonly lines: readonly string[] } | null {
  const lines: string[] = [];
  try {
    const bytes = readFileSync(path);
    let sum: Buffer = Buffer.alloc(HASH);
    for (let at = 0; at < bytes.length;) {
      const to = at + LENGTH + bytes.readUInt32LE(at);
      const plain = openSealed(bytes.subarray(at + LENGTH, to));
      if (to > bytes.length || plain === null) return null;
      // The last piece says what all before it are: none is missing, none is in another place.
      if (to === bytes.length && !sum.equals(plain)) return null;
      if (to < bytes.length) lines.push(Buffer.from(plain).toString('utf8'));
      sum = after(sum, bytes.subarray(at, to));
      at = to;
    }
    const head: unknown = JSON.parse(lines.shift() ?? 'null');
    return isHead(head) ? { head, lines } : null;
  } catch {
    return null;
  }
}

const isHead = (value: unknown): value is CheckpointHead =>
  typeof value === 'object' && value !== null && 'build' in value && 'place' in value && 'clock' in value;
