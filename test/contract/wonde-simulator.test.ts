/** The connector against the MIS simulator: two readings of mis.md by different hands. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MisFault, MisFaultName } from '../../device/demo/mis-control.ts';
import { demoSchool } from '../../device/demo/school.ts';
import { startMisSimulator } from '../../device/demo/simulator.ts';
import type { MisSimulator } from '../../device/demo/simulator.ts';
import type { MarkWrite, MisConnector } from '../../device/mis/connector.ts';
import { createWondeConnector } from '../../device/mis/wonde/connector.ts';
import { neverAborted } from '../support/hand-made-wonde.ts';
import { steeredTime } from '../support/steered-time.ts';
import type { SteeredTime } from '../support/steered-time.ts';

const date = '2026-11-23';
const { awkward, pupils: roll } = demoSchool();
const [sam] = awkward.sameNameOtherGroup;
const late = (misId: string): MarkWrite => ({
  misId,
  date,
  session: 'AM',
  code: 'L',
  minutesLate: 9,
  comment: 'Pupil said: Bus. Porter 1-000017',
});

let time: SteeredTime;
let simulator: MisSimulator;
let connector: MisConnector;
beforeEach(async () => {
  time = steeredTime(Date.UTC(2026, 10, 23, 9, 0), 500);
  simulator = await startMisSimulator({
    now: () => time.clock.now(),
    delayMs: 0,
    // What the simulator would wait for is waited for by the test's clock.
    wait: (ms) => new Promise<void>((resolve) => time.timers.after(ms, resolve)),
  });
  connector = createWondeConnector({ ...simulator, version: '0.1.0' }, time);
});
afterEach(() => simulator.stop());

async function pulled() {
  const answer = await connector.pupils(neverAborted);
  if (!answer.ok) throw new Error(answer.failure.words);
  return answer.value;
}
async function standing(misIds: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const answer = await connector.readMarks({ date, session: 'AM', misIds }, neverAborted);
  if (!answer.ok) throw new Error(answer.failure.words);
  return Object.fromEntries([...answer.value].map(([id, { code }]) => [id, code]));
}

describe('the roll', () => {
  it('is there to the last pupil, each with the right month, year and group', async () => {
    const { pupils } = await pulled();
    const known = await simulator.control.pupils();
    const byKey = new Map(pupils.map((pupil) => [pupil.key, pupil]));
    const onRoll = known.filter((pupil) => pupil.on_roll);
    expect(onRoll.length).toBeGreaterThanOrEqual(1200);
    expect(pupils).toHaveLength(onRoll.length);
    for (const { id, upi, forename, surname, birth_date: born, registration } of onRoll) {
      expect(byKey.get(upi)).toMatchObject({
        misId: id,
        forename,
        surname: surname ?? '',
        registrationGroup: registration,
        birthMonth: born === null ? null : Number(born.slice(5, 7)),
      });
    }
  });

  it.each<MisFault | MisFaultName>(['dob-string', 'per-page-number', 'null-includes', { name: 'slow', ms: 300 }])(
    'is the same with %j',
    async (fault) => {
      const { pupils } = await pulled();
      await simulator.control.fault(fault);
      expect((await pulled()).pupils).toEqual(pupils);
    },
  );

  it('with dates of birth hidden says that the permission is missing', async () => {
    await simulator.control.fault('no-scope');
    expect((await pulled()).problems.join(' ')).toContain('permission for "date of birth"');
  });

  it('keeps the key of a pupil who came back under a new id', async () => {
    const before = (await pulled()).pupils.find(({ misId }) => misId === sam.id);
    await simulator.control.pupil({ action: 're-enrol', student: sam.id });
    const after = (await pulled()).pupils.find(({ key }) => key === before?.key);
    expect(after?.misId).not.toBe(sam.id);
    expect(after).toMatchObject({ forename: sam.forename });
  });

  it.each<[MisFaultName, string]>([
    ['foreign-next', 'refused-redirect'],
    ['redirect', 'refused-redirect'],
    ['endless-next', 'too-big'],
    ['429', 'throttled'],
    ['503', 'server'],
    ['html', 'server'],
    ['empty', 'server'],
    ['truncated', 'server'],
    ['half-answer', 'no-answer'],
    ['reset-before', 'no-answer'],
    ['tls', 'no-answer'],
    ['401', 'unauthorised'],
    ['404', 'not-found'],
  ])('%s is a failure of kind %s, and the token goes nowhere else', async (fault, kind) => {
    await simulator.control.fault(fault);
    expect(await connector.pupils(neverAborted)).toMatchObject({ ok: false, failure: { kind } });
    await simulator.control.clearFaults();
    expect((await simulator.control.state()).foreign).toEqual({ requests: 0, with_token: 0 });
  });

  it('is away until it says otherwise: a single "not found" in between is no news', async () => {
    await simulator.control.schoolOnline(false);
    expect(await connector.health(neverAborted)).toMatchObject({ ok: true, value: { online: false } });
    await simulator.control.fault({ name: '404', path: 'meta/schools', times: 1 });
    expect(await connector.health(neverAborted)).toMatchObject({ ok: true, value: { online: false } });
    await simulator.control.schoolOnline(true);
    expect(await connector.health(neverAborted)).toMatchObject({ ok: true, value: { online: true } });
  });

  it('comes back after the cable was cut, on the same connector', async () => {
    await connector.health(neverAborted);
    await simulator.control.offline();
    expect((await connector.pupils(neverAborted)).ok).toBe(false);
    await simulator.control.online();
    expect((await pulled()).pupils.length).toBeGreaterThanOrEqual(1200);
  });
});

describe('a late mark', () => {
  it('is written, queued, completed and read back, with minutes and comment', async () => {
    await simulator.control.setWritebacks({ delay_ms: 60_000 });
    const answer = await connector.write([late(sam.id)], neverAborted);
    if (!answer.ok || answer.writeback === null) throw new Error('not queued');
    expect(await connector.writeback(answer.writeback, neverAborted)).toEqual({ ok: true, value: 'pending' });
    expect(await standing([sam.id])).toEqual({});
    time.pass(60_000);
    expect(await connector.writeback(answer.writeback, neverAborted)).toEqual({ ok: true, value: 'complete' });
    expect(await standing([sam.id])).toEqual({ [sam.id]: 'L' });
    expect(await simulator.control.marks()).toMatchObject([
      { code: 'L', minutes_late: 9, comment: 'Pupil said: Bus. Porter 1-000017', writes: 1 },
    ]);
    const list = await connector.writebacks(time.clock.now() - 600_000, neverAborted);
    expect(list.ok && list.value.map(({ id, state }) => [id, state])).toEqual([[answer.writeback, 'complete']]);
  });

  it('of fifty pupils goes in one request, on the bare date of the school', async () => {
    const some = roll.slice(100, 150).map(({ id }) => id);
    await simulator.control.forgetRequests();
    expect((await connector.write(some.map(late), neverAborted)).ok).toBe(true);
    expect((await simulator.control.requests()).counts['POST attendance/session']).toBe(1);
    expect(Object.keys(await standing(some))).toHaveLength(50);
  });

  it.each<[MisFault | MisFaultName, string]>([
    ['401', 'unauthorised'],
    ['403', 'forbidden'],
    ['422', 'invalid'],
    ['400', 'invalid'],
    ['429', 'throttled'],
    ['500', 'server'],
    ['504', 'server'],
    [{ name: 'html', stored: true }, 'no-answer'],
    ['empty', 'no-answer'],
    ['truncated', 'no-answer'],
    ['half-answer', 'no-answer'],
    ['reset-before', 'no-answer'],
    ['reset-after', 'no-answer'],
    ['redirect', 'refused-redirect'],
  ])('%j leaves it in the state that %s says', async (fault, kind) => {
    await connector.health(neverAborted);
    await connector.codes(neverAborted);
    const wanted: MisFault = typeof fault === 'string' ? { name: fault } : fault;
    await simulator.control.fault({ ...wanted, method: 'POST' });
    expect(await connector.write([late(sam.id)], neverAborted)).toMatchObject({ ok: false, failure: { kind } });
    await simulator.control.clearFaults();
    const stands = Object.keys(await standing([sam.id])).length > 0;
    // Only these two leave it open; whatever else is said, nothing was written.
    if (!['no-answer', 'server'].includes(kind)) expect(stands).toBe(false);
    expect((await simulator.control.state()).foreign.requests).toBe(0);
  });

  it('that hangs is given up after 20 s', async () => {
    await connector.health(neverAborted);
    await connector.codes(neverAborted);
    await simulator.control.fault({ name: 'hang', method: 'POST' });
    const answer = connector.write([late(sam.id)], neverAborted);
    while ((await simulator.control.requests()).counts['POST attendance/session'] === undefined);
    time.pass(21_000);
    expect(await answer).toMatchObject({ ok: false, failure: { kind: 'no-answer' } });
  });

  it('of a code that the school lacks is not sent', async () => {
    await simulator.control.fault('no-u');
    expect(await connector.write([{ ...late(sam.id), code: 'U' }], neverAborted)).toMatchObject({
      failure: { kind: 'no-such-code', codes: ['U'] },
    });
  });

  it('finds its code where the MIS pads it', async () => {
    await simulator.control.fault('padded-codes');
    expect((await connector.write([late(sam.id)], neverAborted)).ok).toBe(true);
  });

  it('whose write-back failed says so', async () => {
    await simulator.control.fault({ name: 'writeback-failed', message: 'The register is locked' });
    const answer = await connector.write([late(sam.id)], neverAborted);
    if (!answer.ok || answer.writeback === null) throw new Error('not queued');
    expect(await connector.writeback(answer.writeback, neverAborted)).toEqual({
      ok: true,
      value: { failed: 'The register is locked' },
    });
  });
});

describe('marks of a whole register', () => {
  it.each<[string, MisFaultName | null]>([
    ['as it is', null],
    ['with dates as objects', 'date-object'],
    ['from a server that ignores filters', 'ignore-filters'],
  ])('are read %s', async (_what, fault) => {
    await simulator.control.takeRegister({ date, session: 'AM' });
    await simulator.control.takeRegister({ date, session: 'PM', code: 'N' });
    await simulator.control.teacher({ student: sam.id, date, session: 'AM', code: 'M' });
    await simulator.control.teacher({ student: sam.id, date: '2026-11-20', session: 'AM', code: 'I' });
    if (fault !== null) await simulator.control.fault(fault);
    const onRoll = (await simulator.control.pupils()).filter((pupil) => pupil.on_roll).map(({ id }) => id);
    const marks = await standing(onRoll);
    expect(Object.keys(marks)).toHaveLength(onRoll.length);
    expect(marks[sam.id]).toBe('M');
    expect(new Set(Object.values(marks))).toEqual(new Set(['/', 'N', 'M']));
  });

  it('a mark that was cleared is none', async () => {
    await simulator.control.teacher({ student: sam.id, date, session: 'AM', code: 'N' });
    await simulator.control.clearMark({ student: sam.id, date, session: 'AM' });
    expect(await standing([sam.id])).toEqual({});
  });
});

describe('health', () => {
  it('says when the school is away and when it may not be written to', async () => {
    expect(await connector.health(neverAborted)).toMatchObject({
      value: { online: true, allowsWriteback: true, mis: 'SIMS' },
    });
    await simulator.control.schoolOnline(false);
    expect(await connector.health(neverAborted)).toMatchObject({ value: { online: false } });
    await simulator.control.fault('no-writeback');
    time.pass(2 * 3_600_000);
    expect(await connector.health(neverAborted)).toMatchObject({ value: { allowsWriteback: false } });
  });
});
