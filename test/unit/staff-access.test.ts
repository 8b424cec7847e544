/** The pieces of the staff page's door: guesses, sessions, codes, certificate, accounts. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFiles } from '../../device/data-folder.ts';
import { fileSeal } from '../../device/journal/sealed-file.ts';
import { openTable } from '../../device/journal/table.ts';
import { staffCertificate } from '../../device/staff-certificate.ts';
import { movedWords, writeStoredTlsKey } from '../../device/settings/stored.ts';
import { resetOn } from '../../device/staff-reset.ts';
import type { SignIn } from '../../device/contract/staff.ts';
import type { AccessBody } from '../../device/domain/record.ts';
import { hashOfInput } from '../../device/web/input-hash.ts';
import { hasAdministrator, nameKey } from '../../device/web/staff/account-table.ts';
import { Accounts } from '../../device/web/staff/accounts.ts';
import { Access } from '../../device/web/staff/access.ts';
import { isOurHost, isStale, makeCertificate } from '../../device/web/staff/certificate.ts';
import { isFirstUseCode, newFirstUseCode } from '../../device/web/staff/first-use.ts';
import { Guesses, placeOf } from '../../device/web/staff/guesses.ts';
import { Busy, Lane } from '../../device/web/staff/hashing.ts';
import { Sessions } from '../../device/web/staff/sessions.ts';
import { Tally } from '../../device/web/staff/tally.ts';
import { codeAt, fromBase32, stepAt, stepOf, toBase32 } from '../../device/web/staff/totp.ts';
import { seededRandom } from '../support/box.ts';
import { refusal, value } from '../support/desk-day.ts';
import { testMasters } from '../support/keys.ts';
import { MemoryTable, peopleOf } from '../support/people.ts';
import { steeredTime } from '../support/steered-time.ts';
import { hillView } from './hill-view.ts';

const minute = 60_000;
const start = Date.parse('2026-11-23T08:50:00Z');
const password = 'three plain words';

describe('guesses', () => {
  const reed = (address: string, known = false) => ({ name: 'reed', address, known });

  test('five wrong ones are free; the next make wait for a minute, two, four, and never over a quarter of an hour', () => {
    const time = steeredTime(start);
    const guesses = new Guesses(time.clock);
    const waits: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      guesses.count(reed('10.0.0.9'));
      const wait = guesses.waitMs(reed('10.0.0.9'));
      waits.push(wait / minute);
      time.pass(wait);
    }
    expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15, 15]);
  });

  test('a guesser with ten thousand tries and as many addresses as he likes does not keep the person out of the own place', () => {
    const time = steeredTime(start);
    const guesses = new Guesses(time.clock);
    let looked = 0;
    for (let n = 0; n < 10_000; n += 1) {
      const attempt = reed(`10.0.${String(n % 250)}.9`);
      if (guesses.waitMs(attempt) === 0) {
        looked += 1;
        guesses.count(attempt);
      }
      time.pass(100);
    }
    expect(looked).toBeLessThan(60); // in seventeen minutes
    expect(guesses.waitMs(reed('10.0.0.4', true))).toBe(0);
    expect(guesses.waitMs(reed('10.0.0.4', false))).toBeGreaterThan(0);
    expect(guesses.waitMs({ name: 'hall', address: '10.0.0.4', known: false })).toBe(0);
  });

  test('one machine that tries one password on everybody is stopped by its address', () => {
    const time = steeredTime(start);
    const guesses = new Guesses(time.clock);
    for (let n = 0; n < 25; n += 1) guesses.count({ name: `person ${String(n)}`, address: '10.0.0.9', known: false });
    expect(guesses.waitMs({ name: 'reed', address: '10.0.0.9', known: true })).toBeGreaterThan(0);
    expect(guesses.waitMs({ name: 'reed', address: '10.0.0.4', known: false })).toBe(0);
  });

  test('a right one is none, and an hour forgives', () => {
    const time = steeredTime(start);
    const guesses = new Guesses(time.clock);
    for (let n = 0; n < 50; n += 1) {
      guesses.count(reed('10.0.0.4'));
      guesses.right(reed('10.0.0.4'));
    }
    expect(guesses.waitMs(reed('10.0.0.4'))).toBe(0);
    for (let n = 0; n < 4; n += 1) guesses.count(reed('10.0.0.4'));
    time.pass(61 * minute);
    guesses.count(reed('10.0.0.4'));
    expect(guesses.waitMs(reed('10.0.0.4'))).toBe(0);
  });

  test('of IPv6, the network counts; IPv4 within it is IPv4', () => {
    expect(placeOf('::ffff:10.0.0.9')).toBe('10.0.0.9');
    expect(placeOf('fd00:1:2:3:4:5:6:7')).toBe('fd00:1:2:3::/64');
    expect(placeOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
    expect(placeOf('::1')).toBe('0:0:0:0::/64');
  });
});

describe('sessions', () => {
  const opened = () => {
    const time = steeredTime(start);
    const sessions = new Sessions({ clock: time.clock, random: seededRandom(3) });
    const ended: string[] = [];
    sessions.onEnded = ({ name }, why) => ended.push(`${name} ${why}`);
    return { time, sessions, ended };
  };

  test('half an hour without a touch, twelve hours in all', () => {
    const { time, sessions, ended } = opened();
    const { token, session } = sessions.open('Reed', '10.0.0.4');
    time.pass(30 * minute - 1);
    expect(sessions.find(token)?.name).toBe('Reed');
    sessions.touch(session.id);
    time.pass(30 * minute - 1);
    expect(sessions.find(token)?.name).toBe('Reed');
    time.pass(1);
    expect(sessions.find(token)).toBeNull();
    const long = sessions.open('Hall', '10.0.0.4');
    for (let n = 0; n < 12 * 4; n += 1) {
      sessions.touch(long.session.id);
      time.pass(15 * minute);
    }
    sessions.sweep();
    expect(sessions.find(long.token)).toBeNull();
    expect(ended).toEqual(['Reed expired', 'Hall expired']);
  });

  test('on a registered computer: counts only after five minutes, signed in for twelve hours, taken over by a PIN', () => {
    const { time, sessions, ended } = opened();
    const locked: string[] = [];
    sessions.onLocked = ({ name }) => locked.push(name);
    const elsewhere = sessions.open('Hall', '10.0.0.5');
    const { session } = sessions.open('Reed', '10.0.0.4', 'front-desk');
    time.pass(5 * minute - 1);
    sessions.sweep();
    expect([sessions.isLocked(session.id), locked]).toEqual([false, []]);
    time.pass(1);
    sessions.sweep();
    sessions.sweep();
    sessions.lock(elsewhere.session.id);
    expect([sessions.isLocked(session.id), sessions.isLocked(elsewhere.session.id), locked]).toEqual([
      true,
      false,
      ['Reed'],
    ]);
    time.pass(6 * 60 * minute);
    const next = sessions.takeOver(session.id, 'Shah');
    expect(sessions.isAlive(session.id)).toBe(false);
    expect(sessions.find(next?.token ?? '')).toMatchObject({ name: 'Shah', computer: 'front-desk' });
    const id = next?.session.id ?? '';
    expect([sessions.isLocked(id), sessions.isConfirmed(id)]).toEqual([false, false]); // no password was entered
    time.pass(6 * 60 * minute - 6 * minute);
    expect(sessions.isAlive(id)).toBe(true);
    time.pass(minute);
    expect(sessions.isAlive(id)).toBe(false);
    expect(sessions.takeOver(id, 'Reed')).toBeNull();
    const removed = sessions.open('Reed', '10.0.0.4', 'front-desk').session;
    sessions.endAt('front-desk');
    expect(sessions.isAlive(removed.id)).toBe(false);
    expect(ended).toEqual(['Hall expired', 'Reed taken-over', 'Shah expired', 'Reed changed']);
  });

  test('the password counts as entered for five minutes', () => {
    const { time, sessions } = opened();
    const { session } = sessions.open('Reed', '10.0.0.4');
    expect(sessions.isConfirmed(session.id)).toBe(true);
    time.pass(5 * minute);
    expect(sessions.isConfirmed(session.id)).toBe(false);
    sessions.confirm(session.id);
    expect(sessions.isConfirmed(session.id)).toBe(true);
  });

  test('of what is kept, nothing opens a session; ten screens a person, the oldest goes', () => {
    const { sessions, ended } = opened();
    const tokens = Array.from({ length: 11 }, () => sessions.open('Reed', '10.0.0.4'));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(11);
    for (const { token, session } of tokens) {
      expect(JSON.stringify(session)).not.toContain(token);
      expect(sessions.find(session.id)).toBeNull();
    }
    expect(ended).toEqual(['Reed elsewhere']);
    expect(sessions.of('Reed')).toHaveLength(10);
  });
});

describe('codes of an app', () => {
  const secret = Buffer.from('12345678901234567890');
  test.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('RFC 6238 B: at %i s', (seconds, code) => {
    expect(codeAt(secret, stepAt(seconds * 1000), 8)).toBe(code);
  });

  test('half a minute early or late will do, a used one will not', () => {
    const step = stepAt(start);
    for (const off of [-1, 0, 1]) expect(stepOf(codeAt(secret, step + off), secret, start, 0)).toBe(step + off);
    for (const off of [-2, 2]) expect(stepOf(codeAt(secret, step + off), secret, start, 0)).toBeNull();
    expect(stepOf(codeAt(secret, step), secret, start, step)).toBeNull();
    expect(stepOf('', secret, start, 0)).toBeNull();
  });

  test('RFC 4648: what is typed into the app is the secret', () => {
    expect(toBase32(Buffer.from('foobar'))).toBe('MZXW6YTBOI');
    const bytes = seededRandom(5).bytes(20);
    expect(Buffer.from(fromBase32(toBase32(bytes)))).toEqual(Buffer.from(bytes));
  });
});

describe('the certificate', () => {
  test('for the names of the box, thirteen months long, made anew before it ends or when the clock was wrong', async () => {
    const made = await makeCertificate(['porter', 'porter.local', '10.0.0.2'], start);
    const read = new X509Certificate(made.cert);
    expect(read.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
    expect([read.checkHost('porter.local'), read.checkIP('10.0.0.2')]).toEqual(['porter.local', '10.0.0.2']);
    expect(read.ca).toBe(false);
    const day = 86_400_000;
    const stale = (days: number): boolean => isStale(made, start + days * day);
    expect([0, 366, 368, 400, -2].map(stale)).toEqual([false, false, true, true, true]);
  });

  test("the school's own is used, with what is wrong with it told and the box's own in its place", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'porter-certificate-'));
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const seal = fileSeal(
      () => testMasters,
      (count) => seededRandom(2).bytes(count),
    );
    const kept = { path: join(folder, 'own'), seal, mayWrite: true };
    const use = (tlsCert: string | null, tlsKey: string | null, now = start) =>
      staffCertificate({ web: { ...hillView.web, tlsCert, tlsKey } }, kept, () => now);
    const [one, other] = [await makeCertificate(['porter.school'], start), await makeCertificate(['x'], start)];
    const [cert, key, otherKey] = [file('cert', one.cert), file('key', one.key), file('other', other.key)];
    const good = await use(cert, key);
    expect([good.now.isReal, good.now.cert, good.faults]).toEqual([true, one.cert, []]);
    writeStoredTlsKey(folder, Buffer.from(one.key), seal);
    const moved = file('moved', `${movedWords}   \n`);
    expect((await use(cert, moved)).now.key).toBe(one.key);
    const own = await use(null, null);
    expect([own.now.isReal, own.faults, readFileSync(kept.path, 'latin1').includes('PRIVATE KEY')]).toEqual([
      false,
      [],
      false,
    ]);
    for (const [wrong, words] of [
      [await use(cert, otherKey), 'web.tls_key is not the key of web.tls_cert'],
      [await use(join(folder, 'nowhere'), key), 'ENOENT'],
      [await use(key, key), 'cannot be read'],
      [await use(cert, key, start + 400 * 86_400_000), 'ended on'],
    ] as const) {
      expect(wrong.now.isReal).toBe(false);
      expect(wrong.faults.join()).toContain(words);
    }
    expect((await use(null, null)).now.cert).not.toBe(''); // kept, or made anew
    rmSync(folder, { recursive: true });
  });

  test('its names and any address are the box; every other name may be turned', async () => {
    const made = await makeCertificate(['porter', 'porter.local'], start);
    const ours = ['porter', 'porter.local:8443', '10.0.0.2', '10.0.0.2:8443', '[fd00::2]:8443'];
    expect(ours.filter((host) => !isOurHost(made, host))).toEqual([]);
    const others = [
      'evil.example',
      'porter.evil.example',
      'porter.local.evil.example:8443',
      '',
      'a b',
      '10.0.0.2.evil.example',
    ];
    expect(others.filter((host) => isOurHost(made, host))).toEqual([]);
    expect(isOurHost(made, undefined)).toBe(false);
  });
});

test('the first-use code: sixty bits, easy to read, taken as people type it', () => {
  const random = seededRandom(8);
  const codes = Array.from({ length: 200 }, () => newFirstUseCode(random));
  expect(new Set(codes).size).toBe(200);
  for (const code of codes) expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/);
  const typed = '7k2m 9qxd c4tb';
  expect(isFirstUseCode(typed, '7K2M-9QXD-C4TB')).toBe(true);
  expect(isFirstUseCode('oil2-0000-0000', '0112-0000-0000')).toBe(true);
  expect([...codes, ''].filter((code) => isFirstUseCode(code, '7K2M-9QXD-C4TB'))).toEqual([]);
});

test('however often something is refused, it is told seldom, and how often', () => {
  const time = steeredTime(start);
  const tally = new Tally(time.clock, 30);
  const told: number[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    tally.add('reception erase');
    told.push(tally.take('reception erase') ?? 0);
    time.pass(1_000);
  }
  expect(told.filter((count) => count > 0)).toEqual([1, 600]);
  let records = 0;
  for (let n = 0; n < 1_000; n += 1) {
    tally.add(`from ${String(n)}`);
    if (tally.take(`from ${String(n)}`) !== null) records += 1;
  }
  expect(records).toBeLessThanOrEqual(30);
});

test('one hash at a time, and no queue without end', async () => {
  const lane = new Lane(3);
  let now = 0;
  const work = async (): Promise<void> => {
    now += 1;
    expect(now).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
  };
  const done = await Promise.allSettled(Array.from({ length: 10 }, () => lane.run(work)));
  expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  expect(done.flatMap((one) => (one.status === 'rejected' && one.reason instanceof Busy ? [1] : []))).toHaveLength(7);
  await lane.run(work);
});

describe('people', () => {
  const door = async (some: Parameters<typeof peopleOf>[0], reset: string | null = null) => {
    const time = steeredTime(start);
    const { accounts, table, records } = await peopleOf(some);
    const record = (body: AccessBody): Promise<void> => {
      records.push(body);
      return Promise.resolve();
    };
    const access = new Access({
      accounts,
      clock: time.clock,
      random: seededRandom(4),
      record,
      reset,
      takesFirstUse: true,
    });
    return { time, access, accounts, table, records };
  };
  const given = { name: 'Reed', password, pin: '246810' };

  test('the first administrator is made once, with the code, and no code after that', async () => {
    const { access, records, table } = await door([{ name: 'Office', pin: '135790' }]);
    const code = access.firstUseCode ?? '';
    expect(refusal(await access.firstUse({ ...given, code: '0000-0000-0000' }, '10.0.0.4'))).toBe('unauthorised');
    const two = await Promise.all([
      access.firstUse({ ...given, code }, '10.0.0.4'),
      access.firstUse({ ...given, name: 'Thief', pin: '111222', code }, '10.0.0.9'),
    ]);
    expect(two.map(({ ok }) => ok)).toEqual([true, false]);
    expect(access.firstUseCode).toBeNull();
    expect(hasAdministrator(table.data)).toBe(true);
    expect(refusal(await access.firstUse({ ...given, code }, '10.0.0.4'))).toBe('unauthorised');
    expect(records.at(-1)).toMatchObject({ what: 'first-use', person: 'Reed', by: 'Reed' });
    expect(JSON.stringify(records)).not.toMatch(/three plain|246810|scrypt|hash/);
  });

  test('strangers who guess at the first-use code keep nobody from a PIN', async () => {
    const { access, accounts } = await door([
      { name: 'Reed', role: 'administrator', password, pin: '246810' },
      { name: 'Hall', password, pin: '135790' },
    ]);
    const guess = (from: string) => access.firstUse({ ...given, code: '0000-0000-0000' }, from);
    for (let n = 0; n < 60; n += 1) expect(refusal(await guess(`10.0.1.${String(n)}`))).toBe('unauthorised');
    value(await accounts.addComputer('c1', 'Reception', 'Reed'));
    value(await accounts.addComputer('c2', 'Office', 'Reed'));
    const sitting = async (id: string, from: string) => {
      const computer = accounts.data.computers.find((one) => one.id === id) ?? null;
      const { token } = value(await access.signIn({ name: 'Hall', password }, from, computer));
      const who = access.whoIs(token);
      if (who === null) throw new Error('nobody sits there');
      return who.session;
    };
    const [reception, office] = [await sitting('c1', '10.0.0.4'), await sitting('c2', '10.0.0.5')];
    for (let n = 0; n < 5; n += 1) expect(refusal(await access.takeOver(reception, '000000'))).toBe('unauthorised');
    expect(refusal(await access.takeOver(reception, '246810'))).toBe('paused');
    expect(value(await access.takeOver(office, '246810')).me.name).toBe('Reed'); // one computer’s guesses are its own
  });

  test('nor from the first account', async () => {
    const { access } = await door([]);
    const guess = (from: string) => access.firstUse({ ...given, code: '0000-0000-0000' }, from);
    for (let n = 0; n < 60; n += 1) await guess(`10.0.1.${String(n)}`);
    expect(value(await access.firstUse({ ...given, code: access.firstUseCode ?? '' }, '10.0.0.4')).me.name).toBe(
      'Reed',
    );
  });

  test('whoever had a PIN only keeps it, and is nobody at the page until a password is given', async () => {
    const { access, accounts } = await door([{ name: 'Office', pin: '135790' }]);
    expect(await accounts.ownerOf('135790')).toMatchObject({ name: 'Office' });
    expect(refusal(await access.signIn({ name: 'Office', password: '' }, '10.0.0.4'))).toBe('unauthorised');
    value(await accounts.setPassword('office', password, 'Reed'));
    expect(value(await access.signIn({ name: ' OFFICE ', password }, '10.0.0.4')).me).toMatchObject({ name: 'Office' });
  });

  test('the file of PINs of before is taken over once, and is gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'porter-pins-'));
    const inData = (name: string): string => join(folder, name);
    const { accounts } = await peopleOf([
      { name: 'Office', pin: '135790' },
      { name: 'Keys', pin: '246810' },
    ]);
    const before = accounts.data.people.map(({ name, pin }) => ({ name, salt: pin?.salt, hash: pin?.hash }));
    const seal = fileSeal(
      () => testMasters,
      (count) => seededRandom(9).bytes(count),
    );
    const old = await openTable<{ people: object[] }>(inData('staff-pins.json'), {
      empty: { people: [] },
      parse: () => null,
      seal,
    });
    await old.write({ people: [] });
    await old.write({ people: before });
    const open = async (trial = false) =>
      (await openFiles(inData, testMasters, hillView, () => start, trial)).tables.accounts.data;
    // A version that is tried leaves everything as it is, for the one before (durability.md 29).
    expect((await open(true)).people).toEqual([]);
    expect(existsSync(inData('staff-pins.json'))).toBe(true);
    const after = (await open()).people.map(({ name, role, password, pin }) => [name, role, password, pin?.hash]);
    expect(after).toEqual(before.map(({ name, hash }) => [name, 'reception', null, hash]));
    expect(['staff-pins.json', 'staff-pins.json.prev'].filter((name) => existsSync(inData(name)))).toEqual([]);
    expect((await open()).people).toHaveLength(2);
    rmSync(folder, { recursive: true });
  });

  test('whoever agrees to an erasure is somebody else, and shows it', async () => {
    const { access, accounts, time } = await door([
      { name: 'Reed', role: 'administrator', password },
      { name: 'Hall', password: 'other plain words' },
      { name: 'Flint', role: 'fire-warden', password: 'other plain words' },
    ]);
    value(await access.signIn({ name: 'Reed', password }, '10.0.0.4'));
    const session = access.sessions.of('Reed')[0]?.id ?? '';
    let requests = 0;
    const second = (shown: SignIn, request = `erase ${String((requests += 1))}`) =>
      access.second(session, shown, request);
    expect(await second({ name: 'Flint', password: 'other plain words' })).toMatchObject({
      error: { code: 'forbidden' },
    });
    const hall = { name: 'hall', password: 'other plain words' };
    expect(await second(hall)).toBe('Hall');
    for (const [name, typed] of [
      ['Reed', password],
      ['Hall', password],
      ['Nobody', password],
    ] as const) {
      expect(await second({ name, password: typed })).toMatchObject({ ok: false });
    }
    const secret = toBase32(seededRandom(6).bytes(20));
    value(await accounts.setSecondStep('Hall', { secret, lastStep: 0 }, 'Hall'));
    expect(await second(hall)).toMatchObject({ error: { code: 'code_wanted' } });
    expect(await second({ ...hall, code: '000000' })).toMatchObject({
      error: { code: 'unauthorised' },
    });
    const code = codeAt(fromBase32(secret), stepAt(time.clock.now()));
    // The answer is lost, also while it is being worked out, and the page asks again; the code is good for nothing else.
    const lost = second({ ...hall, code }, 'lost');
    expect(await Promise.all([lost, second({ ...hall, code }, 'lost')])).toEqual(['Hall', 'Hall']);
    expect(await second({ ...hall, code }, 'lost')).toBe('Hall');
    expect(await second({ ...hall, code }, 'another')).toMatchObject({ error: { code: 'unauthorised' } });
    expect(await second({ ...hall, code: '000000' }, 'lost')).toMatchObject({ error: { code: 'unauthorised' } });
    expect(hashOfInput({ second: 'Hall', secondPassword: 'a', secondCode: '1' })).toBe(
      hashOfInput({ second: 'Hall', secondPassword: 'b', secondCode: '2' }),
    );
  });

  test('a reset lies on the card, with or without a technician file', () => {
    const card = mkdtempSync(join(tmpdir(), 'porter-card-'));
    const file = join(card, 'porter.toml');
    expect([resetOn(file), resetOn(null, card)]).toEqual([null, null]);
    writeFileSync(join(card, 'reset-administrator.txt'), '');
    expect(resetOn(file)).toMatch(/^[0-9a-f]{16}$/);
    expect(resetOn(null, card)).toBe(resetOn(file));
    rmSync(card, { recursive: true });
  });

  test('a reset on the card makes an administrator once; the account of that name is taken over', async () => {
    const some = [{ name: 'Reed', role: 'administrator', password: 'a lost password', pin: '135790' }] as const;
    const { access, accounts, table } = await door(some, 'reset-1');
    const code = access.firstUseCode ?? '';
    value(await access.firstUse({ ...given, code }, '10.0.0.4'));
    expect([access.firstUseCode, table.data.resetUsed, accounts.data.people.length]).toEqual([null, 'reset-1', 1]);
    expect(refusal(await access.signIn({ name: 'Reed', password: 'a lost password' }, '10.0.0.4'))).toBe(
      'unauthorised',
    );
  });

  test('one code of the app is one sign-in, also where two come at once', async () => {
    const { access, accounts, time } = await door([{ name: 'Reed', role: 'administrator', password }]);
    const secret = toBase32(seededRandom(6).bytes(20));
    value(await accounts.setSecondStep('Reed', { secret, lastStep: 0 }, 'Reed'));
    expect(refusal(await access.signIn({ name: 'Reed', password }, '10.0.0.4'))).toBe('code_wanted');
    const code = codeAt(fromBase32(secret), stepAt(time.clock.now()));
    const two = await Promise.all([1, 2].map(() => access.signIn({ name: 'Reed', password, code }, '10.0.0.4')));
    expect(two.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(refusal(await access.signIn({ name: 'Reed', password: 'a wrong password', code }, '10.0.0.4'))).toBe(
      'unauthorised',
    );
  });

  test('two administrators who remove each other at once: one stays', async () => {
    const both = ['Reed', 'Hall'].map((name) => ({ name, role: 'administrator', password }) as const);
    const { accounts } = await door(both);
    const removed = await Promise.all([accounts.remove('Reed', 'Hall'), accounts.remove('Hall', 'Reed')]);
    expect(removed.map(({ ok }) => ok)).toEqual([true, false]);
    expect(accounts.hasAdministrator).toBe(true);
  });

  test('a card that takes nothing: no change is told as done, and who has an account still comes in', async () => {
    const { access, accounts, table } = await door([{ name: 'Reed', role: 'administrator', password }]);
    table.trouble = Object.assign(new Error('full'), { code: 'ENOSPC' });
    await expect(accounts.setPin('Reed', '135790', 'Reed')).rejects.toThrow('full');
    expect(await accounts.ownerOf('135790')).toBeNull();
    expect(value(await access.signIn({ name: 'Reed', password }, '10.0.0.4')).me.name).toBe('Reed');
  });

  test('poor passwords are refused, names differ by more than case', async () => {
    const { accounts } = await door([{ name: 'Reed', role: 'administrator', password }]);
    for (const poor of ['short', 'password123', 'aaaaaaaaaaaa', 'x'.repeat(201)]) {
      expect(refusal(await accounts.setPassword('Reed', poor, 'Reed'))).toBe('invalid_input');
    }
    const again = { name: ' rEED ', role: 'reception', password, pin: null } as const;
    expect(refusal(await accounts.add(again, 'Reed'))).toBe('invalid_input');
    expect(nameKey(' Ms   REED')).toBe('ms reed');
  });

  test('a table from nowhere is nobody: nobody signs in, and no code is shown', async () => {
    const time = steeredTime(start);

    const record = (): Promise<void> => Promise.resolve();
    const accounts = new Accounts({ table: null, random: seededRandom(1), record });
    const access = new Access({
      accounts,
      clock: time.clock,
      random: seededRandom(1),
      record,
      reset: 'x',
      takesFirstUse: true,
    });
    expect(access.firstUseCode).toBeNull();
    expect(refusal(await access.signIn({ name: 'Reed', password }, '10.0.0.4'))).toBe('unauthorised');
    expect(new MemoryTable().data.people).toEqual([]);
  });
});
