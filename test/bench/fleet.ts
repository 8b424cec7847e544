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
/** Start to start of a box's requests, and its waits before a further page that was refused (`wonde/client.ts`). */
const gapMs = 500;
const pageWaitsMs = [2_300, 4_700, 8_600];
/** Rows of a register in one request (`wonde/pages.ts`): it is read as a whole, but for one pupil alone (`wonde/marks.ts`). */
const pageRows = 200;
/** What was read may be used again, and written by (`mis/registers.ts`, `mis/sender.ts`). */
const latelyMs = 10 * second;
const readMaxMs = 40 * second;
/** The school is asked about anew, besides its state (`wonde/school.ts`). */
const infoMaxMs = hour;
/** As in England: of five schools four are primary schools. */
const primaryShare = 0.8;
/** From 07:30 on (`mis/sweep.ts`). */
const sweepEveryMs = 10 * minute;
const sweepTroubledMs = 20 * minute;
const readBackMs = minute;
/** 08:40: the register opens. */
const registerAtMs = 70 * minute;
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

  /** A list of so many pages, one after the other at a box's own pace; the first that fails ends it. */
  async pages(count: number): Promise<{ readonly ok: true } | MisRefusal> {
    let answer = await this.request();
    for (let n = 1; n < count && answer.ok; n += 1) {
      await this.time.sleep(gapMs - latencyMs);
      answer = await this.furtherPage();
    }
    return answer;
  }

  private async furtherPage(): Promise<{ readonly ok: true } | MisRefusal> {
    for (const waitMs of pageWaitsMs) {
      const answer = await this.request();
      if (answer.ok || answer.failure.kind !== 'throttled') return answer;
      await this.time.sleep(waitMs);
    }
    return this.request();
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
  /** The batch on its way, and when it is read back. */
  private flight: { readonly pages: number; readonly settleAt: number } | null = null;
  private sweptAt: number;
  /** Of the present register. */
  private readonly pages: number;
  /** When it was last read, and so much of it. */
  private lately = { at: -Infinity, pages: 0 };

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
    const value = { online: true, allowsWriteback: true, mis: null, capabilities: { mark: true } };
    let infoAt = -Infinity;
    const health = async () => {
      if (time.mono() - infoAt > infoMaxMs) {
        const info = await service.request();
        if (!info.ok) return info;
        infoAt = time.mono();
        await time.sleep(gapMs - latencyMs);
      }
      const answer = await service.request();
      return answer.ok ? ({ ok: true, value } as const) : answer;
    };
    const connector = { kind: 'wonde', health } as unknown as MisConnector;
    const clock: Pick<Clock, 'now' | 'mono'> = { now: () => outageFrom + time.mono(), mono: () => time.mono() };
    const timers: Timers = time.timers;
    this.line = new Line({ connector, memory: this.memory, clock: clock as Clock, timers, random, log: silent });
    this.sweptAt = (offsetOf(id) % sweepEveryMs) - sweepEveryMs;
    const pupils = random.uniform() < primaryShare ? 180 + 240 * random.uniform() : 800 + 600 * random.uniform();
    this.pages = Math.ceil(pupils / pageRows);
    this.waiting = marksOf(pupils, random);
  }

  /** `phaseMs`: its rounds are not those of the others. */
  async live(phaseMs: number): Promise<void> {
    await this.time.sleep(phaseMs);
    while (this.time.mono() < endMs) {
      await this.round();
      // What a round would find shut is not looked at: there are a great many of them.
      const { waitUntil } = this.memory.data;
      const shutMs = (waitUntil ?? 0) - outageFrom - this.time.mono();
      const idleMs = this.nextDue() - this.time.mono();
      await this.time.sleep(Math.max(roundEveryMs, shutMs, Math.min(idleMs, sweepEveryMs)));
    }
  }

  private nextDue(): number {
    const sendAt = this.flight === null ? Math.min(...this.waiting) : this.flight.settleAt;
    return Math.min(sendAt, this.sweptAt + sweepEveryMs);
  }

  /** As `Sender.oneRound`: health, what flies, what waits, then a look through the register. */
  private async round(): Promise<void> {
    const { line, time } = this;
    const due = this.waiting.filter((at) => at <= time.mono());
    const settles = this.flight !== null && this.flight.settleAt <= time.mono();
    if (!line.mayAsk() || (due.length === 0 && !settles && !this.isSweepDue())) return;
    if ((await line.healthNow()) === null) return;
    const roundAt = time.mono();
    if (settles) await this.settle();
    if (due.length > 0 && this.flight === null) await this.send(due.slice(0, batchMax), roundAt);
    if (this.isSweepDue()) {
      this.sweptAt = time.mono();
      if (!this.hasRead(this.pages, time.mono() - latelyMs)) await this.read(this.pages);
    }
  }

  /** As `Sweep.next`. */
  private isSweepDue(): boolean {
    const restMs = sweepEveryMs - (this.time.mono() - this.sweptAt);
    if (restMs > 0) return false;
    if (this.hasRead(this.pages, this.time.mono() - latelyMs)) return true;
    if (this.line.wasTroubledWithin(sweepTroubledMs)) return restMs + sweepTroubledMs - sweepEveryMs <= 0;
    return this.flight === null || restMs + readBackMs <= 0;
  }

  /** As `Registers.seenSince`. */
  private hasRead(pages: number, since: number): boolean {
    return this.lately.pages >= pages && this.lately.at >= since;
  }

  private async read(pages: number): Promise<boolean> {
    const { line, service, time } = this;
    const at = time.mono();
    const read = await line.ask('register', () => service.pages(pages));
    if (read.ok) this.lately = { at, pages };
    return read.ok;
  }

  private async send(batch: readonly number[], roundAt: number): Promise<void> {
    const { line, service, time } = this;
    const pages = batch.length === 1 ? 1 : this.pages;
    if ((batch.length === 1 || !this.hasRead(pages, roundAt)) && !(await this.read(pages))) return;
    const leaveBy = this.lately.at + readMaxMs;
    const written = await line.write(() => (time.mono() > leaveBy ? Promise.resolve(tooLate) : service.request()));
    if (!written.ok) return;
    const sent = new Set(batch);
    this.waiting = this.waiting.filter((at) => !sent.has(at));
    this.flight = { pages, settleAt: time.mono() + settleAfterMs };
  }

  /** The service has written it by then. */
  private async settle(): Promise<void> {
    if (this.flight === null || !(await this.read(this.flight.pages))) return;
    this.flight = null;
    const isOf = (at: number): boolean => at <= outageMs;
    if (!this.waiting.some(isOf)) this.drainedAt ??= Math.max(0, this.time.mono() - outageMs);
  }
}

const tooLate = { ok: false, failure: { kind: 'too-late', words: 'What was read is too old.' } } as const;

/** Late pupils from 08:41 to 09:05, most of them about 08:53: three in a hundred; held for a minute. Each at a time of its own. */
function marksOf(pupils: number, random: Random): readonly number[] {
  const count = Math.ceil(pupils * 0.03 * (0.5 + random.uniform()));
  return Array.from({ length: count }, (_, n) => {
    const bell = (random.uniform() + random.uniform() + random.uniform()) / 3;
    return registerAtMs + Math.round((1 + bell * 24 + 1) * minute) + n / 1000;
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
  for (const [n, box] of all.entries()) void box.live((n * roundEveryMs) / boxes);
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
