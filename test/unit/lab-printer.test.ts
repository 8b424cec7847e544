/**
 * The laboratory's own printer: what it prints of transfers in whose middle it stops is what was sent, once. One that is given up
 * counts as taken: QEMU tells the machine so.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeBadge } from '../../device/printer/encode.ts';
import { virtualPrinter } from '../lab/parts/virtual-printer.ts';
import type { VirtualPrinter } from '../lab/parts/virtual-printer.ts';
import { square } from '../parts/printer-contract.ts';

let folder: string;
let printer: VirtualPrinter;
let machine: Socket;
/** How the transfers ended, by their number. */
const ended = new Map<number, number>();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'porter-lab-printer-'));
  printer = virtualPrinter(join(folder, 'socket'));
  printer.plug();
  ended.clear();
  machine = connect(join(folder, 'socket'));
  let rest: Buffer = Buffer.alloc(0);
  machine.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 12 && rest.length >= 12 + rest.readUInt32LE(4)) {
      if (rest.readUInt32LE(0) === 101) ended.set(rest.readUInt32LE(8), rest.readUInt8(13));
      rest = rest.subarray(12 + rest.readUInt32LE(4));
    }
  });
  await new Promise((resolve) => machine.once('connect', resolve));
  send(0, 0, Buffer.alloc(64)); // a machine that knows no more than the first version of the protocol
});
afterEach(() => {
  machine.destroy();
  printer.close();
  rmSync(folder, { recursive: true });
});

function send(type: number, id: number, body: Buffer): void {
  const head = Buffer.alloc(12);
  [type, body.length, id].forEach((value, i) => head.writeUInt32LE(value, i * 4));
  machine.write(Buffer.concat([head, body]));
}
function bulk(id: number, bytes: Buffer): void {
  const head = Buffer.alloc(10);
  head[0] = 1;
  head.writeUInt16LE(bytes.length, 2);
  send(101, id, Buffer.concat([head, bytes]));
}
const seen = (id: number): Promise<void> => expect.poll(() => ended.get(id)).toBeDefined();

test.each([1, 2000, 4096, 4097, 6000, 9000])('out of paper after %i bytes, the rest given up', async (at) => {
  const bytes = Buffer.concat([...encodeBadge(square(260), { cut: true, density: null })]);
  expect(bytes.length).toBeGreaterThan(9000);
  printer.after(at, () => printer.paper('out'));
  let id = 0;
  for (let from = 0; from < bytes.length; from += 4096) {
    bulk((id += 1), bytes.subarray(from, from + 4096));
    send(21, id, Buffer.alloc(0)); // of one that has been taken this is nothing
    await seen(id);
  }
  expect(printer.papers).toEqual([]);
  printer.paper('ok');
  expect(printer.complaints).toEqual([]);
  expect(printer.papers).toHaveLength(1);
  expect(printer.papers[0]?.bits.filter((byte) => byte === 0x0f)).toHaveLength(48 * 260);
});
