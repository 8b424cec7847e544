/** How fast a queue of marks gets into the MIS once it may, against the pace at which the box may ask. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fastestMs } from '../../device/domain/back-off.ts';
import { Porter } from '../support/porter.ts';
import type { Bench, Given } from './bench.ts';
import type { Figure } from './figures.ts';
import { everybody, signInAll, takeRegister } from './rush.ts';

const dayMs = 24 * 3_600_000;
const dates = ['2026-11-23', '2026-11-24'];
const roundTripMs = 100;
const writeBackMs = 2_000;
const drainedMaxMs = 15 * 60_000;

/**
 * So many marks of each of two days wait in a box whose outbox was frozen by staff: the MIS has been there all the time, and both
 * registers are taken.
 */
async function waiting({ nodeFlags, quick }: Given, each: number): Promise<Porter> {
  const porter = await Porter.start({
    ...{ clock: `${dates[0] ?? ''}T08:45`, nodeFlags, delayMs: writeBackMs },
    settings: '[late]\nhold_seconds = 0\n',
  });
  await porter.until('the roster is there', (state) => state.roster.pupils > 1000);
  await porter.tell('freeze');
  for (const date of quick ? dates.slice(0, 1) : dates) {
    if (date !== dates[0]) {
      await porter.kill('SIGTERM');
      porter.later(dayMs);
      await porter.run();
    }
    const pupils = await everybody(porter);
    if (pupils.length < each) throw new Error(`there are only ${String(pupils.length)} pupils`);
    await signInAll(porter, pupils.slice(0, each), 20);
    await takeRegister(porter, date);
  }
  return porter;
}

interface Drained {
  readonly ms: number;
  readonly counts: Readonly<Record<string, number>>;
}
const requestsOf = ({ counts }: Drained): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Until each has been read back from the MIS. */
async function drained(porter: Porter, marks: number): Promise<Drained> {
  await porter.mis.control.slow(roundTripMs);
  await porter.mis.control.forgetRequests();
  const began = performance.now();
  await porter.tell('thaw');
  for (;;) {
    const { sum } = await porter.state();
    if (sum.confirmed >= marks) break;
    if (performance.now() - began > drainedMaxMs) throw new Error(`not drained: ${JSON.stringify(sum)}`);
    await sleep(250);
  }
  const ms = performance.now() - began;
  const { counts } = await porter.mis.control.requests();
  return { ms, counts };
}

async function measure(given: Given): Promise<readonly Figure[]> {
  const each = given.quick ? 20 : 750;
  const marks = given.quick ? each : 2 * each;
  const all: Drained[] = [];
  for (let run = 0; run < given.runs; run += 1) {
    const porter = await waiting(given, each);
    try {
      all.push(await drained(porter, marks));
    } finally {
      await porter.stop();
    }
    given.say(`run ${String(run + 1)} of ${String(given.runs)}: ${JSON.stringify(all.at(-1))}`);
  }
  // The first request need not wait.
  const floors = all.map((one) => {
    const requests = requestsOf(one);
    return Math.max(requests * roundTripMs, (requests - 1) * fastestMs) + writeBackMs;
  });
  const what = `${String(marks)} queued marks, until each is confirmed`;
  const seconds = (ms: readonly number[]): readonly number[] => ms.map((one) => one / 1000);
  return [
    {
      ...{ what, unit: 's', runs: seconds(all.map(({ ms }) => ms)), goal: { times: 1.1 } },
      against: { what: 'its requests at two a second, and the write-back', runs: seconds(floors) },
    },
    {
      note: Object.entries(all.at(-1)?.counts ?? {})
        .map(([what, count]) => `${what} ${String(count)}`)
        .join(', '),
      what: 'requests for 50 marks',
      unit: '',
      runs: all.map((one) => (requestsOf(one) * 50) / marks),
      goal: { most: 4 },
    },
  ];
}

export const queue: Bench = {
  about: '1,500 queued marks and an MIS 100 ms away, against the pace at which the box may ask it',
  runs: 3,
  measure,
};
