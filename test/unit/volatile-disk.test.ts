/** The lab's disk, from which the power is cut: what may survive, and what must (test/lab). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import { serveNbd } from '../lab/nbd-server.ts';
import type { DiskRequest } from '../lab/nbd-server.ts';
import { openVolatileDisk } from '../lab/volatile-disk.ts';
import type { VolatileDisk } from '../lab/volatile-disk.ts';

const page = 4096;
const seed = 7;
let folder: string;
let image: string;
let disk: VolatileDisk;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porter-disk-'));
  image = join(folder, 'disk.img');
  writeFileSync(image, Buffer.alloc(16 * page));
  disk = openVolatileDisk(image);
});
afterEach(() => {
  disk.close();
  rmSync(folder, { recursive: true });
});

const full = (letter: string, pages = 1): Buffer => Buffer.alloc(pages * page, letter);
/** What the medium has of each page after a cut: its letter, `-` where nothing was written, `?` where it is mixed. */
function medium(): string {
  const bytes = readFileSync(image);
  return Array.from({ length: 16 }, (_, index) => {
    const [first = 0, ...rest] = bytes.subarray(index * page, (index + 1) * page);
    if (rest.some((byte) => byte !== first)) return '?';
    return first === 0 ? '-' : String.fromCharCode(first);
  }).join('');
}

test('what was written is read back at once, the newest of it, also across the borders of two writes', () => {
  disk.write(0, full('a', 2));
  disk.write(page / 2, full('b'));
  const read = disk.read(page / 4, page).toString();
  expect(read).toBe('a'.repeat(page / 4) + 'b'.repeat((3 * page) / 4));
  expect(medium()).toBe('-'.repeat(16));
});

test('a flush makes durable what came before it, and nothing that comes after', () => {
  disk.write(0, full('a'));
  disk.flush();
  disk.write(page, full('b'));
  expect(disk.cut('none', seeded(seed))).toEqual({ pending: 1, pieces: 1, kept: 0 });
  expect(medium()).toBe(`a${'-'.repeat(15)}`);
});

test('a write through the cache is durable, and no older write of the same place comes back over it', () => {
  disk.write(0, full('a'));
  disk.write(page, full('x'));
  disk.write(0, full('b'), true);
  disk.cut('all', seeded(seed));
  expect(medium()).toBe(`bx${'-'.repeat(14)}`);
});

test('after a cut the cache is empty: what was lost is not read any more', () => {
  disk.write(0, full('a'));
  disk.cut('none', seeded(seed));
  expect(disk.pending()).toEqual([]);
  expect(disk.read(0, page)).toEqual(Buffer.alloc(page));
});

test('a prefix keeps the first writes in their order; random pieces keep later ones without earlier ones', () => {
  const cutWith = (mode: 'prefix' | 'random', with_: number): string => {
    writeFileSync(image, Buffer.alloc(16 * page));
    for (let index = 0; index < 16; index += 1) disk.write(index * page, full('a'));
    disk.cut(mode, seeded(with_));
    return medium();
  };
  const prefixes = Array.from({ length: 30 }, (_, index) => cutWith('prefix', index));
  expect(prefixes.every((kept) => /^a*-*$/.test(kept))).toBe(true);
  expect(new Set(prefixes).size).toBeGreaterThan(5);
  const pieces = Array.from({ length: 30 }, (_, index) => cutWith('random', index));
  expect(pieces.some((kept) => kept.includes('-a'))).toBe(true);
  expect(cutWith('random', seed)).toBe(cutWith('random', seed));
});

test('a long write is torn between its pages, at the borders of the medium', () => {
  const torn = Array.from({ length: 30 }, (_, index) => {
    writeFileSync(image, Buffer.alloc(16 * page));
    disk.write(page / 2, full('a', 3));
    return disk.cut('random', seeded(index));
  });
  expect(torn.every(({ pieces }) => pieces === 4)).toBe(true);
  expect(torn.some(({ kept }) => kept > 0 && kept < 4)).toBe(true);
});

test('a disk that lies loses what it said was flushed', () => {
  const liar = openVolatileDisk(image, true);
  liar.write(0, full('a'));
  liar.flush();
  liar.write(page, full('b'), true);
  expect(liar.read(0, page)).toEqual(full('a'));
  liar.cut('none', seeded(seed));
  liar.close();
  expect(medium()).toBe('-'.repeat(16));
});

test('over NBD: read, write and flush are answered; without power nothing is done and nobody answers', async () => {
  const asked: DiskRequest[] = [];
  const path = join(folder, 'socket');
  let cutAtFlush = 2;
  const server = await serveNbd({
    disk,
    path,
    flushMs: () => 0,
    before: (request) => {
      asked.push(request);
      if (request === 'flush') cutAtFlush -= 1;
      if (cutAtFlush === 0) server.powerDown();
    },
  });
  const client = nbdClient(path);
  expect((await client.hello()).subarray(0, 16).toString()).toBe('NBDMAGICIHAVEOPT');
  expect((await client.choose()).readBigUInt64BE()).toBe(BigInt(16 * page));
  await client.ask(1, 0, page, full('a'));
  expect(await client.ask(0, 0, page)).toEqual(full('a'));
  await client.ask(3, 0, 0);
  await client.ask(1, page, page, full('b'));
  await expect(client.ask(3, 0, 0)).rejects.toThrow('closed');
  expect(asked).toEqual(['write', 'read', 'flush', 'write', 'flush']);
  disk.cut('none', seeded(seed));
  expect(medium()).toBe(`a${'-'.repeat(15)}`);
  await server.close();
});

/** The other end, just enough of it: fixed newstyle, `NBD_OPT_EXPORT_NAME`, one request at a time. */
function nbdClient(path: string) {
  const socket = connect(path);
  let arrived: Buffer = Buffer.alloc(0);
  let check = (): void => undefined;
  let closed = false;
  socket.on('data', (bytes: Buffer) => {
    arrived = Buffer.concat([arrived, bytes]);
    check();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
    check();
  });
  const take = (length: number): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      check = () => {
        if (arrived.length >= length) {
          const taken = arrived.subarray(0, length);
          arrived = arrived.subarray(length);
          resolve(taken);
        } else if (closed) reject(new Error('closed'));
      };
      check();
    });
  return {
    hello: () => take(18),
    choose: () => {
      const option = Buffer.alloc(20);
      option.writeUInt32BE(3); // fixed newstyle, no zeroes
      option.write('IHAVEOPT', 4);
      option.writeUInt32BE(1, 12);
      socket.write(option);
      return take(10);
    },
    ask: async (kind: number, at: number, length: number, data: Buffer = Buffer.alloc(0)): Promise<Buffer> => {
      const head = Buffer.alloc(28);
      head.writeUInt32BE(0x2560_9513);
      head.writeUInt16BE(kind, 6);
      head.writeBigUInt64BE(BigInt(at), 16);
      head.writeUInt32BE(length, 24);
      socket.write(Buffer.concat([head, data]));
      expect((await take(16)).readUInt32BE(4)).toBe(0);
      return take(kind === 0 ? length : 0);
    },
  };
}
