/** A box on the bench: the machine restored, the printer beside it, an MIS outside, and hands for all of them. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StaffSnapshot } from '../../../device/contract/staff.ts';
import { cache } from '../cache.ts';
import { ask, connected, freePort } from '../box.ts';
import type { Kiosk } from '../box.ts';
import type { Images } from '../images.ts';
import { startMachine, statusOf } from '../machine.ts';
import type { Machine } from '../machine.ts';
import { startMis } from '../mis.ts';
import type { Mis } from '../mis.ts';
import type { SavedState } from '../saved-state.ts';
import { schoolTime } from '../school-time.ts';
import type { SchoolTime } from '../school-time.ts';
import { virtualPrinter } from './virtual-printer.ts';
import type { VirtualPrinter } from './virtual-printer.ts';

export interface Bench {
  /** Where what was seen is kept. */
  readonly pictures: string;
  readonly machine: Machine;
  readonly printer: VirtualPrinter;
  readonly mis: Mis;
  readonly time: SchoolTime;
  /** A line of bash in the guest, as root; one at a time. */
  guest(line: string, withinMs?: number): Promise<string>;
  kiosk(): Promise<Kiosk>;
  /** A command over the control socket. */
  tell(name: string, input?: object): Promise<unknown>;
  state(): Promise<StaffSnapshot>;
  /** The state, as soon as it is as wanted. @returns with how long that took, seconds; rejects after `withinMs` */
  until(what: string, wanted: (state: StaffSnapshot) => boolean, withinMs?: number): Promise<Reached>;
  /** The daemon, by its unit, with the technician file of this name in guest/. Resolves when it has a roster. */
  startBox(file: string): Promise<void>;
  close(): Promise<void>;
}
export interface Reached {
  readonly state: StaffSnapshot;
  readonly seconds: number;
}

/** Emulated, beside other work. */
const guestMaxMs = 120_000;
const startMaxMs = 600_000;
const guestPorts = { kiosk: 9001, control: 9002 } as const;

/** What is not part of the saved state: the daemon's image, the printer's socket. */
async function plugIn(machine: Machine, daemon: string, printer: string): Promise<void> {
  const file = { driver: 'file', filename: daemon };
  await machine.qmp('blockdev-add', { driver: 'raw', 'node-name': 'late', 'read-only': true, file });
  await machine.qmp('device_add', { driver: 'virtio-blk-pci', drive: 'late', id: 'late' });
  const data = { addr: { type: 'unix', data: { path: printer } }, server: false, reconnect: 1 };
  await machine.qmp('chardev-add', { id: 'printer', backend: { type: 'socket', data } });
  await machine.qmp('device_add', { driver: 'usb-redir', chardev: 'printer', id: 'printer', bus: 'usb.0' });
}

export async function openBench(images: Images, saved: SavedState): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'porter-parts-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const pictures = join(cache, 'pictures');
  mkdirSync(pictures, { recursive: true });
  const printer = virtualPrinter(join(folder, 'printer'));
  const ports = { kiosk: await freePort(), control: await freePort() };
  const machine = await startMachine({
    ...images,
    accelerator: saved.accelerator,
    restore: saved.path,
    folder,
    ports: Object.fromEntries(
      Object.entries(guestPorts).map(([name, port]) => [port, ports[name as keyof typeof ports]]),
    ),
  });
  while ((await statusOf(machine)) === 'inmigrate') await sleep(20);
  await plugIn(machine, images.late ?? '', join(folder, 'printer'));
  await machine.qmp('cont');

  const time = schoolTime();
  const mis = await startMis(time.now, () => true);
  await machine.run(
    'until [ -b /dev/vdc ]; do sleep 0.1; done; mount -o ro /dev/vdc /late && /late/guest/install.sh',
    guestMaxMs,
  );
  const guest = (line: string, withinMs = guestMaxMs): Promise<string> => machine.run(line, withinMs);
  const tell = (name: string, input = {}): Promise<unknown> => ask(ports.control, name, input);
  // The daemon's own type: this is a test, and a snapshot of another shape fails in what looks at it.
  const state = async (): Promise<StaffSnapshot> => (await tell('state')) as StaffSnapshot;
  const until: Bench['until'] = async (what, wanted, withinMs = guestMaxMs) => {
    const began = Date.now();
    let last: StaffSnapshot | null = null;
    for (;;) {
      const now = await state().catch(() => null);
      const seconds = (Date.now() - began) / 1000;
      if (now !== null && wanted(now)) return { state: now, seconds };
      last = now ?? last;
      if (seconds * 1000 > withinMs) {
        const seen = last === null ? null : { lights: last.lights, faults: last.faults, sum: last.sum };
        throw new Error(`not within ${String(withinMs / 1000)} s: ${what}; ${JSON.stringify(seen)}`);
      }
      await sleep(250);
    }
  };
  return {
    ...{ pictures, machine, printer, mis, time, guest, tell, state, until },
    kiosk: () => connected(`http://127.0.0.1:${String(ports.kiosk)}/`),
    async startBox(file) {
      await guest('systemctl stop porter; rm -rf /data/porter; install -d -o porter -g porter /data/porter');
      await guest(`install -m 644 /late/guest/${file} /config/porter.toml`);
      await guest(`/late/guest/start.sh ${(time.now() / 1000).toFixed(3)} ${String(mis.port)}`);
      await until('a roster', ({ roster }) => roster.pupils > 0, startMaxMs).catch(async (error: unknown) => {
        const said = await guest('journalctl -b --no-pager -n 60');
        throw new Error(`the box does not start: ${said}`, { cause: error });
      });
    },
    async close() {
      await machine.kill();
      printer.close();
      await mis.stop();
      remove();
      process.off('exit', remove);
    },
  };
}
