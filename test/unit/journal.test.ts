import { describe, expect, it } from 'vitest';
import type { Body, NoteBody, Recorded } from '../../device/domain/record.ts';
import { JournalError, openJournalOn } from '../../device/journal/journal.ts';
import type { Journal, JournalOptions } from '../../device/journal/journal.ts';
import type { Log } from '../../device/system/ports.ts';
import { SMALL, framesOf, hex } from '../support/journal-files.ts';
import { MemoryDisk } from '../support/memory-disk.ts';
import { steeredTime } from '../support/steered-time.ts';
import { testMasters } from '../support/keys.ts';

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function world(disk = new MemoryDisk()) {
  const time = steeredTime(Date.UTC(2026, 2, 2, 9));
  let ids = 0;
  const random = {
    bytes: (count: number) => new Uint8Array(count),
    uniform: () => 0.5,
    id: () => hex((++ids).toString(16).padStart(2, '0')),
  };
  const open = (more: Partial<JournalOptions> & { readonly sizes?: typeof SMALL } = {}): Promise<Journal> =>
    openJournalOn(disk, {
      clock: time.clock,
      timers: time.timers,
      random,
      build: 'test',
      log: silent,
      masters: testMasters,
      ...more,
    });
  return { disk, time, open };
}

const note = (detail: string): NoteBody => ({
  type: 'note',
  v: 1,
  kind: 'conflict',
  urgent: false,
  visit: null,
  pupil: null,
  detail,
});

async function replayed(journal: Journal): Promise<readonly Recorded[]> {
  const all: Recorded[] = [];
  for await (const records of journal.replay()) all.push(...records);
  return all;
}
const details = (records: readonly Recorded[]): readonly string[] =>
  records.map((record) => (record.type === 'note' ? String(record.detail) : record.type));
const turn = () => new Promise((resolve) => setImmediate(resolve));
const current = (disk: MemoryDisk): string =>
  disk
    .list()
    .filter((name) => name.endsWith('.pj'))
    .sort()
    .at(-1) ?? '';

describe('the journal', () => {
  it('gives back after a restart exactly what it gave out, in order, with the runs that wrote it', async () => {
    const { disk, open } = world();
    const first = await open();
    const { records, durable } = first.commit([note('one'), note('two')], { id: 'c-1', hash: 'h-1' });
    const more = first.commit([note('three')]);
    await Promise.all([durable, more.durable]);
    expect(records.map(({ n }) => n)).toEqual([2, 3]);
    expect(records[0]).toMatchObject({ ref: `${first.id}:2`, run: first.run, command: { id: 'c-1', hash: 'h-1' } });
    await first.close();

    const second = await open();
    expect(second.id).toBe(first.id);
    expect(second.opened).toEqual({ faults: [], cleanStop: true });
    const all = await replayed(second);
    expect(all.slice(1, 4)).toEqual([...records, ...more.records]);
    expect(all.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
    expect(all[0]).toMatchObject({ type: 'run', build: 'test', cleanStop: true, run: first.run });
    expect(all[4]).toMatchObject({ type: 'run', cleanStop: true, run: second.run });
    expect(second.run).not.toBe(first.run);
    expect(disk.list().filter((name) => name.endsWith('.pj')).length).toBe(2);
  });

  it('says yes only after write and sync, and has a new segment on the disk before its first yes', async () => {
    const { disk, open } = world();
    const journal = await open({ sizes: SMALL });
    for (let n = 0; n < 40; n += 1) {
      disk.trace.push('asked');
      await journal.commit([note(`${n} ${'x'.repeat(200)}`)]).durable;
      disk.trace.push('answered');
    }
    const commits = disk.trace.join('\n').split('asked\n').slice(1);
    const roll =
      /^create (\S+)\nwrite \1 128\nsync \1\nsync folder\n(create reserve\nwrite reserve \d+\nsync reserve\n)?/;
    for (const commit of commits) {
      expect(commit.replace(roll, '')).toMatch(/^write (\S+) \d+\nsync \1\nanswered\n?$/);
    }
    expect(commits.filter((commit) => roll.test(commit)).length).toBeGreaterThan(2);
    expect((await replayed(journal)).length).toBe(41);
  });

  it('writes commits of one moment with one sync', async () => {
    const { disk, open } = world();
    const journal = await open();
    disk.trace.length = 0;
    await Promise.all(Array.from({ length: 60 }, (_, n) => journal.commit([note(String(n))]).durable));
    expect(disk.trace.map((step) => step.split(' ')[0])).toEqual(['write', 'sync']);
    expect((await replayed(journal)).length).toBe(61);
  });

  it('splits what is too much for one frame, never a commit', async () => {
    const { disk, open } = world();
    const journal = await open();
    disk.trace.length = 0;
    const large = 'x'.repeat(60_000);
    await Promise.all(Array.from({ length: 40 }, () => journal.commit([note(large), note('with it')]).durable));
    const sizes = disk.trace.filter((step) => step.startsWith('write')).map((step) => Number(step.split(' ')[2]));
    expect(sizes.length).toBe(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024 + 48 + 28);
    const all = await replayed(journal);
    expect(all.length).toBe(81);
    expect(details(all.slice(1)).map((detail) => detail.length > 10)).toEqual(
      Array.from({ length: 80 }, (_, n) => n % 2 === 0),
    );
  });

  it('refuses records that are too large, and more than may wait', async () => {
    const { open } = world();
    const journal = await open();
    expect(() => journal.commit([note('x'.repeat(64 * 1024))])).toThrow(expect.objectContaining({ code: 'too_large' }));
    const waiting = Array.from({ length: 1000 }, (_, n) => journal.commit([note(String(n))]).durable);
    expect(() => journal.commit([note('one too many')])).toThrow(expect.objectContaining({ code: 'busy' }));
    await Promise.all(waiting);
    await journal.commit([note('room again')]).durable;
    expect((await replayed(journal)).at(-1)).toMatchObject({ n: 1002, detail: 'room again' });
  });

  it('lets nobody else in while it is open', async () => {
    const { open } = world();
    const journal = await open();
    await expect(open()).rejects.toMatchObject({ code: 'locked' });
    await journal.close();
    await journal.close();
    expect(() => journal.commit([note('late')])).toThrow(expect.objectContaining({ code: 'closed' }));
    await (await open()).close();
  });
});

describe('a full disk', () => {
  it('refuses with nothing stored, voids what waits behind, and takes records again when there is room', async () => {
    const { disk, open } = world();
    const voided: number[] = [];
    const journal = await open({ sizes: SMALL, onRefused: (from) => voided.push(from) });
    await journal.commit([note('kept')]).durable;
    disk.faults.shortWrite = 20;
    const refused = journal.commit([note('refused')]);
    const behind = journal.commit([note('decided on it')]);
    await expect(refused.durable).rejects.toMatchObject({ code: 'refused' });
    await expect(behind.durable).rejects.toMatchObject({ code: 'refused' });
    expect(voided).toEqual([3]);
    expect(journal.state().kind).toBe('refusing');
    const again = journal.commit([note('again')]);
    expect(again.records[0]?.n).toBe(3);
    await again.durable;
    expect(journal.state().kind).toBe('ok');
    expect(details(await replayed(journal))).toEqual(['run', 'kept', 'again']);
    disk.kill();
    expect(details(await replayed(await open()))).toEqual(['run', 'kept', 'again', 'run']);
  });

  it('is brought back to what it was, and that synced, before anybody hears of the refusal', async () => {
    const { disk, open } = world();
    const journal = await open({ sizes: SMALL });
    const size = disk.read(current(disk)).length;
    disk.faults.shortWrite = 20;
    disk.trace.length = 0;
    await journal.commit([note('refused')]).durable.catch(() => disk.trace.push('refused'));
    const steps = [
      `truncate ${current(disk)} ${size}`,
      `sync ${current(disk)}`,
      'remove reserve',
      'sync folder',
      'refused',
    ];
    expect(disk.trace.slice(1)).toEqual(steps);
  });

  it('voids commits that were on their way when it refused, and takes those made after it', async () => {
    const { disk, open } = world();
    const journal = await open();
    disk.faults.shortWrite = 20;
    const after: Promise<void>[] = [];
    const first = journal.commit([note('x'.repeat(60_000))]);
    const others = Array.from({ length: 30 }, () => journal.commit([note('x'.repeat(60_000))]));
    first.durable.catch(() => {
      after.push(journal.commit([note('rebuilt')]).durable);
    });
    const outcomes = await Promise.allSettled([first, ...others].map(({ durable }) => durable));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    await Promise.all(after);
    const all = await replayed(journal);
    expect(all.map(({ n }) => n)).toEqual([1, 2]);
    expect(all.at(-1)).toMatchObject({ detail: 'rebuilt' });
  });

  it('has the reserve freed, so that the next commits go through', async () => {
    const { disk, open } = world();
    const journal = await open({ sizes: SMALL });
    disk.capacity = disk.list().reduce((sum, name) => sum + disk.read(name).length, 0) + 100;
    await expect(journal.commit([note('no room')]).durable).rejects.toMatchObject({ code: 'refused' });
    expect(disk.list()).not.toContain('reserve');
    await journal.commit([note('in the reserve')]).durable;
    disk.kill();
    disk.capacity += 600;
    const next = await open({ sizes: SMALL });
    expect(details(await replayed(next))).toEqual(['run', 'in the reserve', 'run']);
  });

  it('finds out by itself that there is room again', async () => {
    const { disk, time, open } = world();
    const journal = await open({ sizes: SMALL });
    disk.faults.shortWrite = 0;
    await expect(journal.commit([note('no')]).durable).rejects.toThrow(JournalError);
    expect(journal.state().kind).toBe('refusing');
    time.pass(2_000);
    await turn();
    expect(journal.state().kind).toBe('ok');
  });

  it('does not keep Porter from starting while there is the reserve', async () => {
    const { disk, open } = world();
    await (await open({ sizes: SMALL })).close();
    disk.capacity = disk.list().reduce((sum, name) => sum + disk.read(name).length, 0);
    const journal = await open({ sizes: SMALL });
    await journal.commit([note('still works')]).durable;
    await journal.close();
  });
});

describe('a disk that fails', () => {
  it('ends the journal at the first failed sync and voids everything that waits', async () => {
    const { disk, open } = world();
    const journal = await open();
    await journal.commit([note('kept')]).durable;
    disk.faults.sync = 'EIO';
    const failed = journal.commit([note('unknown')]);
    await expect(failed.durable).rejects.toMatchObject({ code: 'failed' });
    disk.trace.length = 0;
    expect(journal.state().kind).toBe('failed');
    expect(() => journal.commit([note('never')])).toThrow(expect.objectContaining({ code: 'failed' }));
    await journal.close();
    expect(disk.trace).toEqual([]);
    disk.cutPower(() => 0.9);
    expect(details(await replayed(await world(disk).open()))).toEqual(['run', 'kept', 'run']);
  });

  it('ends the journal when the disk cannot be brought back to what it was', async () => {
    const { disk, open } = world();
    const journal = await open();
    disk.faults.shortWrite = 10;
    disk.faults.truncate = 'EIO';
    await expect(journal.commit([note('half')]).durable).rejects.toMatchObject({ code: 'failed' });
    expect(journal.state().kind).toBe('failed');
  });
});

describe('witnesses', () => {
  it('vouch for the last commit after two quiet seconds, once, and at a clean stop', async () => {
    const { disk, time, open } = world();
    const journal = await open();
    await journal.commit([note('one')]).durable;
    const frames = () => framesOf(disk.read(current(disk)), 1).length;
    time.pass(1_900);
    await turn();
    expect(frames()).toBe(2);
    time.pass(200);
    await turn();
    expect(frames()).toBe(3);
    time.pass(60_000);
    await turn();
    expect(frames()).toBe(3);
    await journal.close();
    expect(frames()).toBe(4);
  });
});

describe('a folder that was restored without its `id`, while the box it was copied from went on', () => {
  const copied = (disk: MemoryDisk): MemoryDisk => {
    const copy = new MemoryDisk();
    for (const name of disk.list()) if (name !== 'id') copy.put(name, disk.read(name));
    return copy;
  };

  it('skips badge serials also where the start that made its id was cut off before its first record', async () => {
    const first = world();
    const journal = await first.open();
    await journal.close();
    const copy = copied(first.disk);
    copy.put('id', Buffer.from(`${hex('5e')}\n`));
    const restored = await world(copy).open();
    const run = (await replayed(restored)).at(-1);
    expect(run).toMatchObject({
      type: 'run',
      ref: `${hex('5e')}:2`,
      follows: `${journal.id}:1`,
      serialsLost: { known: 0 },
    });
    await restored.close();
  });

  const newId = { uniform: () => 0.5, bytes: (count: number) => new Uint8Array(count), id: () => hex('5e') };

  it('is a journal of its own that goes on from the other: no number means two things, and none is given again', async () => {
    const first = world();
    const journal = await first.open();
    await journal.commit([note('before the backup')]).durable;
    await journal.close();
    const second = world(copied(first.disk));
    const goesOn = await first.open();
    await goesOn.commit([note('after the backup')]).durable;
    await goesOn.close();
    const restored = await second.open({ random: newId });
    const { records } = restored.commit([note('after the restore')]);
    expect(records.map(({ ref }) => ref)).toEqual([`${hex('5e')}:4`]);
    const all = await replayed(restored);
    expect(all.map(({ ref }) => ref)).toEqual([
      `${journal.id}:1`,
      `${journal.id}:2`,
      `${hex('5e')}:3`,
      `${hex('5e')}:4`,
    ]);
    expect(all.map((record) => (record.type === 'run' ? record.follows : null))).toEqual([
      undefined,
      null,
      `${journal.id}:2`,
      null,
    ]);
    await restored.close();
    // Said once: the next run is of the same journal.
    const again = await replayed(await second.open());
    expect(again.at(-1)).toMatchObject({ type: 'run', ref: `${hex('5e')}:5` });
    expect(again.at(-1)).not.toHaveProperty('follows');
    const refs = [...all, ...(await replayed(await first.open()))].map(({ ref, at, type }) => [ref, type, at.mono]);
    expect(new Map(refs.map(([ref, ...rest]) => [ref, JSON.stringify(rest)])).size).toBe(
      new Set(refs.map((one) => JSON.stringify(one))).size,
    );
  });

  it('names it also where the power went at any moment before that was on the disk', async () => {
    const first = world();
    const journal = await first.open();
    await journal.close();
    for (let operations = 1, opened = false; !opened; operations += 1) {
      const disk = copied(first.disk);
      disk.operationsLeft = operations;
      opened = await world(disk)
        .open({ random: newId })
        .then(
          () => true,
          () => false,
        );
      disk.operationsLeft = Infinity;
      disk.kill();
      const restored = await replayed(await world(disk).open({ random: newId }));
      const named = restored.flatMap((record) => (record.type === 'run' ? [record.follows] : []));
      expect(named.filter((ref) => ref !== undefined)).toEqual([`${journal.id}:1`]);
    }
  });
});

describe('what a later version wrote', () => {
  it('is handed on as it is, and reported when it must be understood', async () => {
    const { open } = world();
    const journal = await open();
    const later = [
      { type: 'parcel', v: 1, colour: 'red' },
      { type: 'note', v: 2, must: true, detail: 'new meaning' },
      { type: 'constructor', v: 1, must: true },
      { type: 'run', v: 1, must: true, build: 'x', boot: 'y', cleanStop: true },
    ] as unknown as readonly Body[];
    await journal.commit(later).durable;
    await journal.close();
    const next = await open();
    const all = await replayed(next);
    expect(all[1]).toMatchObject({ type: 'parcel', colour: 'red', n: 2 });
    expect(all[2]).toMatchObject({ v: 2, detail: 'new meaning', n: 3 });
    await replayed(next);
    expect(next.opened.faults).toEqual([
      { kind: 'must-understand', n: 3, type: 'note', v: 2 },
      { kind: 'must-understand', n: 4, type: 'constructor', v: 1 },
    ]);
  });

  it('goes on stopping what it stops while the records are read once more, also where that is given up', async () => {
    const { open } = world();
    const journal = await open();
    await journal.commit([{ type: 'note', v: 2, must: true }] as unknown as readonly Body[]).durable;
    await journal.close();
    const next = await open();
    await replayed(next);
    const stopped = [{ kind: 'must-understand', n: 2, type: 'note', v: 2 }];
    const again = next.replay()[Symbol.asyncIterator]();
    const first = again.next();
    expect(next.opened.faults).toEqual(stopped);
    await first;
    await again.return?.();
    expect(next.opened.faults).toEqual(stopped);
  });
});
