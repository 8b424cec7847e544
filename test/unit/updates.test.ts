/**
 * Updates (durability.md 29): what is refused, and why; a version that is tried stays only if all is well with it; a cut at any moment
 * leaves a card that starts. RAUC's checks are the real program's.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isKnown } from '../../device/domain/known-records.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import type { Recorded } from '../../device/domain/record.ts';
import { difference, sumsOf } from '../../device/update/folds.ts';
import { halvesOf, isTrial } from '../../device/update/halves.ts';
import { foundSchema, putJson, readJson } from '../../device/update/places.ts';
import { lastWords } from '../../device/update/said.ts';
import { refusalOf } from '../../device/update/version.ts';
import type { Timers } from '../../device/system/ports.ts';
import { openUpdates } from '../../device/updates.ts';
import { hillView } from './hill-view.ts';
import { Signer, UpdateMachine, newer, running } from '../support/update-machine.ts';

const slots = join(import.meta.dirname, '../../systemd/slots.sh');
const signer = new Signer();
const other = new Signer();
const bundle = signer.bundle();
let box: UpdateMachine;
beforeEach(() => {
  box = new UpdateMachine(signer);
});
afterEach(() => {
  box.close();
});

/** As the daemon sees it; `read` is its look every few seconds. */
function daemonsUpdates() {
  let look = (): void => undefined;
  const timers: Timers = {
    after: () => () => undefined,
    every: (_, run) => {
      look = run;
      return () => undefined;
    },
  };
  const updates = openUpdates(box.places, timers);
  if (updates === null) throw new Error('no halves');
  let changes = 0;
  updates.begin(() => void (changes += 1));
  return {
    refusal: updates.refusal.bind(updates),
    byItself: updates.byItself.bind(updates),
    read: async () => {
      const before = changes;
      look();
      await vi.waitFor(() => {
        expect(changes).toBeGreaterThan(before);
      });
      return updates.state();
    },
  };
}
const shown = async () => (await daemonsUpdates().read()).last;

describe('one from the address', () => {
  const found = { from: 'url', where: 'https://updates.example/porter-debian.json', file: 'a.raucb', version: newer };
  const onFor = (hours: number, at: string) => ({
    clock: { now: () => Date.parse(`${at}:00Z`), trusted: () => true, mono: () => hours * 3_600_000 },
    settings: hillView,
  });
  it.each([
    ['at night', 20, '2026-11-24T02:00', true],
    ['in the evening, by a box that is on at night', 20, '2026-11-23T18:30', false],
    ['an hour after school, by a box that is switched off at night', 9, '2026-11-23T16:20', true],
    ['just after school, by such a box', 9, '2026-11-23T15:40', false],
    ['while pupils come', 1, '2026-11-23T08:50', false],
    ['in the morning, before they do', 1, '2026-11-23T06:30', false],
  ])('%s', async (_, hours, at, isInstalled) => {
    putJson(box.places.found, { ...found, refused: null });
    const updates = daemonsUpdates();
    await updates.read();
    updates.byItself(onFor(hours, at) as never);
    expect(existsSync(box.places.wish)).toBe(isInstalled);
  });
});

describe('versions', () => {
  const own = { compatible: 'porter-debian', version: running };
  it.each([
    [newer, null],
    ['0.2.0+20261124.0000000', null],
    ['0.10.0+20261123.0000000', null],
    // Of one day: nobody can tell which is older.
    ['0.2.0+20261123.fffffff', null],
    [running, /has this version already/],
    ['0.2.0+20261122.fffffff', /is older than what the box has/],
    ['0.1.9+20271123.fffffff', /is older than what the box has/],
    ['latest', /does not say which version/],
  ])('%s for a box that has 0.2.0+20261123', (version, words) => {
    const refused = refusalOf({ compatible: 'porter-debian', version }, own);
    if (words === null) expect(refused).toBeNull();
    else expect(refused).toMatch(words);
  });

  it('another kind of box is told by its name', () => {
    const refused = refusalOf({ compatible: 'porter-raspios', version: newer }, own);
    expect(refused).toBe('It is for another kind of box: porter-raspios. This one is porter-debian.');
  });
});

describe('the halves of the card', () => {
  const run = (...args: readonly string[]) => execFileSync(slots, args, { encoding: 'utf8' }).trim();
  const read = () => readFileSync(box.places.autoboot, 'utf8');

  it('shell and daemon read the same', () => {
    for (const half of ['a', 'b'] as const) {
      box.starts(half);
      const found = halvesOf(box.places.slot, box.places.autoboot);
      expect([run('get-current'), run('get-primary')]).toEqual([found?.running, found?.kept]);
      expect(spawnSync(slots, ['is-trial']).status === 0).toBe(isTrial(found));
    }
  });

  it('nothing but the half that runs, called good, changes the card; then the two numbers change places, in place', () => {
    const [before, { ino }] = [read(), statSync(box.places.autoboot)];
    run('set-state', 'b', 'bad');
    run('set-state', 'b', 'good');
    run('set-state', 'a', 'good');
    expect(spawnSync(slots, ['set-primary', 'b']).status).not.toBe(0);
    expect(read()).toBe(before);
    box.starts('b');
    run('set-state', 'b', 'good');
    expect(read()).toBe('[all]\ntryboot_a_b=1\nboot_partition=3\n[tryboot]\nboot_partition=2\n');
    expect(statSync(box.places.autoboot).ino).toBe(ino);
    run('set-state', 'b', 'good');
    box.starts('a');
    run('set-state', 'a', 'good');
    expect(read()).toBe(before);
  });

  it('a card that cannot be read is no trial: nobody goes back for it', () => {
    box.starts('b');
    expect(spawnSync(slots, ['is-trial']).status).toBe(0);
    writeFileSync(box.places.autoboot, '');
    expect(spawnSync(slots, ['is-trial']).status).toBe(1);
    rmSync(box.places.autoboot);
    expect(spawnSync(slots, ['is-trial']).status).toBe(1);
  });

  it('what somebody has added stays, and a file that is longer than a sector is not touched', () => {
    box.starts('b');
    writeFileSync(box.places.autoboot, `# ours\n${read()}# end\n`);
    run('set-state', 'b', 'good');
    expect(read()).toMatch(/^# ours\n\[all\][^]*=3\n\[tryboot\]\nboot_partition=2\n# end\n$/);
    const long = `${'#'.repeat(500)}\n${read()}`;
    writeFileSync(box.places.autoboot, long);
    box.starts('a');
    expect(spawnSync(slots, ['set-state', 'a', 'good']).status).not.toBe(0);
    expect(read()).toBe(long);
  });

  it('a cut at any write leaves the file as it was or as it is to be', () => {
    const [before, after] = [read(), read().replace('=2', '=_').replace('=3', '=2').replace('=_', '=3')];
    box.starts('b');
    const seen = new Set<string>();
    for (let nth = 1; ; nth += 1) {
      writeFileSync(box.places.autoboot, before);
      // Each program that is started, killed at its nth write or change of a file's size.
      const cut = spawnSync('strace', [
        ...['-f', '-qq', '-o', '/dev/null', '-e', `inject=write,pwrite64,ftruncate:signal=SIGKILL:when=${String(nth)}`],
        ...[slots, 'set-state', 'b', 'good'],
      ]);
      expect([before, after]).toContain(read());
      seen.add(read());
      if (cut.status === 0) break;
      expect(nth).toBeLessThan(20);
    }
    expect(seen).toEqual(new Set([before, after]));
  });
});

describe('a USB stick', () => {
  it('with an update: its version is found; staff ask for it; it is written to the other half and tried once', async () => {
    box.stick('sda1', { 'porter.raucb': bundle, 'holiday.jpg': slots });
    expect(await box.update('look', '/dev/sda1')).toBe(0);
    expect(readJson(foundSchema, box.places.stick)).toEqual({
      ...{ from: 'stick', where: '/dev/sda1', file: 'porter.raucb', version: newer, refused: null },
    });
    expect(box.asked).toBe('');
    box.wish('stick');
    expect(await box.update('wanted')).toBe(0);
    expect(readFileSync(join(box.root, 'half_b')).equals(readFileSync(bundle))).toBe(true);
    expect(box.asked).toBe('--no-block reboot --reboot-argument=0 tryboot\n');
    expect(box.last).toMatchObject({ version: newer, from: 'stick', by: 'Ms Reed', outcome: 'trying' });
    expect(box.kept).toBe('a');
    // Asked for once.
    expect(await box.update('wanted')).toBe(1);
    expect(box.asked.split('\n')).toHaveLength(2);
  });

  it('with nothing for a box: nothing is found', async () => {
    box.stick('sda1', { 'holiday.jpg': slots });
    expect(await box.update('look', '/dev/sda1')).toBe(0);
    expect(existsSync(box.places.stick)).toBe(false);
  });

  it('pulled out before it was installed: staff are told', async () => {
    box.stick('sda1', { 'porter.raucb': bundle });
    await box.update('look', '/dev/sda1');
    execFileSync('rm', ['-r', join(box.root, 'sticks')]);
    box.wish('stick');
    expect(await box.update('wanted')).toBe(1);
    expect(box.last?.outcome).toBe('not-installed');
    expect(box.last?.why).toMatch(/USB stick cannot be read/);
    expect(box.asked).toBe('');
  });
});

describe('refused with a reason, and the box goes on as it was', () => {
  const changed = (how: (file: string) => void) => () => {
    const file = join(box.root, 'changed.raucb');
    copyFileSync(bundle, file);
    how(file);
    return file;
  };
  const signature = changed((file) => {
    const bytes = readFileSync(file);
    const at = bytes.length - 300;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  });
  it.each<[string, () => string, RegExp]>([
    ['a changed signature', signature, /not signed by those who make updates for this box, or somebody changed it/],
    ['signed by others', () => other.bundle(), /not signed by those who make updates/],
    ['cut off', changed((file) => truncateSync(file, statSync(file).size - 5_000)), /damaged, not whole, or no update/],
    ['empty', changed((file) => truncateSync(file, 0)), /damaged, not whole, or no update/],
    ['something else', () => slots, /damaged, not whole, or no update/],
    ['gone', () => join(box.root, 'none'), /not there any more/],
    ['another kind of box', () => signer.bundle(newer, 'porter-raspios'), /another kind of box: porter-raspios/],
    ['older', () => signer.bundle('0.1.0+20260101.0000000'), /is older than what the box has: 0\.1\.0/],
    ['the same', () => signer.bundle(running), /has this version already/],
  ])('%s', async (_, made, words) => {
    const autoboot = readFileSync(box.places.autoboot, 'utf8');
    expect(await box.update('install', made())).toBe(1);
    expect(box.said).toMatch(words);
    expect(box.last?.outcome).toBe('not-installed');
    expect(box.last?.why).toMatch(words);
    expect([box.asked, existsSync(join(box.root, 'half_b'))]).toEqual(['', false]);
    expect(readFileSync(box.places.autoboot, 'utf8')).toBe(autoboot);
  });

  it('what cannot be written whole is not tried', async () => {
    writeFileSync(join(box.root, 'breaks'), 'Installation error: Input/output error');
    expect(await box.update('install', bundle)).toBe(1);
    expect(box.last?.why).toBe('It could not be written: Installation error: Input/output error.');
    expect([box.asked, existsSync(box.places.progress)]).toEqual(['', false]);
  });

  it('what cannot be judged after: without the key to the records nothing is written', async () => {
    box.unread = 'the key file is missing: there is no /data/porter.key';
    expect(await box.update('install', bundle)).toBe(1);
    expect(box.last?.why).toMatch(/records cannot be read.*the key file is missing/);
    expect([box.asked, existsSync(join(box.root, 'half_b'))]).toEqual(['', false]);
  });

  it('on a full card nothing is written, and staff are told all the same', async () => {
    box.stick('sda1', { 'porter.raucb': bundle });
    await box.update('look', '/dev/sda1');
    box.fill();
    box.wish('stick');
    expect(await box.update('wanted')).toBe(1);
    expect([box.asked, existsSync(join(box.root, 'half_b'))]).toEqual(['', false]);
    const told = await shown();
    expect(told).toMatchObject({ outcome: 'not-installed', by: 'Ms Reed' });
    expect(told?.why).toMatch(/^The card is full or broken: /);
    // And of the next one, once there is room, that one.
    for (const name of ['last', 'before', 'found'] as const) rmSync(`${box.places[name]}.new`, { recursive: true });
    expect(await box.update('install', other.bundle())).toBe(1);
    expect((await shown())?.why).toMatch(/not signed/);
  });

  it('another version than the one that somebody asked for', async () => {
    box.stick('sda1', { 'porter.raucb': bundle });
    await box.update('look', '/dev/sda1');
    box.wish('stick', '0.2.5+20261130.0000000');
    expect(await box.update('wanted')).toBe(1);
    expect(box.last?.why).toMatch(/another version now/);
    expect(existsSync(join(box.root, 'half_b'))).toBe(false);
  });

  it('a Pi whose kernel cannot ask the firmware for a trial', async () => {
    mkdirSync(join(box.root, 'proc/device-tree'), { recursive: true });
    writeFileSync(join(box.root, 'proc/device-tree/model'), 'Raspberry Pi 4 Model B Rev 1.4\0');
    expect(await box.update('install', bundle)).toBe(1);
    expect(box.last?.why).toMatch(/cannot try an update and go back/);
    mkdirSync(join(box.root, 'sys/module/rpi_tryboot'), { recursive: true });
    expect(await box.update('install', bundle)).toBe(0);
  });
});

describe('a version that is tried', () => {
  beforeEach(async () => {
    expect(await box.update('install', bundle)).toBe(0);
    box.version = newer;
    box.starts('b');
  });
  const wentBack = () => {
    // The firmware's word was for once.
    box.version = running;
    box.starts('a');
    return box.last === null ? '' : lastWords(box.last, box.version, false);
  };

  it('stays where all is well, also when the daemon takes a while', async () => {
    let asked = 0;
    box.vouch = () => ((asked += 1) < 4 ? 'The page of the kiosk does not come.' : null);
    expect(await box.update('commit')).toBe(0);
    expect([box.kept, box.last?.outcome]).toEqual(['b', 'taken']);
    expect(await box.update('commit')).toBe(0);
    expect(box.kept).toBe('b');
  });

  it.each<[string, () => void, RegExp]>([
    ['no kiosk', () => (box.vouch = () => 'The page of the kiosk does not come.'), /page of the kiosk does not come/],
    [
      'another fold',
      () => (box.folds = { upTo: 4217, folds: { marks: 'other', movements: 'v' } }),
      /something else of the same records: marks/,
    ],
    ['fewer records', () => (box.folds = { ...box.folds, upTo: 4200 }), /up to number 4200, the one before had 4217/],
    ['nothing to compare with', () => writeFileSync(box.places.before, '{'), /nothing to compare with/],
    [
      'a card that takes no change',
      () => writeFileSync(box.places.autoboot, `${'#'.repeat(600)}\n${readFileSync(box.places.autoboot, 'utf8')}`),
      /card does not take the change/,
    ],
    [
      'a RAUC that takes the other half for the one that runs',
      () => writeFileSync(box.cmdline, 'ro root=/dev/disk/by-partlabel/system_a'),
      /card was not changed, although RAUC says so/,
    ],
  ])('%s: it goes back, and staff are told why', async (_, wrong, words) => {
    wrong();
    // systemd starts the machine anew where this is not 0 (porter-commit.service).
    expect(await box.update('commit')).toBe(1);
    expect(box.kept).toBe('a');
    expect(wentBack()).toMatch(/was tried, and the box went back to the version before/);
    expect(wentBack()).toMatch(words);
  });

  it('a daemon that hangs is waited for no longer than one that says no', async () => {
    box.vouch = () => {
      box.passedMs += 20_000;
      return 'Porter does not come up.';
    };
    expect(await box.update('commit')).toBe(1);
    expect(wentBack()).toMatch(/Porter does not come up/);
    expect(box.passedMs / 60_000).toBeLessThan(11);
  });

  it('stays, and staff hear so, where RAUC stumbles after the change', async () => {
    writeFileSync(join(box.root, 'breaks'), 'central.raucs cannot be written');
    expect(await box.update('commit')).toBe(0);
    expect([box.kept, box.last?.outcome]).toEqual(['b', 'taken']);
  });

  it('cut off while it was tried, or never come up: staff are told, and it may be tried again', async () => {
    expect(wentBack()).toMatch(/did not start, or the power was cut while it was tried: the box went back/);
    expect(await box.update('install', bundle)).toBe(0);
  });

  it('once it is kept, the daemon takes the next update without another start', async () => {
    const updates = daemonsUpdates();
    expect(await updates.read()).toMatchObject({ trial: true });
    await box.update('commit');
    expect(await updates.read()).toMatchObject({ trial: false });
    expect(updates.refusal('stick', 'another')).not.toMatch(/trial/);
  });

  it('is asked for nothing where no trial is under way', async () => {
    box.starts('a');
    box.vouch = () => 'The page of the kiosk does not come.';
    expect(await box.update('commit')).toBe(0);
    expect(box.kept).toBe('a');
  });

  it('nothing is installed over the version before while it is tried', async () => {
    expect(await box.update('install', signer.bundle('0.4.0+20261202.0000000'))).toBe(1);
    expect(box.last?.why).toMatch(/on trial itself/);
  });
});

describe('what the records add up to', () => {
  const path = join(import.meta.dirname, '../fixtures/journal/format-1/records.json');
  const records = (JSON.parse(readFileSync(path, 'utf8')) as readonly Recorded[]).filter(isKnown);
  const fold = (some: readonly Recorded[]) => {
    const ledger = new Ledger();
    for (const record of some) ledger.apply(record);
    return { upTo: 1, folds: sumsOf(ledger) };
  };

  it('is the same for the same records, and each record that changes something is seen', () => {
    const before = fold(records);
    expect(Object.keys(before.folds).length).toBeGreaterThan(10);
    expect(difference(before, fold(records))).toBeNull();
    const marks = records.findIndex(({ type }) => type === 'decided');
    expect(difference(before, fold(records.toSpliced(marks, 1)))).toMatch(
      /something else of the same records: .*marks/,
    );
  });

  it('a part that only one version has is not compared; where none is common, nothing is believed', () => {
    const { folds } = fold(records);
    expect(
      difference({ upTo: 1, folds: { ...folds, older: 'x' } }, { upTo: 1, folds: { ...folds, newer: 'y' } }),
    ).toBeNull();
    expect(difference({ upTo: 1, folds: { older: 'x' } }, { upTo: 1, folds })).toMatch(/everything/);
  });
});

describe('the address', () => {
  let server: Server;
  let served: Record<string, Buffer | string>;
  /** Bytes after which the line is cut; null: never. */
  let cutAfter: number | null;
  let tearsDescription: boolean;
  let ranges: (string | undefined)[];
  beforeEach(async () => {
    [served, cutAfter, tearsDescription, ranges] = [{}, null, false, []];
    server = createServer((request, response) => {
      const body = served[request.url ?? ''];
      if (body === undefined) return void response.writeHead(404).end();
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (request.url !== '/porter.json') ranges.push(request.headers.range);
      const rest = Buffer.from(body).subarray(from);
      const head =
        from > 0 ? { 'content-range': `bytes ${String(from)}-${String(body.length - 1)}/${String(body.length)}` } : {};
      response.writeHead(from > 0 ? 206 : 200, { ...head, 'content-length': rest.length });
      const cut = request.url !== '/porter.json' ? cutAfter : tearsDescription ? 10 : null;
      if (cut === null) return void response.end(rest);
      // What was sent has come by then.
      response.write(rest.subarray(0, cut), () => void setTimeout(() => response.socket?.end(), 100));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = server.address();
    writeFileSync(box.places.url, `http://127.0.0.1:${String(typeof at === 'object' ? at?.port : 0)}/porter.json\n`);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const offer = (file: string, about: object = {}): void => {
    const bytes = readFileSync(file);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const described = {
      compatible: 'porter-debian',
      version: newer,
      bundle: 'porter.raucb',
      bytes: bytes.length,
      sha256,
    };
    served = { '/porter.json': JSON.stringify({ ...described, ...about }), '/porter.raucb': bytes };
  };
  const found = () => readJson(foundSchema, box.places.found);
  const kept = () => readdirSync(box.places.kept).filter((name) => /raucb|part/.test(name));

  it('has an update: it is fetched, checked, and installed when it is asked for', async () => {
    offer(bundle);
    expect(await box.update('fetch')).toBe(0);
    expect(found()).toMatchObject({ from: 'url', version: newer, refused: null });
    box.wish('url');
    expect(await box.update('wanted')).toBe(0);
    expect(readFileSync(join(box.root, 'half_b')).equals(readFileSync(bundle))).toBe(true);
    // Kept: what was fetched is not needed any more.
    box.starts('b');
    box.version = newer;
    await box.update('commit');
    expect([kept(), found()]).toEqual([[], null]);
    expect(await box.update('fetch')).toBe(1);
    expect([kept(), found()?.refused]).toEqual([[], 'The box has this version already.']);
  });

  it('breaks off: the next look goes on where it was', async () => {
    offer(bundle);
    cutAfter = 50_000;
    expect(await box.update('fetch')).toBe(1);
    expect(found()?.refused).toMatch(/The line was cut.* goes on at the next look/);
    const have = statSync(join(box.places.kept, kept()[0] ?? '')).size;
    expect(have).toBeGreaterThan(0);
    cutAfter = null;
    expect(await box.update('fetch')).toBe(0);
    expect(ranges).toEqual([undefined, `bytes=${String(have)}-`]);
    // And is not fetched again.
    expect(await box.update('fetch')).toBe(0);
    expect([ranges.length, kept().length]).toEqual([2, 1]);
  });

  it('breaks off in the description: staff are told', async () => {
    offer(bundle);
    tearsDescription = true;
    expect(await box.update('fetch')).toBe(1);
    expect(found()?.refused).toMatch(/The line was cut/);
  });

  it('has more than the card takes after all: it is said, and not called a cut line', async () => {
    offer(bundle);
    const sha256 = createHash('sha256').update(readFileSync(bundle)).digest('hex');
    symlinkSync('/dev/full', join(box.places.kept, `${sha256.slice(0, 16)}.part`));
    expect(await box.update('fetch')).toBe(1);
    expect(found()?.refused).toBe('There is too little room on the card for the update.');
  });

  it.each<[string, () => void, RegExp]>([
    ['another file than it says', () => offer(bundle, { sha256: '0'.repeat(64) }), /not what the description says/],
    ['more than it says', () => offer(bundle, { bytes: 20_000 }), /not what the description says/],
    ['a bundle of others', () => offer(other.bundle()), /not signed by those/],
    ['an older bundle under a new name', () => offer(signer.bundle('0.1.0+20260101.0000000')), /is older than/],
    ['an older version', () => offer(bundle, { version: '0.1.0' }), /is older than/],
    ['a page for people', () => (served = { '/porter.json': '<html>' }), /no description of an update/],
    ['nothing', () => (served = {}), /answers with 404/],
    ['more than the card has room for', () => offer(bundle, { bytes: 3.9e9 }), /too little room|line was cut/],
  ])('%s: staff are told, nothing is installed', async (_, wrong, words) => {
    wrong();
    expect(await box.update('fetch')).toBe(1);
    expect(found()?.refused).toMatch(words);
    box.wish('url');
    expect(await box.update('wanted')).toBe(1);
    expect(box.asked).toBe('');
  });
});

afterAll(() => {
  for (const { folder } of [signer, other]) execFileSync('rm', ['-r', folder]);
});
