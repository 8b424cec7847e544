/** What leaves the box as a file or on paper is in the records before it does, also where it did not arrive whole. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import express from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { ListPrinting } from '../../device/desk/list-printing.ts';
import type { ListPage } from '../../device/domain/list-page.ts';
import type { AccessBody } from '../../device/domain/record.ts';
import type { Host } from '../../device/host.ts';
import { fileRoutes } from '../../device/web/staff/box-files.ts';
import { Access } from '../../device/web/staff/access.ts';
import { seededRandom } from '../support/box.ts';
import { value } from '../support/desk-day.ts';
import { peopleOf } from '../support/people.ts';
import { steeredTime } from '../support/steered-time.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** An administrator sits there; `backup`: what comes of it. */
async function page(backup: () => AsyncGenerator<Buffer>) {
  const password = 'three plain words';
  const { accounts } = await peopleOf([{ name: 'Reed', role: 'administrator', password }]);
  const told: string[] = [];
  const record = ({ what, detail, by }: AccessBody): Promise<void> => {
    told.push(`${by} ${what}: ${detail ?? ''}`);
    return Promise.resolve();
  };
  const clock = steeredTime(Date.parse('2026-11-23T08:50:00Z')).clock;
  const access = new Access({ accounts, clock, random: seededRandom(4), record, reset: null, takesFirstUse: true });
  const { token } = value(await access.signIn({ name: 'Reed', password }, '10.0.0.4'));
  told.splice(0);
  const app = express();
  const take = () => ({ name: 'a.porter-backup', stream: Readable.from(backup(), { objectMode: false }) });
  fileRoutes(app, {
    access,
    sits: () => access.whoSits(token),
    dayExport: () => Promise.resolve(null),
    debugBundle: () => Promise.resolve(`so far: ${told.join(', ')}`),
    host: { taking: { take } } as unknown as Host,
    takeBackup: () => Promise.resolve(null),
    takesLong: () => () => undefined,
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const get = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${String(port)}${path}`)).text();
  return { told, get };
}

describe('as a file', () => {
  test('what a helper needs', async () => {
    const { told, get } = await page(async function* () {});
    await get('/debug-bundle');
    expect(told).toEqual(['Reed took: porter-debug.txt']);
  });

  test('a backup, and that it arrived whole', async () => {
    const { told, get } = await page(async function* () {
      yield await Promise.resolve(Buffer.from('all of it'));
    });
    expect(await get('/backup/token')).toBe('all of it');
    await expect.poll(() => told).toEqual(['Reed took: begun: backup', 'Reed took: backup']);
  });

  test('a backup that was cut off in the middle: it is told, and is no backup that the box goes by', async () => {
    const { told, get } = await page(async function* () {
      yield await Promise.resolve(Buffer.from('half of it'));
      throw new Error('the card');
    });
    await expect(get('/backup/token')).rejects.toThrow();
    expect(told).toEqual(['Reed took: begun: backup']);
  });
});

describe('the evacuation list on paper', () => {
  const pages: readonly ListPage[] = [
    { band: null, rows: [] },
    { band: null, rows: [] },
  ];
  const print = async (printed: number) => {
    const told: string[] = [];
    const printer = {
      status: () =>
        Promise.resolve({ state: printed === 0 ? ('paper-out' as const) : ('ready' as const), words: 'Paper' }),
      print: () => Promise.resolve(told.push('page') > printed ? failed : done),
    };
    const lists = new ListPrinting({
      printer,
      draw: () => Promise.resolve({ width: 8, height: 1, bits: new Uint8Array(1) }),
    });
    const result = await lists.print('evacuation', pages, () => told.push('told'));
    return { ok: result.ok, told };
  };
  const done = { outcome: 'printed', why: '' } as const;
  const failed = { outcome: 'not-printed', why: 'No paper' } as const;

  test('is told before the first page, however many come', async () => {
    expect(await print(9)).toEqual({ ok: true, told: ['told', 'page', 'page'] });
    expect(await print(2)).toEqual({ ok: false, told: ['told', 'page', 'page'] });
  });

  test('and not where nothing prints', async () => {
    expect(await print(0)).toEqual({ ok: false, told: [] });
  });
});
