/** `porter debug-bundle` of a real box: while it runs, out of service, and stopped; nobody's name in it, nothing written to its data. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Porter } from '../support/porter.ts';

const program = join(import.meta.dirname, '../../dist/porter.js');
const pin = '864213';
let porter: Porter;
let folder: string;
const whom: string[] = [];
let badges: readonly string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'porter-helper-'));
  const wifi = '[network]\nwifi = { ssid = "Hill View Guest", psk = "fish finger pie" }\n';
  porter = await Porter.start({ clock: '2026-11-23T08:52', settings: wifi });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  const kiosk = await porter.kiosk();
  const names = await kiosk.emitWithAck('names', { visit: 'list', flow: 'late', yearGroup: 'Year 9', month: 3 });
  kiosk.close();
  if (!names.ok) throw new Error(JSON.stringify(names.error));
  const [late = '', left = ''] = names.value.pupils.map(({ pupil }) => pupil);
  const at = { minute: '08:50' };
  await porter.tell('record-for', { pupil: late, at, what: { kind: 'late', reason: 'bus' } });
  await porter.tell('record-for', {
    pupil: left,
    at,
    what: { kind: 'leave', reason: 'medical', back: 'not-today', badge: true },
  });
  await porter.person('reception');
  await porter.tell('pin', { name: 'Ms Wetherby', pin });
  const state = await porter.until('one is late, one out', ({ late, out }) => late.length > 0 && out.length > 0);
  whom.push(...[...state.late, ...state.out].flatMap(({ pupil }) => pupil.split(' ').slice(0, 2)));
  badges = state.out.flatMap(({ badge }) => (badge === null ? [] : [badge, badge.replace(' ', '')]));
});
afterAll(async () => {
  await porter.stop();
  rmSync(folder, { recursive: true });
});

const data = (): string => join(porter.folder, 'data');
function bundle(...more: readonly string[]) {
  const args = [program, 'debug-bundle', '--data', data(), '--config', join(porter.folder, 'porter.toml'), ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}
function namesNobody(text: string): void {
  const key = readFileSync(`${data()}.key`, 'utf8').split(' ')[1] ?? 'no key';
  const secrets = [porter.mis.token, porter.mis.schoolId, key, pin, 'Hill View', 'fish finger', 'Wetherby', ...badges];
  const found = [...secrets, ...whom].filter((one) => new RegExp(`\\b${one.replace(/[.+]/g, '.')}\\b`).test(text));
  expect(found).toEqual([]);
}

test('while it runs: what is wrong, the sum, the log, the records; and nobody', async () => {
  await porter.tell('simulate', { part: 'printer', fault: 'paper-out' });
  await porter.until('it is told', ({ faults }) => faults.some((fault) => fault.includes('paper')));
  const { status, said } = bundle();
  expect(status).toBe(0);
  expect(whom.length).toBeGreaterThan(3);
  expect(badges.length).toBeGreaterThan(1);
  for (const words of [
    'Out of paper',
    '"recorded":1',
    'hardware.printer.kind = "simulated"',
    'all there and unaltered',
  ])
    expect(said).toContain(words);
  namesNobody(said);
});

test('stopped: to a file of its own, once, and nothing in the data folder is touched', async () => {
  await porter.kill('SIGTERM');
  const all = (): readonly string[] =>
    readdirSync(data(), { recursive: true, encoding: 'utf8' })
      .toSorted()
      .map((path) => `${path} ${String(statSync(join(data(), path)).mtimeMs)}`);
  const before = all();
  const out = join(folder, 'how-it-is.txt');
  expect(bundle('--out', out)).toMatchObject({ status: 0, said: `Written: ${out}. Read it before you send it.\n` });
  const text = readFileSync(out, 'utf8');
  expect(text).toContain('no daemon answers');
  expect(text).toContain('all there and unaltered');
  namesNobody(text);
  expect(bundle('--out', out)).toMatchObject({ status: 1, said: `${out} cannot be written (EEXIST).\n` });
  expect(bundle('--out', join(data(), 'how-it-is.txt')).status).toBe(1);
  expect(all()).toEqual(before);
});

test('out of service, its key gone: says so', async () => {
  const key = `${data()}.key`;
  renameSync(key, `${key}.gone`);
  await porter.run();
  const { status, said } = bundle();
  renameSync(`${key}.gone`, key);
  expect(status).toBe(0);
  expect(said).toMatch(/== Health\nOut of service\. .*key/);
  expect(said).toContain('all there and unaltered');
  namesNobody(said);
});
