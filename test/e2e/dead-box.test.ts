/**
 * A box dies, and another takes its place by the steps of provisioning/README.md, as they are written there; or its card goes into
 * another board, with systemd's own way of sealing keys.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReturnAnswer } from '../../device/contract/kiosk.ts';
import type { Result } from '../../device/contract/result.ts';
import { Porter } from '../support/porter.ts';

const program = join(import.meta.dirname, '../../dist/porter.js');
const steps = readFileSync(join(import.meta.dirname, '../../provisioning/README.md'), 'utf8');

describe('its card is lost', () => {
  const password = 'three plain words';
  let porter: Porter;
  const before = { ...process.env };
  beforeAll(async () => {
    porter = await Porter.start({ clock: '2026-11-23T08:52', settings: '[late]\nhold_seconds = 0\n' });
    // As systemd seals and hands over: what comes out is not what went in, and comes back.
    const bin = join(porter.folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'systemd-creds'), '#!/bin/sh\nexec base64\n');
    chmodSync(join(bin, 'systemd-creds'), 0o755);
    process.env['PATH'] = `${bin}${delimiter}${before['PATH'] ?? ''}`;
    process.env['CREDENTIALS_DIRECTORY'] = join(porter.folder, 'credentials');
    await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  });
  afterAll(async () => {
    await porter.stop();
    process.env = before;
  });

  const at = (path: string): string => join(porter.folder, path);
  /** The machine starts: first boot, then systemd opens the key for the daemon. */
  async function powerOn(): Promise<void> {
    const args = ['first-boot', '--config', at('porter.toml'), '--data', at('data'), '--root', at('root')];
    rmSync(at('root'), { recursive: true, force: true });
    for (const folder of ['root', 'data', 'credentials', 'credstore.encrypted'])
      mkdirSync(at(folder), { recursive: true });
    const { stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const sealed = readFileSync(at('credstore.encrypted/porter.key'), 'utf8');
    writeFileSync(at('credentials/porter.key'), Buffer.from(sealed, 'base64'));
    await porter.run();
  }
  /** A line of the steps, on this machine. */
  async function step(line: string, typed: string): Promise<void> {
    if (/^(?:scp|ssh) /.test(line)) return;
    const words = line.replace('sudo porter', program).replace('/tmp/box.porter-backup', at('box.porter-backup'));
    if (words === 'sudo systemctl stop porter') await porter.kill('SIGTERM');
    else if (words === 'sudo reboot') await powerOn();
    else execFileSync(process.execPath, [...words.split(' '), '--data', at('data')], { input: `${typed}\n` });
  }
  const badgeSerials = (): readonly number[] =>
    porter
      .records()
      .flatMap((record) => (record.type === 'badge' && 'serial' in record ? [Number(record.serial)] : []));

  test('the other box knows whom it knew, sends what waited, once, and takes its badges', async () => {
    // The recovery key, written down.
    const [recoveryKey = ''] = /(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}/.exec(porter.said) ?? [];
    await porter.kill('SIGTERM');
    await powerOn();
    const kiosk = await porter.kiosk();
    const names = await kiosk.emitWithAck('names', { visit: 'list', flow: 'late', yearGroup: 'Year 9', month: 3 });
    kiosk.close();
    if (!names.ok) throw new Error(JSON.stringify(names.error));
    const [out = '', ...late] = names.value.pupils.map(({ pupil }) => pupil);
    await porter.mis.control.offline();
    const time = { minute: '08:50' };
    for (const pupil of late.slice(0, 3))
      await porter.tell('record-for', { pupil, at: time, what: { kind: 'late', reason: 'bus' } });
    const leave = { kind: 'leave', reason: 'medical', back: 'after-lunch', badge: true };
    await porter.tell('record-for', { pupil: out, at: time, what: leave });
    const state = await porter.until('three wait, one is out', (now) => now.sum.waiting === 3 && now.out.length === 1);
    const badge = state.out[0]?.badge?.replace(' ', '') ?? '';
    await porter.person('administrator');
    const [given = 0] = badgeSerials();
    execFileSync(process.execPath, [program, 'backup', 'create', at('box.porter-backup'), '--data', at('data')], {
      input: `${password}\n`,
    });

    await porter.kill('SIGKILL');
    for (const name of ['data', 'credstore.encrypted', 'credentials']) renameSync(at(name), at(`${name}-of-the-dead`));
    rmSync(at('data.card.json'), { force: true });
    await powerOn();
    const [, block = ''] = steps.split('### Another box in the place of a dead one')[1]?.split('```') ?? [];
    const lines = block.trim().split('\n');
    expect(lines).toHaveLength(6);
    for (const line of lines) await step(line, line.includes('key recover') ? recoveryKey : password);

    expect(existsSync(at('data.key'))).toBe(false);
    await porter.signIn('administrator');
    await porter.mis.control.online();
    await porter.until('all is confirmed', ({ sum }) => sum.recorded === 3 && sum.confirmed === 3, 60_000);
    const marks = (await porter.mis.control.marks()).filter(({ code: mark }) => mark === 'L');
    expect(marks.map(({ writes }) => writes)).toEqual([1, 1, 1]);

    const page = await porter.kiosk();
    const input = { visit: 'back', by: 'typed', badge, touchAgoMs: 0 } as const;
    const back: Result<ReturnAnswer> = await page.emitWithAck('return', { commandId: 'back', ageMs: 0, input });
    page.close();
    expect(back).toMatchObject({ ok: true, value: { state: 'welcome-back' } });
    await porter.tell('record-for', { pupil: late[4], at: { minute: '08:51' }, what: leave });
    expect(badgeSerials().at(-1)).toBeGreaterThanOrEqual(given + 200);
  });
});

describe('its board is dead', () => {
  const card = mkdtempSync(join(tmpdir(), 'porter-board-'));
  afterAll(() => {
    rmSync(card, { recursive: true, force: true });
  });
  /** In a machine that has the data partition of this card where the image puts it, and this id; null: that cannot be made here. */
  function on(machineId: string, script: string): string | null {
    writeFileSync(join(card, 'id-now'), `${machineId}\n`);
    mkdirSync(join(card, 'systemd'), { recursive: true });
    const mounts = `mount --bind "$0/id-now" /etc/machine-id && mount --bind "$0/systemd" /var/lib/systemd && cd "$0" &&`;
    const { status, stdout } = spawnSync('unshare', ['--mount', 'sh', '-c', `${mounts} ${script}`, card], {
      encoding: 'utf8',
    });
    return status === 0 ? stdout : null;
  }
  const firstBoot = `"${process.execPath}" "${program}" first-boot --config "$0/porter.toml" --data "$0/porter" --root "$0/root"`;
  const open = 'systemd-creds decrypt --name=porter.key credstore.encrypted/porter.key';
  const ours = '0123456789abcdef0123456789abcdef';

  test('its card opens in another board by the id that it carries, and by no other', ({ skip }) => {
    if (on(ours, 'true') === null) skip('no namespaces here');
    for (const folder of ['porter', 'root/etc', 'credstore.encrypted'])
      mkdirSync(join(card, folder), { recursive: true });
    writeFileSync(join(card, 'root/etc/machine-id'), `${ours}\n`);
    writeFileSync(join(card, 'porter.toml'), '[school]\nname = "Hill View"\n[mis]\nconnector = "none"\n');
    on(ours, firstBoot);
    expect(existsSync(join(card, 'porter.key'))).toBe(false);
    // What the initramfs does with a board that has never seen this card (provisioning/initramfs/root).
    const carried = readFileSync(join(card, 'machine-id'), 'utf8').trim();
    const check = `"${process.execPath}" "${program}" key check --data "$0/porter" --key opened`;
    expect(on(carried, `${open} opened && ${check}`)).toContain('The key fits.');
    expect(on('f'.repeat(32), `${open} -`)).toBeNull();
  });
});
