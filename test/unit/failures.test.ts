/** How often the process failed chooses how much of it is switched on (durability.md 28). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginRun } from '../../device/system/failures.ts';
import type { Run } from '../../device/system/failures.ts';

let folder = '';
let mono = 0;
let boot = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porter-run-'));
  mono = 1_000_000;
  boot = 'this boot';
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const start = (): Run => beginRun(folder, { boot, mono: () => mono });
/** So many runs that end without a word; the answer is the run after them. */
function afterCrashes(count: number): Run {
  for (let n = 0; n < count; n += 1) start();
  return start();
}

describe('levels', () => {
  it.each([
    [0, 'normal'],
    [2, 'normal'],
    [3, 'safe'],
    [4, 'safe'],
    [5, 'minimal'],
    [7, 'minimal'],
    [8, null],
    [30, null],
  ] as const)('after %i failures the level is %s', (count, level) => {
    expect(afterCrashes(count).level()).toBe(level);
  });

  it('a stop is no failure', () => {
    for (let n = 0; n < 10; n += 1) start().ends();
    expect(start().level()).toBe('normal');
  });

  it('a power cut is no failure: the machine has started anew', () => {
    afterCrashes(4);
    boot = 'the next boot';
    expect(start().level()).toBe('normal');
  });

  it('failures of more than an hour ago do not count', () => {
    const run = afterCrashes(4);
    expect(run.level()).toBe('safe');
    mono += 61 * 60_000;
    expect(run.level()).toBe('normal');
  });

  it('a failure that has a name is counted once', () => {
    for (let n = 0; n < 2; n += 1) start().fails('process');
    expect(start().level()).toBe('normal');
  });

  it('knows that the card failed within the hour', () => {
    start().fails('storage');
    const run = start();
    expect(run.storageFailed()).toBe(true);
    mono += 61 * 60_000;
    expect(run.storageFailed()).toBe(false);
  });

  it('starts as usual where nothing can be written, or what is there cannot be read', () => {
    expect(beginRun(join(folder, 'not', 'there'), { boot, mono: () => mono }).level()).toBe('normal');
    writeFileSync(join(folder, 'failures.json'), '{"boot":');
    expect(start().level()).toBe('normal');
    expect(beginRun(null, { boot, mono: () => mono }).level()).toBe('normal');
  });
});
