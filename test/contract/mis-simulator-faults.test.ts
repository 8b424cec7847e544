import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isMisFault, misFaults } from '../../device/demo/mis-control.ts';
import type { MisFault, MisFaultName } from '../../device/demo/mis-control.ts';
import { demoSchool } from '../../device/demo/school.ts';
import { mondayDate, startBench } from './mis-simulator-client.ts';
import type { Bench, Reply } from './mis-simulator-client.ts';

const [sam, otherSam] = demoSchool().awkward.sameNameOtherGroup;

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(async () => {
  await bench.stop();
});

async function write(...students: readonly string[]): Promise<Reply> {
  const code = await bench.codeId('L');
  const row = (student: string) => ({
    date: mondayDate,
    session: 'AM',
    student_id: student,
    attendance_code_id: code,
    comment: 'Bus',
    minutes_late: 9,
  });
  return bench.post((students.length === 0 ? [sam.id] : students).map(row));
}

const marked = async (): Promise<(string | null)[]> => (await bench.control.marks()).map(({ code }) => code);

describe('faults of a whole request', () => {
  it.each([
    ['400', 400, 'json'],
    ['401', 401, 'json'],
    ['404', 404, 'json'],
    ['429', 429, 'json'],
    ['429-bare', 429, 'json'],
    ['500', 500, '<!DOCTYPE'],
    ['502', 502, '<!DOCTYPE'],
    ['503', 503, '<!DOCTYPE'],
    ['504', 504, '<!DOCTYPE'],
    ['html', 200, '<!DOCTYPE'],
  ] as const)('%s answers %i to everything, and does nothing', async (name, status, text) => {
    const code = await bench.codeId('L');
    await bench.control.fault(name);
    const reply = await bench.post([{ date: mondayDate, session: 'AM', student_id: sam.id, attendance_code_id: code }]);
    for (const said of [reply, await bench.get('students')]) {
      expect(said.status).toBe(status);
      expect(`${said.headers.get('content-type') ?? ''} ${said.text}`).toContain(text);
    }
    expect(await marked()).toEqual([]);
    await bench.control.clearFaults();
    expect((await bench.get('students')).status).toBe(200);
  });

  it('says how long to wait in seconds, as an HTTP date, or not at all', async () => {
    const retryAfter = async (fault: MisFault) => {
      await bench.control.clearFaults();
      await bench.control.fault(fault);
      return (await bench.get('students')).headers.get('retry-after');
    };
    expect(await retryAfter({ name: '429' })).toBe('30');
    expect(await retryAfter({ name: '429', seconds: 7 })).toBe('7');
    expect(await retryAfter({ name: '429-date', seconds: 90 })).toBe('Mon, 23 Nov 2026 08:51:30 GMT');
    expect(await retryAfter({ name: '429-bare' })).toBeNull();
  });

  it('429-long lasts ten minutes', async () => {
    await bench.control.fault('429-long');
    bench.clock.now += 599_999;
    expect((await bench.get('students')).status).toBe(429);
    bench.clock.now += 1;
    expect((await bench.get('students')).status).toBe(200);
  });

  it('lasts for so many requests, on the paths that are named', async () => {
    await bench.control.fault({ name: '500', times: 2, path: '/students' });
    const statuses: number[] = [];
    for (const path of ['deletions', 'students', 'students', 'students']) statuses.push((await bench.get(path)).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
  });

  it.each([
    ['empty', /^$/],
    ['truncated', /^\{"write/],
    ['504', /Gateway/],
  ] as const)('%s can hide that the mark was stored', async (name, text) => {
    await bench.control.fault({ name, stored: true, method: 'POST' });
    const reply = await write();
    expect(reply.text).toMatch(text);
    expect(() => JSON.parse(reply.text) as unknown).toThrow();
    expect(await marked()).toEqual(['L']);
  });

  it.each([
    ['reset-before', []],
    ['reset-after', ['L']],
    ['half-answer', ['L']],
    ['tls', []],
    ['hang', []],
  ] as const)('%s breaks the connection of a write', async (name, left) => {
    await bench.control.fault({ name, method: 'POST' });
    await expect(write()).rejects.toThrow();
    expect(await marked()).toEqual(left);
    expect((await bench.control.requests()).log.at(-1)).toMatchObject({ method: 'POST', status: 0, faults: [name] });
  });

  it('hangs for a minute, and is slow on command', async () => {
    await bench.control.fault('hang');
    await expect(bench.get('students')).rejects.toThrow();
    await bench.control.clearFaults();
    await bench.control.slow(1234);
    expect((await bench.get('students')).status).toBe(200);
    expect(bench.waits).toEqual([60_000, 1234]);
    await bench.control.slow(0);
    await bench.get('students');
    expect(bench.waits).toHaveLength(2);
  });

  it('offline breaks every connection but still takes commands', async () => {
    await bench.control.offline();
    await expect(bench.get('students')).rejects.toThrow();
    await expect(bench.get(bench.baseUrl)).rejects.toThrow();
    expect((await bench.control.state()).online).toBe(false);
    await bench.control.online();
    expect((await bench.get('students')).status).toBe(200);
  });

  it('counts who follows it to another host, and whether the token came along', async () => {
    await bench.control.fault('redirect');
    const reply = await bench.get('students');
    const location = reply.headers.get('location') ?? '';
    expect([reply.status, new URL(location).host === new URL(bench.baseUrl).host]).toEqual([302, false]);
    await bench.control.clearFaults();
    await bench.control.fault('foreign-next');
    const { meta } = await bench.page('students');
    const next = meta.pagination?.next ?? '';
    expect(new URL(next).host).toBe(new URL(location).host);
    expect((await bench.control.state()).foreign).toEqual({ requests: 0, with_token: 0 });
    await fetch(location);
    await bench.get(next);
    expect((await bench.control.state()).foreign).toEqual({ requests: 2, with_token: 1 });
  });
});

describe('faults of a write', () => {
  it('403 and no-writeback stop writing, not reading', async () => {
    for (const name of ['403', 'no-writeback'] as const) {
      await bench.control.fault(name);
      expect((await write()).status).toBe(403);
      expect((await bench.get('students')).status).toBe(200);
    }
    expect((await bench.get('')).text).toContain('"allows_writeback":false');
  });

  it('422 refuses the batches that carry one pupil, so that halving finds it', async () => {
    await bench.control.fault({ name: '422', student_id: sam.id });
    const reply = await write(otherSam.id, sam.id);
    expect([reply.status, Object.keys(JSON.parse(reply.text) as object)]).toEqual([422, ['attendance.1.student_id']]);
    expect((await write(sam.id)).status).toBe(422);
    expect((await write(otherSam.id)).status).toBe(200);
  });

  it('partial stores the good rows of a refused batch', async () => {
    await bench.control.fault('partial');
    expect((await write(otherSam.id, 'A1')).status).toBe(422);
    expect(await marked()).toEqual(['L']);
  });

  it('not-stored completes and nothing is there', async () => {
    await bench.control.fault('not-stored');
    const reply = await write();
    expect([reply.status, await bench.status(reply), await marked()]).toEqual([200, 'complete', []]);
  });

  it('writeback-failed carries a message', async () => {
    await bench.control.fault({ name: 'writeback-failed', message: 'Register locked' });
    expect(await bench.status(await write())).toBe('failed');
    expect(await bench.all(`${bench.baseUrl}/writebacks`)).toMatchObject([{ message: 'Register locked' }]);
    expect(await marked()).toEqual([]);
  });

  it('odd-status uses a word that nobody has heard of', async () => {
    await bench.control.setWritebacks({ delay_ms: 5000 });
    await bench.control.fault('odd-status');
    const reply = await write();
    expect(await bench.status(reply)).toBe('dispatched');
    await bench.control.setWritebacks({ finish: true });
    expect(await bench.status(reply)).toBe('complete');
  });

  it('duplicates applies a write again later, over what a teacher did meanwhile', async () => {
    await bench.control.fault({ name: 'duplicates', ms: 60_000 });
    await write(sam.id, otherSam.id);
    await bench.control.teacher({ student: sam.id, date: mondayDate, session: 'AM', code: 'M' });
    bench.clock.now += 60_000;
    const [mark] = await bench.control.marks();
    expect(mark).toMatchObject({ code: 'L', writes: 2 });
    expect(mark?.history.map(({ code }) => code)).toEqual(['L', 'M', 'L']);
  });

  it('out-of-order lets a later write overtake an earlier one', async () => {
    await bench.control.setWritebacks({ delay_ms: 1000 });
    await bench.control.fault('out-of-order');
    const replies = [await write(), await write(), await write()];
    bench.clock.now += 1000;
    const statuses = await Promise.all(replies.map(bench.status));
    const at = statuses.indexOf('pending');
    expect(statuses.slice(at + 1)).toContain('complete');
    bench.clock.now += 3000;
    expect(await Promise.all(replies.map(bench.status))).toEqual(['complete', 'complete', 'complete']);
  });

  it('no-comment and no-minutes drop them in silence', async () => {
    await bench.control.fault('no-comment');
    await bench.control.fault('no-minutes');
    expect((await write()).status).toBe(200);
    expect((await bench.control.marks())[0]).toMatchObject({ code: 'L', comment: null, minutes_late: null });
  });
});

describe('faults of reading', () => {
  it('stale-read shows marks as they stood', async () => {
    await write();
    await bench.control.fault({ name: 'stale-read', ms: 60_000 });
    expect(await bench.all('attendance/session')).toEqual([]);
    bench.clock.now += 60_000;
    expect(await bench.all('attendance/session')).toHaveLength(1);
  });

  it('shows what stood when the school went offline', async () => {
    await bench.control.schoolOnline(false);
    bench.clock.now += 1000;
    await bench.control.teacher({ student: sam.id, date: mondayDate, session: 'AM', code: 'N' });
    expect(await bench.all('attendance/session')).toEqual([]);
    await bench.control.schoolOnline(true);
    expect(await bench.all('attendance/session')).toHaveLength(1);
  });

  it('ignore-filters gives every mark', async () => {
    await write();
    await bench.control.fault('ignore-filters');
    expect(await bench.all('attendance/session?date=2020-01-01')).toHaveLength(1);
  });

  it('has other forms of dates, pages and what is missing', async () => {
    await write();
    for (const name of ['date-object', 'dob-string', 'per-page-number', 'null-includes'] as const) {
      await bench.control.fault(name);
    }
    expect((await bench.all('attendance/session'))[0]?.['date']).toMatchObject({
      date: `${mondayDate} 00:00:00.000000`,
    });
    const { data, meta } = await bench.page('students?include=year&per_page=200');
    expect(meta.pagination?.['per_page']).toBe(200);
    expect(data[0]?.['date_of_birth']).toMatch(/^\d{4}-\d\d-\d\d$/);
    const rows = await bench.all('students?include=year');
    expect(rows.filter(({ year }) => JSON.stringify(year) === '{"data":null}')).toHaveLength(1);
  });

  it('no-scope hides fields, date of birth unless others are named', async () => {
    await bench.control.fault('no-scope');
    const [hidden] = (await bench.page('students')).data;
    expect([hidden?.['date_of_birth'], typeof hidden?.['forename']]).toEqual([null, 'string']);
    await bench.control.fault({ name: 'no-scope', fields: ['forename'] });
    expect((await bench.page('students')).data[0]?.['forename']).toBeNull();
  });

  it('endless-next never comes to an end', async () => {
    await bench.control.fault('endless-next');
    const first = await bench.page('students?cursor=true');
    const second = await bench.page(first.meta.pagination?.next ?? '');
    const third = await bench.page(second.meta.pagination?.next ?? '');
    expect(third.data).toEqual(second.data);
  });

  it.each([
    ['no-u', 'U', 'L'],
    ['custom-l1', 'L', 'L1'],
    ['padded-codes', 'L', 'L '],
  ] as const)('%s: the table has no "%s" but has "%s"', async (name, missing, there) => {
    await bench.control.fault(name);
    const codes = (await bench.all('attendance-codes')).map(({ code }) => code);
    expect([codes.includes(missing), codes.includes(there)]).toEqual([false, true]);
  });
});

describe('steering it', () => {
  it('takes every fault by its name, and no other', async () => {
    const names = Object.keys(misFaults).filter(isMisFault);
    for (const name of names) await bench.control.fault(name);
    expect((await bench.control.state()).faults.map(({ name }) => name).sort()).toEqual(names.sort());
    await expect(bench.control.fault('nonsense' as MisFaultName)).rejects.toThrow('no such fault');
    expect((await bench.control.clearFaults()).faults).toEqual([]);
  });

  it('counts requests by what was asked, with their rows, and never tells a token', async () => {
    await bench.all('students?per_page=200');
    await write(sam.id, otherSam.id);
    const { counts, log } = await bench.control.requests();
    expect(counts).toEqual({ 'GET students': 6, 'GET attendance-codes': 1, 'POST attendance/session': 1 });
    expect(log.at(-1)).toMatchObject({ method: 'POST', status: 200, rows: 2 });
    expect(JSON.stringify(log)).not.toContain(bench.token);
    await bench.control.forgetRequests();
    expect((await bench.control.requests()).log).toEqual([]);
  });

  it('keeps no more than a thousand requests, and counts on', async () => {
    for (let turn = 0; turn < 11; turn += 1) {
      await Promise.all(Array.from({ length: 100 }, () => bench.get('deletions')));
    }
    const { counts, log } = await bench.control.requests();
    expect([counts['GET deletions'], log.length]).toEqual([1100, 1000]);
  });

  it('says in words what it cannot do, and does not listen to web pages', async () => {
    const origin = new URL(bench.baseUrl).origin;
    const post = async (body: string, headers = {}): Promise<[number, unknown]> => {
      const said = await fetch(`${origin}/_sim/online`, { method: 'POST', headers, body });
      return [said.status, await said.json()];
    };
    expect(await post('{')).toEqual([400, { error: 'the body is not JSON' }]);
    expect(await post('{"online":"no"}')).toEqual([400, { error: expect.stringContaining('online') as string }]);
    expect((await post('{"online":false}', { origin: 'http://example.test' }))[0]).toBe(403);
    expect((await bench.control.state()).online).toBe(true);
  });
});
