/**
 * What leaves the box: a head that anybody may read, and pieces sealed one by one (ChaCha20-Poly1305, `journal/seal.ts`), so that
 * hundreds of megabytes need the memory of one. Each piece vouches for the head, its place and whether it is the last: a piece that
 * is altered, moved, left out or cut away does not open.
 *
 * `PORTERC1`, four bytes length of the head, the head as JSON; then for each piece a byte (1: the last), four bytes length, and
 * what is sealed. Numbers are big-endian.
 */
import { createHash } from 'node:crypto';
import { JournalError } from '../journal/error.ts';
import { SEAL_BYTES, openBytes, sealBytes } from '../journal/seal.ts';
import type { RandomBytes } from '../journal/seal.ts';

const MAGIC = Buffer.from('PORTERC1', 'latin1');
const headMax = 64 * 1024;
/** Bytes of one piece before it is sealed. */
export const pieceMax = 256 * 1024;

export type Bytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
export interface Sealing {
  readonly head: object;
  readonly key: Uint8Array;
  readonly random: RandomBytes;
}

export async function* seal({ head, key, random }: Sealing, plain: Bytes): AsyncGenerator<Buffer> {
  const text = Buffer.from(JSON.stringify(head));
  const front = Buffer.concat([MAGIC, number(text.length), text]);
  yield front;
  const about = aboutOf(front);
  let at = 0;
  let before: Buffer | null = null;
  const piece = (bytes: Buffer, isLast: boolean): Buffer => {
    const sealed = sealBytes(random, key, bytes, about(at, isLast));
    at += 1;
    return Buffer.concat([Buffer.from([isLast ? 1 : 0]), number(sealed.length), sealed]);
  };
  for await (const bytes of inPieces(plain)) {
    if (before !== null) yield piece(before, false);
    before = bytes;
  }
  yield piece(before ?? Buffer.alloc(0), true);
}

/** Rejects with `JournalError` where it is none of ours, damaged, cut short, or sealed by another key. */
export async function open(
  stored: Bytes,
  keyOf: (head: unknown) => Uint8Array | Promise<Uint8Array>,
): Promise<{ readonly head: unknown; readonly plain: AsyncGenerator<Buffer> }> {
  const source = new Source(stored);
  const start = await source.take(MAGIC.length + 4);
  if (start === null || !start.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged('this is no file of Porter');
  const length = start.readUInt32BE(MAGIC.length);
  const text = length > headMax ? null : await source.take(length);
  if (text === null) throw damaged('the beginning of the file is damaged');
  const head: unknown = parsed(text);
  const key = await keyOf(head);
  return { head, plain: pieces(source, key, aboutOf(Buffer.concat([start, text]))) };
}

async function* pieces(source: Source, key: Uint8Array, about: ReturnType<typeof aboutOf>): AsyncGenerator<Buffer> {
  for (let at = 0; ; at += 1) {
    const start = await source.take(5);
    if (start === null) throw damaged('the file is cut short');
    const isLast = start[0] === 1;
    const length = start.readUInt32BE(1);
    const sealed = length > pieceMax + SEAL_BYTES ? null : await source.take(length);
    if (sealed === null) throw damaged('the file is cut short, or damaged');
    const plain = openBytes(key, sealed, about(at, isLast));
    if (plain === null)
      throw damaged(at === 0 ? 'it does not open: another key or password, or damaged' : 'the file is damaged');
    if (isLast && (await source.take(1)) !== null) throw damaged('there is more in the file than was written');
    yield plain;
    if (isLast) return;
  }
}

const damaged = (words: string): JournalError => new JournalError('refused', words);

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    throw damaged('the beginning of the file is damaged');
  }
}

function aboutOf(front: Buffer): (at: number, isLast: boolean) => Buffer {
  const sum = createHash('sha256').update(front).digest();
  return (at, isLast) => Buffer.concat([sum, number(at), Buffer.from([isLast ? 1 : 0])]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

async function* inPieces(plain: Bytes): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of plain) {
    for (let from = 0; from < bytes.length;) {
      const part = bytes.subarray(from, from + pieceMax - size);
      parts.push(part);
      size += part.length;
      from += part.length;
      if (size < pieceMax) continue;
      yield Buffer.concat(parts);
      [parts, size] = [[], 0];
    }
  }
  if (size > 0) yield Buffer.concat(parts);
}

/** So many bytes of what comes, whatever the pieces that it comes in. */
export class Source {
  private readonly from: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(bytes: Bytes) {
    this.from = Symbol.asyncIterator in bytes ? bytes[Symbol.asyncIterator]() : bytes[Symbol.iterator]();
  }

  /** Null: there are not so many. */
  async take(count: number): Promise<Buffer | null> {
    const parts: Buffer[] = [this.rest];
    let size = this.rest.length;
    while (size < count) {
      const next = await this.from.next();
      if (next.done === true) break;
      parts.push(Buffer.from(next.value));
      size += next.value.length;
    }
    const all = Buffer.concat(parts);
    this.rest = all.subarray(Math.min(count, all.length));
    return all.length < count ? null : all.subarray(0, count);
  }
}
