/** When the process ends by itself, and when it stays (durability.md 7, 27). */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { endings, stopOnSignals } from '../../device/endings.ts';
import { JournalError } from '../../device/journal/error.ts';
import { beginRun } from '../../device/system/failures.ts';

let killed = 0;
const clock = { boot: 'this boot', mono: () => 1_000_000 };
const ends = (running = beginRun(null, clock)) => endings(running, () => (killed += 1));

beforeEach(() => {
  killed = 0;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('a bug ends it, with a second for the log', () => {
  ends().onBroken(new TypeError('a bug'));
  expect(killed).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(killed).toBe(1);
});

it.each([
  ['a full journal', new JournalError('refused', 'not stored: ENOSPC', 'ENOSPC')],
  ['a journal that is closing', new JournalError('closed', 'the journal is closed')],
  ['a full card under a file', Object.assign(new Error(), { code: 'ENOSPC' })],
  ['a read-only card', Object.assign(new Error(), { code: 'EROFS' })],
  ['a card that fails', Object.assign(new Error(), { code: 'EIO' })],
])('%s does not end it', (_, error) => {
  ends().onBroken(error);
  vi.advanceTimersByTime(60_000);
  expect(killed).toBe(0);
});

it('a journal that has failed ends it once an hour; the second time it stays, and refuses', () => {
  const running = beginRun(null, clock);
  const first = ends(running);
  for (let second = 0; second < 5; second += 1) first.onStorageFailed();
  vi.advanceTimersByTime(60_000);
  expect(killed).toBe(1);
  const next = ends(running);
  for (let second = 0; second < 5; second += 1) next.onStorageFailed();
  vi.advanceTimersByTime(60_000);
  expect(killed).toBe(1);
});

it('a signal stops what runs, also when it comes during the start', async () => {
  const signals = new EventEmitter();
  const seen: string[] = [];
  let started = (): void => undefined;
  const starting = new Promise<{ stop(): Promise<void> }>((resolve) => {
    started = () => {
      resolve({ stop: () => Promise.resolve(void seen.push('stopped')) });
    };
  });
  stopOnSignals(starting, beginRun(null, clock), () => seen.push('ended'), signals);
  signals.emit('SIGTERM');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(seen).toEqual([]);
  started();
  await vi.advanceTimersByTimeAsync(0);
  expect(seen).toEqual(['stopped', 'ended']);
});

it('a start that takes long is left behind at the stop, and that is no failure', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'porter-run-'));
  let ended = 0;
  for (let round = 0; round < 4; round += 1) {
    const signals = new EventEmitter();
    stopOnSignals(new Promise(() => undefined), beginRun(folder, clock), () => (ended += 1), signals);
    signals.emit('SIGTERM');
    await vi.advanceTimersByTimeAsync(2_000);
  }
  expect([ended, beginRun(folder, clock).level()]).toEqual([4, 'normal']);
  rmSync(folder, { recursive: true });
});
