/**
 * All boxes of a country after an outage of the service that they share: the real line to the MIS of each (gate, back-off, waits that are
 * kept, jitter) in simulated time, against a service that takes so many requests a second. The outage lasts from 07:30 to 09:30
 * on a Monday: when it ends, all boxes have marks that wait.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { batchMax } from '../../device/domain/outbox.ts';
import type { MisConnector, MisRefusal } from '../../device/mis/connector.ts';
import { Line } from '../../device/mis/line.ts';
import { nothingLearnt } from '../../device/mis/memory.ts';
import type { MisMemory } from '../../device/mis/memory.ts';
import { offsetOf } from '../../device/mis/roster-schedule.ts';
import type { Clock, Random, Timers } from '../../device/system/ports.ts';
import { seededRandom, silent } from '../support/box.ts';
import type { Bench, Given } from './bench.ts';
import { median, quantile } from './figures.ts';
import type { Figure } from './figures.ts';
import { fleetPlot } from './fleet-plot.ts';
import { SimulatedTime } from './simulated-time.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
/** 07:30 on a Monday in winter. */
const outageFrom = Date.UTC(2026, 10, 23, 7, 30);
const outageMs = 2 * hour;
/** Two hours to drain: then it has failed. */
const endMs = 4 * hour;
const boxesOfAll = 20_000;
const requestsASecond = 200;
/** A service tells those that it refuses to come again; how soon is for it to say, and this one says nothing. */
const retryAfterMs = null;
const latencyMs = 100;
/** Start to start of a box's requests (`wonde/client.ts`). */
const gapMs = 500;
/** Rows of a register in one request. */
const pageRows = 200;
/** As in England: of five schools four are primary schools. */
const primaryShare = 0.8;
const sweepEveryMs = 10 * minute;
/** 08:40: the register opens, and with it the looks through it. */
const schoolAtMs = 70 * minute;
const settleAfterMs = 3 * second;
const roundEveryMs = 500;

/** Counts by ten seconds, for the plot. */
export const plotStepMs = 10 * second;

class Service {
  readonly taken: number[] = [];
  readonly refused: number[] = [];
  private readonly time: SimulatedTime;
  private readonly limit: number;
  private readonly seconds = new Map<number, number>();

  constructor(time: SimulatedTime, limit: number) {
    this.time = time;
    this.limit = limit;
  }

  /** One request, and what came of it. */
  async request(): Promise<{ readonly ok: true } | MisRefusal> {
    const now = this.time.mono();
    await this.time.sleep(latencyMs);
    if (now < outageMs) return { ok: false, failure: { kind: 'unreachable', words: 'No connection.' } };
    const at = Math.floor(now / second);
    const sofar = this.seconds.get(at) ?? 0;
    const step = Math.floor(now / plotStepMs);
    if (sofar >= this.limit) {
      this.refused[step] = (this.refused[step] ?? 0) + 1;
      return { ok: false, failure: { kind: 'throttled', retryAfterMs, words: 'Too many.' } };
    }
    this.seconds.set(at, sofar + 1);
    this.taken[step] = (this.taken[step] ?? 0) + 1;
    return { ok: true };
  }

  /** So many, one after the other at a box's own pace; the first that fails ends it. */
  async requests(count: number): Promise<{ readonly ok: true } | MisRefusal> {
    for (let n = 0; n < count; n += 1) {
      if (n > 0) await this.time.sleep(gapMs - latencyMs);
      const answer = await this.request();
      if (!answer.ok) return answer;
    }
    return { ok: true };
  }
}

/** What the sender does in its rounds, with the line that it does it by. */
class Box {
  /** When its last mark of the outage was confirmed, ms after the end of the outage. */
  drainedAt: number | null = null;
  private readonly line: Line;
  private readonly time: SimulatedTime;
  private readonly service: Service;
  private readonly memory: { data: MisMemory; write(data: MisMemory): Promise<void> };
  /** When each mark may be sent. */
  private waiting: readonly number[];
  private settleAt: number | null = null;
  private sweepAt: number;
  /** Requests of a look through the present register. */
  private readonly pages: number;

  constructor(time: SimulatedTime, service: Service, random: Random) {
    const id = random.id();
    this.time = time;
    this.service = service;
    this.memory = {
      data: nothingLearnt,
      write(data) {
        this.data = data;
        return Promise.resolve();
      },
    };
    const ask = async <T>(value: T) => {
      const answer = await service.request();
      return answer.ok ? ({ ok: true, value } as const) : answer;
    };
    const health = { online: true, allowsWriteback: true, mis: null, capabilities: { mark: true } };
    const connector = { kind: 'wonde', health: () => ask(health) } as unknown as MisConnector;
    const clock: Pick<Clock, 'now' | 'mono'> = { now: () => outageFrom + time.mono(), mono: () => time.mono() };
    const timers: Timers = time.timers;
    this.line = new Line({ connector, memory: this.memory, clock: clock as Clock, timers, random, log: silent });
    this.sweepAt = schoolAtMs + (offsetOf(id) % sweepEveryMs);
    const pupils = random.uniform() < primaryShare ? 180 + 240 * random.uniform() : 800 + 600 * random.uniform();
    this.pages = Math.ceil(pupils / pageRows);
    this.waiting = marksOf(pupils, random);
  }

  async live(): Promise<void> {
    while (this.time.mono() < endMs) {
      await this.round();
      const { waitUntil } = this.memory.data;
      const next = this.waiting.length > 0 || this.settleAt !== null ? this.time.mono() + roundEveryMs : this.nextDue();
      // What a round would find shut is not looked at: there are a great many of them.
      await this.time.sleep(
        Math.max(roundEveryMs, (waitUntil ?? 0) - outageFrom - this.time.mono(), next - this.time.mono()),
      );
      if (this.isOver()) return;
    }
  }

  private isOver(): boolean {
    return this.drainedAt !== null && this.time.mono() > this.time.horizonMs;
  }

  private nextDue(): number {
    return Math.min(this.sweepAt, ...(this.settleAt === null ? [] : [this.settleAt]));
  }

  /** As `Sender.oneRound`: health, what flies, what waits, then a look through the register. */
  private async round(): Promise<void> {
    const { line, service } = this;
    const now = this.time.mono();
    const due = this.waiting.filter((at) => at <= now);
    const settles = this.settleAt !== null && this.settleAt <= now;
    if (!line.mayAsk() || (due.length === 0 && !settles && this.sweepAt > now)) return;
    if ((await line.healthNow()) === null) return;
    if (settles) await this.settle();
    if (due.length > 0 && this.settleAt === null) await this.send(due.slice(0, batchMax));
    if (this.sweepAt <= this.time.mono()) {
      this.sweepAt = this.time.mono() + sweepEveryMs;
      await line.ask('register', () => service.requests(this.pages));
    }
  }

  private async send(batch: readonly number[]): Promise<void> {
    const { line, service } = this;
    const read = await line.ask('register', () => service.requests(1));
    if (!read.ok) return;
    const written = await line.write(() => service.requests(1));
    if (!written.ok) return;
    const sent = new Set(batch);
    this.waiting = this.waiting.filter((at) => !sent.has(at));
    this.settleAt = this.time.mono() + settleAfterMs;
  }

  private async settle(): Promise<void> {
    const { line, service } = this;
    const told = await line.ask('write-back', () => service.requests(1));
    if (!told.ok) return;
    const read = await line.ask('register', () => service.requests(1));
    if (!read.ok) return;
    this.settleAt = null;
    const isOf = (at: number): boolean => at <= outageMs;
    if (!this.waiting.some(isOf)) this.drainedAt ??= Math.max(0, this.time.mono() - outageMs);
  }
}

/** Late pupils from 08:41 to 09:05, most of them about 08:53: three in a hundred; held for a minute. Each at a time of its own. */
function marksOf(pupils: number, random: Random): readonly number[] {
  const count = Math.ceil(pupils * 0.03 * (0.5 + random.uniform()));
  return Array.from({ length: count }, (_, n) => {
    const bell = (random.uniform() + random.uniform() + random.uniform()) / 3;
    return schoolAtMs + Math.round((1 + bell * 24 + 1) * minute) + n / 1000;
  });
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
  const service = new Service(time, limit);
  const all = Array.from({ length: boxes }, (_, n) => new Box(time, service, seededRandom(seed * 1_000_000 + n)));
  for (const box of all) void box.live();
  await time.run(() => all.every(({ drainedAt }) => drainedAt !== null));
  const drained = all.map(({ drainedAt }) => drainedAt ?? endMs - outageMs);
  const left = all.filter(({ drainedAt }) => drainedAt === null).length;
  return { drained, left, taken: service.taken, refused: service.refused };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

async function measure({ runs, quick, say }: Given): Promise<readonly Figure[]> {
  const [boxes, limit] = quick ? [200, 2] : [boxesOfAll, requestsASecond];
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= runs; seed += 1) {
    const outcome = await play(boxes, limit, seed);
    say(`seed ${String(seed)}: ${String(outcome.left)} boxes are not drained two hours after the outage`);
    outcomes.push(outcome);
  }
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
      ...{ what: `${fleet}: drained, slowest tenth`, unit: 'min', goal: { times: 1.5 } },
      runs: of(({ drained }) => quantile(drained, 0.9) / minute),
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
  runs: 3,
  measure,
};
