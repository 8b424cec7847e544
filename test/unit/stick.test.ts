/** The daemon asks the machine for a backup to the stick in the box, and hears how it went (the other side: `units.test.ts`). */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stickOf } from '../../device/copies/stick.ts';
import type { Stick } from '../../device/copies/stick.ts';
import { seededRandom } from '../support/box.ts';
import { steeredTime } from '../support/steered-time.ts';

const time = steeredTime(0);
const random = seededRandom(7);
let machine = '';
let stick: Stick;
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'porter-stick-'));
  mkdirSync(join(machine, 'box'));
  const found = stickOf(machine, join(machine, 'box'), { random, timers: time.timers });
  if (found === null) throw new Error('a box has a place for a stick');
  stick = found;
});
afterEach(() => {
  rmSync(machine, { recursive: true });
});
const request = (): string => join(machine, 'stick/backup');
const answers = (how: number, words: string): void => {
  const [id = ''] = readFileSync(request(), 'utf8').split('\n');
  writeFileSync(join(machine, 'box/stick-backup'), `${id}\n${String(how)}\n${words}\n`);
};

test('it hands over the password where only the machine reads it, and tells what the machine says', async () => {
  const asked = stick.backUp('three plain words');
  expect(readFileSync(request(), 'utf8')).toMatch(/^[0-9a-f]{32}\nthree plain words\n$/);
  expect(statSync(request()).mode & 0o777).toBe(0o600);
  answers(0, 'It is on the stick.');
  time.pass(500);
  expect(await asked).toEqual({ ok: true, words: 'It is on the stick.' });
  expect(existsSync(request())).toBe(false);

  // What is still there is the answer to the one before.
  const again = stick.backUp('three plain words');
  time.pass(1_000);
  expect(await stick.backUp('three plain words')).toEqual({ ok: false, words: 'Another backup is being written.' });
  answers(1, 'There is no USB stick in the box.');
  time.pass(500);
  expect(await again).toEqual({ ok: false, words: 'There is no USB stick in the box.' });
});

test('a machine that says nothing is given up, and the password does not stay', async () => {
  const asked = stick.backUp('three plain words');
  time.pass(5 * 60_000);
  expect(await asked).toMatchObject({ ok: false, words: expect.stringContaining('did not answer') as string });
  expect(existsSync(request())).toBe(false);
});

test('what is no box has no place for one', () => {
  expect(stickOf(machine, join(machine, 'no-box'), { random, timers: time.timers })).toBeNull();
  expect(stickOf(null, join(machine, 'box'), { random, timers: time.timers })).toBeNull();
});
