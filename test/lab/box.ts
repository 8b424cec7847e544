/** A box with power: the machine restored, its data disk plugged in, the daemon let go. */
import { request } from 'node:http';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import * as v from 'valibot';
import type { DeviceToKiosk, KioskToDevice } from '../../device/contract/kiosk.ts';
import type { StaffSnapshot } from '../../device/contract/staff.ts';
import { freePort } from '../support/free-port.ts';
import type { Images } from './images.ts';
import { startMachine, statusOf } from './machine.ts';
import type { Machine } from './machine.ts';
import type { SavedState } from './saved-state.ts';
import { setTimeout as sleep } from 'node:timers/promises';

export type Kiosk = Socket<DeviceToKiosk, KioskToDevice>;

export interface Box {
  readonly machine: Pick<Machine, 'kill' | 'gone'>;
  /** Everything that the daemon and the guest have said. */
  said(): string;
  /** Resolves when the daemon serves; rejects when it ended, or took too long. */
  readonly ready: Promise<void>;
  /** The socket of a kiosk page. */
  kiosk(): Promise<Kiosk>;
  /** A command over the control socket. */
  tell(name: string, input?: object): Promise<unknown>;
  state(): Promise<StaffSnapshot>;
}

export interface BoxOptions {
  readonly images: Images;
  readonly saved: SavedState;
  readonly folder: string;
  /** Where the disk is served (nbd-server.ts). */
  readonly disk: string;
  /** The time at the box, milliseconds since the epoch. */
  readonly now: () => number;
  readonly misPort: number;
}

/** Emulated, beside other work. */
const readyMaxMs = 300_000;
const answerMaxMs = 30_000;
const guestPorts = { kiosk: 9001, control: 9002 } as const;

export async function powerOn(options: BoxOptions): Promise<Box> {
  const ports = { kiosk: await freePort(), control: await freePort() };
  const machine = await startMachine({
    ...options.images,
    accelerator: options.saved.accelerator,
    restore: options.saved.path,
    folder: options.folder,
    ports: { [guestPorts.kiosk]: ports.kiosk, [guestPorts.control]: ports.control },
  });
  // Plugged in after the restore: a guest that had seen the disk before would believe its own memory of it.
  while ((await statusOf(machine)) === 'inmigrate') await sleep(20);
  await machine.qmp('blockdev-add', {
    driver: 'raw',
    'node-name': 'data',
    cache: { direct: true },
    file: { driver: 'nbd', server: { type: 'unix', path: options.disk } },
  });
  await machine.qmp('device_add', { driver: 'virtio-blk-pci', drive: 'data', id: 'data', 'write-cache': 'on' });
  await machine.qmp('cont');

  let said = '';
  const ready = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error(`the daemon does not serve: ${said.slice(-2000)}`));
    }, readyMaxMs);
    const end = (why: string): void => {
      clearTimeout(late);
      reject(new Error(why));
    };
    void machine.gone.then(() => {
      end('the machine has no power');
    });
    const seconds = (options.now() / 1000).toFixed(3);
    machine.follow(`/app/guest/power-on.sh ${seconds} ${String(options.misPort)}`, (words) => {
      said += `${words}\n`;
      if (words.startsWith('##END') || words.startsWith('porter: '))
        end(`the box does not start: ${said.slice(-2000)}`);
      if (!words.startsWith('Staff: ')) return;
      clearTimeout(late);
      resolve();
    });
  });
  ready.catch(() => undefined); // whoever cuts during the start does not wait for it
  const tell = (name: string, input = {}): Promise<unknown> => ask(ports.control, name, input);
  return {
    machine,
    said: () => said,
    ready,
    kiosk: () => connected(`http://127.0.0.1:${String(ports.kiosk)}/`),
    tell,
    // The daemon's own type: this is a test, and a snapshot of another shape fails in the checks.
    state: async () => (await tell('state')) as StaffSnapshot,
  };
}

/** @param silentMaxMs how much longer than usual the box may be silent: a machine that slows down is not gone */
export async function connected(url: string, silentMaxMs = 0): Promise<Kiosk> {
  const socket: Kiosk = io(url, { transports: ['websocket'], forceNew: true, reconnection: false });
  socket.io.engine.on('handshake', (given) => (given.pingTimeout += silentMaxMs));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

const resultSchema = v.variant('ok', [
  v.object({ ok: v.literal(true), value: v.unknown() }),
  v.object({ ok: v.literal(false), error: v.unknown() }),
]);

export function ask(port: number, name: string, input: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: `/${name}`, method: 'POST', timeout: answerMaxMs });
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const result = v.parse(resultSchema, JSON.parse(Buffer.concat(chunks).toString('utf8')));
        if (result.ok) resolve(result.value);
        else reject(new Error(JSON.stringify(result.error)));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer to ${name}`)));
    asked.on('error', reject);
    asked.end(JSON.stringify(input));
  });
}
