/** Staff at the touchscreen: the PIN, who waits, let go or not, and that nobody stays in by walking away. */
import { describe, expect, test } from 'vitest';
import type { PartReport, StaffAct } from '../../device/contract/kiosk.ts';
import { Pins } from '../../device/web/pins.ts';
import { StaffAtBox } from '../../device/web/staff-at-box.ts';
import { parseAccounts, parseOldPins } from '../../device/web/staff/account-table.ts';
import { openDay, refusal, value } from '../support/desk-day.ts';
import { peopleOf } from '../support/people.ts';

const parts: readonly PartReport[] = [{ part: 'printer', ok: true, words: 'Ready' }];

async function staffed() {
  const day = await openDay({ at: '10:40' });
  const { accounts } = await peopleOf([
    { name: 'Ms Reed', pin: '135790' },
    { name: 'Mr Flint', role: 'fire-warden', pin: '246801' },
    { name: 'Mrs Ward', role: 'auditor', pin: '357912' },
  ]);
  const told: number[] = [];
  const refusals: string[] = [];
  const pins = new Pins({
    clock: day.time.clock,
    ownerOf: (pin) => accounts.ownerOf(pin),
    onLocked: (count) => told.push(count),
  });
  let off = 0;
  const box = new StaffAtBox({
    school: day.box.school,
    ledger: () => day.ledger,
    departures: day.box.departures,
    pins,
    selfTest: () => Promise.resolve(parts),
    switchOff: () => (off += 1),
    roleOf: (name) => accounts.person(name)?.role ?? null,
    refused: (what, by) => refusals.push(`${by}: ${what}`),
  });
  const act = (input: StaffAct & { readonly pass: string }) => box.act(day.box.command(input), input);
  return { day, accounts, pins, told, refusals, box, act, switchedOff: () => off };
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

describe('a role that may neither let pupils go nor look after the box', () => {
  test.each([
    ['Mr Flint', '246801'],
    ['Mrs Ward', '357912'],
  ])('%s is shown no pupil, and that it was tried is told', async (name, pin) => {
    const { day, box, refusals } = await staffed();
    await day.early('eli', { visit: day.visit() });
    expect(await box.enter(pin)).toEqual({ ok: false, error: { code: 'forbidden' } });
    expect(refusals).toEqual([`${name}: Staff at the kiosk`]);
  });

  test('given such a role while the screen is open: nothing more is done there', async () => {
    const { day, accounts, box, act, refusals, switchedOff } = await staffed();
    const visit = day.visit();
    await day.early('eli', { visit });
    const { pass } = value(await box.enter('135790'));
    value(await accounts.setRole('Ms Reed', 'auditor', 'test'));
    expect(refusal(await act({ act: 'let-go', visit, adult: null, pass }))).toBe('forbidden');
    expect(refusal(await act({ act: 'switch-off', pass }))).toBe('forbidden');
    expect(day.out()).toEqual([]);
    expect(switchedOff()).toBe(0);
    expect(refusals).toEqual(['Ms Reed: let-go at the kiosk', 'Ms Reed: switch-off at the kiosk']);
  });
});

describe('giving PINs', () => {
  test('one each, six digits; the same for two people never, however many are given', async () => {
    const { accounts, pins } = await staffed();
    for (let person = 0; person < 6; person += 1) {
      const some = { name: `Person ${String(person)}`, role: 'reception', password: null } as const;
      value(await accounts.add({ ...some, pin: `20000${String(person)}` }, 'test'));
    }
    const mrHall = { name: 'Mr Hall', role: 'reception', password: null } as const;
    expect(refusal(await accounts.add({ ...mrHall, pin: '135790' }, 'test'))).toBe('invalid_input');
    expect(await pins.check('200005')).toMatchObject({ name: 'Person 5' }); // giving them is no guessing
    value(await accounts.setPin('ms  reed', '975310', 'test'));
    expect(await pins.check('135790')).toBe('wrong');
    expect(await pins.check('975310')).toMatchObject({ name: 'Ms Reed' });
  });

  test('a damaged table is none', () => {
    const pin = { N: 16_384, r: 8, p: 1, salt: 'ab'.repeat(16), hash: 'cd'.repeat(32) };
    const person = { name: 'Ms Reed', role: 'reception', password: null, pin, totp: null, knownAt: [] };
    const table = { people: [person], pinSalt: null, resetUsed: null };
    expect(parseAccounts(table)).toEqual({ ...table, computers: [] }); // of before there were registered computers
    for (const broken of [
      { ...pin, salt: 'ab' },
      { ...pin, hash: 'zz'.repeat(32) },
      { ...pin, N: 2 ** 30 },
    ]) {
      expect(parseAccounts({ ...table, people: [{ ...person, pin: broken }] })).toBeNull();
    }
    expect(parseAccounts({ ...table, people: [{ ...person, role: 'head' }] })).toBeNull();
    expect(parseAccounts(null)).toBeNull();
    expect(parseOldPins({ people: [{ name: 'Ms Reed', salt: 'ab', hash: 'cd'.repeat(32) }] })).toBeNull();
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
