/** From the touch to the answer that stands on the disk, against one fdatasync: alone, and with staff pages and the sender at work. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ViewName } from '../../device/contract/staff.ts';
import { Porter } from '../support/porter.ts';
import type { KioskClient } from '../support/porter.ts';
import { staffSocket } from '../support/staff-client.ts';
import type { Bench, Given } from './bench.ts';
import { quantile } from './figures.ts';
import type { Figure, Goal } from './figures.ts';
import { everybody, signIn, signInAll, takeRegister } from './rush.ts';
import { SyncFloor } from './sync-floor.ts';

const pages = 20;
/** A commit of a late arrival (`scripts/bench journal`). */
const commitBytes = 1_162;
/** Of the rush: 200 in ten minutes, twenty times as fast. */
const everyMs = 150;
/** At once, in the measure of how many a second. */
const together = 20;

interface Watching {
  readonly url: string;
  readonly cookie: string;
}

/**
 * The process beside: opens the pages, half of them at Now, half at Marks, and answers when they are open. At a school they are other
 * machines: here they get what is left of this one.
 */
function openPages(): void {
  setPriority(constants.priority.PRIORITY_LOW);
  process.on('message', ({ url, cookie }: Watching) => {
    const open = async (): Promise<void> => {
      for (let page = 0; page < pages; page += 1) {
        const view: ViewName = page % 2 === 0 ? 'now' : 'marks';
        const socket = await staffSocket(url, cookie);
        await socket.emitWithAck('watch', view);
      }
      process.send?.('open');
    };
    void open();
  });
}

/** A box whose kiosk is open, and who has not come yet. */
class Box {
  readonly kiosk: KioskClient;
  readonly porter: Porter;
  private readonly waiting: string[];

  private constructor(porter: Porter, kiosk: KioskClient, waiting: readonly string[]) {
    this.porter = porter;
    this.kiosk = kiosk;
    this.waiting = [...waiting];
  }

  /** Marks are sent after so many seconds. */
  static async open(nodeFlags: readonly string[], holdSeconds: number): Promise<Box> {
    const settings = `[late]\nhold_seconds = ${String(holdSeconds)}\n`;
    const porter = await Porter.start({ clock: '2026-11-23T08:45', nodeFlags, settings });
    await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
    await takeRegister(porter, '2026-11-23');
    const kiosk = await porter.kiosk();
    return new Box(porter, kiosk, await everybody(porter));
  }

  signIn(): Promise<number> {
    const pupil = this.waiting.pop();
    if (pupil === undefined) throw new Error('everybody is in');
    return signIn(this.kiosk, pupil);
  }

  /** Sign-ins a second, so many of them. */
  async rate(count: number): Promise<number> {
    const began = performance.now();
    await signInAll(this.porter, this.waiting.splice(0, count), together);
    return count / ((performance.now() - began) / 1000);
  }

  async close(): Promise<void> {
    this.kiosk.close();
    await this.porter.stop();
  }
}

async function withPages(porter: Porter): Promise<ChildProcess> {
  const child = fork(process.argv[1] ?? '', ['--beside', 'touch']);
  child.send({ url: porter.staffUrl, cookie: await porter.signIn('attendance') } satisfies Watching);
  await once(child, 'message');
  return child;
}

interface Times {
  readonly alone: readonly number[];
  readonly sending: readonly number[];
  readonly busy: readonly number[];
  readonly sync: readonly number[];
}

/** The floor and the box alone turn about; then each of those that send, until it has nothing more to send: that would be in their way. */
async function oneRun({ alone, sending, busy }: Boxes, floor: SyncFloor, each: number): Promise<Times> {
  const times = { alone: [] as number[], sending: [] as number[], busy: [] as number[], sync: [] as number[] };
  for (let n = 0; n < each; n += 1) {
    times.alone.push(await alone.signIn());
    await sleep(everyMs / 2);
    times.sync.push(floor.once());
    await sleep(everyMs / 2);
  }
  for (const [box, found] of [
    [sending, times.sending],
    [busy, times.busy],
  ] as const) {
    for (let n = 0; n < each; n += 1) {
      found.push(await box.signIn());
      await sleep(everyMs);
    }
    await box.porter.until('everything is sent', ({ sum }) => sum.waiting === 0, 180_000);
  }
  return times;
}

/** `sending` has its sender at work, `busy` the pages as well. */
interface Boxes {
  readonly alone: Box;
  readonly sending: Box;
  readonly busy: Box;
}

const goal: Goal = { times: 1.5, plus: 2 };

async function measure({ runs, quick, folder, nodeFlags, say }: Given): Promise<readonly Figure[]> {
  const each = quick ? 2 : Math.floor(500 / runs);
  const atOnce = quick ? 5 : 100;
  const floor = new SyncFloor(join(folder, 'floor'), commitBytes);
  const alone = await Box.open(nodeFlags, 3_600);
  const sending = await Box.open(nodeFlags, 0);
  const busy = await Box.open(nodeFlags, 0);
  const staff = await withPages(busy.porter);
  try {
    const all: Times[] = [];
    for (let run = 0; run < runs; run += 1) {
      all.push(await oneRun({ alone, sending, busy }, floor, each));
      say(`run ${String(run + 1)} of ${String(runs)}`);
    }
    const rates: number[] = [];
    // All but those of the first five runs have been in by then.
    for (let run = 0; run < Math.min(runs, 5); run += 1) rates.push(await alone.rate(atOnce));
    const figure = (what: string, of: 'alone' | 'busy', share: number): Figure => ({
      ...{ what, unit: 'ms', goal, runs: all.map((times) => quantile(times[of], share)) },
      against: { what: 'fdatasync', runs: all.map(({ sync }) => quantile(sync, share)) },
    });
    return [
      figure('touch to durable answer, p50', 'alone', 0.5),
      figure('touch to durable answer, p99', 'alone', 0.99),
      figure(`the same with ${String(pages)} staff pages and the sender at work, p50`, 'busy', 0.5),
      figure(`the same with ${String(pages)} staff pages and the sender at work, p99`, 'busy', 0.99),
      withPagesFigure(all, 0.5, 'p50'),
      withPagesFigure(all, 0.99, 'p99'),
      { what: `sign-ins, ${String(together)} at once`, unit: 'a second', runs: rates, goal: { least: 200 } },
    ];
  } finally {
    staff.kill();
    floor.close();
    for (const box of [alone, sending, busy]) await box.close();
  }
}

/** Pages that staff keep open: a tenth is what the pupil at the kiosk may feel of them. */
const withPagesFigure = (all: readonly Times[], share: number, name: string): Figure => ({
  ...{ what: `the same against the sender at work and no page, ${name}`, unit: 'ms', goal: { times: 1.1 } },
  runs: all.map(({ busy }) => quantile(busy, share)),
  against: { what: 'no page', runs: all.map(({ sending }) => quantile(sending, share)) },
});

export const touch: Bench = {
  about:
    'touch to durable answer, alone and with 20 staff pages and a sender at work, against one fdatasync; sign-ins a second',
  runs: 5,
  measure,
  beside: openPages,
};
