import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SavedMis } from '../../device/demo/mis-records.ts';
import { misControl } from '../../device/demo/mis-control.ts';
import { demoSchool, demoYears } from '../../device/demo/school.ts';
import { basic, bearer, monday, mondayDate, startBench } from './mis-simulator-client.ts';
import type { Bench, WrittenRow } from './mis-simulator-client.ts';

const { pupils, awkward } = demoSchool();
const [sam, otherSam] = awkward.sameNameOtherGroup;

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(async () => {
  await bench.stop();
});

async function late(student = sam.id, extra: WrittenRow = {}): Promise<WrittenRow> {
  const code = await bench.codeId('L');
  return { date: mondayDate, session: 'AM', student_id: student, attendance_code_id: code, ...extra };
}

describe('the made-up school', () => {
  it('is the same for the same seed and another for another', () => {
    expect(demoSchool(7)).toEqual(demoSchool(7));
    expect(demoSchool(8).pupils).not.toEqual(demoSchool(7).pupils);
  });

  it('has 1,200 pupils in all years from Reception to Year 13, ids all different', () => {
    expect(pupils).toHaveLength(1200);
    expect(new Set(pupils.map(({ id }) => id)).size).toBe(1200);
    expect(new Set(pupils.map(({ upi }) => upi)).size).toBe(1200);
    expect(new Set(pupils.map(({ yearCode }) => yearCode))).toEqual(
      new Set([...demoYears.map(({ code }) => code), null]),
    );
  });

  it('has birthdays in every month of every year group, but for one empty month and one that needs a second page', () => {
    const born = (year: string, month: string): number =>
      pupils.filter(({ yearCode, birthDate }) => yearCode === year && birthDate?.slice(5, 7) === month).length;
    const months = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, '0'));
    const empty = demoYears.flatMap(({ code }) =>
      months.filter((month) => born(code, month) === 0).map((month) => code + month),
    );
    expect(empty).toEqual(['R02']);
    expect(months.some((month) => born('10', month) > 12)).toBe(true);
  });

  it('has the pupils that catch careless code out', () => {
    expect(awkward.noYear).toMatchObject({ yearCode: null, registration: '9B' });
    expect(awkward.noBirthDate.birthDate).toBeNull();
    expect(awkward.noRegistration.registration).toBeNull();
    expect(awkward.diacritics.surname).toBe("O'Neill-Żółć");
    expect(`${awkward.longName.forename} ${awkward.longName.surname ?? ''}`.length).toBeGreaterThan(40);
    expect(awkward.oneName.map(({ surname }) => surname)).toEqual([null, '']);
    expect([sam.forename, sam.surname, sam.yearCode]).toEqual([otherSam.forename, otherSam.surname, otherSam.yearCode]);
    expect(sam.registration).not.toBe(otherSam.registration);
    const [twin, otherTwin] = awkward.sameNameSameGroup;
    expect([twin.forename, twin.surname, twin.registration]).toEqual([
      otherTwin.forename,
      otherTwin.surname,
      otherTwin.registration,
    ]);
    const scripts = [/\p{sc=Arab}/u, /\p{sc=Han}/u, /\p{sc=Beng}/u, /\p{sc=Cyrl}/u, /\p{sc=Hebr}/u, /\p{sc=Thai}/u];
    for (const script of scripts) expect(pupils.some(({ forename }) => script.test(forename))).toBe(true);
  });
});

describe('who may ask', () => {
  it.each([
    ['Bearer', (token: string) => `Bearer ${token}`],
    ['the .NET client', bearer],
    ['the PHP client', basic],
  ])('lets in %s', async (_, authorization) => {
    expect((await bench.get('students', authorization(bench.token))).status).toBe(200);
  });

  it.each(['Bearer wrong', 'Basic ZGVtby10b2tlbjp4', 'demo-token', ''])('turns away "%s" with 401', async (wrong) => {
    const reply = await bench.get('students', wrong);
    expect([reply.status, JSON.parse(reply.text)]).toEqual([401, { error: 'Unauthorized' }]);
  });

  it('knows no other school', async () => {
    expect((await bench.get(`${bench.baseUrl}/schools/A1/students`)).status).toBe(404);
    expect((await bench.get(`${bench.baseUrl}/meta/schools/A1`)).status).toBe(404);
  });
});

describe('reading the school', () => {
  it('says whether it takes write-back and is online', async () => {
    const { data } = JSON.parse((await bench.get('')).text) as { data: object };
    expect(data).toMatchObject({ id: bench.schoolId, timezone: 'Europe/London', extended: { allows_writeback: true } });
    const meta = JSON.parse((await bench.get(`${bench.baseUrl}/meta/schools/${bench.schoolId}`)).text) as object;
    expect(meta).toEqual({ data: { online: true, approved: true, audited: true, custom_attendance_codes: false } });
  });

  it.each(['students?include=year,registration', 'students?cursor=true&per_page=200', 'students/?per_page=90'])(
    'gives every pupil once, whoever follows next word for word: %s',
    async (path) => {
      const rows = await bench.all(path);
      expect(rows.map(({ id }) => id).sort()).toEqual(pupils.map(({ id }) => id).sort());
    },
  );

  it('gives 50 rows and per_page as a text, unless asked for more, and 200 at the most', async () => {
    const { data, meta } = await bench.page('students');
    expect(data).toHaveLength(50);
    expect(meta.pagination).toMatchObject({ per_page: '50', current_page: 1, more: true, previous: null });
    expect(meta.pagination?.next).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\.0\/schools\/.*page=2$/);
    expect((await bench.page('students?per_page=5000')).data).toHaveLength(200);
  });

  it('keeps its place by cursor when a pupil leaves half-way', async () => {
    const first = await bench.page('students?cursor=true');
    const gone = first.data[0]?.id ?? '';
    await bench.control.pupil({ action: 'leave', student: gone });
    const rest = await bench.all(first.meta.pagination?.next ?? '');
    expect(new Set([...first.data, ...rest].map(({ id }) => id)).size).toBe(1200);
  });

  it('says nothing of pages where there are at most 50 rows, but pages when asked for fewer', async () => {
    expect((await bench.page('attendance-codes')).meta.pagination).toBeUndefined();
    expect(await bench.all('attendance-codes?per_page=10')).toEqual(await bench.all('attendance-codes'));
  });

  it('wraps what is included, leaves out what is not, and gives null for what is missing', async () => {
    const rows = await bench.all('students?include=year,registration');
    const row = (id: string) => rows.find((found) => found.id === id);
    expect(row(sam.id)).toMatchObject({
      year: { data: { name: 'Year 9', code: '9', type: 'YEAR' } },
      registration: { data: { name: '9A', type: 'REGISTRATION' } },
    });
    expect(row(awkward.noYear.id)).toMatchObject({ year: null });
    expect(row(awkward.noRegistration.id)).toMatchObject({ registration: null });
    expect(row(awkward.noBirthDate.id)).toMatchObject({ date_of_birth: null });
    expect((await bench.page('students')).data[0]).not.toHaveProperty('year');
  });

  it('gives dates of birth as objects in local time, or as text when asked', async () => {
    const born = async (path: string) => (await bench.all(path)).find(({ id }) => id === sam.id)?.['date_of_birth'];
    const object = { date: '2013-03-04 00:00:00.000000', timezone_type: 3, timezone: 'Europe/London' };
    expect(await born('students')).toEqual(object);
    expect(await born('students?sim_dob=string')).toBe('2013-03-04');
  });

  it('gives what has changed since, and nothing for a time to come', async () => {
    bench.clock.now += 60_000;
    await bench.control.pupil({ action: 'rename', student: sam.id, forename: 'Samuel' });
    const since = await bench.all('students?updated_after=2026-11-23 08:50:00');
    expect(since.map(({ forename }) => forename)).toEqual(['Samuel']);
    expect(await bench.all('students?updated_after=2030-01-01 00:00:00')).toEqual([]);
  });

  it('lists leavers and the old ids of those who came back as deletions', async () => {
    const rows = await bench.all('deletions?type=student');
    expect(rows).toHaveLength(4);
    const old = rows.find(({ mis_id }) => mis_id === awkward.reEnrolled.misId);
    expect(old?.id).not.toBe(awkward.reEnrolled.id);
    expect(await bench.all('deletions?updated_after=2030-01-01 00:00:00')).toEqual([]);
  });

  it('has the whole code table of 2024, under other ids than the table of no school', async () => {
    const rows = await bench.all('attendance-codes');
    const letters = '/ \\ L U N O G B K P V W C C1 C2 E I J1 M R S T D Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7 Z # -'.split(' ');
    expect(rows.map(({ code }) => code)).toEqual(letters);
    const others = await bench.all(`${bench.baseUrl}/attendance-codes`);
    expect(others.filter(({ id }) => rows.some((row) => row.id === id))).toEqual([]);
  });
});

describe('writing marks', () => {
  it('answers 200 with an id, and the mark is there only when the write-back is complete', async () => {
    await bench.control.setWritebacks({ delay_ms: 10_000 });
    const reply = await bench.post([await late(sam.id, { minutes_late: 12, comment: 'Bus "late" </script> ünï' })]);
    expect(reply.status).toBe(200);
    expect(Object.keys(JSON.parse(reply.text) as object)).toEqual(['writeback_id']);
    expect(await bench.status(reply)).toBe('pending');
    bench.clock.now += 6000;
    expect(await bench.status(reply)).toBe('processing');
    expect(await bench.all('attendance/session')).toEqual([]);
    bench.clock.now += 4000;
    expect(await bench.status(reply)).toBe('complete');
    expect(await bench.all(`attendance/session?date=${mondayDate}`)).toMatchObject([
      {
        student: sam.id,
        date: mondayDate,
        session: 'AM',
        attendance_code: await bench.codeId('L'),
        minutes_late: 12,
        comment: 'Bus "late" </script> ünï',
      },
    ]);
  });

  it('takes the address without a slash and a small bearer too, as the .NET client sends it', async () => {
    const response = await fetch(`${bench.baseUrl}/schools/${bench.schoolId}/attendance/session`, {
      method: 'POST',
      headers: { authorization: bearer(bench.token), 'content-type': 'application/json' },
      body: JSON.stringify({ attendance: [await late()] }),
    });
    expect(response.status).toBe(200);
  });

  it('keeps write-backs beside the schools, not under one', async () => {
    const { writeback_id: id } = JSON.parse((await bench.post([await late()])).text) as { writeback_id: string };
    expect((await bench.get(`writebacks/${id}`)).status).toBe(404);
    expect((await bench.get(`${bench.baseUrl}/writebacks/W0`)).status).toBe(404);
    expect(await bench.all(`${bench.baseUrl}/writebacks`)).toMatchObject([{ id, status: 'complete' }]);
  });

  it('writes over whatever is there when it is applied: there is no conditional write', async () => {
    await bench.control.setWritebacks({ delay_ms: 10_000 });
    await bench.post([await late()]);
    bench.clock.now += 5000;
    await bench.control.teacher({ student: sam.id, date: mondayDate, session: 'AM', code: 'M' });
    bench.clock.now += 5000;
    const [mark] = await bench.control.marks();
    expect(mark).toMatchObject({ code: 'L', writes: 1, history: [{ by: 'teacher', code: 'M' }, { code: 'L' }] });
  });

  const refused: readonly (readonly [string, WrittenRow, string])[] = [
    ['an unknown pupil', { student_id: 'A1' }, 'student_id'],
    ['a code of no school', { attendance_code_id: 'A9947700112' }, 'attendance_code_id'],
    ['a letter for a code', { attendance_code_id: 'L' }, 'attendance_code_id'],
    ['a session that is neither', { session: 'am' }, 'session'],
    ['a Saturday', { date: '2026-11-21' }, 'date'],
    ['tomorrow', { date: '2026-11-24' }, 'date'],
    ['a date of another form', { date: '23/11/2026' }, 'date'],
    ['no such day', { date: '2026-02-30' }, 'date'],
    ['minutes that are none', { minutes_late: -1 }, 'minutes_late'],
    ['an endless comment', { comment: 'x'.repeat(256) }, 'comment'],
  ];
  it.each(refused)('refuses the whole batch for %s', async (_, wrong, field) => {
    const reply = await bench.post([await late(otherSam.id), await late(sam.id, wrong)]);
    expect(reply.status).toBe(422);
    expect(Object.keys(JSON.parse(reply.text) as object)).toEqual([`attendance.1.${field}`]);
    expect(await bench.control.marks()).toEqual([]);
  });

  it('refuses a row with a field missing, a batch with no rows, and a body that is no JSON', async () => {
    const { date, session } = await late();
    const reply = await bench.post([{ ...(date && { date }), ...(session && { session }) }]);
    expect(Object.keys(JSON.parse(reply.text) as object)).toEqual([
      'attendance.0.student_id',
      'attendance.0.attendance_code_id',
    ]);
    expect((await bench.post([])).status).toBe(422);
    const broken = await fetch(`${bench.baseUrl}/schools/${bench.schoolId}/attendance/session`, {
      method: 'POST',
      headers: { authorization: bearer(bench.token), 'content-type': 'application/json' },
      body: '{"attendance":[',
    });
    expect(broken.status).toBe(400);
  });

  it('judges "today" by its own clock, at the school', async () => {
    bench.clock.now = Date.UTC(2026, 5, 30, 22, 59);
    expect((await bench.post([await late(sam.id, { date: '2026-07-01' })])).status).toBe(422);
    bench.clock.now += 60_000;
    expect((await bench.post([await late(sam.id, { date: '2026-07-01' })])).status).toBe(200);
  });

  it('refuses a day that the school is closed', async () => {
    await bench.control.closed([mondayDate]);
    expect((await bench.post([await late()])).status).toBe(422);
  });

  it('keeps writes pending while the school is offline, then goes on', async () => {
    await bench.control.setWritebacks({ delay_ms: 2000 });
    await bench.control.schoolOnline(false);
    const reply = await bench.post([await late()]);
    bench.clock.now += 3_600_000;
    expect([reply.status, await bench.status(reply)]).toEqual([200, 'pending']);
    await bench.control.schoolOnline(true);
    expect(await bench.status(reply)).not.toBe('complete');
    bench.clock.now += 2000;
    expect(await bench.status(reply)).toBe('complete');
  });
});

describe('reading marks', () => {
  it('filters by what is documented and ignores what is not', async () => {
    const code = await bench.codeId('L');
    const row = { student_id: sam.id, attendance_code_id: code };
    await bench.post([
      { ...row, date: '2026-11-20', session: 'PM' },
      { ...row, date: mondayDate, session: 'AM' },
      { ...row, student_id: otherSam.id, date: mondayDate, session: 'PM' },
    ]);
    const count = async (query: string) => (await bench.all(`attendance/session?${query}`)).length;
    expect(await count('')).toBe(3);
    expect(await count(`date=${mondayDate}`)).toBe(2);
    expect(await count('session=PM')).toBe(2);
    expect(await count(`session=PM&student_id=${sam.id}`)).toBe(1);
    expect(await count(`from=${mondayDate}&to=${mondayDate}`)).toBe(2);
    expect(await count('to=2026-11-22')).toBe(1);
    expect(await count('updated_after=2026-11-23 08:50:00')).toBe(0);
    expect(await count('only_students_called=Sam')).toBe(3);
  });

  it('shows what teachers do: a register, one mark, a cleared mark', async () => {
    expect(await bench.control.takeRegister({ date: mondayDate, session: 'AM' })).toBe(1200);
    expect(await bench.control.takeRegister({ date: mondayDate, session: 'AM', code: 'N' })).toBe(0);
    const absent = (await bench.control.marks()).filter(({ code }) => code === 'N').length;
    expect(absent).toBeGreaterThan(30);
    expect(absent).toBeLessThan(90);
    await bench.control.teacher({ student: 'kacper żak', date: mondayDate, session: 'AM', code: 'I', comment: 'rang' });
    await bench.control.clearMark({ student: sam.upi, date: mondayDate, session: 'AM' });
    const rows = await bench.all('attendance/session?per_page=200');
    expect(rows).toHaveLength(1199);
    expect(rows.find(({ student }) => student === awkward.noRegistration.id)).toMatchObject({ comment: 'rang' });
    const cleared = (await bench.control.marks()).find(({ upi }) => upi === sam.upi);
    expect(cleared).toMatchObject({ code: null, writes: 0, history: [{ by: 'teacher' }, { code: null }] });
  });

  it('does not guess which of two pupils is meant', async () => {
    const mark = { student: 'Sam Okafor', date: mondayDate, session: 'AM', code: 'I' } as const;
    await expect(bench.control.teacher(mark)).rejects.toThrow('several pupils');
    await expect(bench.control.teacher({ ...mark, student: 'Nobody' })).rejects.toThrow('no such pupil');
    await expect(bench.control.teacher({ ...mark, student: sam.id, code: 'H' })).rejects.toThrow('no such code');
  });
});

describe('a roll that changes', () => {
  it('lets a pupil leave: no longer listed, no longer written', async () => {
    await bench.control.pupil({ action: 'leave', student: sam.id });
    expect((await bench.all('students')).some(({ id }) => id === sam.id)).toBe(false);
    expect((await bench.all('deletions')).some(({ id }) => id === sam.id)).toBe(true);
    expect((await bench.post([await late()])).status).toBe(422);
  });

  it('lets a pupil come back: another id, the same upi and marks', async () => {
    await bench.post([await late()]);
    const { id } = await bench.control.pupil({ action: 're-enrol', student: sam.id });
    expect(id).not.toBe(sam.id);
    expect((await bench.all('students')).filter(({ upi }) => upi === sam.upi).map((row) => row.id)).toEqual([id]);
    expect((await bench.all('attendance/session')).map(({ student }) => student)).toEqual([id]);
    expect((await bench.post([await late(sam.id)])).status).toBe(422);
    expect((await bench.post([await late(id)])).status).toBe(200);
  });

  it('can come back empty, or a third smaller', async () => {
    await bench.control.roster('third-smaller');
    expect((await bench.all('students')).length).toBeLessThan(800);
    await bench.control.roster('empty');
    expect(await bench.all('students')).toEqual([]);
    await bench.control.roster('full');
    expect(await bench.all('students')).toHaveLength(1200);
  });
});

describe('keeping its state', () => {
  it('goes on with marks, pupils and waiting writes, but not with those of another school', async () => {
    let saved: SavedMis | null = null;
    const first = await startBench({ delayMs: 5000, save: (state) => (saved = structuredClone(state)) });
    await first.post([await late()]);
    await first.control.pupil({ action: 'leave', student: otherSam.id });
    await first.stop();
    const second = await startBench({ saved });
    second.clock.now = monday + 5000;
    expect((await second.control.marks()).map(({ code, upi }) => [code, upi])).toEqual([['L', sam.upi]]);
    expect((await second.control.state()).pupils).toBe(1199);
    await second.stop();
    const other = await startBench({ saved, seed: 1 });
    expect((await other.control.state()).pupils).toBe(1200);
    await other.stop();
  });

  it('runs as a program that says where it is, keeps a file, and ends with its parent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mis-'));
    const run = async () => {
      const program = resolve(import.meta.dirname, '../../dist/mis-simulator.js');
      const offset = String(monday - Date.now());
      const args = ['--die-with-parent', '--state', join(folder, 'mis.json'), '--clock-offset-ms', offset];
      const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
      const lines = createInterface({ input: child.stdout });
      const line = String((await once(lines, 'line'))[0]);
      expect(line).toMatch(/^MIS simulator: http:\/\/127\.0\.0\.1:\d+\/v1\.0$/);
      return { child, control: misControl(line.slice('MIS simulator: '.length)) };
    };
    const first = await run();
    expect((await first.control.state()).today).toBe(mondayDate);
    await first.control.teacher({ student: sam.id, date: mondayDate, session: 'AM', code: 'N' });
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await run();
    expect((await second.control.marks()).map(({ code }) => code)).toEqual(['N']);
    const ended = once(second.child, 'exit');
    second.child.stdin.end();
    expect(await ended).toEqual([0, null]);
    rmSync(folder, { recursive: true });
  });
});
