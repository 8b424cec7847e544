/** Staff at the touchscreen: the PIN, who waits, let go or not, and that nobody stays in by walking away. */
import { describe, expect, test } from 'vitest';
import type { PartReport, StaffAct } from '../../device/contract/kiosk.ts';
import { Pins, noPins, parsePins } from '../../device/web/pins.ts';
import type { StaffPins } from '../../device/web/pins.ts';
import { StaffAtBox } from '../../device/web/staff-at-box.ts';
import { openDay, refusal, value } from '../support/desk-day.ts';

const parts: readonly PartReport[] = [{ part: 'printer', ok: true, words: 'Ready' }];

/** A table that keeps what was written. */
function pinTable(data: StaffPins = noPins) {
  return {
    data,
    write(next: StaffPins): Promise<void> {
      this.data = next;
      return Promise.resolve();
    },
  };
}

async function staffed() {
  const day = await openDay({ at: '10:40' });
  const pins = new Pins(pinTable(), day.time.clock);
  await pins.set('Ms Reed', '135790');
  let off = 0;
  const box = new StaffAtBox({
    school: day.box.school,
    ledger: () => day.ledger,
    departures: day.box.departures,
    pins,
    selfTest: () => Promise.resolve(parts),
    switchOff: () => (off += 1),
  });
  const act = (input: StaffAct & { readonly pass: string }) => box.act(day.box.command(input), input);
  return { day, pins, box, act, switchedOff: () => off };
}

describe('the PIN', () => {
  test('opens the menu: who waits, for what, with whom, how long', async () => {
    const { day, box } = await staffed();
    const visit = day.visit();
    await day.early('eli', { visit, withWhom: 'grown-up', back: 'not-today' });
    await day.pass(90_000);
    expect(value(await box.enter('135790'))).toMatchObject({
      staff: 'Ms Reed',
      waiting: [
        {
          visit,
          name: 'Eli Stone',
          reason: 'Appointment',
          back: 'not-today',
          withWhom: 'grown-up',
          waitingForMs: 90_000,
        },
      ],
    });
  });

  test('a wrong one opens nothing; five in a row close the box for a minute, the right one then too', async () => {
    const { day, box } = await staffed();
    for (let guess = 0; guess < 4; guess += 1) expect(refusal(await box.enter('000000'))).toBe('unauthorised');
    expect(refusal(await box.enter('000000'))).toBe('paused');
    expect(refusal(await box.enter('135790'))).toBe('paused');
    await day.pass(60_000);
    expect(value(await box.enter('135790')).staff).toBe('Ms Reed');
  });

  test('many guesses at once are many guesses', async () => {
    const { box } = await staffed();
    const guesses = Array.from({ length: 9 }, (_, guess) => box.enter(String(guess).repeat(6)));
    const answers = (await Promise.all(guesses)).map((answer) => refusal(answer));
    expect(answers.filter((answer) => answer === 'paused').length).toBeGreaterThanOrEqual(4);
    expect(refusal(await box.enter('135790'))).toBe('paused');
  });

  test('the right one in between starts the count anew', async () => {
    const { box } = await staffed();
    for (let round = 0; round < 3; round += 1) {
      for (let guess = 0; guess < 4; guess += 1) await box.enter('000000');
      expect(value(await box.enter('135790')).staff).toBe('Ms Reed');
    }
  });
});

describe('giving PINs', () => {
  test('one each, six digits; the same for two people never, however many are given', async () => {
    const { pins } = await staffed();
    for (let person = 0; person < 6; person += 1) await pins.set(`Person ${String(person)}`, `20000${String(person)}`);
    await expect(pins.set('Mr Hall', '135790')).rejects.toThrow(RangeError);
    await expect(pins.set('Mr Hall', '12345')).rejects.toThrow(RangeError);
    expect(await pins.check('200005')).toEqual({ name: 'Person 5' }); // giving them is no guessing
    await pins.set('Ms Reed', '975310');
    expect(await pins.check('135790')).toBe('wrong');
    expect(await pins.check('975310')).toEqual({ name: 'Ms Reed' });
  });

  test('a damaged table is none', () => {
    const person = { name: 'Ms Reed', salt: 'ab'.repeat(16), hash: 'cd'.repeat(32) };
    expect(parsePins({ people: [person] })).toEqual({ people: [person] });
    for (const broken of [{ ...person, salt: 'ab' }, { ...person, hash: 'zz'.repeat(32) }, { name: 'Ms Reed' }]) {
      expect(parsePins({ people: [broken] })).toBeNull();
    }
    expect(parsePins(null)).toBeNull();
  });
});

describe('behind the PIN', () => {
  test('let go, with the adult’s name and the staff member’s; the menu comes back without the pupil', async () => {
    const { day, box, act } = await staffed();
    const visit = day.visit();
    await day.early('eli', { visit });
    const { pass } = value(await box.enter('135790'));
    const done = value(await act({ act: 'let-go', visit, adult: 'Mrs Stone', pass }));
    expect(done.menu.waiting).toEqual([]);
    expect(day.ledger.movementsOf('eli')[0]?.record).toMatchObject({ by: 'Ms Reed', leave: { adult: 'Mrs Stone' } });
  });

  test('no: not out', async () => {
    const { day, box, act } = await staffed();
    const visit = day.visit();
    await day.early('eli', { visit });
    const { pass } = value(await box.enter('135790'));
    value(await act({ act: 'refuse', visit, pass }));
    expect(day.out()).toEqual([]);
    expect(refusal(await act({ act: 'let-go', visit, adult: null, pass }))).toBe('wrong_state');
  });

  test('two minutes later, after another PIN, or with a made-up pass: nothing is done', async () => {
    const { day, box, act, switchedOff } = await staffed();
    const visit = day.visit();
    await day.early('eli', { visit });
    const { pass } = value(await box.enter('135790'));
    expect(refusal(await act({ act: 'let-go', visit, adult: null, pass: 'made-up' }))).toBe('unauthorised');
    const newer = value(await box.enter('135790')).pass;
    expect(refusal(await act({ act: 'switch-off', pass }))).toBe('unauthorised');
    await day.pass(2 * 60_000 + 1);
    expect(refusal(await act({ act: 'let-go', visit, adult: null, pass: newer }))).toBe('unauthorised');
    expect(day.out()).toEqual([]);
    expect(switchedOff()).toBe(0);
  });

  test('self-test and switching off', async () => {
    const { box, act, switchedOff } = await staffed();
    const { pass } = value(await box.enter('135790'));
    expect(value(await act({ act: 'self-test', pass })).parts).toEqual(parts);
    value(await act({ act: 'switch-off', pass }));
    expect(switchedOff()).toBe(1);
  });
});
