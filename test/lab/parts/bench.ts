/** A box on the bench: the machine restored, the printer beside it, an MIS outside, and hands for all of them. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StaffSnapshot } from '../../../device/contract/staff.ts';
import { cache } from '../cache.ts';
import { ask, connected } from '../box.ts';
import { freePort } from '../../support/free-port.ts';
import type { Kiosk } from '../box.ts';
import { project } from '../images.ts';
import type { Images } from '../images.ts';
import { startMachine, statusOf } from '../machine.ts';
import type { Machine } from '../machine.ts';
import { startMis } from '../mis.ts';
import type { Mis } from '../mis.ts';
import type { SavedState } from '../saved-state.ts';
import { schoolTime } from '../school-time.ts';
import type { SchoolTime } from '../school-time.ts';
import { virtualCamera } from './virtual-camera.ts';
import type { VirtualCamera } from './virtual-camera.ts';
import { virtualPrinter } from './virtual-printer.ts';
import type { VirtualPrinter } from './virtual-printer.ts';

export interface Bench {
  /** Where what was seen is kept. */
  readonly pictures: string;
  readonly machine: Machine;
  readonly printer: VirtualPrinter;
  readonly camera: VirtualCamera;
  /** What the camera sees, in turn. */
  readonly scenes: readonly Buffer[];
  readonly mis: Mis;
  readonly time: SchoolTime;
  /** A line of bash in the guest, as root; one at a time. */
  guest(line: string, withinMs?: number): Promise<string>;
  kiosk(): Promise<Kiosk>;
  /** Of the kiosk page, from here. */
  readonly kioskUrl: string;
  /** Of the box's own screen (guest/screen.sh): Chromium's DevTools, from here. */
  readonly screenUrl: string;
  /** A command over the control socket. */
  tell(name: string, input?: object): Promise<unknown>;
  state(): Promise<StaffSnapshot>;
  /** Seconds by the guest's clock, from some moment on: beside other work it goes slower than ours. */
  seconds(): Promise<number>;
  /** Looks until there is something. Rejects after `patienceSeconds` of the guest. */
  wait<T>(what: string, look: () => T | null | Promise<T | null>): Promise<Waited<T>>;
  /** The state, as soon as it is as wanted. */
  until(what: string, wanted: (state: StaffSnapshot) => boolean): Promise<Reached>;
  /** The daemon, by its unit, with the technician file of this name in guest/. Resolves when it has a roster. */
  startBox(file: string): Promise<void>;
  close(): Promise<void>;
}
export interface Waited<T> {
  readonly value: T;
  /** Of the guest. */
  readonly seconds: number;
}
export interface Reached {
  readonly state: StaffSnapshot;
  readonly seconds: number;
}

/** Of ours, for one command in a guest that slows down. */
const guestMaxMs = 1_800_000;
/** For anything to come about. */
const patienceSeconds = 300;
const lookEveryMs = 3_000;
/** The guest's clock is asked once in so many looks. */
const clockEvery = 10;
const usbParts = ['printer', 'camera'] as const;
const guestPorts = { kiosk: 9001, control: 9002, screen: 9003 } as const;

/** What is not part of the saved state: the daemon's image, the sockets of what is on the USB. */
async function plugIn(machine: Machine, daemon: string, folder: string): Promise<void> {
  const file = { driver: 'file', filename: daemon };
  await machine.qmp('blockdev-add', { driver: 'raw', 'node-name': 'late', 'read-only': true, file });
  await machine.qmp('device_add', { driver: 'virtio-blk-pci', drive: 'late', id: 'late' });
  for (const id of usbParts) {
    const data = { addr: { type: 'unix', data: { path: join(folder, id) } }, server: false, reconnect: 1 };
    await machine.qmp('chardev-add', { id, backend: { type: 'socket', data } });
    await machine.qmp('device_add', { driver: 'usb-redir', chardev: id, id, bus: 'usb.0' });
  }
}

/** Somebody before the camera, moving: as before the simulated one. */
function readScenes(): readonly Buffer[] {
  const frames = join(project, 'dist/frames');
  const names = readdirSync(frames).filter((name) => name.startsWith('frame-'));
  return names.sort().map((name) => readFileSync(join(frames, name)));
}

export async function openBench(images: Images, saved: SavedState): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'porter-parts-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const pictures = join(cache, 'pictures');
  mkdirSync(pictures, { recursive: true });
  const printer = virtualPrinter(join(folder, 'printer'));
  const scenes = readScenes();
  const camera = virtualCamera(join(folder, 'camera'), scenes);
  const ports = { kiosk: await freePort(), control: await freePort(), screen: await freePort() };
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
  await plugIn(machine, images.late ?? '', folder);
  await machine.qmp('cont');

  const time = schoolTime();
  const mis = await startMis(time.now, () => true);
  await machine.run(
    'until [ -b /dev/vdc ]; do sleep 0.1; done; mount -o ro /dev/vdc /late && /late/guest/install.sh',
    guestMaxMs,
  );
  let turn: Promise<unknown> = Promise.resolve();
  const guest = (line: string, withinMs = guestMaxMs): Promise<string> => {
    const mine = turn.then(() => machine.run(line, withinMs));
    turn = mine.catch(() => undefined);
    return mine;
  };
  const tell = (name: string, input = {}): Promise<unknown> => ask(ports.control, name, input);
  // The daemon's own type: this is a test, and a snapshot of another shape fails in what looks at it.
  const state = async (): Promise<StaffSnapshot> => (await tell('state')) as StaffSnapshot;
  const seconds = async (): Promise<number> => parseFloat(await guest('cat /proc/uptime'));
  const wait: Bench['wait'] = async (what, look) => {
    const began = await seconds();
    for (let looks = 1; ; looks += 1) {
      const value = await look();
      if (value !== null) return { value, seconds: (await seconds()) - began };
      if (looks % clockEvery === 0 && (await seconds()) - began > patienceSeconds)
        throw new Error(`not within ${String(patienceSeconds)} s: ${what}`);
      await sleep(lookEveryMs);
    }
  };
  const until: Bench['until'] = async (what, wanted) => {
    let last = null as StaffSnapshot | null;
    try {
      const reached = await wait(what, async () => {
        const now = await state().catch(() => null);
        last = now ?? last;
        return now !== null && wanted(now) ? now : null;
      });
      return { state: reached.value, seconds: reached.seconds };
    } catch (error) {
      const seen = last === null ? null : { lights: last.lights, faults: last.faults, sum: last.sum };
      throw new Error(`${what}: never; seen last: ${JSON.stringify(seen)}`, { cause: error });
    }
  };
  const kioskUrl = `http://127.0.0.1:${String(ports.kiosk)}/`;
  return {
    ...{ pictures, machine, printer, camera, scenes, mis, time, guest, tell, state, seconds, wait, until, kioskUrl },
    screenUrl: `http://127.0.0.1:${String(ports.screen)}`,
    kiosk: () => connected(kioskUrl, guestMaxMs),
    async startBox(file) {
      await guest('systemctl stop porter; rm -rf /data/porter; install -d -o porter -g porter /data/porter');
      await guest(`install -m 644 /late/guest/${file} /config/porter.toml`);
      await guest(`/late/guest/start.sh ${(time.now() / 1000).toFixed(3)} ${String(mis.port)}`);
      await until('a roster', ({ roster }) => roster.pupils > 0).catch(async (error: unknown) => {
        const said = await guest('journalctl -b --no-pager -n 60');
        throw new Error(`the box does not start: ${said}`, { cause: error });
      });
    },
    async close() {
      await machine.kill();
      printer.close();
      camera.close();
      await mis.stop();
      remove();
      process.off('exit', remove);
    },
  };
}
