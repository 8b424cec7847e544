/**
 * A school day through the whole daemon, its movements apart as they are on a real one: bytes written, by the daemon and to the disk; how late its
 * event loop ever was; and by how much its memory has grown after the movements of a week.
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { idleMs } from '../../device/badge/painter-thread.ts';
import type { Result } from '../../device/contract/result.ts';
import { Porter } from '../support/porter.ts';
import type { KioskClient } from '../support/porter.ts';
import type { Bench, Given } from './bench.ts';
import type { Figure } from './figures.ts';
import { LoopDisk } from './loop-disk.ts';
import { memoryMbOf } from './programs.ts';
import { everybody, fresh, signIn, signInAll, takeRegister } from './rush.ts';

const arrivals = 70;
const departures = 15;
const movements = arrivals + 2 * departures;
/** Longer than the quiet after which the journal vouches for what it has. */
const apartMs = 2_500;
const settleMs = 15_000;

interface Day {
  readonly records: number;
  readonly byDaemon: number;
  /** Null: no disk of its own could be made. */
  readonly toDevice: number | null;
  readonly lateMs: number;
  readonly longestMs: number;
  readonly grownMb: number;
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Leaves with a photo; the answer is the badge. */
async function leaves(kiosk: KioskClient, pupil: string): Promise<string> {
  const visit = fresh();
  value(await kiosk.emitWithAck('photo', { visit }));
  const input = {
    visit,
    pupil,
    reason: 'medical',
    back: 'after-lunch',
    withWhom: null,
    photo: 'taken',
    touchAgoMs: 0,
  } as const;
  const answer = value(await kiosk.emitWithAck('early', { commandId: fresh(), ageMs: 0, input }));
  if (answer.state !== 'departed') throw new Error('somebody was not let go');
  return answer.badge;
}

async function comesBack(kiosk: KioskClient, badge: string): Promise<void> {
  const input = { visit: fresh(), by: 'typed', badge, touchAgoMs: 0 } as const;
  value(await kiosk.emitWithAck('return', { commandId: fresh(), ageMs: 0, input }));
}

/** Bytes that the kernel has counted for the daemon as written to disks. */
function writtenBy(pid: number): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${String(pid)}/io`, 'utf8'))?.[1]);
}

function recordsOf(porter: Porter): number {
  const folder = join(porter.folder, 'data/journal');
  const files = readdirSync(folder).filter((name) => name.endsWith('.pj'));
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** As `loop-watch.ts` tells it when it is asked. */
async function lateness(pid: number, file: string): Promise<{ readonly p999: number; readonly longest: number }> {
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(file)) await sleep(100);
  return JSON.parse(readFileSync(file, 'utf8')) as { p999: number; longest: number };
}

async function played(porter: Porter, disk: LoopDisk | null, delays: string, pauseMs: number): Promise<Day> {
  await takeRegister(porter, '2026-11-23');
  const kiosk = await porter.kiosk();
  const older = await everybody(porter, ['Year 8', 'Year 9', 'Year 10', 'Year 11']);
  const [late, leaving, others] = [
    older.slice(0, arrivals),
    older.slice(arrivals, arrivals + departures),
    older.slice(arrivals + departures),
  ];
  await sleep(Math.min(settleMs, pauseMs * 6));
  const before = {
    records: recordsOf(porter),
    daemon: writtenBy(porter.pid),
    device: disk?.written() ?? 0,
    mb: memoryMbOf(porter.pid),
  };
  const badges: string[] = [];
  for (const pupil of late) await signIn(kiosk, pupil).then(() => sleep(pauseMs));
  for (const pupil of leaving) badges.push(await leaves(kiosk, pupil).finally(() => sleep(pauseMs)));
  for (const badge of badges) await comesBack(kiosk, badge).then(() => sleep(pauseMs));
  await porter.until('every mark is confirmed', ({ sum }) => sum.recorded >= arrivals && sum.waiting === 0, 120_000);
  const day = {
    records: recordsOf(porter) - before.records,
    byDaemon: writtenBy(porter.pid) - before.daemon,
    toDevice: disk === null ? null : disk.written() - before.device,
  };
  const loop = await lateness(porter.pid, delays);
  // The rest of the week.
  await signInAll(porter, others.slice(0, 4 * movements), 10);
  // As before the first: the thread that draws badges has gone.
  await sleep(idleMs + Math.min(settleMs, pauseMs * 6));
  kiosk.close();
  return {
    ...day,
    lateMs: loop.p999,
    longestMs: loop.longest,
    grownMb: memoryMbOf(porter.pid) - before.mb,
  };
}

async function oneDay({ folder, nodeFlags, quick, say }: Given, run: number): Promise<Day> {
  let disk: LoopDisk | null = null;
  try {
    disk = new LoopDisk(join(folder, `run-${String(run)}`));
  } catch {
    say('no disk of its own can be made here: what reaches the device is not measured');
  }
  const delays = join(folder, `delays-${String(run)}.json`);
  const flags = [...nodeFlags, '-r', join(dirname(process.argv[1] ?? ''), 'loop-watch.js')];
  const { TMPDIR } = process.env;
  Object.assign(process.env, { LOOP_DELAYS: delays, ...(disk === null ? {} : { TMPDIR: disk.folder }) });
  try {
    const settings = '[late]\nhold_seconds = 0\n';
    const porter = await Porter.start({ clock: '2026-11-23T08:45', nodeFlags: flags, settings });
    try {
      await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
      await sleep(quick ? 12_000 : settleMs);
      return await played(porter, disk, delays, quick ? 10 : apartMs);
    } finally {
      await porter.stop();
    }
  } finally {
    delete process.env['TMPDIR'];
    if (TMPDIR !== undefined) process.env['TMPDIR'] = TMPDIR;
    disk?.close();
  }
}

async function measure(given: Given): Promise<readonly Figure[]> {
  const days: Day[] = [];
  for (let run = 0; run < given.runs; run += 1) {
    days.push(await oneDay(given, run));
    given.say(`day ${String(run + 1)} of ${String(given.runs)}`);
  }
  const mb = (of: (day: Day) => number): readonly number[] => days.map((day) => of(day) / 1e6);
  const records = { what: 'records', runs: mb(({ records: bytes }) => bytes) };
  const onDevice = days.flatMap(({ toDevice }) => toDevice ?? []);
  const what = `a school day, ${String(movements)} movements, 1,200 pupils`;
  return [
    {
      what: `${what}: written by the daemon`,
      unit: 'MB',
      runs: mb((day) => day.byDaemon),
      against: records,
      goal: { most: 5 },
    },
    ...(onDevice.length < days.length
      ? []
      : [
          {
            what: `${what}: reached the device`,
            unit: 'MB',
            runs: mb((day) => day.toDevice ?? 0),
            against: records,
            goal: { most: 25 },
          },
        ]),
    { what: `${what}: event loop late, p99.9`, unit: 'ms', runs: days.map(({ lateMs }) => lateMs), goal: { most: 20 } },
    { what: `${what}: event loop late, longest`, unit: 'ms', runs: days.map(({ longestMs }) => longestMs) },
    {
      what: 'memory grown after the movements of a week',
      unit: 'MB',
      runs: days.map(({ grownMb }) => grownMb),
      goal: { most: 5 },
    },
  ];
}

export const day: Bench = {
  about: 'a school day: bytes written, how late the event loop was, memory after the movements of a week',
  runs: 3,
  measure,
};
