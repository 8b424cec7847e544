/**
 * A USB device in this process, plugged into the virtual machine: the far side of QEMU's `usb-redir` (spice's usbredir
 * protocol, version 0.7). QEMU connects to its socket again and again, so the device outlives machines.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Packet types, as the protocol numbers them. */
const T = {
  hello: 0,
  connect: 1,
  disconnect: 2,
  reset: 3,
  interfaces: 4,
  endpoints: 5,
  setConfiguration: 6,
  getConfiguration: 7,
  configurationStatus: 8,
  setAlternate: 9,
  getAlternate: 10,
  alternateStatus: 11,
  cancel: 21,
  control: 100,
  bulk: 101,
} as const;

const status = { ok: 0, cancelled: 1, stall: 4 } as const;
export type UsbStatus = keyof typeof status;

/** Version, disconnect ack, endpoints' packet size, 64-bit ids, 32-bit bulk lengths. */
const capabilities = (1 << 1) | (1 << 3) | (1 << 4) | (1 << 5) | (1 << 6);

export interface UsbDescriptors {
  readonly speed: 'full' | 'high';
  readonly device: Buffer;
  readonly configuration: Buffer;
  readonly strings: readonly string[];
}

export interface UsbRequest {
  readonly type: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  /** Of a request that brings some. */
  readonly data: Buffer;
}

export interface UsbFunction {
  /** Bytes for a bulk OUT endpoint; `done` when the device has taken them, at once or later. */
  out(data: Buffer, done: (how: UsbStatus) => void): void;
  /** For the bulk IN endpoint, which wants `length` bytes at most; null: nothing now, `readable` when there is. */
  read(length: number): Buffer | null;
  /** A control request of the device's own class: the answer's bytes, or null to stall. */
  control(request: UsbRequest): Buffer | null;
  /** The cable was pulled, or the machine is gone: what was under way is lost. */
  detached(): void;
}

interface Waiting {
  readonly id: bigint;
  readonly endpoint: number;
  readonly length: number;
}

export class UsbRedirDevice {
  private readonly descriptors: UsbDescriptors;
  private readonly inside: UsbFunction;
  private readonly server: Server;
  private socket: Socket | null = null;
  private peer: number | null = null;
  private plugged = false;
  private live = false;
  private reads: Waiting[] = [];
  private writes: Waiting[] = [];

  constructor(path: string, descriptors: UsbDescriptors, inside: UsbFunction) {
    this.descriptors = descriptors;
    this.inside = inside;
    this.server = createServer((socket) => this.connected(socket)).listen(path);
  }

  get attached(): boolean {
    return this.live;
  }

  plug(): void {
    this.plugged = true;
    if (this.peer !== null && !this.live) this.announce();
  }

  unplug(): void {
    this.plugged = false;
    if (this.live) this.send(T.disconnect, 0n, Buffer.alloc(0));
    this.detach();
  }

  /** There is something to read. */
  readable(): void {
    while (this.reads[0] !== undefined) {
      const data = this.inside.read(this.reads[0].length);
      if (data === null) return;
      const waiting = this.reads.shift();
      if (waiting !== undefined) this.transferred(waiting, 'ok', data.length, data);
    }
  }

  close(): void {
    this.socket?.destroy();
    this.server.close();
  }

  private detach(): void {
    const was = this.live;
    this.live = false;
    this.reads = [];
    this.writes = [];
    if (was) this.inside.detached();
  }

  private connected(socket: Socket): void {
    this.socket?.destroy();
    this.socket = socket;
    this.peer = null;
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      for (let taken = this.packet(rest); taken > 0; taken = this.packet(rest)) rest = rest.subarray(taken);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.peer = null;
      this.detach();
    });
    const hello = Buffer.alloc(68);
    hello.write('porter lab');
    hello.writeUInt32LE(capabilities, 64);
    this.send(T.hello, 0n, hello);
  }

  private get wide(): boolean {
    return this.peer !== null && (this.peer & (1 << 5)) !== 0;
  }

  /** Takes the first packet, if it is whole. @returns how many bytes that was */
  private packet(bytes: Buffer): number {
    const head = this.wide ? 16 : 12;
    if (bytes.length < head) return 0;
    const length = head + bytes.readUInt32LE(4);
    if (bytes.length < length) return 0;
    const id = this.wide ? bytes.readBigUInt64LE(8) : BigInt(bytes.readUInt32LE(8));
    this.take(bytes.readUInt32LE(0), id, bytes.subarray(head, length));
    return length;
  }

  private send(type: number, id: bigint, body: Buffer): void {
    const wide = this.wide && type !== T.hello;
    const head = Buffer.alloc(wide ? 16 : 12);
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(body.length, 4);
    if (wide) head.writeBigUInt64LE(id, 8);
    else head.writeUInt32LE(Number(id), 8);
    this.socket?.write(Buffer.concat([head, body]));
  }

  /** Tells the machine what has been plugged in: interfaces, endpoints, the device. */
  private announce(): void {
    const { configuration, device, speed } = this.descriptors;
    const interfaces = Buffer.alloc(4 + 128);
    const endpoints = Buffer.alloc(32 * 3 + 64);
    endpoints.fill(255, 0, 32);
    endpoints[0] = endpoints[16] = 0; // control
    endpoints.writeUInt16LE(64, 96);
    endpoints.writeUInt16LE(64, 96 + 32);
    let [count, face] = [0, 0];
    for (let at = 0; at < configuration.length; at += configuration.readUInt8(at)) {
      const kind = configuration.readUInt8(at + 1);
      if (kind === 4) {
        face = configuration.readUInt8(at + 2);
        for (const [place, field] of [2, 5, 6, 7].entries())
          interfaces[4 + 32 * place + count] = configuration.readUInt8(at + field);
        count += 1;
      }
      if (kind === 5) {
        const address = configuration.readUInt8(at + 2);
        const index = ((address & 0x80) >> 3) | (address & 15);
        endpoints[index] = configuration.readUInt8(at + 3) & 3;
        endpoints[32 + index] = configuration.readUInt8(at + 6);
        endpoints[64 + index] = face;
        endpoints.writeUInt16LE(configuration.readUInt16LE(at + 4), 96 + index * 2);
      }
    }
    interfaces.writeUInt32LE(count, 0);
    const about = Buffer.alloc(10);
    about[0] = speed === 'full' ? 1 : 2;
    device.copy(about, 1, 4, 7);
    device.copy(about, 4, 8, 14);
    this.send(T.interfaces, 0n, interfaces);
    this.send(T.endpoints, 0n, endpoints);
    this.send(T.connect, 0n, about);
    this.live = true;
  }

  private take(type: number, id: bigint, body: Buffer): void {
    switch (type) {
      case T.hello:
        this.peer = body.length >= 68 ? body.readUInt32LE(64) & capabilities : 0;
        if (this.plugged) this.announce();
        return;
      case T.setConfiguration:
        return this.send(T.configurationStatus, id, Buffer.from([status.ok, body.readUInt8(0)]));
      case T.getConfiguration:
        return this.send(T.configurationStatus, id, Buffer.from([status.ok, 1]));
      case T.setAlternate:
        return this.send(T.alternateStatus, id, Buffer.from([status.ok, body.readUInt8(0), body.readUInt8(1)]));
      case T.getAlternate:
        return this.send(T.alternateStatus, id, Buffer.from([status.ok, body.readUInt8(0), 0]));
      case T.cancel:
        return this.cancel(id);
      case T.control:
        return this.control(id, body);
      case T.bulk:
        return this.bulk(id, body);
    }
  }

  private bulk(id: bigint, body: Buffer): void {
    const endpoint = body.readUInt8(0);
    const length = body.readUInt16LE(2) + (body.readUInt16LE(8) << 16);
    const waiting = { id, endpoint, length };
    if ((endpoint & 0x80) !== 0) {
      this.reads.push(waiting);
      this.readable();
      return;
    }
    this.writes.push(waiting);
    this.inside.out(Buffer.from(body.subarray(10)), (how) => {
      // Cancelled meanwhile, or the cable is out: nobody waits for it.
      if (!this.writes.includes(waiting)) return;
      this.writes = this.writes.filter((one) => one !== waiting);
      this.transferred(waiting, how, length, Buffer.alloc(0));
    });
  }

  private cancel(id: bigint): void {
    const waiting = [...this.reads, ...this.writes].find((one) => one.id === id);
    if (waiting === undefined) return;
    this.reads = this.reads.filter((one) => one !== waiting);
    this.writes = this.writes.filter((one) => one !== waiting);
    this.transferred(waiting, 'cancelled', 0, Buffer.alloc(0));
  }

  private transferred({ id, endpoint }: Waiting, how: UsbStatus, length: number, data: Buffer): void {
    const head = Buffer.alloc(10);
    head[0] = endpoint;
    head[1] = status[how];
    head.writeUInt16LE(length & 0xffff, 2);
    head.writeUInt16LE(length >>> 16, 8);
    this.send(T.bulk, id, Buffer.concat([head, data]));
  }

  private control(id: bigint, body: Buffer): void {
    const [request, type] = [body.readUInt8(1), body.readUInt8(2)];
    const length = body.readUInt16LE(8);
    const value = body.readUInt16LE(4);
    const index = body.readUInt16LE(6);
    const asked = { type, request, value, index, data: Buffer.from(body.subarray(10)) };
    const found = this.standard(request, type, value) ?? this.inside.control(asked);
    const head = Buffer.from(body.subarray(0, 10));
    head[3] = found === null ? status.stall : status.ok;
    const isIn = (type & 0x80) !== 0;
    const data = isIn && found !== null ? found.subarray(0, length) : Buffer.alloc(0);
    head.writeUInt16LE(isIn ? data.length : length, 8);
    this.send(T.control, id, Buffer.concat([head, data]));
  }

  /** What every device answers (USB 2.0, chapter 9); null: not one of those. */
  private standard(request: number, type: number, value: number): Buffer | null {
    const { device, configuration, strings } = this.descriptors;
    if (type === 0x80 && request === 6) {
      if (value >> 8 === 1) return device;
      if (value >> 8 === 2) return configuration;
      if (value >> 8 !== 3) return null;
      const text = (value & 255) === 0 ? Buffer.from([9, 4]) : Buffer.from(strings[(value & 255) - 1] ?? '', 'utf16le');
      return Buffer.concat([Buffer.from([text.length + 2, 3]), text]);
    }
    if (request === 0 && (type & 0x80) !== 0 && type <= 0x82) return Buffer.from([type === 0x80 ? 1 : 0, 0]);
    return type === 0x02 && request === 1 ? Buffer.alloc(0) : null; // CLEAR_FEATURE(HALT)
  }
}
