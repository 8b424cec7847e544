/**
 * A hostile day at the staff page, against the real daemon: every command, view and question of every role tried by every other and
 * by nobody, guesses, forged origins, old cookies, frames and paths that no browser sends. Nothing opens, and the records tell.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../device/contract/kiosk.ts';
import { roles, viewNames } from '../../device/contract/staff.ts';
import type { StaffTop } from '../../device/contract/staff.ts';
import type { Result } from '../../device/contract/result.ts';
import { mayAsk, mayCommand, mayWatch } from '../../device/web/staff/roles.ts';
import { rawRequest } from '../support/hostile.ts';
import { Porter } from '../support/porter.ts';
import { staffRequest, staffSocket } from '../support/staff-client.ts';
import type { StaffClient } from '../support/staff-client.ts';

let porter: Porter;
beforeAll(async () => {
  porter = await Porter.start({ clock: '2026-11-23T08:50' });
  for (const role of roles) await porter.person(role);
}, 120_000);
afterAll(async () => {
  await porter.stop();
});

const say = (socket: StaffClient, name: string, input: unknown = {}): Promise<Result<unknown>> =>
  new Promise((resolve) => {
    socket.emit('command', name, { commandId: crypto.randomUUID(), ageMs: 0, input }, resolve);
  });
const ask = (socket: StaffClient, name: string): Promise<Result<unknown>> =>
  new Promise((resolve) => {
    socket.emit('query', name, {}, resolve);
  });
const codeOf = (result: Result<unknown>): string => (result.ok ? 'done' : result.error.code);
const gone = (socket: StaffClient): Promise<void> =>
  new Promise((resolve) => {
    if (socket.disconnected) resolve();
    else
      socket.once('disconnect', () => {
        resolve();
      });
  });
interface Told {
  readonly type: string;
  readonly what?: string;
  readonly person?: string | null;
  readonly detail?: string | null;
  readonly count?: number;
  readonly by?: string;
}
/** What the records say of access. */
const told = (): readonly Told[] => porter.records().filter(({ type }) => type === 'access');

describe('roles', () => {
  test('every command of the box has its line in the table', async () => {
    const listed = await porter.tell('no-such-command').catch((error: unknown) => String(error));
    const names = /commands: ([\w -]+)/.exec(String(listed))?.[1]?.split(' ').sort();
    expect(names).toEqual(Object.keys(mayCommand).sort());
  });

  test.each(roles)('%s: what the table allows and nothing else, commands, views and questions', async (role) => {
    const socket = await porter.staff(role);
    for (const [name, rule] of Object.entries(mayCommand)) {
      const code = codeOf(await say(socket, name, { nonsense: true }));
      if (rule.roles.includes(role)) expect([name, code]).not.toContain('forbidden');
      else expect([name, code]).toEqual([name, 'forbidden']);
      expect(code).not.toBe('signed_out');
    }
    for (const [name, rule] of Object.entries(mayAsk)) {
      expect([name, codeOf(await ask(socket, name)) === 'forbidden']).toEqual([name, !rule.roles.includes(role)]);
    }
    for (const view of viewNames) {
      const result = await new Promise<Result<unknown>>((resolve) => {
        socket.emit('watch', view, resolve);
      });
      expect([view, codeOf(result)]).toEqual([view, mayWatch[view].includes(role) ? 'done' : 'forbidden']);
    }
    for (const name of ['__proto__', 'constructor', 'toString', '']) {
      expect(codeOf(await say(socket, name))).toBe('not_found');
    }
    socket.close();
    await porter.tell('thaw').catch(() => undefined);
  });

  test('nobody gets a word, and what was refused stands in the records, once each with a count', async () => {
    await expect(staffSocket(porter.staffUrl, '')).rejects.toThrow();
    await expect(staffSocket(porter.staffUrl, `__Host-porter=${'A'.repeat(43)}`)).rejects.toThrow();
    const refused = told().filter(({ what }) => what === 'refused');
    for (const role of roles) {
      const forbidden = Object.entries(mayCommand).flatMap(([name, rule]) => (rule.roles.includes(role) ? [] : [name]));
      const views = viewNames.flatMap((view) => (mayWatch[view].includes(role) ? [] : [`watch ${view}`]));
      const inRecords = refused.filter(({ by }) => by === role).map(({ detail }) => detail);
      expect(inRecords).toEqual(expect.arrayContaining([...forbidden, ...views]));
      expect(new Set(inRecords).size).toBe(inRecords.length);
    }
  });

  test('a fire warden is told of no pupil', async () => {
    const socket = await staffSocket(porter.staffUrl, await porter.signIn('fire-warden'));
    const top = await new Promise<StaffTop>((resolve) => socket.once('top', resolve));
    expect(top.notes).toEqual([]);
    socket.close();
    const cookie = await porter.signIn('fire-warden');
    expect((await staffRequest(porter.staffUrl, 'GET', '/photo/some', null, { cookie })).status).toBe(404);
  });
});

test('who is added is on the page of an administrator at once, and gone at once', async () => {
  const socket = await porter.staff('administrator');
  const shown: string[] = [];
  socket.on('view', (name, view) => {
    if (name === 'people' && 'people' in view) shown.push(view.people.map((person) => person.name).join());
  });
  await new Promise((resolve) => {
    socket.emit('watch', 'people', resolve);
  });
  const add = { name: 'Newcomer', role: 'reception', password: null, pin: null };
  expect(codeOf(await say(socket, 'people-add', add))).toBe('done');
  await expect.poll(() => shown.at(-1)).toContain('Newcomer');
  expect(codeOf(await say(socket, 'people-remove', { name: 'newcomer' }))).toBe('done');
  await expect.poll(() => shown.at(-1)).not.toContain('Newcomer');
  socket.close();
});

test('the kiosk shows the code of first use until it is used', async () => {
  const box = await Porter.start({ clock: '2026-11-23T08:50' });
  try {
    const first = (await box.tell('first-use')) as { readonly code: string; readonly address: string };
    expect(first.address).toBe(box.staffUrl);
    const kiosk = await box.kiosk();
    const hello = await kiosk.emitWithAck('hello', { protocol: PROTOCOL_VERSION });
    expect(hello).toMatchObject({ ok: true, value: { firstUse: first } });
    let last: unknown = first;
    kiosk.on('snapshot', ({ firstUse }) => (last = firstUse));
    const given = { name: 'Reed', password: 'three plain words', pin: '246810' };
    const use = (code: string) => staffRequest(box.staffUrl, 'POST', '/first-use', { ...given, code });
    expect((await use('0000-0000-0000')).status).toBe(401);
    expect((await use(first.code)).status).toBe(200);
    await expect.poll(() => last).toBeNull();
    expect([(await use(first.code)).status, await box.tell('first-use')]).toEqual([401, null]);
    expect(await kiosk.emitWithAck('staff', { pin: '246810' })).toMatchObject({ ok: true, value: { staff: 'Reed' } });
    expect(box.said).not.toContain(first.code);
    kiosk.close();
  } finally {
    await box.stop();
  }
});

test('a registered computer hides names, is told none, and goes on under the name of whose PIN is entered', async () => {
  const cookieOf = (headers: { readonly 'set-cookie'?: string[] | undefined }, name: string): string =>
    (headers['set-cookie'] ?? []).find((one) => one.startsWith(`${name}=`))?.split(';')[0] ?? '';
  const post = (path: string, body: object, cookie: string) =>
    staffRequest(porter.staffUrl, 'POST', path, body, { cookie });
  const desk = { name: 'Front desk' };
  expect((await post('/computer', desk, await porter.signIn('reception'))).status).toBe(403);
  expect((await post('/session/pin', { pin: '135790' }, await porter.signIn('reception'))).status).toBe(409);
  const registered = await post('/computer', desk, await porter.signIn('administrator'));
  const computer = cookieOf(registered.headers, '__Host-porter-computer');
  expect([registered.status, computer]).toEqual([200, expect.stringMatching(/=[\w-]{43}$/)]);

  const entered = await post('/session', await porter.person('reception'), computer);
  const cookie = `${computer}; ${cookieOf(entered.headers, '__Host-porter')}`;
  const socket = await staffSocket(porter.staffUrl, cookie);
  const locked = new Promise<void>((resolve) => socket.once('locked', resolve));
  socket.emit('lock');
  await locked;
  const kinds: string[] = [];
  socket.onAny((kind: string, top: StaffTop) => kinds.push(kind === 'top' ? `top ${top.notes.length}` : kind));
  expect(codeOf(await say(socket, 'hold-arrivals', { hold: null }))).toBe('pin_wanted');
  expect(codeOf(await ask(socket, 'pupils'))).toBe('pin_wanted');
  const watch = await new Promise<Result<unknown>>((resolve) => socket.emit('watch', 'now', resolve));
  expect(codeOf(watch)).toBe('pin_wanted');
  for (const path of ['/photo/some', '/evacuation'])
    expect((await staffRequest(porter.staffUrl, 'GET', path, null, { cookie })).status).toBeGreaterThanOrEqual(400);
  const reloaded = await staffSocket(porter.staffUrl, cookie); // the page is loaded again: as before
  expect(codeOf(await ask(reloaded, 'pupils'))).toBe('pin_wanted');
  reloaded.close();

  await porter.tell('people-add', { name: 'Ms Desk', role: 'attendance', password: null, pin: '135790' });
  expect((await post('/session/pin', { pin: '135791' }, cookie)).status).toBe(401);
  const taken = await post('/session/pin', { pin: '135790' }, cookie);
  const next = `${computer}; ${cookieOf(taken.headers, '__Host-porter')}`;
  expect(codeOf(await say(socket, 'thaw'))).toBe('signed_out'); // of the session before
  socket.close();
  expect(kinds.filter((kind) => kind !== 'top 0')).toEqual([]);
  const { text } = await staffRequest(porter.staffUrl, 'GET', '/session', null, { cookie: next });
  expect(JSON.parse(text)).toMatchObject({ me: { name: 'Ms Desk' }, computer: 'Front desk', locked: false });
  const hers = await staffSocket(porter.staffUrl, next);
  expect(codeOf(await ask(hers, 'pupils'))).toBe('invalid_input'); // heard, and not refused

  const people = await porter.staff('administrator');
  const view = await new Promise<Result<unknown>>((resolve) => people.emit('watch', 'people', resolve));
  const id = view.ok ? /"computers":\[\{"id":"([^"]+)"/.exec(JSON.stringify(view.value))?.[1] : '';
  expect(codeOf(await say(people, 'computer-remove', { id }))).toBe('done');
  await gone(hers);
  people.close();
  expect(
    told().flatMap(({ what, detail }) => (what?.startsWith('computer') === true ? [`${what} ${detail ?? ''}`] : [])),
  ).toEqual(['computer Front desk', 'computer-removed Front desk']);
});

describe('sessions', () => {
  const me = async (cookie: string): Promise<unknown> => {
    const { text } = await staffRequest(porter.staffUrl, 'GET', '/session', null, { cookie });
    return (JSON.parse(text) as { readonly me: { readonly name: string } | null }).me?.name ?? null;
  };

  test('a token that the browser came with is never the one it leaves with, and ends', async () => {
    const made = `__Host-porter=${'A'.repeat(43)}`;
    const person = await porter.person('reception');
    const enter = async (cookie: string): Promise<string> => {
      const { headers } = await staffRequest(porter.staffUrl, 'POST', '/session', person, { cookie });
      const [set = ''] = headers['set-cookie'] ?? [];
      expect(set).toMatch(/^__Host-porter=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
      return set.split(';')[0] ?? '';
    };
    const first = await enter(made);
    expect(first).not.toBe(made);
    const second = await enter(first);
    expect(second).not.toBe(first);
    expect([await me(made), await me(first), await me(second)]).toEqual([null, null, 'reception']);
    expect(await me(`${second}; ${first}`)).toBeNull(); // two of them: some other page has set one
  });

  test('signed out, the old cookie opens nothing and the socket is closed; everywhere means everywhere', async () => {
    const [one, other] = [await porter.signIn('attendance'), await porter.signIn('attendance')];
    const socket = await staffSocket(porter.staffUrl, one);
    await staffRequest(porter.staffUrl, 'DELETE', '/session', null, { cookie: one });
    await gone(socket);
    expect([await me(one), await me(other)]).toEqual([null, 'attendance']);
    await staffRequest(porter.staffUrl, 'DELETE', '/session?everywhere', null, { cookie: other });
    expect(await me(other)).toBeNull();
    await expect(staffSocket(porter.staffUrl, other)).rejects.toThrow();
  });

  test('another role, another password: signed out at once', async () => {
    await porter.tell('people-add', { name: 'Temp', role: 'reception', password: 'three plain words', pin: null });
    const enter = async (password: string): Promise<string> => {
      const { headers } = await staffRequest(porter.staffUrl, 'POST', '/session', { name: 'temp', password });
      return (headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
    };
    const before = await enter('three plain words');
    const socket = await staffSocket(porter.staffUrl, before);
    await porter.tell('people-role', { name: 'Temp', role: 'auditor' });
    await gone(socket);
    expect(await me(before)).toBeNull();
    const after = await enter('three plain words');
    await porter.tell('people-password', { name: 'Temp', password: 'three other words' });
    expect([await me(after), await enter('three plain words')]).toEqual([null, '']);
    await porter.tell('people-remove', { name: 'Temp' });
    expect(await enter('three other words')).toBe('');
  });

  test('nobody removes the last administrator', async () => {
    const socket = await porter.staff('administrator');
    for (const [name, input] of [
      ['people-remove', { name: 'administrator' }],
      ['people-role', { name: 'administrator', role: 'auditor' }],
    ] as const) {
      expect(codeOf(await say(socket, name, input))).toBe('wrong_state');
    }
    socket.close();
  });
});

describe('the door', () => {
  const evil = 'https://evil.example';
  test('a page from elsewhere reaches neither HTTP nor socket, nor one that has turned its name to the box', async () => {
    const person = await porter.person('reception');
    const cookie = await porter.signIn('reception');
    const forged: readonly Readonly<Record<string, string>>[] = [
      { origin: evil },
      { origin: 'null' },
      { origin: porter.kioskUrl.slice(0, -1) },
      { origin: evil, host: 'evil.example' },
      { origin: 'https://evil.example:8443', host: 'evil.example:8443' },
    ];
    for (const headers of forged) {
      expect((await staffRequest(porter.staffUrl, 'POST', '/session', person, headers)).status).toBe(403);
      expect((await staffRequest(porter.staffUrl, 'DELETE', '/session', null, { ...headers, cookie })).status).toBe(
        403,
      );
      await expect(staffSocket(porter.staffUrl, cookie, headers)).rejects.toThrow();
    }
    expect(
      (await staffRequest(porter.staffUrl, 'GET', '/session', null, { host: 'evil.example', cookie })).status,
    ).toBe(403);
    const form = { 'Content-Type': 'text/plain' };
    expect((await staffRequest(porter.staffUrl, 'POST', '/session', JSON.stringify(person), form)).status).toBe(400);
  });

  test('what is too long or no JSON is refused, and the page lives on', async () => {
    const long = { name: 'x', password: 'y'.repeat(10_000) };
    expect((await staffRequest(porter.staffUrl, 'POST', '/session', long)).status).toBe(413);
    expect((await staffRequest(porter.staffUrl, 'POST', '/session', '{"name":')).status).toBe(400);
    expect((await staffRequest(porter.staffUrl, 'POST', '/session', '[]')).status).toBe(400);
    const socket = await porter.staff('reception');
    socket.emit('command', 'settle-all', { commandId: 'x', ageMs: 0, input: 'y'.repeat(100_000) }, () => undefined);
    await gone(socket);
    const flood = await porter.staff('reception');
    for (let n = 0; n < 400; n += 1) flood.emit('stay');
    await gone(flood);
    const again = await porter.staff('reception');
    expect(codeOf(await say(again, 'receipt'))).toBe('forbidden');
    again.close();
  });

  test('frames that no browser sends: no answer of the inside, and nothing breaks', async () => {
    const { host, port } = new URL(porter.staffUrl);
    const cookie = await porter.signIn('reception');
    const upgrade = `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}\r\nOrigin: https://${host}\r\nCookie: ${cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
    const frames = [
      [0x81, 0x05, 1, 2, 3, 4, 5], // without a mask
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0x81, 0x82, 0, 0, 0, 0, 0x34, 0x39],
      [0x89, 0xfe, 0xff, 0xff, 0, 0, 0, 0],
    ];
    for (const frame of frames) {
      const answer = await rawRequest(
        Number(port),
        Buffer.concat([Buffer.from(upgrade), Buffer.from(frame)]),
        300,
        true,
      );
      expect(answer).toContain('101 Switching Protocols');
      expect(answer).not.toMatch(/node_modules|\bat \S+ \(/);
    }
    expect((await porter.state()).school).toBe('Hill View School');
  });

  test.each([
    '/../porter.toml',
    '/..%2f..%2fporter.toml',
    '/%2e%2e/%2e%2e/data/people.json',
    '/assets/..%5c..%5cporter.toml',
    '/photo/..%2f..%2fpeople.json',
    '//etc/passwd',
    '/camera/live',
    '/socket.io/?EIO=4&transport=polling',
    '/%00',
    '/%',
  ])('%s is nowhere', async (path) => {
    const cookie = await porter.signIn('administrator');
    const { status, text } = await staffRequest(porter.staffUrl, 'GET', path, null, { cookie });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/hill|root:|node_modules/i);
  });

  test('the kiosk has no route of the staff page', async () => {
    for (const path of ['/session', '/first-use', '/session/again']) {
      expect((await fetch(new URL(path, porter.kioskUrl), { method: 'POST', body: '{}' })).status).toBe(404);
    }
  });

  test('headers: nothing from elsewhere, no frames, no telling on, and no promise of a certificate that is not real', async () => {
    const { headers } = await staffRequest(porter.staffUrl, 'GET', '/', null);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
  });
});

/** Last: this address has to wait afterwards. */
describe('guesses', () => {
  test('a thousand guesses are a few, the kiosk opens to the right PIN all the while, and one record tells', async () => {
    await porter.tell('pin', { name: 'Keys', pin: '864209' });
    const before = told().length;
    const codes = new Map<string, number>();
    const guess = async (n: number): Promise<void> => {
      const { text } = await staffRequest(porter.staffUrl, 'POST', '/session', {
        name: 'reception',
        password: `guess number ${String(n)}`,
      });
      const code = codeOf(JSON.parse(text) as Result<unknown>);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    };
    const guessing = (async () => {
      for (let n = 0; n < 1_000; n += 20) await Promise.all(Array.from({ length: 20 }, (_, k) => guess(n + k)));
    })();
    const kiosk = await porter.kiosk();
    for (let n = 0; n < 3; n += 1)
      expect(await kiosk.emitWithAck('staff', { pin: '864209' })).toMatchObject({ ok: true });
    kiosk.close();
    await guessing;
    expect(codes.get('unauthorised')).toBeLessThanOrEqual(20);
    expect(codes.get('done')).toBeUndefined();
    const locked = told().filter(({ what }) => what === 'locked-out');
    expect(locked.length).toBeGreaterThanOrEqual(1);
    expect(told().length - before).toBeLessThanOrEqual(5);
    const right = await staffRequest(porter.staffUrl, 'POST', '/session', await porter.person('reception'));
    expect(right.status).toBe(429); // from there; the person's own place is `unit/guesses`
  });

  test('names, passwords and PINs are in no line of the log', () => {
    for (const secret of ['of Hill View', 'guess number', '135790', 'three plain words', 'Temp']) {
      expect(porter.said).not.toContain(secret);
    }
  });
});
