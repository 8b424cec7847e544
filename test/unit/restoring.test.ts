/** A backup that is sent to the box: looked at, refused in words, or taken at the next start; what was there before lies aside and goes. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backup, backupKey } from '../../device/copies/backup.ts';
import { dataPaths } from '../../device/copies/data-files.ts';
import { erasedName } from '../../device/copies/restore.ts';
import { Restoring, asideMaxMs } from '../../device/copies/restoring.ts';
import type { Found } from '../../device/copies/restoring.ts';
import { asideIn, noteIn, putInForce } from '../../device/copies/swap.ts';
import type { Result } from '../../device/contract/result.ts';
import { diskReader, openDisk } from '../../device/journal/disk.ts';
import { openJournalOn } from '../../device/journal/journal.ts';
import { FrameKeys } from '../../device/journal/frame-keys.ts';
import { openWith, recordsOf } from '../../device/journal/reading.ts';
import { readRecoveryKey } from '../../device/journal/written-keys.ts';
import { openKeys, readKeys, realDisks } from '../../device/journal/key-folder.ts';
import type { KeyPlaces } from '../../device/journal/key-folder.ts';
import { seededRandom, silent } from '../support/box.ts';
import { testRandom } from '../support/keys.ts';
import { steeredTime } from '../support/steered-time.ts';

const now = Date.parse('2026-11-23T15:40:00Z');
const random = testRandom(20_261_130);
const id = (): string => Buffer.from(random(16)).toString('hex');
const password = 'three plain words';
const me = 'a session';

let folder: string;
let time: ReturnType<typeof steeredTime>;
let freeBytes: number;
let restarts: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porter-restoring-'));
  time = steeredTime(now);
  freeBytes = 1e9;
  restarts = 0;
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const told = { type: 'access', v: 1, what: 'took', person: null, from: null, count: 1, by: 'Ms Reed' } as const;

interface Box {
  readonly places: KeyPlaces;
  readonly recoveryKey: string;
}
/** Keys, a journal with a record under them, a photo. */
async function box(name: string): Promise<Box> {
  const dataFolder = join(folder, name);
  mkdirSync(dataFolder);
  const key = `${dataFolder}.key`;
  const places = { dataFolder, keyFiles: [key], newKeyFile: key, disks: realDisks };
  const { masters, recoveryKey } = openKeys(places, random);
  const options = { ...time, random: seededRandom(7), build: 'test', log: silent, masters };
  const journal = await openJournalOn(openDisk(join(dataFolder, 'journal')), options);
  await journal.commit([{ ...told, detail: name }]).durable;
  await journal.close();
  mkdirSync(join(dataFolder, 'photos'));
  writeFileSync(join(dataFolder, 'photos', 'one.jpg'), 'a picture');
  return { places, recoveryKey: recoveryKey ?? '' };
}
/** Which box's records these are, by its own key. */
function recordsIn(places: KeyPlaces): readonly (string | null)[] {
  const disk = diskReader(join(places.dataFolder, 'journal'));
  const records = [...recordsOf(disk, openWith(disk, new FrameKeys(readKeys(places), random)))];
  return records.flatMap((one) => (one.type === 'access' ? [one.detail] : []));
}

async function backedUp(places: KeyPlaces, until = '2027-09-01T00:00:00Z'): Promise<Buffer> {
  const about = {
    box: 'Main reception',
    school: 'Hill View School',
    build: 'test',
    made: new Date(now - 3_600_000).toISOString(),
    until,
  };
  const parts: Buffer[] = [];
  for await (const part of backup({ folder: places.dataFolder, about, random }, await backupKey(password, random)))
    parts.push(part);
  return Buffer.concat(parts);
}

const restoringOn = (places: KeyPlaces, refusal: string | null = null): Restoring =>
  new Restoring({
    ...time,
    random: { bytes: random, id },
    places,
    room: () => Promise.resolve({ freeBytes, totalBytes: 2e9, readOnly: false }),
    refusal,
    restart: () => (restarts += 1),
  });

async function* inPieces(file: Uint8Array, step = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += step) {
    await Promise.resolve();
    yield file.subarray(at, at + step);
  }
}

async function sent(restoring: Restoring, file: Uint8Array, typed = password): Promise<Result<Found> | null> {
  const opened = restoring.prepare(typed, me);
  if (!opened.ok) throw new Error(opened.error.detail);
  return restoring.receive(opened.value.token, me, { bytes: inPieces(file), size: file.length });
}
const confirmed = { session: me, by: 'Ms Reed', recoveryKey: null, erased: ['a key that is gone'] };
/** Nothing of a restore lies in the box, and it is as it was. */
function isUntouched({ dataFolder }: KeyPlaces, before: readonly string[]): void {
  expect(existsSync(join(dataFolder, 'restore/making'))).toBe(false);
  expect(dataPaths(dataFolder)).toEqual(before);
}

test('is looked at while the box goes on, and in force at the next start; what was there lies aside, without photos', async () => {
  const { places } = await box('ours');
  const file = await backedUp(places);
  const { dataFolder } = places;
  writeFileSync(join(dataFolder, 'since'), 'recorded later');
  const restoring = restoringOn(places);
  const found = await sent(restoring, file);
  expect(found).toMatchObject({ ok: true, value: { wantsKey: false, head: { box: 'Main reception' } } });
  expect(existsSync(join(dataFolder, 'since'))).toBe(true);
  expect(await restoring.confirm(confirmed)).toEqual({ ok: true, value: null });
  expect(existsSync(join(dataFolder, 'since'))).toBe(true);

  putInForce(dataFolder);
  expect(recordsIn(places)).toEqual(['ours']);
  expect(readdirSync(dataFolder).toSorted()).toEqual([erasedName, 'journal', 'keys', 'restore', 'restored.json']);
  expect(noteIn(dataFolder)).toMatchObject({
    at: now,
    made: now - 3_600_000,
    by: 'Ms Reed',
    school: 'Hill View School',
  });
  expect(readFileSync(join(dataFolder, erasedName), 'utf8')).toBe('["a key that is gone"]');
  const aside = join(dataFolder, 'restore', `before-${String(now)}`);
  expect(readdirSync(aside).toSorted()).toEqual(['journal', 'keys', 'since']);
  expect(readdirSync(join(dataFolder, 'restore'))).toEqual([`before-${String(now)}`]);
  // A backup of the box knows nothing of it.
  expect(dataPaths(dataFolder).filter((path) => /^restore/.test(path))).toEqual([]);
  putInForce(dataFolder);
  expect(recordsIn(places)).toEqual(['ours']);
});

describe('of another box', () => {
  let ours: Box;
  let theirs: Box;
  let restoring: Restoring;
  beforeEach(async () => {
    [ours, theirs] = [await box('ours'), await box('theirs')];
    restoring = restoringOn(ours.places);
    expect(await sent(restoring, await backedUp(theirs.places))).toMatchObject({ ok: true, value: { wantsKey: true } });
  });

  test('with its recovery key it stands under the key of this one, and its own does not open it any more', async () => {
    expect((await restoring.confirm({ ...confirmed, recoveryKey: theirs.recoveryKey })).ok).toBe(true);
    putInForce(ours.places.dataFolder);
    expect(recordsIn(ours.places)).toEqual(['theirs']);
    expect(() => readKeys({ ...ours.places, keyFiles: theirs.places.keyFiles })).toThrow(/not the key/);
    const again = readRecoveryKey(theirs.recoveryKey);
    expect(readKeys({ ...ours.places, keyFiles: [] }, again).newest.id).toBe(readKeys(theirs.places).newest.id);
  });

  test.each([
    ['without one', () => null, /no recovery key/],
    ['with letters', () => 'ABCD-EFGH', /no recovery key/],
    ['with that of this box', () => ours.recoveryKey, /not of these records/],
  ])('%s it waits, and the box is as it was', async (_, typed, words) => {
    const refused = await restoring.confirm({ ...confirmed, recoveryKey: typed() });
    expect(refused).toMatchObject({ ok: false, error: { detail: expect.stringMatching(words) as string } });
    putInForce(ours.places.dataFolder);
    expect(recordsIn(ours.places)).toEqual(['ours']);
  });

  test('on a machine whose own key is gone it is refused', async () => {
    rmSync(ours.places.newKeyFile);
    const refused = await restoring.confirm({ ...confirmed, recoveryKey: theirs.recoveryKey });
    expect(refused).toMatchObject({ ok: false, error: { detail: expect.stringContaining('key file') as string } });
  });
});

describe('refused in words, and nothing of it stays:', () => {
  test.each([
    ['a wrong password', (file: Buffer) => file, 'another password', /another key or password/],
    ['what is no backup', () => Buffer.from('a letter to parents'), password, /no file of Porter/],
    ['an empty file', () => Buffer.alloc(0), password, /no file of Porter/],
    ['a file that is cut short', (file: Buffer) => file.subarray(0, file.length - 40), password, /cut short/],
    ['a file with more behind it', (file: Buffer) => Buffer.concat([file, file]), password, /more in the file/],
  ])('%s', async (_, spoil, typed, words) => {
    const { places } = await box('ours');
    const before = dataPaths(places.dataFolder);
    const refused = await sent(restoringOn(places), spoil(await backedUp(places)), typed);
    expect(refused).toMatchObject({ ok: false, error: { detail: expect.stringMatching(words) as string } });
    isUntouched(places, before);
  });

  test('one bit turned anywhere', async () => {
    const { places } = await box('ours');
    const before = dataPaths(places.dataFolder);
    const file = await backedUp(places);
    const restoring = restoringOn(places);
    for (let at = 400; at < file.length; at += Math.ceil(file.length / 7)) {
      const spoilt = Buffer.from(file);
      spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      expect(await sent(restoring, spoilt)).toMatchObject({ ok: false });
      isUntouched(places, before);
    }
  });

  test('a backup whose records may not be kept any more', async () => {
    const { places } = await box('ours');
    const refused = await sent(restoringOn(places), await backedUp(places, '2026-09-01T00:00:00Z'));
    expect(refused).toMatchObject({ ok: false, error: { detail: expect.stringContaining('2026-09-01') as string } });
    expect(existsSync(join(places.dataFolder, 'restore/making'))).toBe(false);
  });

  test('a card without room for it and for who signs in meanwhile', async () => {
    const { places } = await box('ours');
    freeBytes = 60_000_000;
    const refused = await sent(restoringOn(places), await backedUp(places));
    expect(refused).toMatchObject({ ok: false, error: { detail: expect.stringContaining('no room') as string } });
  });

  test('a line that is cut off, and one on which nothing comes any more', async () => {
    const { places } = await box('ours');
    const before = dataPaths(places.dataFolder);
    const file = await backedUp(places);
    const restoring = restoringOn(places);
    const given = async (rest: () => Promise<void>): Promise<Result<Found> | null> => {
      const opened = restoring.prepare(password, me);
      async function* bytes(): AsyncGenerator<Uint8Array> {
        yield file.subarray(0, file.length - 100);
        await rest();
      }
      const token = opened.ok ? opened.value.token : '';
      return restoring.receive(token, me, { bytes: bytes(), size: file.length });
    };
    const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    expect(await given(() => Promise.reject(reset))).toMatchObject({ ok: false });
    isUntouched(places, before);
    const stuck = given(() => new Promise(() => undefined));
    expect(restoring.prepare(password, me)).toMatchObject({ ok: false, error: { code: 'busy' } });
    await expect.poll(() => time.waiting()).toBeGreaterThan(0);
    await time.passSlowly(31_000, 1_000);
    expect(await stuck).toMatchObject({
      ok: false,
      error: { detail: expect.stringContaining('stopped coming') as string },
    });
    isUntouched(places, before);
  });
});

test('its token is for the session that asked, once, for a minute', async () => {
  const { places } = await box('ours');
  const file = await backedUp(places);
  const restoring = restoringOn(places);
  const token = (): string => {
    const opened = restoring.prepare(password, me);
    return opened.ok ? opened.value.token : '';
  };
  const send = (by: string, session = me) =>
    restoring.receive(by, session, { bytes: inPieces(file), size: file.length });
  expect(await send('guessed')).toBeNull();
  expect(await send(token(), 'another session')).toBeNull();
  const late = token();
  time.pass(61_000);
  expect(await send(late)).toBeNull();
  const good = token();
  expect(await send(good)).toMatchObject({ ok: true });
  expect(await send(good)).toBeNull();
  expect(await restoring.confirm({ ...confirmed, session: 'another session' })).toMatchObject({ ok: false });
});

test('what nobody confirms goes: at once where it is not wanted, else within half an hour, or at the next start', async () => {
  const { places } = await box('ours');
  const making = join(places.dataFolder, 'restore/making');
  const file = await backedUp(places);
  const restoring = restoringOn(places);
  await sent(restoring, file);
  expect(existsSync(making)).toBe(true);
  await restoring.drop(me);
  expect(existsSync(making)).toBe(false);
  await sent(restoring, file);
  await time.passSlowly(31 * 60_000, 60_000);
  await expect.poll(() => existsSync(making)).toBe(false);
  expect(await restoring.confirm(confirmed)).toMatchObject({ ok: false, error: { code: 'wrong_state' } });
  await sent(restoring, file);
  putInForce(places.dataFolder);
  expect(existsSync(making)).toBe(false);
  expect(recordsIn(places)).toEqual(['ours']);
});

test('where nothing would start it again, nothing is taken', async () => {
  const { places } = await box('ours');
  expect(restoringOn(places, 'this is a demo').prepare(password, me)).toMatchObject({ ok: false });
});

test('what was there before goes after 14 days by a sure clock, or when somebody says so', async () => {
  const { places } = await box('ours');
  const restoring = restoringOn(places);
  for (let times = 0; times < 2; times += 1) {
    await sent(restoring, await backedUp(places));
    await restoring.confirm(confirmed);
    putInForce(places.dataFolder);
    time.pass(86_400_000);
  }
  expect(await restoring.look()).toBe(0);
  const { aside } = restoring.view();
  expect(aside.map(({ at }) => at).toSorted()).toEqual([now, now + 86_400_000]);
  for (const { bytes } of aside) expect(bytes).toBeGreaterThan(1_000);
  time.set({ now: now + asideMaxMs + 1, trusted: false });
  expect(await restoring.look()).toBe(0);
  time.set({ trusted: true });
  expect(await restoring.look()).toBe(1);
  expect(asideIn(places.dataFolder).map(({ at }) => at)).toEqual([now + 86_400_000]);
  await restoring.destroyAside();
  expect(restoring.view().aside).toEqual([]);
});
