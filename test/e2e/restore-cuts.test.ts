/**
 * What the staff page has restored goes in force at the next start: the real program is killed before each change of the card, and is
 * refused each by the card; the start after that ends as if nothing had been. First boot is the first to start on a box, so it is it.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noteName } from '../../device/copies/swap.ts';

const scratch = mkdtempSync(join(tmpdir(), 'porter-swap-'));
const daemon = join(import.meta.dirname, '../../dist/porter.js');
const run = promisify(execFile);
const calls = 'mkdir,chown,rename,unlink,rmdir,fsync';
const note = { at: 1_795_966_800_000, made: 0, by: 'Ms Reed', box: 'Main reception', school: 'Hill View School' };

interface Box {
  readonly data: string;
  readonly args: readonly string[];
}
function box(name: string): Box {
  const [card = '', data = '', root = ''] = ['config', 'data/porter', 'root'].map((part) => join(scratch, name, part));
  for (const folder of [card, join(scratch, name, 'data'), root]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(card, 'porter.toml'), '[school]\nname = "Hill View"\n[mis]\nconnector = "none"\n');
  return {
    data,
    args: [daemon, 'first-boot', '--config', join(card, 'porter.toml'), '--data', data, '--root', root],
  };
}

let template: Box;
beforeAll(async () => {
  template = box('template');
  mkdirSync(template.data);
  await run(process.execPath, [...template.args]);
  const { data } = template;
  const ready = join(data, 'restore/ready');
  const names = readdirSync(data);
  mkdirSync(ready, { recursive: true });
  for (const name of names) cpSync(join(data, name), join(ready, name), { recursive: true });
  writeFileSync(join(ready, 'whose'), 'the backup');
  writeFileSync(join(ready, noteName), JSON.stringify(note));
  writeFileSync(join(data, 'whose'), 'the box');
  mkdirSync(join(data, 'photos'));
  for (const name of ['one.jpg', 'two.jpg']) writeFileSync(join(data, 'photos', name), 'a picture');
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function readyToStart(name: string): Box {
  const made = box(name);
  cpSync(template.data, made.data, { recursive: true });
  cpSync(`${template.data}.key`, `${made.data}.key`);
  return made;
}
function outcome({ data }: Box) {
  const aside = join(data, 'restore', `before-${String(note.at)}`);
  return {
    names: readdirSync(data, { recursive: true, encoding: 'utf8' }).toSorted(),
    whose: [join(data, 'whose'), join(aside, 'whose')].map((path) => readFileSync(path, 'utf8')),
  };
}

test('cut off or refused at any change of the card, all is new at the start after it', async () => {
  const whole = readyToStart('whole');
  const log = join(scratch, 'calls');
  await run('strace', ['-f', '-y', '-e', `trace=${calls}`, '-o', log, process.execPath, ...whole.args]);
  const wanted = outcome(whole);
  expect(wanted.whose).toEqual(['the backup', 'the box']);
  expect(wanted.names.filter((name) => /photos|ready|coming/.test(name))).toEqual([]);

  const counts = new Map<string, number>();
  const made = [...readFileSync(log, 'utf8').matchAll(/^\d+ +(\w+)\((.*)$/gm)].map(([, name = '', given = '']) => {
    const when = (counts.get(name) ?? 0) + 1;
    counts.set(name, when);
    return { name, when, isOurs: given.includes('/restore') };
  });
  const first = made.findIndex(({ isOurs }) => isOurs);
  const points = made.slice(first, made.findLastIndex(({ isOurs }) => isOurs) + 1);
  expect(points.length).toBeGreaterThan(12);

  const wrong: string[] = [];
  const cut = async ({ name, when }: (typeof points)[number], how: string): Promise<void> => {
    const at = `${name}-${String(when)}-${how.replace('=', '-')}`;
    const one = readyToStart(at);
    const inject = [
      '-f',
      '-o',
      '/dev/null',
      '-e',
      `trace=${calls}`,
      '-e',
      `inject=${name}:${how}:when=${String(when)}`,
    ];
    await run('strace', [...inject, process.execPath, ...one.args]).then(
      () => wrong.push(`${at}: nothing happened`),
      () => undefined,
    );
    await run(process.execPath, [...one.args]).catch((error: unknown) => wrong.push(`${at}: ${String(error)}`));
    if (JSON.stringify(outcome(one)) !== JSON.stringify(wanted)) wrong.push(`${at}: ${JSON.stringify(outcome(one))}`);
  };
  const all = points.flatMap((point) => ['signal=SIGKILL', 'error=ENOSPC'].map((how) => ({ point, how })));
  for (let at = 0; at < all.length; at += 2)
    await Promise.all(all.slice(at, at + 2).map(({ point, how }) => cut(point, how)));
  expect(wrong).toEqual([]);
}, 600_000);
