/** Badges to paper, on the simulated printer: what comes out, what stands when nothing does. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Printing } from '../../device/desk/printing.ts';
import type { SlipText } from '../../device/domain/badge.ts';
import type { Recorded } from '../../device/domain/record.ts';
import { createSimulatedPrinter } from '../../device/printer/simulated.ts';
import type { SimulatedPrinter } from '../../device/printer/simulated.ts';
import type { PrintResult } from '../../device/printer/port.ts';
import { outRow } from '../../device/web/staff/views/rows.ts';
import { silent } from '../support/box.ts';
import { machineTime } from '../support/machine.ts';
import { badgeOf, instant, openDay, restart, value } from '../support/desk-day.ts';
import type { Day, DayOptions } from '../support/desk-day.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porter-badges-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A strip of black dots: the drawing has tests of its own. */
const strip = { width: 384, height: 8, bits: new Uint8Array(384).fill(0xff) };

interface Office {
  readonly day: Day;
  readonly printer: SimulatedPrinter;
  readonly printing: Printing;
  /** What was drawn. */
  readonly slips: SlipText[];
  /** Visits whose pupils were told to write the number down. */
  readonly writtenDown: string[];
  readonly state: { photo: Uint8Array | null; drawFails: boolean };
  readonly photos: (Uint8Array | null)[];
}

function withPrinter(day: Day): Office {
  const printer = createSimulatedPrinter({
    paperMm: 58,
    profile: { cut: false, density: null },
    folder,
    timers: day.time.timers,
    log: silent,
  });
  const slips: SlipText[] = [];
  const writtenDown: string[] = [];
  const photos: (Uint8Array | null)[] = [];
  const state = { photo: null as Uint8Array | null, drawFails: false };
  const printing = new Printing({
    school: day.box.school,
    desk: day.box.desk,
    printer,
    log: silent,
    draw: (slip, photo) => {
      if (state.drawFails) return Promise.reject(new Error('no such glyph'));
      slips.push(slip);
      photos.push(photo);
      return Promise.resolve(strip);
    },
    photo: () => Promise.resolve(state.photo),
    onFailed: (visit) => writtenDown.push(visit),
    onBroken: (error) => {
      throw error;
    },
  });
  return { day, printer, printing, slips, writtenDown, state, photos };
}
const openOffice = async (options: DayOptions = {}): Promise<Office> =>
  withPrinter(await openDay({ at: '10:40', ...options }));

/** The printer turns the loop as often as it likes; nothing here waits for a clock. */
const patient = { timeout: 10_000, interval: 5 };

const prints = (records: readonly Recorded[]): readonly string[] =>
  records.flatMap((record) => (record.type === 'print' ? [`${record.state} ${String(record.attempt)}`] : []));
const badgeState = ({ day }: Office): string | undefined => [...day.ledger.badges.values()].at(-1)?.print?.state;
async function settled(office: Office, count = 1): Promise<void> {
  await expect
    .poll(() => prints(office.day.records).filter((one) => !one.startsWith('started')).length, patient)
    .toBe(count);
}
const papers = async (): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.png')).sort();

describe('while the time is not known', () => {
  test('the badge says so, never a date that was guessed, and lets its pupil back in', async () => {
    const on = machineTime(instant('10:40'), { builtAt: Date.UTC(2026, 0, 1) });
    on.machine.wallOffMs = -instant('10:40');
    on.systemClock().begin();
    const office = withPrinter(await openDay({ time: on }));
    const badge = badgeOf(await office.day.early('amara'));
    await settled(office);
    expect(office.slips).toMatchObject([{ date: 'Time to be confirmed', out: null, back: { text: 'After lunch' } }]);
    await office.day.pass(60_000);
    on.machine.wallOffMs = 0;
    on.machine.synchronised = 'now';
    on.pass(2_000);
    await office.day.watch();
    office.printing.reprint(badge, 'Ms Reed');
    await settled(office, 2);
    expect(office.slips[1]).toMatchObject({ date: 'Mon 23 Nov 2026', out: { time: '10:40' } });
    expect(value(await office.day.type(badge))).toMatchObject({ state: 'welcome-back', forename: 'Amara' });
  });
});

describe('a departure', () => {
  test('prints a badge with forename and initial, time, number; begun durably before the first byte', async () => {
    const office = await openOffice();
    const { day, printer } = office;
    const seen: (string | undefined)[] = [];
    const print = printer.print.bind(printer);
    printer.print = (job, signal): Promise<PrintResult> => {
      seen.push(badgeState(office));
      return print(job, signal);
    };
    const badge = badgeOf(await day.early('amara', { back: 'after-lunch' }));
    await settled(office);
    expect(seen).toEqual(['started']);
    expect(prints(day.records)).toEqual(['started 1', 'printed 1']);
    expect(office.slips).toMatchObject([
      {
        name: 'Amara O',
        id: `${badge.slice(0, 4)} ${badge.slice(4)}`,
        out: { time: '10:40' },
        back: { text: '13:15' },
        reprint: null,
      },
    ]);
    expect(await papers()).toHaveLength(1);
    expect(office.writtenDown).toEqual([]);
    expect(JSON.stringify(office.slips)).not.toMatch(/Okafor|Appointment|medical/);
  });

  test('one after another, each once, also when they come together', async () => {
    const office = await openOffice();
    await Promise.all(['amara', 'ben', 'cai', 'dina', 'fay'].map((who) => office.day.early(who)));
    await settled(office, 5);
    expect(office.slips.map(({ name }) => name)).toEqual(['Amara O', 'Ben L', 'Cai P', 'Dina R', 'Fay S']);
    await office.day.early('zara');
    await settled(office, 6);
    expect(await papers()).toHaveLength(6);
  });

  test('those that come together wait for the printer, and staff are told so, until it is their turn', async () => {
    const office = await openOffice();
    const { day, printer, printing } = office;
    const staffSee = (): readonly string[] =>
      [...day.ledger.out].flatMap((ref) => {
        const departure = day.ledger.movements.get(ref);
        const situation = { waitsForPrinter: (badge: string) => printing.waits(badge) };
        if (departure === undefined) return [];
        return outRow(day.box.school, day.ledger, situation, departure).map((row) => row.badgeState);
      });
    let ready = (): void => undefined;
    const print = printer.print.bind(printer);
    const held = new Promise<void>((resolve) => (ready = resolve));
    printer.print = async (job, signal): Promise<PrintResult> => {
      await held;
      return print(job, signal);
    };
    for (const who of ['amara', 'ben', 'cai']) badgeOf(await day.early(who));
    await expect.poll(staffSee, patient).toEqual(['printing', 'waiting', 'waiting']);
    printer.fault('paper-out');
    ready();
    await settled(office, 3);
    expect(staffSee()).not.toContain('waiting');
    expect(staffSee().at(-1)).toBe('not-printed');
  });

  test('the photo only where the school has it printed and one was taken', async () => {
    const settings = {
      ...(await openDay()).box.school.settings,
      badge: { photo: true, schoolName: false, registrationGroup: false },
    };
    const office = await openOffice({ settings });
    office.state.photo = new Uint8Array([1]);
    await office.day.early('amara', { photo: 'taken' });
    await office.day.early('ben', { photo: 'declined' });
    await settled(office, 2);
    expect(office.photos).toEqual([new Uint8Array([1]), null]);
    const plain = await openOffice();
    plain.state.photo = new Uint8Array([1]);
    await plain.day.early('amara', { photo: 'taken' });
    await settled(plain);
    expect(plain.photos).toEqual([null]);
  });
});

describe('when it does not print', () => {
  test.each(['paper-out', 'cover-open', 'unplugged', 'hot'] as const)(
    '%s: the departure stands, the pupil is told to write the number down, and staff print it later',
    async (fault) => {
      const office = await openOffice();
      const { day, printer } = office;
      printer.fault(fault);
      const visit = day.visit();
      const badge = badgeOf(await day.early('amara', { visit }));
      await settled(office);
      expect(office.writtenDown).toEqual([visit]);
      expect(day.out()).toEqual(['amara']);
      expect(badgeState(office)).toBe('failed');
      printer.fault('none');
      value(office.printing.reprint(badge, 'Ms Reed'));
      await settled(office, 2);
      // None had been begun: this is the first, and says no REPRINT.
      expect(prints(day.records)).toEqual(['failed 0', 'started 1', 'printed 1']);
      expect(office.slips.map(({ reprint }) => reprint)).toEqual([null]);
    },
  );

  test('gone in the middle of a badge: back, the printer prints it once more with that number, and REPRINT', async () => {
    const office = await openOffice();
    const { day, printer } = office;
    printer.fault('unplugged', 40);
    const visit = day.visit();
    const badge = badgeOf(await day.early('amara', { visit }));
    await settled(office);
    expect(office.writtenDown).toEqual([visit]);
    printer.fault('none');
    await settled(office, 2);
    expect(prints(day.records)).toEqual(['started 1', 'failed 1', 'started 2', 'printed 2']);
    expect(office.slips.map(({ reprint, id }) => [reprint !== null, id])).toEqual([
      [false, `${badge.slice(0, 4)} ${badge.slice(4)}`],
      [true, `${badge.slice(0, 4)} ${badge.slice(4)}`],
    ]);
    expect(value(await day.type(badge)).state).toBe('welcome-back');
  });

  test('gone for more than two minutes: left to staff', async () => {
    const office = await openOffice();
    const { day, printer, printing } = office;
    printer.fault('unplugged', 40);
    const badge = badgeOf(await day.early('amara'));
    await settled(office);
    await day.pass(2 * 60_000);
    printer.fault('none');
    await day.pass(1000);
    expect(prints(day.records)).toEqual(['started 1', 'failed 1']);
    value(printing.reprint(badge, 'Ms Reed'));
    await settled(office, 2);
    expect(prints(day.records)).toEqual(['started 1', 'failed 1', 'started 2', 'printed 2']);
    expect(office.slips.at(-1)?.reprint).not.toBeNull();
  });

  test('a test print comes out, and is of nobody', async () => {
    const office = await openOffice();
    value(await office.printing.testPrint());
    expect(await papers()).toHaveLength(1);
    expect(office.slips).toMatchObject([{ reprint: 'TEST', out: null }]);
    expect(prints(office.day.records)).toEqual([]);
    office.printer.fault('paper-out');
    expect(await office.printing.testPrint()).toMatchObject({
      ok: false,
      error: { detail: expect.stringMatching(/roll/) as string },
    });
  });

  test('a name that cannot be drawn stops nobody, and not the next badge', async () => {
    const office = await openOffice();
    office.state.drawFails = true;
    await office.day.early('amara');
    await settled(office);
    expect(office.writtenDown).toHaveLength(1);
    office.state.drawFails = false;
    await office.day.early('ben');
    await settled(office, 2);
    expect(office.slips.map(({ name }) => name)).toEqual(['Ben L']);
  });

  test('a full card: nothing is printed that is not begun durably', async () => {
    const office = await openOffice();
    const { day, printer } = office;
    printer.fault('paper-out');
    const badge = badgeOf(await day.early('amara'));
    await settled(office);
    printer.fault('none');
    day.box.disk.capacity = 0;
    value(office.printing.reprint(badge, 'Ms Reed'));
    await expect.poll(() => office.writtenDown.length, patient).toBe(2);
    expect(await papers()).toEqual([]);
    day.box.disk.capacity = Infinity;
    value(office.printing.reprint(badge, 'Ms Reed'));
    await settled(office, 2);
    expect(await papers()).toHaveLength(1);
  });
});

describe('reprint', () => {
  test('says who asked for it; of the first print, and of what the box tries again by itself, it says nobody', async () => {
    const { day, printing, ...office } = await openOffice();
    const badge = badgeOf(await day.early('amara'));
    await settled({ day, printing, ...office });
    value(printing.reprint(badge, 'Ms Reed'));
    await settled({ day, printing, ...office }, 2);
    const prints = day.records.flatMap((record) =>
      record.type === 'print' ? [`${record.state} ${record.by ?? ''}`] : [],
    );
    expect(prints).toEqual(['started ', 'printed ', 'started Ms Reed', 'printed Ms Reed']);
  });

  test('only of a badge that is good, while its pupil is out', async () => {
    const { day, printing } = await openOffice();
    const [one, other] = [badgeOf(await day.early('amara')), badgeOf(await day.early('ben'))];
    await day.type(one);
    await day.correct(day.ledger.movementsOf('ben')[0]?.record.ref ?? '');
    expect(printing.reprint(one, 'Ms Reed')).toMatchObject({ ok: false, error: { code: 'wrong_state' } });
    expect(printing.reprint(other, 'Ms Reed')).toMatchObject({ ok: false, error: { code: 'wrong_state' } });
    expect(printing.reprint('00000000', 'Ms Reed')).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });
});

describe('after a restart', () => {
  /** Stopped while the badge was printing. */
  async function stoppedInTheMiddle(): Promise<Office> {
    const office = await openOffice();
    office.printer.fault('busy');
    badgeOf(await office.day.early('amara'));
    await expect.poll(() => badgeState(office), patient).toBe('started');
    return office;
  }

  test('a young badge is printed again, marked REPRINT', async () => {
    const before = await stoppedInTheMiddle();
    await before.day.pass(30_000);
    const after = withPrinter(await restart(before.day));
    after.printing.resume();
    await settled(after);
    expect(prints(after.day.records)).toEqual(['started 2', 'printed 2']);
    expect(after.slips.map(({ reprint }) => reprint !== null)).toEqual([true]);
  });

  test('a badge that had not been begun is printed for the first time', async () => {
    const day = await openDay({ at: '10:40' });
    badgeOf(await day.early('amara'));
    const after = withPrinter(await restart(day));
    after.printing.resume();
    await settled(after);
    expect(prints(after.day.records)).toEqual(['started 1', 'printed 1']);
  });

  test('a clean stop leaves the badge that it kept from being drawn to the next start', async () => {
    const before = await openOffice();
    before.state.drawFails = true; // the painter closes too
    before.printing.stop();
    badgeOf(await before.day.early('amara'));
    await before.day.pass(1000);
    expect(prints(before.day.records)).toEqual([]);
    const after = withPrinter(await restart(before.day));
    after.printing.resume();
    await settled(after);
    expect(prints(after.day.records)).toEqual(['started 1', 'printed 1']);
  });

  test('an old one, or one of another boot, is left to staff, who see that it was not printed', async () => {
    for (const boot of [undefined, 'second-boot']) {
      const before = await stoppedInTheMiddle();
      await before.day.box.journal.close();
      if (boot === undefined) await before.day.pass(2 * 60_000);
      const after = withPrinter(await restart(before.day, boot));
      after.printing.resume();
      await settled(after);
      expect(prints(after.day.records)).toEqual(['failed 1']);
      expect(after.slips).toEqual([]);
    }
  });

  test('nothing for a pupil who is back, or whose badge is void', async () => {
    const before = await stoppedInTheMiddle();
    await before.day.backByName('amara');
    const after = withPrinter(await restart(before.day));
    after.printing.resume();
    await after.day.early('ben');
    await settled(after);
    expect(after.slips.map(({ name }) => name)).toEqual(['Ben L']);
  });
});
