/** A box whose card is full, read-only or failing, or whose key is gone, at the start: it stays up, says so, and mends itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KioskSnapshot } from '../../device/contract/kiosk.ts';
import type { Result } from '../../device/contract/result.ts';
import type { StaffTop } from '../../device/contract/staff.ts';
import type { NowView } from '../../device/contract/staff-views.ts';
import { Restoring } from '../../device/copies/restoring.ts';
import { realDisks } from '../../device/journal/key-folder.ts';
import { openJournalOn } from '../../device/journal/journal.ts';
import { TroubleError, troubleOf } from '../../device/journal/trouble.ts';
import { createSimulatedLights } from '../../device/lights/simulated.ts';
import type { SimulatedLights } from '../../device/lights/simulated.ts';
import type { LastKnown } from '../../device/last-known.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import type { MarksData } from '../../device/mis/kept-marks.ts';
import { startAnyhow } from '../../device/out-of-service.ts';
import type { Begin, Service } from '../../device/out-of-service.ts';
import { makeCertificate } from '../../device/web/staff/certificate.ts';
import { seededRandom, silent } from '../support/box.ts';
import { MemoryDisk } from '../support/memory-disk.ts';
import { testMasters } from '../support/keys.ts';
import { peopleOf } from '../support/people.ts';
import { staffRequest, staffSocket } from '../support/staff-client.ts';
import { steeredTime } from '../support/steered-time.ts';
import { hillView } from '../unit/hill-view.ts';

const time = steeredTime(Date.parse('2026-11-23T08:50:00Z'));
const folder = mkdtempSync(join(tmpdir(), 'porter-oos-'));
const SMALL = { segment: 4096, reserve: 1024 };
const random = seededRandom(7);

const restoring = new Restoring({
  ...time,
  random,
  places: { dataFolder: folder, keyFiles: [], newKeyFile: join(folder, 'key'), disks: realDisks },
  room: () => Promise.resolve({ freeBytes: 1e9, totalBytes: 1e9, readOnly: false }),
  refusal: null,
  restart: () => undefined,
});

let disk: MemoryDisk;
let begins: number;
let lights: SimulatedLights;
let service: Service | null = null;
const broken: unknown[] = [];

/** Stands for the app: its records are open, and that is all. */
const openRecords: Begin = async (handOver) => {
  begins += 1;
  const { clock, timers } = time;
  const options = { clock, timers, random, build: 'test', log: silent, masters: testMasters, sizes: SMALL };
  const journal = await openJournalOn(disk, options);
  await handOver();
  return { kioskUrl: 'the app', staffUrl: 'the app', stop: () => journal.close(), pulse: () => 'In service' };
};

const password = 'three plain words';
const reed = peopleOf([
  { name: 'Reed', role: 'reception', password },
  { name: 'Hall', role: 'administrator', password },
]);

const nothingKnown = (): Promise<LastKnown> => Promise.reject(new Error('there is no journal'));

async function start(begin: Begin = openRecords, known = nothingKnown): Promise<Service> {
  service = await startAnyhow(begin, {
    settings: { ...hillView, web: { ...hillView.web, kioskPort: 0, staffPort: 0, staffBind: '127.0.0.1' } },
    pages: folder,
    controlFolder: folder,
    demo: false,
    clock: time.clock,
    timers: time.timers,
    random,
    log: silent,
    support: { log: () => 'its log\n', debugBundle: () => Promise.resolve('how it is\n') },
    openLights: () => {
      lights = createSimulatedLights(time.clock, time.timers);
      return Promise.resolve(lights);
    },
    lastKnown: known,
    staffDoor: async () => ({
      people: (await reed).table,
      certificate: {
        now: await makeCertificate(['localhost'], Date.now()),
        renewed: () => Promise.resolve(null),
        faults: [],
      },
    }),
    room: () => Promise.resolve({ freeBytes: disk.capacity - 300, totalBytes: disk.capacity, readOnly: readOnly() }),
    restoring,
    onServing: () => undefined,
    onBroken: (error) => broken.push(error),
  });
  return service;
}
const readOnly = (): boolean => disk.faults.everySync === 'EROFS';

beforeEach(() => {
  disk = new MemoryDisk();
  begins = 0;
  broken.length = 0;
});
afterEach(async () => {
  const stopped = service?.stop();
  time.pass(3_000);
  await stopped;
  service = null;
  expect(broken).toEqual([]);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Lets time pass until the next try is over. */
async function later(ms: number): Promise<void> {
  await time.passSlowly(ms, 5_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
}

async function ask<T>(url: string, event: string, input: unknown): Promise<Result<T>> {
  const socket = io(url, { transports: ['websocket'], forceNew: true });
  try {
    return (await socket.timeout(5_000).emitWithAck(event, input)) as Result<T>;
  } finally {
    socket.close();
  }
}

/** Reed, who signs in as on any day. */
async function signedIn(url: string): Promise<{ readonly cookie: string }> {
  const { headers } = await staffRequest(url, 'POST', '/session', { name: 'Reed', password });
  return { cookie: headers['set-cookie']?.[0] ?? '' };
}

/** What Reed sees. */
async function staffPage(url: string): Promise<StaffTop & Omit<NowView, 'counts'>> {
  const { cookie } = await signedIn(url);
  const socket = await staffSocket(url, cookie);
  try {
    const top = await new Promise<StaffTop>((resolve) => {
      socket.once('top', resolve);
      socket.emit('watch', null, () => undefined);
      time.pass(1_000);
    });
    const now = await new Promise<NowView>((resolve) => {
      socket.emit('watch', 'now', (result) => {
        if (result.ok && result.value !== null && 'back' in result.value) resolve(result.value);
      });
    });
    return { ...now, ...top };
  } finally {
    socket.close();
  }
}

test('an administrator takes away what a helper needs; reception does not', async () => {
  disk.capacity = 100;
  const { staffUrl } = await start();
  const taken = async (name: string) => {
    const { headers } = await staffRequest(staffUrl, 'POST', '/session', { name, password });
    const [cookie = ''] = headers['set-cookie'] ?? [];
    return staffRequest(staffUrl, 'GET', '/debug-bundle', null, { cookie });
  };
  expect(await taken('Hall')).toMatchObject({ status: 200, text: 'how it is\n' });
  expect(await taken('Reed')).toMatchObject({ status: 404 });
});

test('a full card: the kiosk says "Please see reception", red is fast, the staff page says what to do', async () => {
  disk.capacity = 100;
  const { kioskUrl, staffUrl } = await start();
  const hello = await ask<KioskSnapshot>(kioskUrl, 'hello', { protocol: 1 });
  expect(hello).toMatchObject({ ok: true, value: { accepting: { state: 'storage-failed' } } });
  const late = { commandId: 'c1', ageMs: 0, input: {} };
  expect(await ask(kioskUrl, 'late', late)).toEqual({ ok: false, error: { code: 'storage_failed' } });
  const staff = await staffPage(staffUrl);
  expect(staff.faults.join()).toContain('The card is full');
  expect(staff.faults.join()).toContain('Free some room');
  expect(staff.lights).toEqual({ green: 'off', amber: 'off', red: 'fast' });
});

test('a card that stays full is only looked at; with room again the box goes into service by itself', async () => {
  disk.capacity = 100;
  const up = await start();
  const written = disk.trace.length;
  await later(600_000);
  expect(begins).toBe(1);
  expect(disk.trace).toHaveLength(written);
  disk.capacity = 10 * 1024 * 1024;
  await later(15_000);
  expect(up.kioskUrl).toBe('the app');
});

test('a read-only card is tried again when it is mounted to write', async () => {
  disk.faults.everySync = 'EROFS';
  const up = await start();
  expect((await staffPage(up.staffUrl)).faults.join()).toContain('read-only');
  await later(60_000);
  expect(begins).toBe(1);
  delete disk.faults.everySync;
  await later(15_000);
  expect(up.kioskUrl).toBe('the app');
});

test('a failing card is tried less and less', async () => {
  disk.faults.everySync = 'EIO';
  const up = await start();
  await later(60_000);
  expect(begins).toBe(3); // at once, after 10 s, after 20 s more
  expect((await staffPage(up.staffUrl)).faults.join()).toContain('The card fails (EIO)');
  delete disk.faults.everySync;
  await later(60_000);
  expect(up.kioskUrl).toBe('the app');
});

test('a key that is missing is said, and looked for again', async () => {
  let there = false;
  const up = await start((handOver) => {
    if (!there) return Promise.reject(new TroubleError({ kind: 'key-missing' }));
    return openRecords(handOver);
  });
  expect((await staffPage(up.staffUrl)).faults.join()).toContain('The key to the records is missing');
  there = true;
  await later(15_000);
  expect(up.kioskUrl).toBe('the app');
});

test('when the alarm goes, the marks of the day that were kept are shown, with their age', async () => {
  disk.capacity = 100;
  const about = { surname: 'Okafor', yearGroup: 'Year 7', registrationGroup: '7A', birthMonth: 3, flags: [] };
  const pupils = ['Amara', 'Ben', 'Cai'].map((forename) => ({ key: forename, misId: forename, forename, ...about }));
  const marks: MarksData = {
    date: '2026-11-23',
    AM: { at: time.clock.now() - 5 * 60_000, codes: { Amara: '/', Ben: null } },
    PM: null,
  };
  const roster = { pupils, byKey: (key: string) => pupils.find((one) => one.key === key) };
  const known = { ledger: new Ledger(), roster, rosterTakenAt: 0, marks };
  const { staffUrl } = await start(openRecords, () => Promise.resolve(known));
  const { cookie } = await signedIn(staffUrl);
  const { text } = await staffRequest(staffUrl, 'GET', '/evacuation', null, { cookie });
  expect(text).toContain('Marks are 5 min old');
  expect(text).toContain('Movements at this box are of before it went out of service');
  expect(text).not.toContain('are up to');
  const row = (name: string): string =>
    new RegExp(`<li class="([\\w-]+)"><label>[^\\n]*${name}[^\\n]*`).exec(text)?.[0] ?? '';
  expect(row('Amara')).toContain('class="in-school"');
  expect(row('Ben')).toContain('No mark');
  expect(row('Cai')).toContain('Mark not read');
  const socket = await staffSocket(staffUrl, cookie);
  const view = await new Promise<Result<unknown>>((resolve) => socket.emit('watch', 'evacuation', resolve));
  expect(view).toMatchObject({ ok: true, value: { counts: { 'in-school': 1, 'not-known': 2 } } });
  const found = await socket.emitWithAck('query', 'evacuees', { group: '7A', where: 'in-school', text: '' });
  expect(found).toMatchObject({ ok: true, value: { rows: [{ pupil: 'Amara Okafor' }], more: 0 } });
  // What cannot be done now is not said to be gone.
  const asked = { commandId: 'p1', ageMs: 0, input: {} };
  const print = await socket.emitWithAck('command', 'print-evacuation', asked);
  expect(JSON.stringify(print)).toContain('The card is full');
  socket.close();
});

test('a stop while out of service frees the ports', async () => {
  disk.capacity = 100;
  const { kioskUrl, stop } = await start().then((up) => ({ kioskUrl: up.kioskUrl, stop: () => up.stop() }));
  const stopped = stop();
  time.pass(3_000);
  await stopped;
  await expect(fetch(kioskUrl)).rejects.toThrow();
  expect(lights.view()).toEqual({ green: 'off', amber: 'off', red: 'steady' });
});

test('another Porter on the same folder, and a bug, are no trouble of the card', async () => {
  const unlock = disk.lock();
  await expect(start()).rejects.toThrow('another Porter');
  unlock();
  expect(troubleOf(new TypeError('a bug'))).toBeNull();
  expect(troubleOf(Object.assign(new Error(), { code: 'EADDRINUSE' }))).toBeNull();
});
