/** What the connector makes of Wonde's shapes, and of those that other servers may give (mis.md 2). */
import { afterEach, describe, expect, it } from 'vitest';
import type { MarkWrite, SeenMark } from '../../device/mis/connector.ts';
import { capabilitiesOf } from '../../device/mis/wonde/school.ts';
import { codes, handMade, neverAborted } from '../support/hand-made-wonde.ts';
import type { HandMade, Handler } from '../support/hand-made-wonde.ts';

let servers: HandMade[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});
async function start(routes: Readonly<Record<string, Handler>>, hurryMs = 500): Promise<HandMade> {
  const server = await handMade(routes, { hurryMs });
  servers.push(server);
  return server;
}

const students = 'GET /schools/S1/students';
const attendance = 'POST /schools/S1/attendance/session';
const marks = 'GET /schools/S1/attendance/session';
const amara = { id: 'P1', upi: 'U1', mis_id: '11', forename: 'Amara', surname: 'Okafor' };
const times = (created: string, updated = created) => ({
  created_at: { date: `${created} 10:00:00.000000`, timezone_type: 3, timezone: 'UTC' },
  updated_at: { date: `${updated} 10:00:00.000000`, timezone_type: 3, timezone: 'UTC' },
});

async function pull(handler: Handler) {
  const { connector } = await start({ [students]: handler });
  const answer = await connector.pupils(neverAborted);
  if (!answer.ok) throw new Error(answer.failure.words);
  return answer.value;
}
const pullRows = (...rows: readonly unknown[]) => pull(() => ({ data: rows }));

describe('pupils', () => {
  it('come as the kiosk needs them, and no more of them is kept', async () => {
    const { pupils } = await pullRows({
      ...amara,
      legal_forename: 'Other',
      gender: 'FEMALE',
      date_of_birth: { date: '2014-03-09 00:00:00.000000', timezone_type: 3, timezone: 'Europe/London' },
      year: { data: { id: 'G1', name: 'Year 7', code: '7', type: 'YEAR' } },
      registration: { data: { id: 'G2', name: '7A', code: '7A' } },
    });
    expect(pupils).toEqual([
      {
        key: 'U1',
        misId: 'P1',
        forename: 'Amara',
        surname: 'Okafor',
        yearGroup: 'Year 7',
        registrationGroup: '7A',
        birthMonth: 3,
        flags: [],
      },
    ]);
  });

  it.each<[string, unknown, number | null]>([
    ['an object', { date: '2014-03-09 00:00:00.000000', timezone_type: 3, timezone: 'UTC' }, 3],
    ['an object just before midnight, of another zone', { date: '2014-03-31 23:30:00.000000', timezone: 'UTC' }, 3],
    ['text', '2014-11-30', 11],
    ['text with a time and a zone', '2014-01-01T00:00:00+01:00', 1],
    ['wrapped', { data: { date: '2014-12-25' } }, 12],
    ['null', null, null],
    ['missing', undefined, null],
    ['no date', '0000-00-00', null],
    ['another order', '09/03/2014', null],
    ['a number', 20140309, null],
  ])('birth month from a date that is %s', async (_what, date_of_birth, month) => {
    expect((await pullRows({ ...amara, date_of_birth })).pupils[0]?.birthMonth).toBe(month);
  });

  it.each<[string, unknown, string | null]>([
    ['wrapped', { data: { name: 'Year 7', code: '7' } }, 'Year 7'],
    ['not wrapped', { name: 'Year 10', code: '10' }, 'Year 10'],
    ['only a code', { data: { code: '7' } }, 'Year 7'],
    ['a code as a number', { data: { code: 7 } }, 'Year 7'],
    ['reception', { data: { name: 'Reception', code: 'R' } }, 'Reception'],
    ["the school's words, with a code as everybody counts", { data: { name: 'Kingfishers', code: '3' } }, 'Year 3'],
    ["the school's words alone", { data: { name: 'Lower Fifth' } }, 'Lower Fifth'],
    ['text', 'Yr7', 'Year 7'],
    ['a list', { data: [{ name: 'Year 8' }] }, 'Year 8'],
    ['null', null, null],
    ['null inside', { data: null }, null],
    ['missing', undefined, null],
  ])('year group that is %s', async (_what, year, yearGroup) => {
    expect((await pullRows({ ...amara, year })).pupils[0]?.yearGroup).toBe(yearGroup);
  });

  it('numbers for text are taken as text', async () => {
    const { pupils } = await pullRows({ ...amara, id: 17, upi: 18, registration: { data: { name: 9 } } });
    expect(pupils[0]).toMatchObject({ key: '18', misId: '17', registrationGroup: '9' });
  });

  it('a pupil of one name stays; one of none is left out and counted, never given the legal name', async () => {
    const { pupils, problems } = await pullRows(
      { id: 'P1', upi: 'U1', forename: 'Suharto', surname: null },
      { id: 'P2', upi: 'U2', forename: null, surname: null, legal_forename: 'Left', legal_surname: 'Behind' },
    );
    expect(pupils).toMatchObject([{ forename: 'Suharto', surname: '' }]);
    expect(problems.join(' ')).toContain('1 pupils were left out: they have no name');
    expect(problems.join(' ')).not.toContain('Behind');
  });

  it('are known by upi, by id where there is none; without an id they are left out and counted', async () => {
    const { pupils, problems } = await pullRows({ ...amara, upi: null }, { ...amara, id: null }, 'nonsense', null);
    expect(pupils.map(({ key }) => key)).toEqual(['P1']);
    expect(problems[0]).toContain('1 pupils were left out: they have no id');
  });

  it('one who came back keeps the key and is written under the newer id, whatever the order', async () => {
    const old = { ...amara, id: 'P1', ...times('2024-09-01', '2026-11-20') };
    const back = { ...amara, id: 'P9', ...times('2026-09-01') };
    for (const rows of [
      [old, back],
      [back, old],
    ]) {
      const { pupils, misIds } = await pullRows(...rows);
      expect(pupils).toMatchObject([{ key: 'U1', misId: 'P9' }]);
      expect(misIds).toEqual(new Map([['11', 'P9']]));
    }
  });

  it('a date of birth that nobody has is told as a missing permission; one that some lack is counted', async () => {
    const born = { ...amara, date_of_birth: '2014-03-09', year: 'Year 7' };
    const all = await pullRows(
      { ...born, id: 'P1', upi: 'U1', date_of_birth: null },
      { ...born, upi: 'U2', date_of_birth: null },
    );
    expect(all.problems).toHaveLength(1);
    expect(all.problems[0]).toContain('permission for "date of birth"');
    const some = await pullRows(born, { ...born, id: 'P2', upi: 'U2', date_of_birth: null });
    expect(some.problems).toEqual([expect.stringContaining('1 of 2 pupils have no date of birth')]);
    expect((await pullRows(born)).problems).toEqual([]);
  });

  it('no year group anywhere is told as a missing permission', async () => {
    const { problems } = await pullRows(
      { ...amara, date_of_birth: '2014-03-09' },
      { ...amara, upi: 'U2', date_of_birth: '2014-03-09' },
    );
    expect(problems).toEqual([expect.stringContaining('permission for "year"')]);
  });
});

describe('pages', () => {
  const row = (n: number) => ({ id: `P${n}`, upi: `U${n}`, forename: 'Sam', surname: 'Okafor' });
  /** Two pupils a page, three pages. */
  const paged =
    (pagination: (page: number, url: string) => unknown): Handler =>
    ({ query, headers, path }) => {
      const page = Number(query.get('page') ?? 1);
      const url = `http://${String(headers.host)}/v1.0${path}`;
      return { data: [row(2 * page), row(2 * page + 1)], meta: { pagination: pagination(page, url) } };
    };
  const last = 3;

  it.each<[string, (page: number, url: string) => unknown]>([
    [
      'as documented',
      (page, url) => ({ next: page < last ? `${url}/?page=${page + 1}` : null, more: page < last, per_page: '2' }),
    ],
    [
      'with numbers',
      (page, url) => ({
        next: page < last ? `${url}?page=${page + 1}` : null,
        more: page < last,
        per_page: 2,
        current_page: page,
      }),
    ],
    ['without `more`', (page, url) => ({ next: page < last ? `${url}?page=${page + 1}` : '' })],
    [
      'with the query in another order',
      (page, url) => ({ next: page < last ? `${url}?per_page=2&page=${page + 1}&include=x` : null }),
    ],
    ['relative', (page) => ({ next: page < last ? `?page=${page + 1}` : null })],
    ['only `more` and the number of the page', (page) => ({ more: page < last, current_page: String(page) })],
  ])('are followed to the end: %s', async (_what, pagination) => {
    expect((await pull(paged(pagination))).pupils.map(({ key }) => key)).toEqual(['U2', 'U3', 'U4', 'U5', 'U6', 'U7']);
  });

  it('a next link is followed word for word', async () => {
    const { connector, requests, origin } = await start({
      [students]: ({ query }) =>
        query.has('cursor_is')
          ? { data: [row(2)] }
          : {
              data: [row(1)],
              meta: { pagination: { next: `${origin}/v1.0/schools/S1/students/?cursor_is=a%2Bb%3D&x=%20` } },
            },
    });
    await connector.pupils(neverAborted);
    expect(requests[1]?.query.get('cursor_is')).toBe('a+b=');
    expect(requests).toHaveLength(2);
  });

  it('are not there at all for a short list, wrapped or bare', async () => {
    expect((await pull(() => ({ data: [row(1)] }))).pupils).toHaveLength(1);
    expect((await pull(() => [row(1)])).pupils).toHaveLength(1);
    expect((await pull(() => ({ data: [] }))).pupils).toEqual([]);
  });

  it('in a circle, or lost on the way, fail the pull: half a roster is none', async () => {
    for (const [pagination, kind] of [
      [(_page: number, url: string) => ({ next: `${url}?page=1` }), 'too-big'],
      [() => ({ more: true, next: null }), 'server'],
    ] as const) {
      const { connector } = await start({ [students]: paged(pagination) });
      expect(await connector.pupils(neverAborted)).toMatchObject({ ok: false, failure: { kind } });
    }
  });

  it('a fault on a later page fails the pull', async () => {
    const { connector } = await start({
      [students]: ({ query, headers }, response) => {
        if (query.has('page')) response.writeHead(500).end();
        else
          return {
            data: [row(1)],
            meta: { pagination: { next: `http://${String(headers.host)}/v1.0/schools/S1/students?page=2` } },
          };
        return undefined;
      },
    });
    expect(await connector.pupils(neverAborted)).toMatchObject({ ok: false, failure: { kind: 'server' } });
  });
});

describe('a later page that is refused (429)', () => {
  /** Two pages; the second is refused so many times. */
  const pulled = async (times: number, headers: Readonly<Record<string, string>> = {}) => {
    const askedAt: number[] = [];
    const server: HandMade = await start(
      {
        [students]: ({ query }, response) => {
          if (!query.has('page')) return { data: [amara], meta: { pagination: { next: '?page=2' } } };
          askedAt.push(server.time.clock.mono());
          if (askedAt.length > times) return { data: [{ ...amara, id: 'P2', upi: 'U2' }] };
          response.writeHead(429, headers).end();
          return undefined;
        },
      },
      10_000,
    );
    const answer = await server.connector.pupils(neverAborted);
    const waits = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0));
    return { answer, waits, asked: server.requests.length };
  };

  it('is asked for again, later and later: the pages before it are not lost', async () => {
    const { answer, waits, asked } = await pulled(3);
    expect(answer.ok && answer.value.pupils.map(({ key }) => key)).toEqual(['U1', 'U2']);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits[0]).toBeGreaterThan(2_000);
    expect(asked).toBe(5);
  });
  it('four times, fails the list', async () => {
    const { answer, asked } = await pulled(4);
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'throttled' } });
    expect(asked).toBe(5);
  });
  it('with a time to wait, fails the list at once: the line waits that long', async () => {
    const { answer, asked } = await pulled(1, { 'retry-after': '30' });
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'throttled', retryAfterMs: 30_000 } });
    expect(asked).toBe(2);
  });
});

const ask = { date: '2026-11-23', session: 'AM', misIds: ['P1', 'P2'] } as const;
async function readMarks(rows: readonly unknown[], asked: Parameters<HandMade['connector']['readMarks']>[0] = ask) {
  const { connector } = await start({ [marks]: () => ({ data: rows }) });
  return connector.readMarks(asked, neverAborted);
}
async function seen(rows: readonly unknown[]): Promise<Readonly<Record<string, SeenMark>>> {
  const answer = await readMarks(rows);
  if (!answer.ok) throw new Error(answer.failure.words);
  return Object.fromEntries(answer.value);
}

describe('marks that stand', () => {
  const row = { id: 'M1', date: '2026-11-23', session: 'AM', student: 'P1', attendance_code: 'C-L' };

  it.each<[string, unknown]>([
    ['ids as text', row],
    ['objects', { ...row, student: { id: 'P1' }, attendance_code: { id: 'C-L', code: 'L' } }],
    ['wrapped objects', { ...row, student: { data: { id: 'P1' } }, attendance_code: { data: { id: 'C-L' } } }],
    ['wrapped ids', { ...row, student: { data: 'P1' }, attendance_code: { data: 'C-L' } }],
    ['fields ending in _id', { date: row.date, session: 'AM', student_id: 'P1', attendance_code_id: 'C-L' }],
    ['the letter', { ...row, attendance_code: 'L' }],
    ['the letter in a field of its own', { date: row.date, session: 'AM', student: 'P1', code: 'L' }],
    ['a date with a time', { ...row, date: '2026-11-23 00:00:00' }],
    ['a date as an object', { ...row, date: { date: '2026-11-23 00:00:00.000000', timezone: 'Europe/London' } }],
    ['a session in small letters', { ...row, session: 'am' }],
    ['a session as an object', { ...row, session: { data: { name: 'AM Registration' } } }],
    ['fields nobody knows', { ...row, weather: { data: [] }, employee: null }],
  ])('%s', async (_what, given) => {
    expect((await seen([given]))['P1']?.code).toBe('L');
  });

  it('come with minutes, comment and the time of their change', async () => {
    const [first] = Object.values(
      await seen([
        {
          ...row,
          minutes_late: '12',
          comment: 'Bus',
          updated_at: { date: '2026-11-23 09:01:02.000000', timezone: 'UTC' },
        },
      ]),
    );
    expect(first).toEqual({
      code: 'L',
      minutesLate: 12,
      comment: 'Bus',
      changedAt: '2026-11-23 09:01:02',
      madeAt: null,
      by: null,
    });
  });

  it('of other pupils, days and sessions are left out, whatever the server filters', async () => {
    const rows = [
      { ...row, student: 'P3' },
      { ...row, date: '2026-11-20' },
      { ...row, session: 'PM' },
      { ...row, student: 'P2', attendance_code: 'C-N' },
    ];
    expect(Object.entries(await seen(rows)).map(([id, { code }]) => [id, code])).toEqual([['P2', 'N']]);
  });

  it('are asked for by date and session, all pages of them', async () => {
    const { connector, requests } = await start({
      [marks]: ({ query, headers }) =>
        query.has('page')
          ? { data: [{ ...row, student: 'P2' }] }
          : {
              data: [row],
              meta: {
                pagination: { next: `http://${String(headers.host)}/v1.0/schools/S1/attendance/session?page=2` },
              },
            },
    });
    expect(await connector.readMarks(ask, neverAborted)).toMatchObject({
      ok: true,
      value: new Map([
        ['P1', expect.anything()],
        ['P2', expect.anything()],
      ]),
    });
    expect(requests[0]?.query.get('date')).toBe('2026-11-23');
    expect(requests[0]?.query.get('session')).toBe('AM');
  });

  it('twice for one pupil: the later change stands', async () => {
    const rows = [
      { ...row, attendance_code: 'C-L', updated_at: '2026-11-23 09:10:00' },
      { ...row, attendance_code: 'C-N', updated_at: '2026-11-23 08:50:00' },
    ];
    expect((await seen(rows))['P1']?.code).toBe('L');
    expect((await seen([...rows].reverse()))['P1']?.code).toBe('L');
  });

  it.each<[string, unknown]>([
    ['no code', { ...row, attendance_code: null }],
    ['nothing inside the code', { ...row, attendance_code: { data: null } }],
    ['a dash', { ...row, attendance_code: '-' }],
    ['the id of the dash', { ...row, attendance_code: 'C-dash' }],
  ])('%s is no mark', async (_what, given) => {
    expect(await seen([given])).toEqual({});
  });

  it.each<[string, unknown, string]>([
    ['an id that the school does not list', { ...row, attendance_code: 'C-new' }, '?C-new'],
    ['an object without id or letter', { ...row, attendance_code: { data: { description: 'Late' } } }, '?'],
    ['no field for the code at all', { date: row.date, session: 'AM', student: 'P1' }, '?'],
  ])('%s is a mark that nobody may replace', async (_what, given, code) => {
    expect((await seen([given]))['P1']?.code).toBe(code);
  });

  it('a code that is new at the school is looked up again', async () => {
    let list = codes;
    const { connector, time } = await start({
      'GET /schools/S1/attendance-codes': () => ({ data: list }),
      [marks]: () => ({ data: [{ ...row, attendance_code: 'C-Y7' }] }),
    });
    await connector.codes(neverAborted);
    list = [...codes, { id: 'C-Y7', code: 'Y7', description: '', type: '' }];
    time.pass(11 * 60_000);
    const answer = await connector.readMarks(ask, neverAborted);
    expect(answer.ok && answer.value.get('P1')?.code).toBe('Y7');
  });

  const blank = Array.from({ length: 30 }, (_row, n) => ({ ...row, student: `P${n}`, attendance_code: null }));

  it('a register not taken yet, given as rows without a code, has no marks', async () => {
    expect(await readMarks(blank)).toEqual({ ok: true, value: new Map() });
    expect(await readMarks(blank, { ...ask, misIds: ['P1'] })).toEqual({ ok: true, value: new Map() });
  });

  it.each<[string, Handler]>([
    ['may not be seen', (_request, response) => void response.writeHead(403).end()],
    ['is empty', () => ({ data: [] })],
  ])('rows without a code are a missing permission where the list of codes %s', async (_what, list) => {
    const { connector } = await start({
      'GET /schools/S1/attendance-codes': list,
      [marks]: () => ({ data: blank }),
    });
    expect(await connector.readMarks(ask, neverAborted)).toMatchObject({ ok: false, failure: { kind: 'forbidden' } });
  });

  it('a row without a code that has minutes late is a mark that is not shown', async () => {
    expect((await seen([{ ...row, attendance_code: null, minutes_late: 5 }]))['P1']?.code).toBe('?');
  });

  it.each<[string, readonly unknown[]]>([
    ['without a date', [{ ...row, date: null }]],
    ['without a session', [{ ...row, session: null }]],
    ['of nobody', [{ ...row, student: null }]],
  ])('rows %s are not taken for "no mark"', async (_what, rows) => {
    expect(await readMarks(rows)).toMatchObject({ ok: false, failure: { kind: 'server' } });
  });

  it.each<[string, object]>([
    ['without a date', { date: null }],
    ['without a session', { session: null }],
  ])('a row %s of somebody who is only looked at besides is a mark that is not shown', async (_what, change) => {
    const rows = [row, { ...row, ...change, student: 'P9' }];
    const answer = await readMarks(rows, { ...ask, misIds: ['P1'], besides: ['P8', 'P9'] });
    const codesOf = answer.ok ? [...answer.value].map(([student, { code }]) => [student, code]) : answer;
    expect(codesOf).toEqual([
      ['P1', 'L'],
      ['P9', '?'],
    ]);
  });

  it('every mark there ever was is more than a read takes', async () => {
    const { connector } = await start({
      [marks]: ({ query, headers }) => {
        const page = Number(query.get('page') ?? 1);
        return {
          data: [row],
          meta: {
            pagination: { next: `http://${String(headers.host)}/v1.0/schools/S1/attendance/session?page=${page + 1}` },
          },
        };
      },
    });
    expect(await connector.readMarks(ask, neverAborted)).toMatchObject({ ok: false, failure: { kind: 'too-big' } });
  });
});

const late: MarkWrite = {
  misId: 'P1',
  date: '2026-11-23',
  session: 'AM',
  code: 'L',
  minutesLate: 5,
  comment: 'Pupil said: Bus.',
};
async function written(rows: readonly MarkWrite[], mis: unknown = 'SIMS'): Promise<unknown> {
  const { connector, requests } = await start({
    'GET /schools/S1': () => ({ data: { id: 'S1', mis } }),
    [attendance]: () => ({ writeback_id: 'W1' }),
  });
  const answer = await connector.write(rows, neverAborted);
  const post = requests.find(({ method }) => method === 'POST');
  return post === undefined ? answer : JSON.parse(post.body);
}

describe('a write', () => {
  it('carries what the official clients send, with the ids of the school', async () => {
    expect(
      await written([late, { ...late, misId: 'P2', session: 'PM', code: 'C1', minutesLate: null, comment: null }]),
    ).toEqual({
      attendance: [
        {
          date: '2026-11-23',
          session: 'AM',
          student_id: 'P1',
          attendance_code_id: 'C-L',
          comment: 'Pupil said: Bus.',
          minutes_late: 5,
        },
        { date: '2026-11-23', session: 'PM', student_id: 'P2', attendance_code_id: 'C-C1' },
      ],
    });
  });

  it('goes as JSON', async () => {
    const { connector, requests } = await start({ [attendance]: () => ({ writeback_id: 'W1' }) });
    await connector.write([late], neverAborted);
    expect(requests.at(-1)?.headers['content-type']).toBe('application/json');
  });

  it('has no 0 minutes, no blank comment, no line breaks, and no more than the shortest known limit', async () => {
    const long = { ...late, minutesLate: 0, comment: `Pupil said:\n ${'🚌'.repeat(200)}` };
    const body = (await written([long, { ...late, comment: '  ' }])) as { attendance: Record<string, string>[] };
    expect(body.attendance[0]).not.toHaveProperty('minutes_late');
    expect([...(body.attendance[0]?.['comment'] ?? '')]).toHaveLength(100);
    expect(body.attendance[0]?.['comment']).toMatch(/^Pupil said: {2}🚌+$/u);
    expect(body.attendance[1]).not.toHaveProperty('comment');
  });

  it.each([
    ['SIMS', true, true],
    ['Bromcom', true, true],
    ['Facility', true, false],
    ['Engage', true, false],
    ['Integris', false, false],
    ['ScholarPack', false, false],
    [null, true, true],
  ])('to %s: mark %s, comment and minutes %s', async (mis, mark, more) => {
    expect(capabilitiesOf(mis)).toEqual({ mark, comment: more, minutesLate: more });
    const body = await written([late], mis);
    if (!mark) expect(body).toMatchObject({ ok: false, failure: { kind: 'forbidden' } });
    else expect(Object.keys((body as { attendance: object[] }).attendance[0] ?? {})).toHaveLength(more ? 6 : 4);
  });

  it('of a code that the school does not have sends nothing, and says which', async () => {
    expect(
      await written([late, { ...late, misId: 'P2', code: 'M' }, { ...late, misId: 'P3', code: 'l' }]),
    ).toMatchObject({
      ok: false,
      failure: { kind: 'no-such-code', codes: ['M', 'l'] },
    });
  });

  it('that had to ask first and failed there has sent nothing', async () => {
    for (const fault of [500, 200]) {
      const { connector, requests } = await start({
        'GET /schools/S1/attendance-codes': (_request, response) => void response.writeHead(fault).end('<html>'),
      });
      expect(await connector.write([late], neverAborted)).toMatchObject({ failure: { kind: 'unreachable' } });
      expect(requests.filter(({ method }) => method === 'POST')).toEqual([]);
    }
  });

  it('is of 1 to 50 marks', async () => {
    const { connector } = await start({});
    await expect(connector.write([], neverAborted)).rejects.toThrow(RangeError);
    await expect(
      connector.write(
        Array.from({ length: 51 }, () => late),
        neverAborted,
      ),
    ).rejects.toThrow(RangeError);
  });

  it.each<[string, unknown, string | null]>([
    ['as documented', { writeback_id: 'W1' }, 'W1'],
    ['a number', { writeback_id: 17 }, '17'],
    ['wrapped', { data: { writeback_id: 'W1' } }, 'W1'],
    ['wrapped as an object', { data: { id: 'W1' } }, 'W1'],
    ['none', { success: true }, null],
  ])('is answered with its id: %s', async (_what, answer, writeback) => {
    const { connector } = await start({ [attendance]: () => answer });
    expect(await connector.write([late], neverAborted)).toEqual({ ok: true, writeback });
  });

  it('does not leave any more when the questions before it took too long', async () => {
    const school = await start({
      [attendance]: () => ({ writeback_id: 'W1' }),
      'GET /schools/S1/attendance-codes': () => {
        school.time.pass(15_000);
        return { data: codes };
      },
    });
    const { connector, requests, time } = school;
    const answer = await connector.write([late], neverAborted, time.clock.mono() + 10_000);
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'too-late' } });
    expect(requests.map(({ method }) => method)).not.toContain('POST');
    expect(await connector.write([late], neverAborted, time.clock.mono() + 10_000)).toMatchObject({ ok: true });
  });

  it('that is refused keeps the answer as it is, within bounds', async () => {
    const { connector } = await start({
      [attendance]: (_request, response) =>
        void response.writeHead(422).end(`{"attendance.0.student_id":["${'x'.repeat(9000)}"]}`),
    });
    const answer = await connector.write([late], neverAborted);
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'invalid' } });
    expect(!answer.ok && answer.failure.kind === 'invalid' && answer.failure.body.length).toBe(2000);
    expect(!answer.ok && answer.failure.words).not.toContain('x'.repeat(10));
  });
});

describe('what became of a write', () => {
  it.each<[string, unknown, unknown]>([
    ['on its way', { data: { id: 'W1', status: 'pending' } }, 'pending'],
    ['a word nobody knows', { data: { status: 'marinating' } }, 'pending'],
    ['no word', { data: {} }, 'pending'],
    ['complete', { data: { status: 'complete' } }, 'complete'],
    ['complete, not wrapped, in capitals', { id: 'W1', status: 'COMPLETED' }, 'complete'],
    ['failed', { data: { status: 'failed', message: 'locked' } }, { failed: 'locked' }],
    ['failed, with a list', { data: { status: 'failed', errors: ['locked'] } }, { failed: '["locked"]' }],
    ['failed, without a word', { data: { status: 'failed' } }, { failed: '' }],
  ])('%s', async (_what, answer, state) => {
    const { connector, requests } = await start({ 'GET /writebacks/W1': () => answer });
    expect(await connector.writeback('W1', neverAborted)).toEqual({ ok: true, value: state });
    expect(requests[0]?.path).toBe('/writebacks/W1');
  });

  it('an id stays within its path', async () => {
    const { connector } = await start({});
    expect(await connector.writeback('../schools/S1', neverAborted)).toMatchObject({ failure: { kind: 'not-found' } });
  });

  it('the list tells those of this school since then, and those without a time', async () => {
    const now = Date.UTC(2026, 10, 23, 9, 0);
    const at = (date: string, timezone?: string) => ({ date: `${date}.000000`, timezone });
    const { connector } = await start({
      'GET /writebacks': () => ({
        data: [
          { id: 'W1', status: 'complete', created_at: at('2026-11-20 09:00:00', 'UTC') },
          { id: 'W2', status: 'pending', created_at: at('2026-11-23 09:05:00', 'UTC') },
          { id: 'W3', status: 'pending', created_at: '2026-11-23 09:06:00' },
          { writeback_id: 4, status: 'complete' },
          { id: 'W5', status: 'pending', created_at: at('2026-11-23 09:05:00', 'UTC'), school_id: 'S2' },
          { id: 'W6', status: 'pending', created_at: at('2026-06-23 10:05:00', 'Europe/London'), school: { id: 'S1' } },
        ],
      }),
    });
    expect(await connector.writebacks(now, neverAborted)).toEqual({
      ok: true,
      value: [
        { id: 'W2', state: 'pending', createdAt: now + 300_000 },
        { id: 'W3', state: 'pending', createdAt: now + 360_000 },
        { id: '4', state: 'complete', createdAt: null },
      ],
    });
    const summer = Date.UTC(2026, 5, 23, 9, 0);
    const all = await connector.writebacks(summer, neverAborted);
    expect(all.ok && all.value.find(({ id }) => id === 'W6')?.createdAt).toBe(summer + 300_000);
  });
});

describe('health', () => {
  const health = async (school: Handler | null, meta: Handler | null) => {
    const absent: Handler = (_request, response) => void response.writeHead(404).end();
    const { connector } = await start({ 'GET /schools/S1': school ?? absent, 'GET /meta/schools/S1': meta ?? absent });
    const answer = await connector.health(neverAborted);
    return answer.ok ? answer.value : answer.failure.kind;
  };
  const fine: Handler = () => ({ data: { mis: 'SIMS', extended: { allows_writeback: true } } });
  const online: Handler = () => ({ data: { online: true } });

  it('tells whether the school is there and may be written to', async () => {
    expect(await health(fine, online)).toMatchObject({ online: true, allowsWriteback: true, mis: 'SIMS' });
    expect(await health(fine, () => ({ data: { online: false } }))).toMatchObject({ online: false });
    expect(await health(() => ({ data: { extended: { data: { allows_writeback: false } } } }), online)).toMatchObject({
      allowsWriteback: false,
      mis: null,
    });
    expect(await health(() => ({ data: { mis: 'SIMS', extended: { allows_writeback: 0 } } }), online)).toMatchObject({
      allowsWriteback: false,
    });
  });

  it('takes what it may not see for a yes', async () => {
    expect(await health(() => ({ data: { mis: null, extended: null } }), null)).toMatchObject({
      online: true,
      allowsWriteback: true,
    });
  });

  it.each([403, 404])('a school that answers %i says nothing, and marks are written all the same', async (code) => {
    const silent: Handler = (_request, response) => void response.writeHead(code).end();
    const nothingSaid = {
      online: true,
      allowsWriteback: true,
      mis: null,
      capabilities: { mark: true, comment: true, minutesLate: true },
    };
    expect(await health(silent, online)).toEqual(nothingSaid);
    expect(await health(silent, silent)).toEqual(nothingSaid);
    const { connector } = await start({ 'GET /schools/S1': silent, [attendance]: () => ({ writeback_id: 'W1' }) });
    expect(await connector.write([late], neverAborted)).toEqual({ ok: true, writeback: 'W1' });
  });

  it('a token that is not accepted is a refusal, and a fault is a fault', async () => {
    const refusing: Handler = (_request, response) => void response.writeHead(401).end();
    expect(await health(refusing, online)).toBe('unauthorised');
    expect(await health(fine, refusing)).toBe('unauthorised');
    expect(await health((_request, response) => void response.writeHead(500).end(), online)).toBe('server');
  });

  it('costs one request once the school is known', async () => {
    const { connector, requests } = await start({});
    await connector.health(neverAborted);
    await connector.health(neverAborted);
    expect(requests.map(({ path }) => path)).toEqual(['/schools/S1', '/meta/schools/S1', '/meta/schools/S1']);
  });
});

describe('codes', () => {
  it('are matched by their letter, trimmed and exact, and read once a day', async () => {
    const { connector, requests, time } = await start({
      'GET /schools/S1/attendance-codes': () => ({
        data: [
          { id: 'C-L', code: ' L ', description: null },
          { id: 'C-l', code: 'l' },
          { code: 'U' },
          { id: 9, code: 7 },
        ],
      }),
    });
    const list = await connector.codes(neverAborted);
    expect(list).toEqual({
      ok: true,
      value: [
        { id: 'C-L', code: 'L', description: '' },
        { id: 'C-l', code: 'l', description: '' },
        { id: '9', code: '7', description: '' },
      ],
    });
    time.pass(23 * 3_600_000);
    await connector.codes(neverAborted);
    expect(requests).toHaveLength(1);
    time.pass(2 * 3_600_000);
    await connector.codes(neverAborted);
    expect(requests).toHaveLength(2);
  });
});
