/** One seed, one history: a school with its box, from a morning on, until so many steps have been made; then all heals and is judged. */
import type { MisFault } from '../../../device/demo/faults.ts';
import { seeded } from '../../../device/demo/random.ts';
import type { Seeded } from '../../../device/demo/random.ts';
import type { DemoPupil } from '../../../device/demo/school.ts';
import type { Settings } from '../../../device/domain/settings.ts';
import { hillView, hillViewWith } from '../../unit/hill-view.ts';
import { Auditor } from './auditor.ts';
import { MachineClock } from './clock.ts';
import { WorldDisk } from './disk.ts';
import { History, Violation } from './history.ts';
import { judge, waiting } from './judge.ts';
import { Machine, textOf } from './machine.ts';
import { madeUp, MisWorld } from './mis.ts';
import { day, epochOf, localOf, nextDate, registersOn } from './oracle.ts';
import { CameraWorld, PrinterWorld } from './parts.ts';
import { People } from './people.ts';
import { Schedule } from './schedule.ts';
import { fork, traitsOf } from './traits.ts';
import type { Traits } from './traits.ts';
import { Weather } from './weather.ts';

export interface Outcome {
  readonly seed: number;
  readonly steps: number;
  readonly days: number;
  readonly records: number;
  readonly marks: number;
  /** How often something rare has happened that only some lives have (`traits.ts`). */
  readonly counts: Readonly<Record<string, number>>;
  /** Of the whole history. */
  readonly digest: string;
  readonly violation: { readonly invariant: string; readonly what: string } | null;
  readonly tail: readonly string[];
}
export interface LifeOptions {
  readonly steps: number;
  /** See `traitsOf`. */
  readonly eventful?: boolean;
  readonly print?: (line: string) => void;
}

/** An ordinary week, both changes of the clocks, a day without school, the end of a term. */
const starts = ['2026-11-23', '2026-10-22', '2027-03-25', '2026-11-26', '2026-12-17', '2026-11-20'];
/** What is finished leaves the ledger after a month, by two looks on different days. */
const longLifeDays = 40;
/** Marked after a month, gone after a day, and some more of them. */
const keepingLifeDays = 46;
/** Every so many seeds: it takes half as long again. */
const looksOnEach = 4;
/** Whatever must come has come by then. */
const healMaxDays = 16;
/** Most MIS have none. */
const waysOfMis: readonly (readonly MisFault[])[] = [
  ...[[], [], [], [], []],
  [{ name: '404', path: 'writebacks', method: 'GET' }],
  [{ name: '403', path: 'writebacks', method: 'GET' }],
  [{ name: 'no-comment' }],
];
/** No fault lasts so long. */
const nightsDownMax = 5;
/** A world that does not get on. */
const eventsMax = 400_000;

export async function live(seed: number, { steps, print, eventful = false }: LifeOptions): Promise<Outcome> {
  const history = new History(print ?? null);
  const world = new World(seed, history, traitsOf(seed, eventful));
  let violation: Outcome['violation'] = null;
  try {
    await world.live(steps);
  } catch (error) {
    if (!(error instanceof Violation)) violation = { invariant: 'the world itself works', what: textOf(error) };
    else violation = { invariant: error.invariant, what: error.message };
  }
  return {
    seed,
    ...world.figures(),
    digest: history.digest(),
    violation,
    tail: violation === null ? [] : history.tail(80),
  };
}

class World {
  private readonly schedule: Schedule;
  private readonly settings: Settings;
  private readonly mis: MisWorld;
  private readonly machine: Machine;
  private readonly auditor: Auditor;
  private readonly people: People;
  private readonly weather: Weather;
  private readonly began: number;
  private readonly looksOn: boolean;
  private readonly notBefore: number;
  private events = 0;
  /** Midnights in a row at which no Porter ran. */
  private nightsDown = 0;

  constructor(seed: number, history: History, traits: Traits) {
    const chance = seeded(seed * 7919 + 17);
    const start = epochOf(chance.pick(starts), chance.pick([400, 465, 520, 600, 790]));
    this.began = start;
    this.looksOn = seed % looksOnEach === 0;
    // Quiet weeks, so that a life goes on over the month after which what is finished leaves the ledger.
    const isLong = chance.below(8) === 0 || traits.retention;
    this.notBefore = isLong ? start + (traits.retention ? keepingLifeDays : longLifeDays) * day : start;
    const schedule = new Schedule(start, seeded(chance.below(2 ** 31)));
    this.schedule = schedule;
    this.settings = someSettings(chance, traits);
    const pupils = somePupils(chance);
    const closed = [
      '2026-11-27',
      ...Array.from({ length: 12 }, (_, n) => localOf(Date.UTC(2026, 11, 21 + n, 12)).date),
    ];
    const mis = new MisWorld(schedule, chance, pupils, chance.pick([0, 1_000, 2_000, 20_000]), closed);
    this.mis = mis;
    if (traits.smallPages) mis.rowsMax = fork(seed, 'pages').pick([5, 10, 20]);
    const clock = new MachineClock(schedule, 'boot-0', traits.battery ? fork(seed, 'battery') : null);
    const disk = new WorldDisk();
    const [printer, camera] = [new PrinterWorld(), new CameraWorld()];
    const yearOf = (key: string): string | null => yearGroupOf(mis.mis.withUpi(key)?.yearCode ?? null);
    // Also the numbers that a pupil had before: the box learns of another one by its next roster only.
    const numbers = new Map<string, string>();
    const noteRoll = (): void => {
      for (const { id, upi } of mis.mis.onRoll()) numbers.set(id, upi);
    };
    const keyOf = (student: string): string | undefined => numbers.get(student);
    const auditor = new Auditor({ schedule, history, settings: this.settings, yearOf, keyOf, noteRoll, mis });
    this.auditor = auditor;
    mis.watcher = auditor;
    const segment = chance.pick([4_096, 20_000, 100_000]);
    const sizes = { segment: traits.retention ? 4_096 : segment, reserve: 2_048 };
    const { settings } = this;
    this.machine = new Machine({
      schedule,
      chance,
      seed,
      clock,
      disk,
      mis,
      printer,
      camera,
      settings,
      sizes,
      listener: auditor,
      traits,
    });
    auditor.machine = this.machine;
    printer.onByte = () => auditor.byte();
    auditor.booted(clock.boot, clock.bootedAt);
    mis.onStir = () => {
      this.machine.stir('line');
      this.people.misAnswered();
    };
    const keys = pupils.map(({ upi }) => upi);
    const bustle = isLong ? 0.08 : 1;
    const about = { schedule, chance, machine: this.machine, mis, auditor, settings, pupils: keys, bustle };
    this.people = new People({ ...about, traits, rare: fork(seed, 'people') });
    const storm = isLong ? 0.1 : chance.pick([0.2, 0.6, 1, 1]);
    this.weather = new Weather({
      schedule,
      chance,
      history,
      machine: this.machine,
      mis,
      disk,
      clock,
      printer,
      camera,
      storm,
      ways: seeded(seed * 104_729 + 5).pick(waysOfMis),
    });
  }

  async live(steps: number): Promise<void> {
    const { schedule, machine, weather } = this;
    machine.start();
    const first = localOf(schedule.now).date;
    const isOver = (): boolean => schedule.steps >= steps && schedule.now >= this.notBefore;
    this.planFrom(first, isOver);
    await this.until(isOver);
    weather.heal();
    await this.rest();
    if (this.looksOn) await this.lookOn();
    await this.rest();
    const before = this.sum();
    machine.kill();
    await this.until(() => machine.house !== null);
    const { house } = machine;
    if (house === null) throw new Violation('a healed box runs', 'it does not');
    if (this.sum() !== before) throw new Violation('records alone tell the sum', `${before} became ${this.sum()}`);
    judge({ house, auditor: this.auditor, mis: this.mis, settings: this.settings, lookedOn: this.looksOn });
  }

  private planFrom(date: string, isOver: () => boolean): void {
    if (isOver()) return;
    this.nightsDown = this.machine.house === null ? this.nightsDown + 1 : 0;
    if (this.nightsDown > nightsDownMax)
      throw new Violation('the box comes up again', `down since ${nightsDownMax} nights`);
    this.people.plan(date);
    this.weather.plan(date);
    const next = nextDate(date);
    this.schedule.at(epochOf(next, 1), () => this.planFrom(next, isOver));
  }

  private sum(): string {
    return JSON.stringify(this.machine.house?.desk.durable.sum());
  }

  /** Nothing waits, nor is anything that somebody has just begun not over. */
  private async rest(): Promise<void> {
    for (let tries = 0; tries < 5; tries += 1) {
      await this.settle();
      await this.pass(1_000);
      if (this.isSettled()) return;
    }
  }

  /** Days pass until nothing waits; people come and go no more. */
  private async settle(): Promise<void> {
    const until = this.schedule.now + healMaxDays * day;
    while (this.schedule.now < until) {
      await this.aQuarterDay();
      if (this.isSettled()) return;
    }
  }

  private isSettled(): boolean {
    const { house } = this.machine;
    return house !== null && waiting({ house }).length === 0;
  }

  /** Two more school days, on which the box may look what the school has done to its marks. */
  private async lookOn(): Promise<void> {
    let { date } = localOf(this.schedule.now);
    for (let left = 2; left > 0; left -= registersOn(date, 'Year 9', this.settings).AM === null ? 0 : 1)
      date = nextDate(date);
    while (this.schedule.now < epochOf(date, 18 * 60)) await this.aQuarterDay();
  }

  private aQuarterDay(): Promise<void> {
    this.people.letGoOn();
    return this.pass(day / 4);
  }

  private async pass(ms: number): Promise<void> {
    const { schedule, machine } = this;
    const target = schedule.now + ms;
    schedule.at(target, () => machine.stir(), 'idle');
    await this.until(() => schedule.now >= target);
  }

  private async until(done: () => boolean): Promise<void> {
    const { schedule, machine } = this;
    while (!done()) {
      this.events += 1;
      if (this.events > eventsMax) throw new Violation('the world gets on', `${eventsMax} events, and no end`);
      if (!(await schedule.step())) throw new Violation('the world gets on', 'nothing will ever happen again');
      machine.check();
    }
  }

  figures(): Pick<Outcome, 'steps' | 'days' | 'records' | 'marks' | 'counts'> {
    const ledger = this.machine.house?.desk.durable;
    return {
      steps: this.schedule.steps,
      days: Math.round((this.schedule.now - this.began) / day),
      records: ledger?.last ?? 0,
      marks: ledger?.marks.size ?? 0,
      counts: this.auditor.counts,
    };
  }
}

const yearGroupOf = (code: string | null): string | null =>
  code === null ? null : code === 'R' ? 'Reception' : `Year ${code}`;

function somePupils(chance: Seeded): readonly DemoPupil[] {
  const all = madeUp().pupils;
  const ofYear = (code: string, count: number): readonly DemoPupil[] => {
    const here = all.filter((pupil) => pupil.yearCode === code);
    const from = chance.below(here.length - count);
    return here.slice(from, from + count);
  };
  return ['R', '4', '7', '8', '9', '10', '11', '12', '13'].flatMap((code) =>
    ofYear(code, code === '9' ? 4 : 1 + chance.below(2)),
  );
}

function someSettings(chance: Seeded, { retention }: Traits): Settings {
  const leaveReasons: Settings['leaveReasons'] = [
    ...hillView.leaveReasons,
    { kind: 'leave', id: 'lunch', label: { en: 'Lunch' }, icon: null, laterSessionCode: null, back: { minutes: 60 } },
    { kind: 'leave', id: 'home', label: { en: 'Going home' }, icon: null, laterSessionCode: null, back: 'not-today' },
  ];
  const usual = hillViewWith({
    late: {
      afterClose: chance.pick(['office', 'code'] as const),
      replacePresent: chance.pick([true, true, false]),
      holdSeconds: chance.pick([0, 60, 60, 300]),
    },
    leave: {
      approval: { yearGroups: ['Reception', 'Year 4'], reasons: ['unwell'] },
      writeLaterSession: chance.pick([true, false]),
    },
  });
  return { ...usual, leaveReasons, ...(retention && { keep: { photos: 'same-day', events: 30 } }) };
}
