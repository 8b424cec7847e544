/** The roster over nights, restarts, outages and odd answers: what pupils and staff have then. */
import { describe, expect, it } from 'vitest';
import type { Pupil } from '../../device/domain/pupil.ts';
import type { Body, Recorded } from '../../device/domain/record.ts';
import type { MisAnswer, MisConnector, MisFailure, PulledRoster } from '../../device/mis/connector.ts';
import { noMis } from '../../device/mis/none.ts';
import { offsetOf, rosterSchedule } from '../../device/mis/roster-schedule.ts';
import { createRosterSync } from '../../device/mis/roster-sync.ts';
import type { CsvRoster, RosterSync } from '../../device/mis/roster-sync.ts';
import { steeredTime } from '../support/steered-time.ts';
import type { SteeredTime } from '../support/steered-time.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
/** Winter: local time is UTC. */
const at = (time: string, day = '2026-11-23'): number => Date.parse(`${day}T${time}:00Z`);

const pupil = (n: number, more: Partial<Pupil> = {}): Pupil => ({
  key: `U${n}`,
  misId: `P${n}`,
  forename: 'Amara',
  surname: `Okafor ${n}`,
  yearGroup: 'Year 7',
  registrationGroup: '7A',
  birthMonth: 3,
  flags: [],
  ...more,
});
const school = (count: number): readonly Pupil[] => Array.from({ length: count }, (_pupil, n) => pupil(n));
const gone: MisFailure = { kind: 'unreachable', words: 'No connection to the MIS.' };

/** An MIS that gives what `pupils` says, until told otherwise. */
class FakeMis {
  pulls = 0;
  pupils: readonly Pupil[] = school(30);
  misIds: ReadonlyMap<string, string> = new Map();
  problems: readonly string[] = [];
  failure: MisFailure | null = null;
  hangs = false;
  readonly connector: MisConnector = {
    ...noMis,
    kind: 'wonde',
    pupils: (signal) => {
      this.pulls += 1;
      if (this.hangs) {
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve({ ok: false, failure: gone });
          });
        });
      }
      return Promise.resolve(this.answer());
    },
  };
  private answer(): MisAnswer<PulledRoster> {
    if (this.failure !== null) return { ok: false, failure: this.failure };
    return { ok: true, value: { pupils: this.pupils, problems: this.problems, misIds: this.misIds } };
  }
}

/** What outlives a restart: the table's file and the journal. */
class Disk {
  file: string | null = null;
  readonly records: Recorded[] = [];
  full = false;
  /** Until when the table's next write takes. */
  busy: Promise<void> = Promise.resolve();
  readonly table = () => {
    const write = async (data: unknown): Promise<void> => {
      if (this.full) throw new Error('no space');
      await this.busy;
      this.file = JSON.stringify(data);
    };
    return { data: this.file === null ? null : (JSON.parse(this.file) as unknown), write };
  };
  readonly commit = (bodies: readonly Body[]): Promise<readonly Recorded[]> => {
    if (this.full) return Promise.reject(new Error('no space'));
    const instant = { earliest: 0, latest: 0, mono: 0, boot: 'b' };
    const records = bodies.map((body, n) => {
      const number = this.records.length + n + 1;
      return { ...body, ref: `j:${number}`, n: number, run: 'r', at: instant };
    });
    this.records.push(...records);
    return Promise.resolve(records);
  };
  /** `accepted 30`, `held 4` … in order. */
  rosters(): readonly string[] {
    return this.records.flatMap((one) => (one.type === 'roster' ? [`${one.outcome} ${one.pupils}`] : []));
  }
  /** Notes that nobody has dealt with. */
  notes(): readonly string[] {
    const done = new Set(this.records.map((one) => (one.type === 'note-done' ? one.note : '')));
    return this.records.flatMap((one) =>
      one.type === 'note' && !done.has(one.ref) ? [`${one.kind}: ${one.detail ?? ''}`] : [],
    );
  }
}

interface Box {
  readonly mis: FakeMis;
  readonly disk: Disk;
  readonly time: SteeredTime;
  readonly sync: RosterSync;
  readonly logged: string[];
}
interface BoxOptions {
  readonly time: SteeredTime;
  readonly mis?: FakeMis;
  readonly disk?: Disk;
  readonly csv?: () => Promise<CsvRoster | null>;
  readonly connector?: MisConnector;
  readonly origin?: string;
  readonly uniform?: number;
  readonly hashKey?: number;
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function box(options: BoxOptions): Promise<Box> {
  const { time, mis = new FakeMis(), disk = new Disk(), csv, uniform = 0.5 } = options;
  const logged: string[] = [];
  const log = (event: string, fields: unknown = {}): unknown => logged.push(`${event} ${JSON.stringify(fields)}`);
  const connector = options.connector ?? mis.connector;
  const sync = createRosterSync({
    source: csv === undefined ? { kind: 'mis', connector } : { kind: 'csv', read: csv, connector },
    origin: options.origin ?? 'https://mis.example/v1.0 S1',
    table: disk.table(),
    commit: disk.commit,
    journalId: '0123456789abcdef0123456789abcdef',
    hashKey: new Uint8Array(32).fill(options.hashKey ?? 1),
    settings: { timeZone: 'Europe/London', refresh: 150 },
    clock: time.clock,
    timers: time.timers,
    random: { bytes: () => new Uint8Array(16), uniform: () => uniform, id: () => 'id' },
    log: { info: log, warn: log, error: log },
  });
  await sync.start();
  time.pass(1);
  await settled();
  return { mis, disk, time, sync, logged };
}
/** The same box after a power cut: only the disk is left. */
async function restart(before: Box, options: Partial<BoxOptions> = {}): Promise<Box> {
  before.sync.stop();
  return box({ mis: before.mis, disk: before.disk, time: before.time, ...options });
}
const pass = (one: Box, ms: number): Promise<void> => one.time.passSlowly(ms, 30 * second);

describe('the first roster', () => {
  it('is pulled at once, also at nine in the morning', async () => {
    const { sync, disk } = await box({ time: steeredTime(at('08:55')) });
    expect(sync.roster().pupils).toHaveLength(30);
    expect(sync.roster().byKey('U7')).toMatchObject({ misId: 'P7' });
    expect(sync.roster()).toMatchObject({ takenAt: at('08:55') + 1, source: 'mis' });
    expect(disk.rosters()).toEqual(['accepted 30']);
  });

  it('is asked for again, ever more rarely, while the MIS is away, and taken as soon as it is back', async () => {
    const one = await box({ time: steeredTime(at('08:00')), mis: Object.assign(new FakeMis(), { failure: gone }) });
    await one.time.passSlowly(hour, second);
    const early = one.mis.pulls;
    expect(early).toBeGreaterThan(10);
    expect(early).toBeLessThan(100);
    expect(one.sync.status().failure).toBe(gone.words);
    await one.time.passSlowly(3 * hour, 10 * second);
    expect(one.mis.pulls - early).toBeLessThan(early);
    one.mis.failure = null;
    await pass(one, 15 * minute);
    expect(one.sync.roster().pupils).toHaveLength(30);
    expect(one.sync.status().failure).toBeNull();
  });

  it('that is empty is none: it is said, nothing is held, and it is asked for again', async () => {
    const one = await box({ time: steeredTime(at('12:00')), mis: Object.assign(new FakeMis(), { pupils: [] }) });
    expect(one.sync.status().failure).toContain('gave no pupils');
    expect(one.sync.status().held).toBeNull();
    one.mis.pupils = school(20);
    await pass(one, minute);
    expect(one.sync.roster().pupils).toHaveLength(20);
    expect(one.disk.rosters()).toEqual(['accepted 20']);
  });
});

describe('every night', () => {
  it("a new roster comes at the set time and this box's part of two hours, once", async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.pupils = school(31);
    const offset = offsetOf('0123456789abcdef0123456789abcdef');
    expect(offset).toBeLessThan(2 * hour);
    const slot = at('02:30', '2026-11-24') + offset;
    await pass(one, slot - one.time.clock.now() - minute);
    expect(one.mis.pulls).toBe(1);
    await pass(one, 3 * minute);
    expect(one.mis.pulls).toBe(2);
    expect(one.sync.roster().pupils).toHaveLength(31);
    await pass(one, 8 * hour);
    expect(one.mis.pulls).toBe(2);
  });

  it('the same pupils only make it younger: no record', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.pupils = [...school(30)].reverse();
    await pass(one, 20 * hour);
    expect(one.mis.pulls).toBe(2);
    expect(one.disk.rosters()).toEqual(['accepted 30']);
    expect(one.sync.roster().takenAt).toBeGreaterThan(at('00:00', '2026-11-24'));
  });

  it('boxes are spread over two hours, each at its own time', () => {
    const offsets = Array.from({ length: 400 }, (_box, n) => offsetOf(`journal ${n}`));
    for (const quarter of [0, 1, 2, 3]) {
      const share = offsets.filter((ms) => Math.floor(ms / (hour / 2)) === quarter).length;
      expect(share).toBeGreaterThan(60);
    }
  });

  it('comes once on nights with 23 and 25 hours', () => {
    const schedule = rosterSchedule('journal', 90, 'Europe/London');
    for (const day of ['2026-03-29', '2026-10-25']) {
      const start = at('00:00', day) - 12 * hour;
      const slots = new Set(Array.from({ length: 24 * 60 }, (_minute, n) => schedule.lastSlot(start + n * minute)));
      expect(slots.size).toBe(2);
    }
  });

  it('one whose pull fails tries again the same night', async () => {
    const one = await box({ time: steeredTime(at('22:00')) });
    one.mis.failure = gone;
    await pass(one, 7 * hour);
    one.mis.failure = null;
    one.mis.pupils = school(33);
    await pass(one, 2 * hour);
    expect(one.sync.roster().pupils).toHaveLength(33);
  });

  it('nothing waits for a pull that hangs: it is called off after ten minutes', async () => {
    const one = await box({ time: steeredTime(at('12:00')), mis: Object.assign(new FakeMis(), { hangs: true }) });
    await pass(one, 9 * minute);
    expect(one.mis.pulls).toBe(1);
    one.mis.hangs = false;
    await pass(one, 5 * minute);
    expect(one.sync.roster().pupils).toHaveLength(30);
  });
});

describe('the morning', () => {
  const old = async (): Promise<Box> => {
    const one = await box({ time: steeredTime(at('07:00', '2026-11-21')) });
    one.sync.stop();
    one.mis.pupils = school(35);
    one.time.pass(at('07:29') - one.time.clock.now());
    return one;
  };

  it('an old roster is not renewed between half past seven and a quarter to ten', async () => {
    const one = await restart(await old(), { uniform: 0.9 });
    await pass(one, 2 * hour + 15 * minute);
    expect(one.mis.pulls).toBe(1);
    expect(one.sync.roster().pupils).toHaveLength(30);
    await pass(one, 20 * minute);
    expect(one.mis.pulls).toBe(2);
    expect(one.sync.roster().pupils).toHaveLength(35);
  });

  it('but when a person asks it is', async () => {
    const one = await restart(await old(), { uniform: 0.9 });
    await pass(one, hour);
    expect(await one.sync.pull()).toEqual({ ok: true, value: { pupils: 35 } });
    expect(one.mis.pulls).toBe(2);
  });

  it('the hours are those of the school, also in summer', () => {
    const schedule = rosterSchedule('journal', 150, 'Europe/London');
    expect(schedule.isQuiet(at('06:29', '2026-06-15'))).toBe(false);
    expect(schedule.isQuiet(at('06:30', '2026-06-15'))).toBe(true);
    expect(schedule.isQuiet(at('08:44', '2026-06-15'))).toBe(true);
    expect(schedule.isQuiet(at('09:00', '2026-06-15'))).toBe(false);
    expect(schedule.isQuiet(at('07:29'))).toBe(false);
    expect(schedule.isQuiet(at('07:30'))).toBe(true);
  });
});

describe('after a restart', () => {
  it('the last good roster is there before the MIS is asked, also when it is away', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.failure = gone;
    const again = await restart(one);
    expect(again.sync.roster().pupils).toEqual(school(30));
    expect(again.sync.roster().takenAt).toBe(at('12:00') + 1);
    expect(again.mis.pulls).toBe(1);
  });

  it('one older than a day is renewed, not in the very second of the start', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.sync.stop();
    one.mis.pupils = school(40);
    one.time.pass(26 * hour);
    const again = await restart(one);
    expect(again.mis.pulls).toBe(1);
    await pass(again, 5 * minute);
    expect(again.sync.roster().pupils).toHaveLength(40);
  });

  it('a wait that the MIS asked for still holds', async () => {
    const mis = new FakeMis();
    mis.failure = { kind: 'throttled', words: 'Wait.', retryAfterMs: 30 * minute };
    const one = await box({ time: steeredTime(at('12:00')), mis });
    one.mis.failure = null;
    const again = await restart(one);
    await pass(again, 29 * minute);
    expect(again.mis.pulls).toBe(1);
    await pass(again, 35 * minute);
    expect(again.sync.roster().pupils).toHaveLength(30);
  });

  it('a new token that was put in meanwhile is tried at once', async () => {
    const refused: MisFailure = { kind: 'unauthorised', words: 'The MIS does not accept the token any more.' };
    const mis = new FakeMis();
    mis.failure = refused;
    const one = await box({ time: steeredTime(at('12:00')), mis });
    mis.failure = null;
    const again = await restart(one);
    expect(again.sync.roster().pupils).toHaveLength(30);
  });

  it('a table that cannot be read is as good as none', async () => {
    const disk = new Disk();
    disk.file = '{"accepted": 7}';
    const one = await box({ time: steeredTime(at('08:00')), disk });
    expect(one.sync.roster().pupils).toHaveLength(30);
    expect(one.logged.join()).toContain('roster-table-unreadable');
  });

  it('keys that a newer Porter wrote into the table stay there', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.disk.file = JSON.stringify({ ...(JSON.parse(one.disk.file ?? '') as object), later: 1 });
    const again = await restart(one);
    await again.sync.pull();
    expect(JSON.parse(again.disk.file ?? '')).toHaveProperty('later', 1);
  });

  it("with another school in the technician file that school's roster is taken at once, however small", async () => {
    const one = await box({ time: steeredTime(at('08:00')) });
    one.mis.pupils = school(5);
    const again = await restart(one, { origin: 'https://mis.example/v1.0 S2' });
    expect(again.sync.roster().pupils).toHaveLength(5);
    expect(again.sync.status().held).toBeNull();
  });

  it('an empty one of another school is held like any other, and not asked for again and again', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.pupils = [];
    const again = await restart(one, { origin: 'https://mis.example/v1.0 S2' });
    await pass(again, hour);
    expect(again.disk.rosters()).toEqual(['accepted 30', 'held 0']);
    expect(again.mis.pulls).toBe(2);
  });
});

describe('who is who in the MIS is not sure any more', () => {
  const frozen = (one: Box): readonly string[] =>
    one.disk.records.flatMap((record) => (record.type === 'freeze' ? [record.why] : []));

  it('another school or MIS in the settings: nothing is sent from the start on, also with the MIS away, said once', async () => {
    const one = await box({ time: steeredTime(at('08:00')) });
    expect(frozen(one)).toEqual([]);
    one.mis.failure = gone;
    const again = await restart(one, { origin: 'https://mis.example/v1.0 S2' });
    expect(frozen(again)).toEqual(['other-school']);
    expect(frozen(await restart(again, { origin: 'https://mis.example/v1.0 S2' }))).toEqual(['other-school']);
    expect(again.disk.notes()).toEqual(['outbox-frozen: ']);
  });

  it('of a roster file too: its ids of the other MIS are forgotten before anything can be written by them', async () => {
    const csv = (): Promise<CsvRoster> =>
      Promise.resolve({ pupils: school(30).map((one) => ({ ...one, misId: '' })), problems: [] });
    const one = await box({ time: steeredTime(at('12:00')), csv });
    await pass(one, hour);
    expect(one.sync.roster().pupils[0]?.misId).toBe('P0');
    one.mis.failure = gone;
    const again = await restart(one, { csv, origin: 'https://mis.example/v1.0 S2' });
    expect(frozen(again)).toEqual(['other-school']);
    expect(new Set(again.sync.roster().pupils.map(({ misId }) => misId))).toEqual(new Set(['']));
  });

  it.each([
    ['a third of the pupils under other ids', (n: number) => (n < 10 ? { misId: `Q${n}` } : {}), true],
    ['others in their place, as many as before', (n: number) => ({ key: `V${n}`, misId: `Q${n}` }), true],
    ['a few enrolled anew', (n: number) => (n < 4 ? { misId: `Q${n}` } : {}), false],
    ['a year group gone and a new one come', (n: number) => (n < 5 ? { key: `V${n}`, misId: `Q${n}` } : {}), false],
  ])('%s', async (_what, change, held) => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.pupils = school(30).map((pupil, n) => ({ ...pupil, ...change(n) }));
    await one.sync.pull();
    await one.sync.pull();
    expect(frozen(one)).toEqual(held ? ['mis-changed'] : []);
    expect(one.sync.status().held).toEqual(held ? expect.stringContaining('other numbers') : null);
    expect(one.sync.roster().pupils[0]?.misId === 'P0').toBe(held);
    if (!held) return;
    expect((await one.sync.acceptHeld('Ms Reed')).ok).toBe(true);
    expect(one.sync.roster().pupils[0]?.misId).toBe('Q0');
    expect(one.disk.notes()).toEqual(['outbox-frozen: ']); // until somebody thaws it
  });

  it('fewer pupils alone are held, and stop no mark', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.pupils = school(10);
    await one.sync.pull();
    expect(frozen(one)).toEqual([]);
    expect(one.sync.status().held).toContain('10 pupils instead of 30');
  });

  it('on the first of September the pupils are read anew at once, also in the rush of the morning', async () => {
    const one = await box({ time: steeredTime(Date.parse('2026-08-31T20:00:00Z')) });
    const pulls = one.mis.pulls;
    one.time.set({ now: Date.parse('2026-09-01T07:00:00Z') });
    await pass(one, 2 * minute);
    expect(one.mis.pulls).toBe(pulls + 1);
  });
});

describe('a roster that came back too small', () => {
  it.each([
    [0, true],
    [20, true],
    [21, false],
    [29, false],
    [60, false],
  ])('%i of 30 pupils: held %s', async (count, held) => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.pupils = school(count);
    const answer = await one.sync.pull();
    expect(answer.ok).toBe(!held);
    expect(one.sync.roster().pupils).toHaveLength(held ? 30 : count);
    expect(one.sync.status().held === null).toBe(!held);
    expect(one.disk.rosters().at(-1)).toBe(`${held ? 'held' : 'accepted'} ${count}`);
  });

  const heldBox = async (count = 4): Promise<Box> => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.pupils = school(count);
    await one.sync.pull();
    return one;
  };

  it('is reported once, with numbers and no names, and survives a restart', async () => {
    const one = await heldBox();
    await one.sync.pull();
    const again = await restart(one);
    expect(again.disk.rosters()).toEqual(['accepted 30', 'held 4']);
    expect(again.disk.notes()).toEqual(['roster-held: 4 pupils instead of 30']);
    expect(again.sync.status().held).toContain('4 pupils instead of 30');
    expect(again.sync.roster().pupils).toHaveLength(30);
  });

  it('is used when a person accepts it', async () => {
    const one = await heldBox();
    expect(await one.sync.acceptHeld('Ms Khan')).toEqual({ ok: true, value: null });
    expect(one.sync.roster().pupils).toHaveLength(4);
    expect(one.disk.records.at(-2)).toMatchObject({
      type: 'roster',
      outcome: 'accepted',
      pupils: 4,
      before: 30,
      by: 'Ms Khan',
    });
    expect(one.disk.notes()).toEqual([]);
    expect(await one.sync.acceptHeld('Ms Khan')).toMatchObject({ ok: false, error: { code: 'wrong_state' } });
    const again = await restart(one);
    expect(again.sync.roster().pupils).toHaveLength(4);
  });

  it('goes when a person discards it; the same one the next night is reported again', async () => {
    const one = await heldBox();
    expect(await one.sync.discardHeld('Ms Khan')).toEqual({ ok: true, value: null });
    expect(one.sync.roster().pupils).toHaveLength(30);
    expect(one.sync.status().held).toBeNull();
    expect(one.disk.notes()).toEqual([]);
    await pass(one, 20 * hour);
    expect(one.disk.rosters()).toEqual(['accepted 30', 'held 4', 'discarded 4', 'held 4']);
  });

  it('settles by itself when the next one is whole again', async () => {
    const one = await heldBox();
    one.mis.pupils = school(31);
    await one.sync.pull();
    expect(one.sync.roster().pupils).toHaveLength(31);
    expect(one.sync.status().held).toBeNull();
    expect(one.disk.rosters()).toEqual(['accepted 30', 'held 4', 'discarded 4', 'accepted 31']);
    expect(one.disk.notes()).toEqual([]);
  });

  it('that is empty cannot be accepted', async () => {
    const one = await heldBox(0);
    expect(await one.sync.acceptHeld('Ms Khan')).toMatchObject({ ok: false });
    expect(one.sync.roster().pupils).toHaveLength(30);
  });

  it('is decided once when two people decide at the same moment', async () => {
    const one = await heldBox();
    const both = await Promise.all([one.sync.acceptHeld('Ms Khan'), one.sync.discardHeld('Mr Bell')]);
    expect(both.map(({ ok }) => ok)).toEqual([true, false]);
    expect(one.sync.roster().pupils).toHaveLength(4);
  });
});

describe('what else can happen', () => {
  it('a pupil who came back keeps the key and has the new id', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.pupils = school(30).map((each) => (each.key === 'U3' ? { ...each, misId: 'P99' } : each));
    await one.sync.pull();
    expect(one.sync.roster().byKey('U3')).toMatchObject({ misId: 'P99' });
  });

  it('a roster that the disk does not take is not used, and tried again', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.pupils = school(31);
    one.disk.full = true;
    expect(await one.sync.pull()).toMatchObject({ ok: false, error: { code: 'storage_failed' } });
    expect(one.sync.roster().pupils).toHaveLength(30);
    one.disk.full = false;
    await one.sync.pull();
    expect(one.sync.roster().pupils).toHaveLength(31);
  });

  it('problems are noted when they are new, as counts', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.problems = ['2 of 30 pupils have no date of birth.'];
    await one.sync.pull();
    await one.sync.pull();
    expect(one.disk.notes()).toEqual(['roster-problems: 2 of 30 pupils have no date of birth.']);
    expect(one.sync.status().problems).toHaveLength(1);
  });

  it('two people who ask at once get one pull', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    await Promise.all([one.sync.pull(), one.sync.pull()]);
    expect(one.mis.pulls).toBe(2);
  });

  it('listeners hear of a change until they have had enough', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    let told = 0;
    const enough = one.sync.changed(() => (told += 1));
    one.mis.pupils = school(31);
    await one.sync.pull();
    expect(told).toBeGreaterThan(0);
    enough();
    const before = told;
    await one.sync.pull();
    expect(told).toBe(before);
  });

  it('a clock that jumps back does not stop the nightly pull for ever', async () => {
    const one = await box({ time: steeredTime(at('12:00', '2030-01-01')) });
    one.time.set({ now: at('12:00') });
    await pass(one, 10 * minute);
    expect(one.mis.pulls).toBe(2);
    await pass(one, hour);
    expect(one.mis.pulls).toBe(2);
  });

  it('a stopped one asks nothing more and leaves no timer', async () => {
    const one = await box({ time: steeredTime(at('12:00')), mis: Object.assign(new FakeMis(), { hangs: true }) });
    one.sync.stop();
    await settled();
    await pass(one, hour);
    expect(one.mis.pulls).toBe(1);
    expect(one.time.waiting()).toBe(0);
  });

  it('no name is ever logged or told', async () => {
    const one = await box({ time: steeredTime(at('12:00')) });
    one.mis.pupils = school(3);
    await one.sync.pull();
    one.mis.failure = gone;
    await one.sync.pull();
    expect([...one.logged, JSON.stringify(one.disk.records), JSON.stringify(one.sync.status())].join()).not.toMatch(
      /Amara|Okafor/,
    );
  });
});

describe("the school's file", () => {
  const file =
    (pupils: readonly Pupil[], problems: readonly string[] = []) =>
    () =>
      Promise.resolve({ pupils, problems });
  const row = (n: number): Pupil => pupil(n, { key: `${n}`, misId: `${n}` });
  const rows = (count: number): readonly Pupil[] => Array.from({ length: count }, (_row, n) => row(n));

  it('is the roster, without any MIS', async () => {
    const one = await box({
      time: steeredTime(at('08:00')),
      csv: file(rows(12), ['Line 3: no year group.']),
      connector: noMis,
    });
    expect(one.sync.roster()).toMatchObject({ source: 'csv', takenAt: at('08:00') });
    expect(one.sync.roster().pupils).toHaveLength(12);
    expect(one.disk.notes()).toEqual(['roster-problems: Line 3: no year group.']);
    await pass(one, 48 * hour);
    expect(one.sync.roster().pupils).toHaveLength(12);
  });

  it('once in storage, it may be gone', async () => {
    const one = await box({ time: steeredTime(at('08:00')), csv: file(rows(12)), connector: noMis });
    const without = await restart(one, { csv: () => Promise.resolve(null), connector: noMis });
    expect(without.sync.roster().pupils).toHaveLength(12);
    const unreadable = await restart(without, { csv: () => Promise.reject(new Error('EACCES')), connector: noMis });
    expect(unreadable.sync.roster().pupils).toHaveLength(12);
    expect(unreadable.sync.status().failure).toBe('The roster file cannot be read.');
  });

  it('the same file at the next start changes nothing; a shorter one is held, a longer one used', async () => {
    const time = steeredTime(at('08:00'));
    let one = await box({ time, csv: file(rows(12)), connector: noMis });
    one = await restart(one, { csv: file(rows(12)), connector: noMis });
    expect(one.disk.rosters()).toEqual(['accepted 12']);
    one = await restart(one, { csv: file(rows(6)), connector: noMis });
    one = await restart(one, { csv: file(rows(6)), connector: noMis });
    expect(one.sync.roster().pupils).toHaveLength(12);
    expect(one.disk.rosters()).toEqual(['accepted 12', 'held 6']);
    one = await restart(one, { csv: file(rows(14)), connector: noMis });
    expect(one.sync.roster().pupils).toHaveLength(14);
    expect(one.sync.status().held).toBeNull();
  });

  it('without a usable row is no roster, and says so once; the one before stays', async () => {
    const none = file([], ['Line 1: no headings.']);
    const first = await box({ time: steeredTime(at('08:00')), csv: none, connector: noMis });
    expect(first.sync.roster().takenAt).toBeNull();
    expect(first.sync.status()).toMatchObject({ problems: ['Line 1: no headings.'], held: null });
    expect(first.sync.status().failure).toContain('no pupils');
    let one = await restart(first, { csv: file(rows(12)), connector: noMis });
    one = await restart(one, { csv: none, connector: noMis });
    one = await restart(one, { csv: none, connector: noMis });
    expect(one.sync.roster().pupils).toHaveLength(12);
    expect(one.disk.rosters()).toEqual(['accepted 12']);
    expect(one.disk.notes()).toEqual([
      'roster-problems: Line 1: no headings.',
      'roster-problems: Line 1: no headings.',
    ]);
  });

  it('with an MIS, its pupils are found by the number or the id there, at once', async () => {
    const mis = new FakeMis();
    mis.pupils = [pupil(100), pupil(101, { misId: '1' })];
    mis.misIds = new Map([['0', 'P100']]);
    const one = await box({ time: steeredTime(at('08:00')), mis, csv: file(rows(3)) });
    expect(one.sync.roster().pupils.map(({ key, misId }) => `${key} ${misId}`)).toEqual(['0 P100', '1 1', '2 ']);
    expect(one.sync.status().problems).toEqual([
      expect.stringContaining('1 pupils of the roster file are not in the MIS'),
    ]);
    expect([...one.sync.roster().unmatched]).toEqual(['2']);
    mis.failure = gone;
    const again = await restart(one, { csv: file(rows(3)) });
    expect(again.sync.roster().pupils.map(({ misId }) => misId)).toEqual(['P100', '1', '']);
    expect([...again.sync.roster().unmatched]).toEqual(['2']);
  });

  it('one that was held and that a person accepts while the MIS answers stays accepted', async () => {
    const mis = new FakeMis();
    const before = await box({ time: steeredTime(at('12:00')), mis, csv: file(rows(30)) });
    const one = await restart(before, { csv: file(rows(15)) });
    expect(one.sync.status().held).not.toBeNull();
    let written: () => void = () => undefined;
    one.disk.busy = new Promise((resolve) => (written = resolve));
    const pull = one.sync.pull();
    await settled();
    one.disk.busy = Promise.resolve();
    const accepted = one.sync.acceptHeld('Ms Reed');
    await settled();
    written();
    await Promise.all([pull, accepted]);
    expect(one.sync.roster().pupils).toHaveLength(15);
  });

  it("its own numbers are never the MIS's ids: until the MIS was asked there are none, and nobody is said to be missing", async () => {
    const mis = new FakeMis();
    mis.failure = gone;
    mis.misIds = new Map([['0', 'P100']]);
    const one = await box({ time: steeredTime(at('08:00')), mis, csv: file(rows(2)) });
    expect(one.sync.roster().pupils.map(({ key, misId }) => `${key} ${misId}`)).toEqual(['0 ', '1 ']);
    expect(one.sync.roster().unmatched.size).toBe(0);
    mis.failure = null;
    const nobody = mis.pupils;
    mis.pupils = [];
    await pass(one, minute);
    expect(one.sync.status().failure).toContain('gave no pupils');
    expect(one.sync.roster().unmatched.size).toBe(0);
    mis.pupils = nobody;
    await pass(one, 5 * minute);
    expect(one.sync.roster().pupils.map(({ misId }) => misId)).toEqual(['P100', '']);
    expect([...one.sync.roster().unmatched]).toEqual(['1']);
  });

  it('a pupil who was not found waits again when a new file comes, and is found when the MIS has got to know them', async () => {
    const mis = new FakeMis();
    mis.misIds = new Map([['0', 'P100']]);
    const one = await box({ time: steeredTime(at('08:00')), mis, csv: file(rows(2)) });
    expect([...one.sync.roster().unmatched]).toEqual(['1']);
    mis.failure = gone;
    const again = await restart(one, { csv: file(rows(3)) });
    expect(again.sync.roster().unmatched.size).toBe(0);
    mis.failure = null;
    mis.misIds = new Map([...mis.misIds, ['1', 'P101']]);
    await pass(again, minute);
    expect(again.sync.roster().byKey('1')).toMatchObject({ misId: 'P101' });
    expect([...again.sync.roster().unmatched]).toEqual(['2']);
  });

  it("a table of an older Porter, with the file's numbers for ids, gives none away", async () => {
    const one = await box({ time: steeredTime(at('08:00')), csv: file(rows(2)), connector: noMis });
    const table = JSON.parse(one.disk.file ?? '') as { accepted: { pupils: Pupil[] }; csv: { notFound?: unknown } };
    table.accepted.pupils = [...rows(2)];
    delete table.csv.notFound;
    one.disk.file = JSON.stringify(table);
    const mis = Object.assign(new FakeMis(), { failure: gone });
    const again = await restart(one, { csv: file(rows(2)), connector: mis.connector });
    expect(again.sync.roster().pupils.map(({ misId }) => misId)).toEqual(['', '']);
  });

  it('one that is held stays held while the pupils of the old one are looked up', async () => {
    const mis = new FakeMis();
    const one = await box({ time: steeredTime(at('08:00')), mis, csv: file(rows(12)) });
    mis.misIds = new Map([['3', 'P103']]);
    const again = await restart(one, { csv: file(rows(6)) });
    expect(again.sync.roster().pupils).toHaveLength(12);
    expect(again.sync.roster().byKey('3')).toMatchObject({ misId: 'P103' });
    expect(again.sync.status().held).not.toBeNull();
    expect(again.disk.rosters().at(-1)).toBe('held 6');
  });

  it('ids once found stay while the MIS is away, also for a new file', async () => {
    const mis = new FakeMis();
    mis.misIds = new Map([
      ['0', 'P100'],
      ['1', 'P101'],
    ]);
    const one = await box({ time: steeredTime(at('08:00')), mis, csv: file(rows(2)) });
    mis.failure = gone;
    const again = await restart(one, { csv: file(rows(3)) });
    expect(again.sync.roster().pupils.map(({ misId }) => misId)).toEqual(['P100', 'P101', '']);
    mis.failure = null;
    mis.misIds = new Map([['2', 'P102']]);
    await pass(again, minute);
    expect(again.sync.roster().pupils.map(({ misId }) => misId)).toEqual(['P100', 'P101', 'P102']);
  });

  it('forgets who is erased and not on the roster, in what is held and in the ids; who is on it stays', async () => {
    const mis = new FakeMis();
    mis.misIds = new Map(['0', '1', '5'].map((n) => [n, `P10${n}`]));
    const one = await box({ time: steeredTime(at('08:00')), mis, csv: file(rows(12)) });
    const held = await restart(one, { csv: file([...rows(2), row(77)]) });
    const table = JSON.parse(held.disk.file ?? '') as { csv: { misIds: Record<string, string>; notFound: string[] } };
    table.csv.misIds['77'] = 'P177';
    table.csv.notFound.push('78');
    held.disk.file = JSON.stringify(table);
    mis.failure = gone;
    const again = await restart(held, { csv: () => Promise.resolve(null) });
    const erased = new Set(['1', '77', '78']);
    again.disk.full = true;
    await expect(again.sync.forget(erased)).rejects.toThrow();
    again.disk.full = false;
    await again.sync.forget(erased);
    const left = JSON.parse(again.disk.file ?? '') as typeof table & { held: { pupils: Pupil[] } };
    expect(left.held.pupils.map(({ key }) => key)).toEqual(['0', '1']);
    expect(Object.keys(left.csv.misIds)).toEqual(['0', '1', '5']);
    expect(left.csv.notFound).not.toContain('78');
    expect(again.sync.roster().byKey('1')).toMatchObject({ misId: 'P101' });
    expect(again.sync.status().held).toContain('2 pupils instead of 12');
  });

  it('says nothing by the hash in its records to who tries names: another box, another hash', async () => {
    const hashes: string[] = [];
    for (const hashKey of [1, 1, 2]) {
      const { disk } = await box({ time: steeredTime(at('08:00')), csv: file(rows(1)), connector: noMis, hashKey });
      hashes.push(...disk.records.flatMap((one) => (one.type === 'roster' ? [one.hash] : [])));
    }
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  it('takes the place of the MIS roster when the technician file says so, and gives it back', async () => {
    const one = await box({ time: steeredTime(at('08:00')) });
    const csv = await restart(one, { csv: file(rows(3)) });
    expect(csv.sync.roster()).toMatchObject({ source: 'csv' });
    expect(csv.sync.roster().pupils).toHaveLength(3);
    const back = await restart(csv);
    expect(back.sync.roster()).toMatchObject({ source: 'mis' });
    expect(back.sync.roster().pupils).toHaveLength(30);
  });
});
