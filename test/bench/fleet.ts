/**
 * All boxes of a country after an outage of the service that they share: the real sender, ledger and connector of each (gate, back-off,
 * batches, pages, waits that are kept, jitter) in simulated time, against a service that takes so many requests a second. The outage
 * lasts from 07:30 to 09:30 on a Monday: when it ends, all boxes have marks that wait, and every register has been taken.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger } from '../../device/domain/ledger.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import type { Body, Instant, Recorded } from '../../device/domain/record.ts';
import type { MisConnector } from '../../device/mis/connector.ts';
import { nothingLearnt } from '../../device/mis/memory.ts';
import type { MisMemory } from '../../device/mis/memory.ts';
import { Sender } from '../../device/mis/sender.ts';
import { createWondeConnector } from '../../device/mis/wonde/connector.ts';
import type { Clock, Random } from '../../device/system/ports.ts';
import { seededRandom, silent } from '../support/box.ts';
import type { Bench, Given } from './bench.ts';
import { median, quantile } from './figures.ts';
import type { Figure } from './figures.ts';
import { fleetPlot } from './fleet-plot.ts';
import { FleetSchool, Service } from './fleet-service.ts';
import { SimulatedTime } from './simulated-time.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const date = '2026-11-23';
/** 07:30 of that day, a Monday in winter. */
const outageFrom = Date.UTC(2026, 10, 23, 7, 30);
const outageMs = 2 * hour;
/** Two hours to drain: then it has failed. */
const endMs = 4 * hour;
const boxesOfAll = 20_000;
const requestsASecond = 200;
/** As in England: of five schools four are primary schools. */
const primaryShare = 0.8;
/** 08:40: the register opens. */
const registerAtMs = 70 * minute;
const holdMs = minute;
/** The sender looks for work so often, and here a box that has none not so often: there are a great many of them. */
const roundEveryMs = 500;
/** Each box has its own place in so long, in which it looks at the register (`mis/sweep.ts`): so it finds its outage sooner or later. */
const placesMs = 10 * minute;
const idleEveryMs = 10 * second;

/** Counts by ten seconds, for the plot. */
export const plotStepMs = 10 * second;

/** Rosters are shared: nobody changes them, and a hundred pupils of 20,000 schools are two million. */
const rosters = new Map<number, { readonly pupils: readonly Pupil[]; byKey(key: string): Pupil | undefined }>();
function rosterOf(count: number) {
  const known = rosters.get(count);
  if (known !== undefined) return known;
  const pupils = Array.from({ length: count }, (_, n): Pupil => {
    const key = `pupil-${String(n)}`;
    const name = { forename: 'Amara', surname: 'Okafor', yearGroup: 'Year 9', registrationGroup: '9A' };
    return { key, misId: `A${String(n)}`, ...name, birthMonth: 5, flags: [] };
  });
  const byKey = new Map(pupils.map((pupil) => [pupil.key, pupil]));
  const roster = { pupils, byKey: (key: string) => byKey.get(key) };
  rosters.set(count, roster);
  return roster;
}

/** What a box knows that has been in service this school year. */
const inService: MisMemory = { ...nothingLearnt, mis: 'SIMS', codesYear: 2026 };

class Box {
  /** When its last mark of the outage was confirmed, ms after the end of the outage. */
  drainedAt: number | null = null;
  private readonly ledger = new Ledger();
  private readonly sender: Sender;
  private readonly connector: MisConnector;
  private readonly time: SimulatedTime;
  private readonly memory = {
    data: inService,
    write(data: MisMemory): Promise<void> {
      this.data = data;
      return Promise.resolve();
    },
  };
  /** When each late pupil touches the screen, the next one last. */
  private readonly coming: number[];
  private records = 0;

  constructor(time: SimulatedTime, service: Service, random: Random) {
    this.time = time;
    const size = random.uniform() < primaryShare ? 180 + 240 * random.uniform() : 800 + 600 * random.uniform();
    const roster = rosterOf(10 * Math.round(size / 10));
    this.coming = lates(roster.pupils.length, random);
    const late = roster.pupils.slice(0, this.coming.length);
    const school = new FleetSchool(roster.pupils, late, date, () => outageFrom + time.mono());
    const clock: Clock = {
      ...{ now: () => outageFrom + time.mono(), mono: () => time.mono(), boot: 'boot' },
      ...{ trusted: () => true, sources: () => ['system'], rtcOffMs: () => null },
      reading: (agoMs = 0) => this.instant(time.mono() - agoMs),
    };
    const { timers } = time;
    const ports = { clock, timers, open: () => service.connection(school) };
    const address = { baseUrl: 'https://wonde.example/v1.0', token: 'none', version: '0', schoolId: 'A1' };
    this.connector = createWondeConnector(address, ports);
    this.sender = new Sender({
      ...{ clock, timers, random, log: silent, memory: this.memory, journalId: random.id() },
      connector: this.connector,
      ledger: () => this.ledger,
      commit: (bodies) => Promise.resolve(this.commit(bodies)),
      roster: () => roster,
      rules: () => ({ writeBack: true, holdMs, timeZone: 'Europe/London' }),
      today: () => ({ date, session: 'AM' }),
    });
  }

  /** `phaseMs`: its rounds are not those of the others. */
  async live(phaseMs: number): Promise<void> {
    await this.connector.codes(AbortSignal.timeout(hour), 0);
    await this.time.sleep(phaseMs);
    while (this.time.mono() < endMs) {
      this.come();
      if (this.sender.line.mayAsk()) await this.sender.work();
      if (this.coming.length === 0 && this.ledger.unsettled.size === 0)
        this.drainedAt ??= Math.max(0, this.time.mono() - outageMs);
      await this.time.sleep(this.restMs());
    }
  }

  private restMs(): number {
    const { waitUntil } = this.memory.data;
    if (waitUntil !== null) return Math.max(roundEveryMs, waitUntil - outageFrom - this.time.mono());
    return this.ledger.unsettled.size > 0 ? roundEveryMs : idleEveryMs;
  }

  private come(): void {
    for (let at = this.coming.at(-1); at !== undefined && at <= this.time.mono(); at = this.coming.at(-1)) {
      const n = this.coming.length - 1;
      this.coming.pop();
      const pupil = `pupil-${String(n)}`;
      const touch = this.instant(at);
      const [movement] = this.commit([
        { type: 'movement', v: 1, kind: 'late-arrival', pupil, visit: pupil, reason: 'bus', touch, by: 'pupil' },
      ]);
      if (movement === undefined) continue;
      this.commit([
        {
          ...{ type: 'decided', v: 1, movement: movement.ref, pupil, date, session: 'AM', outcome: 'late' },
          want: { kind: 'mark', code: 'L', minutes: Math.round((at - registerAtMs) / minute) },
          ...{ comment: `Late: bus (Porter ${String(n)})`, rule: 'late', settings: '' },
          ...{ mayReplacePresent: false, afterClose: false },
        },
      ]);
    }
  }

  private commit(bodies: readonly Body[]): readonly Recorded[] {
    return bodies.map((body) => {
      this.records += 1;
      const n = this.records;
      const record = { ...body, ref: `j:${String(n)}`, n, run: 'run', at: this.instant(this.time.mono()) };
      this.ledger.apply(record);
      return record;
    });
  }

  private instant(mono: number): Instant & { readonly latest: number } {
    const at = outageFrom + mono;
    return { earliest: at, latest: at, mono, boot: 'boot' };
  }
}

/** Late pupils from 08:41 to 09:05, most of them about 08:53: three in a hundred. The first comes last in the list. */
function lates(pupils: number, random: Random): number[] {
  const count = Math.ceil(pupils * 0.03 * (0.5 + random.uniform()));
  const all = Array.from({ length: count }, () => {
    const bell = (random.uniform() + random.uniform() + random.uniform()) / 3;
    return registerAtMs + Math.round((1 + bell * 24) * minute);
  });
  return all.sort((one, other) => other - one);
}

interface Outcome {
  /** Of each box, ms after the outage; of those that are not drained, the end of the model. */
  readonly drained: readonly number[];
  /** So many are not. */
  readonly left: number;
  readonly taken: readonly number[];
  readonly refused: readonly number[];
}

async function play(boxes: number, limit: number, seed: number): Promise<Outcome> {
  const time = new SimulatedTime(endMs);
  const service = new Service(time, { outageMs, requestsASecond: limit, stepMs: plotStepMs });
  const all = Array.from({ length: boxes }, (_, n) => new Box(time, service, seededRandom(seed * 1_000_000 + n)));
  for (const [n, box] of all.entries()) void box.live((n * placesMs) / boxes);
  await time.run(() => all.every(({ drainedAt }) => drainedAt !== null));
  const drained = all.map(({ drainedAt }) => drainedAt ?? endMs - outageMs);
  const left = all.filter(({ drainedAt }) => drainedAt === null).length;
  return { drained, left, taken: service.taken, refused: service.refused };
}

interface Play {
  readonly boxes: number;
  readonly limit: number;
  readonly seed: number;
}

/** In a process of its own: what 20,000 schools have and know takes gigabytes. */
async function playBeside(given: Play): Promise<Outcome> {
  const execArgv = ['--max-old-space-size=8000', '--max-semi-space-size=128'];
  const child = fork(process.argv[1] ?? '', ['--beside', 'fleet'], { execArgv, serialization: 'advanced' });
  child.send(given);
  const ended = once(child, 'exit').then(() => {
    throw new Error('the fleet ended before it was drained');
  });
  const [outcome] = (await Promise.race([once(child, 'message'), ended])) as [Outcome];
  ended.catch(() => undefined);
  child.kill();
  return outcome;
}

function beside(): void {
  process.on('message', ({ boxes, limit, seed }: Play) => {
    void play(boxes, limit, seed).then((outcome) => process.send?.(outcome));
  });
}

/** Their mean. */
function slowestTenth(drained: readonly number[]): number {
  const from = quantile(drained, 0.9);
  const slow = drained.filter((ms) => ms >= from);
  return sum(slow) / slow.length;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

async function measure({ runs, quick, say }: Given): Promise<readonly Figure[]> {
  const [boxes, limit] = quick ? [200, 2] : [boxesOfAll, requestsASecond];
  // All at once: their time is simulated.
  const outcomes = await Promise.all(
    Array.from({ length: Math.min(runs, 2) }, async (_, n) => {
      const outcome = await playBeside({ boxes, limit, seed: n + 1 });
      say(`seed ${String(n + 1)}: ${String(outcome.left)} boxes are not drained two hours after the outage`);
      return outcome;
    }),
  );
  const of = (figure: (outcome: Outcome) => number): readonly number[] => outcomes.map(figure);
  const [first] = outcomes;
  if (first !== undefined && !quick) {
    writeFileSync(
      join(import.meta.dirname, '../bench/fleet.svg'),
      fleetPlot({ ...first, limit, outageMs, stepMs: plotStepMs }),
    );
  }
  const last = ({ drained }: Outcome): number => Math.max(...drained);
  const fleet = `${boxes.toLocaleString('en-GB')} boxes`;
  return [
    {
      ...{ what: `${fleet}: requests refused`, unit: '%', goal: { most: 20 } },
      runs: of(({ taken, refused }) => (100 * sum(refused)) / (sum(taken) + sum(refused))),
    },
    {
      ...{ what: `${fleet}: of the limit used until all are drained`, unit: '%', goal: { least: 75 } },
      runs: of((outcome) => (100 * sum(outcome.taken)) / ((last(outcome) / second) * limit)),
    },
    {
      ...{ what: `${fleet}: drained, mean of the slowest tenth`, unit: 'min', goal: { times: 1.5 } },
      runs: of(({ drained }) => slowestTenth(drained) / minute),
      against: { what: 'median', runs: of(({ drained }) => median(drained) / minute) },
    },
    { what: `${fleet}: the last is drained`, unit: 'min', runs: of((outcome) => last(outcome) / minute) },
    {
      what: `${fleet}: not drained two hours after the outage`,
      unit: 'boxes',
      runs: of(({ left }) => left),
      goal: { most: 0 },
    },
  ];
}

export const fleet: Bench = {
  about:
    '20,000 boxes after an outage from 07:30 to 09:30 on a Monday, against a service that takes 200 requests a second (simulated time)',
  runs: 2,
  measure,
  beside,
};
