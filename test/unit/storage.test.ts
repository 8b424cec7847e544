/** What the kernel tells about the card, and what staff are told of it. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalState } from '../../device/journal/journal.ts';
import { StorageWatch } from '../../device/storage-watch.ts';
import { degrees } from '../../device/system/machine.ts';
import { machineStorage } from '../../device/system/storage.ts';
import type { StorageReading } from '../../device/system/storage.ts';
import { steeredTime } from '../support/steered-time.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'porter-kernel-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A file as the kernel shows it. */
function kernel(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
function block(): string {
  const { dev } = statSync(root);
  return `sys/dev/block/${String((dev >>> 8) & 0xfff)}:${String((dev & 0xff) | ((dev >>> 12) & 0xfff00))}`;
}

describe('what the kernel tells', () => {
  it('free room, whatever else is not to be had', async () => {
    const { room, fileSystemErrors, wear, writtenBytes } = await machineStorage(root, root).read();
    expect(room?.freeBytes).toBeGreaterThan(0);
    expect(room?.readOnly).toBe(false);
    expect([fileSystemErrors, wear, writtenBytes]).toEqual([null, null, null]);
  });

  it('errors of ext4, wear of an eMMC, bytes written, and what the self-check of the machine found', async () => {
    kernel(`${block()}/uevent`, 'MAJOR=179\nMINOR=2\nDEVNAME=mmcblk0p2\nDEVTYPE=partition\n');
    kernel('sys/fs/ext4/mmcblk0p2/errors_count', '3\n');
    kernel('sys/fs/ext4/mmcblk0p2/first_error_time', '1764061200\n');
    kernel('sys/fs/ext4/mmcblk0p2/last_error_time', '0\n');
    kernel(`${block()}/device/life_time`, '0x02 0x0a\n');
    kernel(`${block()}/device/pre_eol_info`, '0x02\n');
    kernel('proc/self/io', 'rchar: 1\nwchar: 2\nread_bytes: 3\nwrite_bytes: 40960\ncancelled_write_bytes: 0\n');
    kernel('run/porter-box/concerns', 'The box is hot.\nThe watchdog sleeps.\n');
    expect(await machineStorage(root, root).read()).toMatchObject({
      concerns: ['The box is hot.', 'The watchdog sleeps.'],
      fileSystemErrors: { count: 3, first: 1_764_061_200_000, last: null },
      wear: { usedPercent: 100, spareBlocks: 'warning' },
      writtenBytes: 40_960,
    });
  });

  it('wear of an eMMC that tells of its spare blocks only', async () => {
    kernel(`${block()}/device/life_time`, '0x00 0x00\n');
    kernel(`${block()}/device/pre_eol_info`, '0x03\n');
    expect((await machineStorage(root, root).read()).wear).toEqual({ usedPercent: null, spareBlocks: 'urgent' });
  });

  it('how hot its hottest place is', () => {
    expect(degrees(join(root, 'sys/class/thermal'))).toBeNull();
    kernel('sys/class/thermal/thermal_zone0/temp', '51540\n');
    kernel('sys/class/thermal/thermal_zone1/temp', '61240\n');
    kernel('sys/class/thermal/cooling_device0/cur_state', '0\n');
    expect(degrees(join(root, 'sys/class/thermal'))).toBe(61);
  });

  it('a card that does not answer', async () => {
    expect(await machineStorage(join(root, 'gone'), root).read()).toMatchObject({ room: null });
  });
});

describe('what staff are told', () => {
  const time = steeredTime(0);
  const good: StorageReading = {
    room: { freeBytes: 900_000_000, totalBytes: 2_000_000_000, readOnly: false },
    fileSystemErrors: { count: 0, first: null, last: null },
    wear: null,
    writtenBytes: 1_252_001_000,
    concerns: [],
  };
  /** By what installed and started it, under the same process id. */
  const writtenBefore = 1_252_000_000;
  const ok: JournalState = { kind: 'ok', lastSyncMs: 4, oldestWaitMs: 0 };

  async function told(reading: Partial<StorageReading>, state: JournalState = ok) {
    let [reserves, reads] = [0, 0];
    const read = (): Promise<StorageReading> => {
      reads += 1;
      return Promise.resolve({ ...good, ...reading, ...(reads === 1 ? { writtenBytes: writtenBefore } : {}) });
    };
    const watch = new StorageWatch({
      storage: { read },
      journal: { state: () => state, holdReserve: () => (reserves += 1) },
      clock: time.clock,
      timers: time.timers,
    });
    const end = watch.begin(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    time.pass(15_000);
    await new Promise((resolve) => setImmediate(resolve));
    end();
    return {
      faults: watch.faults(),
      machine: watch.machineFaults(),
      view: watch.view(),
      words: watch.words(),
      reserves,
    };
  }

  it('nothing, while all is well', async () => {
    const { faults, words, view, reserves } = await told({});
    expect(faults).toEqual([]);
    expect(words).toBe('Records are kept, 900 MB free');
    expect(view).toMatchObject({ state: 'ok', freeBytes: 900_000_000, lastSyncMs: 4, writtenTodayBytes: 1000 });
    expect(reserves).toBe(2);
  });

  it.each<[string, Partial<StorageReading>, JournalState]>([
    ['The card is slow: 3.2 s for one record', {}, { kind: 'slow', lastSyncMs: 3_200, oldestWaitMs: 0 }],
    ['The card takes no more records', {}, { kind: 'refusing', lastSyncMs: 1, oldestWaitMs: 0 }],
    ['The card has failed', {}, { kind: 'failed', lastSyncMs: 1, oldestWaitMs: 61_000 }],
    ['nearly full: 12 MB left', { room: { freeBytes: 12_345_678, totalBytes: 2e9, readOnly: false } }, ok],
    ['read-only', { room: { freeBytes: 1e9, totalBytes: 2e9, readOnly: true } }, ok],
    ['has found 3 errors', { fileSystemErrors: { count: 3, first: null, last: null } }, ok],
    ['100 % of its life is used', { wear: { usedPercent: 100, spareBlocks: 'normal' } }, ok],
    ['its spare blocks are nearly used up', { wear: { usedPercent: null, spareBlocks: 'urgent' } }, ok],
    ['does not answer', { room: null }, ok],
  ])('"%s"', async (sentence, reading, state) => {
    const { faults, words } = await told(reading, state);
    expect(faults.join()).toContain(sentence);
    expect(words).toContain(sentence);
  });

  it('what the self-check of the machine has found, which says nothing of the card', async () => {
    const { faults, machine, words } = await told({ concerns: ['The box is hot (83 degrees): give it air.'] });
    expect([faults, machine]).toEqual([[], ['The box is hot (83 degrees): give it air.']]);
    expect(words).toBe('Records are kept, 900 MB free');
  });

  it('far more written within a day than a school makes, until the next day begins', async () => {
    const { faults, machine } = await told({ writtenBytes: writtenBefore + 1_200_000_000 });
    expect([faults, machine]).toEqual([[], [expect.stringContaining('written 1200 MB to the card within a day')]]);
    expect((await told({ writtenBytes: writtenBefore + 900_000_000 })).machine).toEqual([]);
  });

  it('what is wrong no longer is told no longer', async () => {
    let reading: StorageReading = {
      ...good,
      room: { freeBytes: 9e8, totalBytes: 2e9, readOnly: true },
      concerns: ['Hot.'],
    };
    const watch = new StorageWatch({
      ...{ storage: { read: () => Promise.resolve(reading) }, clock: time.clock, timers: time.timers },
      journal: { state: () => ok, holdReserve: () => undefined },
    });
    let changes = 0;
    const end = watch.begin(() => (changes += 1));
    await new Promise((resolve) => setImmediate(resolve));
    expect([watch.faults().length, watch.machineFaults().length, changes]).toEqual([1, 1, 1]);
    reading = good;
    time.pass(15_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect([watch.faults(), watch.machineFaults(), changes]).toEqual([[], [], 2]);
    end();
  });

  it('the reserve of a full card is not taken again before there is room', async () => {
    expect((await told({ room: { freeBytes: 20_000_000, totalBytes: 2e9, readOnly: false } })).reserves).toBe(0);
  });
});
