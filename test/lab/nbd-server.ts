/**
 * Serves a disk to QEMU over the NBD protocol (fixed newstyle handshake, simple replies; the protocol's own document is
 * doc/proto.md of the NBD project), on a Unix socket. It can lose its power between any two requests.
 */
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VolatileDisk } from './volatile-disk.ts';

export type DiskRequest = 'read' | 'write' | 'flush';

export interface NbdServer {
  /** Nothing is done or answered any more, as when the power is gone. Until `powerUp`. */
  powerDown(): void;
  powerUp(): void;
  close(): Promise<void>;
}

export interface NbdOptions {
  readonly disk: VolatileDisk;
  /** The path of the Unix socket. */
  readonly path: string;
  /** Told before each request is done; it may call `powerDown`, and then the request is not done. */
  readonly before: (request: DiskRequest) => void;
  /** How long a flush takes, milliseconds: a card is slow at it, and more can happen meanwhile. */
  readonly flushMs: () => number;
}

const flags = { hasFlags: 1, sendFlush: 4, sendFua: 8 } as const;
const transmissionFlags = flags.hasFlags | flags.sendFlush | flags.sendFua;
const option = { exportName: 1, abort: 2, info: 6, go: 7 } as const;
const reply = { ack: 1, info: 3, unsupported: 0x8000_0001 } as const;
const command = { read: 0, write: 1, disconnect: 2, flush: 3 } as const;
const replyMagic = 0x6744_6698;
const invalid = 22; // EINVAL
const forceUnitAccess = 1;

export async function serveNbd(options: NbdOptions): Promise<NbdServer> {
  const sockets = new Set<Socket>();
  let powered = true;
  const powerDown = (): void => {
    powered = false;
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((socket) => {
    if (!powered) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined); // QEMU was killed: that is what it is here for
    connect(socket, options, () => powered);
  });
  await new Promise<void>((listening) => server.listen(options.path, listening));
  return {
    powerDown,
    powerUp: () => {
      powered = true;
    },
    close: () => {
      powerDown();
      return new Promise((closed) => {
        server.close(() => {
          closed();
        });
      });
    },
  };
}

/** Takes whole messages from the front of what has arrived; 0: not all of the next one is there yet. */
type Take = (bytes: Buffer) => number;

function connect(socket: Socket, options: NbdOptions, powered: () => boolean): void {
  let arrived: Buffer = Buffer.alloc(0);
  let take = handshake(socket, options.disk, () => {
    take = transmission(socket, options, powered);
  });
  socket.on('data', (chunk: Buffer) => {
    arrived = arrived.length === 0 ? chunk : Buffer.concat([arrived, chunk]);
    for (let taken = take(arrived); taken > 0; taken = take(arrived)) arrived = arrived.subarray(taken);
  });
}

function handshake(socket: Socket, disk: VolatileDisk, done: () => void): Take {
  const greeting = Buffer.alloc(18);
  greeting.write('NBDMAGICIHAVEOPT');
  greeting.writeUInt16BE(3, 16); // fixed newstyle, no zeroes
  socket.write(greeting);
  const size = Buffer.alloc(10);
  size.writeBigUInt64BE(BigInt(disk.bytes));
  size.writeUInt16BE(transmissionFlags, 8);

  const answer = (asked: number, type: number, data: Buffer = Buffer.alloc(0)): void => {
    const head = Buffer.alloc(20);
    head.writeBigUInt64BE(0x3_e889_0455_65a9n);
    head.writeUInt32BE(asked, 8);
    head.writeUInt32BE(type, 12);
    head.writeUInt32BE(data.length, 16);
    socket.write(Buffer.concat([head, data]));
  };
  let greeted = false;
  return (bytes) => {
    if (!greeted) {
      greeted = bytes.length >= 4; // the client's flags say nothing that is needed
      return greeted ? 4 : 0;
    }
    if (bytes.length < 16) return 0;
    const asked = bytes.readUInt32BE(8);
    const length = 16 + bytes.readUInt32BE(12);
    if (bytes.length < length) return 0;
    if (asked === option.exportName) {
      socket.write(size);
      done();
    } else if (asked === option.go || asked === option.info) {
      answer(asked, reply.info, Buffer.concat([Buffer.alloc(2), size])); // 0: size and flags of the export
      answer(asked, reply.ack);
      if (asked === option.go) done();
    } else if (asked === option.abort) {
      answer(asked, reply.ack);
      socket.end();
    } else answer(asked, reply.unsupported);
    return length;
  };
}

function transmission(socket: Socket, options: NbdOptions, powered: () => boolean): Take {
  const { disk, before, flushMs } = options;
  const answer = (handle: Buffer, error: number, data: Buffer = Buffer.alloc(0)): void => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(replyMagic);
    head.writeUInt32BE(error, 4);
    if (powered() && !socket.destroyed) socket.write(Buffer.concat([head, handle, data]));
  };
  const flush = async (handle: Buffer): Promise<void> => {
    // Done at the end of its time: a cut meanwhile finds it undone.
    await sleep(flushMs());
    if (!powered()) return;
    disk.flush();
    answer(handle, 0);
  };
  return (bytes) => {
    if (bytes.length < 28) return 0;
    const kind = bytes.readUInt16BE(6);
    const handle = Buffer.from(bytes.subarray(8, 16));
    const at = Number(bytes.readBigUInt64BE(16));
    const length = bytes.readUInt32BE(24);
    const whole = 28 + (kind === command.write ? length : 0);
    if (bytes.length < whole) return 0;
    const request = kind === command.read ? 'read' : kind === command.write ? 'write' : 'flush';
    if (kind !== command.disconnect && powered()) before(request);
    if (!powered()) return whole;
    if (kind === command.read) answer(handle, 0, disk.read(at, length));
    else if (kind === command.write) {
      disk.write(at, bytes.subarray(28, whole), (bytes.readUInt16BE(4) & forceUnitAccess) !== 0);
      answer(handle, 0);
    } else if (kind === command.flush) void flush(handle);
    else if (kind === command.disconnect) socket.end();
    else answer(handle, invalid);
    return whole;
  };
}
