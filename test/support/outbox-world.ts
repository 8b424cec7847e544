/**
 * A box and its MIS in one process: the real desk, journal, sender and Wonde connector, the simulated MIS over loopback, one
 * clock for all that the test moves. After every single record the books are checked (`bookkeeper.ts`).
 */
import { expect } from 'vitest';
import type { SimMark } from '../../device/demo/mis-control.ts';
import { demoSchool } from '../../device/demo/school.ts';
import type { DemoPupil } from '../../device/demo/school.ts';
import { startMisSimulator } from '../../device/demo/simulator.ts';
import type { MisSimulator } from '../../device/demo/simulator.ts';
import type { MarkStateName } from '../../device/contract/staff.ts';
import type { Ledger } from '../../device/domain/ledger.ts';
import { markKey, stateOf } from '../../device/domain/mark.ts';
import type { Mark } from '../../device/domain/mark.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import type { Body, Recorded, VerdictBody } from '../../device/domain/record.ts';
import { localTime, sessionAt, withinKioskHours } from '../../device/domain/school-day.ts';
import type { SessionName, Settings } from '../../device/domain/settings.ts';
import type { MisConnector } from '../../device/mis/connector.ts';
import { nothingLearnt } from '../../device/mis/memory.ts';
import type { MisMemory } from '../../device/mis/memory.ts';
import { Sender } from '../../device/mis/sender.ts';
import { createWondeConnector } from '../../device/mis/wonde/connector.ts';
import { hillView } from '../unit/hill-view.ts';
import { Bookkeeper } from './bookkeeper.ts';
import { openBox, rosterOf, seededRandom, silent } from './box.ts';
import type { Box } from './box.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { steeredTime } from './steered-time.ts';
import type { SteeredTime } from './steered-time.ts';

/** Monday, ten minutes into the morning register of Hill View (08:40 to 09:10). */
export const mondayMorning = Date.UTC(2026, 10, 23, 8, 50);
export const monday = '2026-11-23';

export interface WorldOptions {
  readonly start?: number;
  readonly settings?: Settings;
  readonly pupils?: number;
  /** From a write to its mark in the MIS, ms. */
  readonly delayMs?: number;
  readonly seed?: number;
  /** Reads the present register for everybody every ten minutes, as a box does in school hours. */
  readonly sweeps?: boolean;
}

/** One run of the daemon. Dead: nothing it still does reaches disk or MIS. */
interface Run {
  alive: boolean;
  readonly box: Box;
  readonly sender: Sender;
}

const noConnection = {
  ok: false,
  failure: { kind: 'unreachable', words: 'No connection: check the school network.' },
} as const;
const never = new Promise<never>(() => undefined);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const time = steeredTime(options.start ?? mondayMorning, 5_000);
  const held = new Set<object>();
  const simulator = await startMisSimulator({
    now: () => time.clock.now(),
    delayMs: options.delayMs ?? 2_000,
    wait: async (ms) => {
      const answer = {};
      held.add(answer);
      await new Promise<void>((resolve) => time.timers.after(ms, resolve));
      held.delete(answer);
    },
  });
  const world = new World(options, time, simulator, held);
  await world.begin();
  return world;
}

export class World {
  readonly time: SteeredTime;
  readonly simulator: MisSimulator;
  readonly settings: Settings;
  /** On the roster of the box; a test may change it. */
  roster: readonly Pupil[];
  /** Looked up in the MIS and not there. */
  unmatched: ReadonlySet<string> = new Set();
  /** When the MIS last gave its pupils; not given: it is not asked. */
  pulledAt: number | null | undefined = undefined;
  /** Every record since the first, as the disk has them. */
  readonly records: Recorded[] = [];
  /** Outlives the daemon, like the disk. */
  readonly table = {
    data: nothingLearnt,
    write(data: MisMemory): Promise<void> {
      this.data = data;
      return Promise.resolve();
    },
  };
  /** Called before a commit of the sender; may throw as a journal does. */
  beforeCommit: (bodies: readonly Body[]) => Promise<void> | void = () => undefined;
  /** So many writes fail before their first byte leaves. */
  unreachableWrites = 0;
  /** The daemon is killed as soon as a commit of the sender is on the disk for which this says so. */
  killAfter: (records: readonly Recorded[]) => boolean = () => false;
  private readonly options: WorldOptions;
  /** Answers that the simulator holds back until the clock moves, and those it held back when the question was asked. */
  private readonly held: ReadonlySet<object>;
  private heldBefore: ReadonlySet<object> = new Set();
  private bookkeeper = new Bookkeeper();
  private run: Run | null = null;
  private round: Promise<void> | null = null;
  private broken: unknown = null;
  private visits = 0;
  private readonly visitOf = new Map<string, string>();
  private runs = 0;

  constructor(options: WorldOptions, time: SteeredTime, simulator: MisSimulator, held: ReadonlySet<object>) {
    this.options = options;
    this.time = time;
    this.simulator = simulator;
    this.held = held;
    this.settings = options.settings ?? hillView;
    const old = demoSchool().pupils.filter(({ yearCode }) => ['7', '8', '9', '10', '11'].includes(yearCode ?? ''));
    this.roster = old.slice(0, options.pupils ?? 10).map(pupilOf);
  }

  get mis(): MisSimulator['control'] {
    return this.simulator.control;
  }
  get box(): Box {
    return this.running.box;
  }
  get sender(): Sender {
    return this.running.sender;
  }
  get ledger(): Ledger {
    return this.box.desk.durable;
  }
  private get running(): Run {
    if (this.run === null) throw new Error('the box is off');
    return this.run;
  }

  // ---- The daemon ----

  async begin(disk?: MemoryDisk): Promise<void> {
    this.runs += 1;
    const seed = (this.options.seed ?? 1) * 1000 + this.runs;
    let sender: Sender | null = null;
    const box = await openBox({
      time: { ...this.time, timers: { after: () => () => undefined, every: () => () => undefined } },
      settings: this.settings,
      pupils: this.roster,
      seed,
      observed: (pupil, date, session) => sender?.registers.lastCode(pupil, date, session) ?? null,
      ...(disk === undefined ? {} : { disk }),
    });
    sender = this.newSender(box, seed);
    const run = { alive: true, box, sender };
    this.run = run;
    // What the disk has told again must add up to what was known of it, and the new `run` comes on top.
    this.records.length = 0;
    this.bookkeeper = new Bookkeeper();
    for await (const records of box.journal.replay()) this.check(records);
    box.desk.onDurable((records) => {
      if (run.alive) this.check(records);
    });
  }

  private newSender(box: Box, seed: number): Sender {
    const { time } = this;
    const { baseUrl, schoolId, token } = this.simulator;
    const connector = createWondeConnector({ baseUrl, schoolId, token, version: '0.1.0' }, time);
    const alive = (): boolean => this.run?.box === box && this.run.alive;
    return new Sender({
      connector: this.asLongAs(alive, connector),
      memory: this.table,
      clock: time.clock,
      timers: time.timers,
      random: seededRandom(seed),
      log: silent,
      journalId: box.journal.id,
      ledger: () => box.desk.durable,
      commit: async (bodies) => {
        if (!alive()) return never;
        await this.beforeCommit(bodies);
        const records = await box.desk.commit(bodies);
        if (this.killAfter(records)) await this.kill();
        return alive() ? records : never;
      },
      roster: () => ({
        ...rosterOf(this.roster),
        unmatched: this.unmatched,
        ...(this.pulledAt === undefined ? {} : { pulledAt: this.pulledAt }),
      }),
      rules: () => ({
        writeBack: true,
        holdMs: this.settings.late.holdSeconds * 1000,
        timeZone: this.settings.school.timeZone,
      }),
      today: () => this.today(),
    });
  }

  /** A dead daemon asks nothing and hears nothing. */
  private asLongAs(alive: () => boolean, connector: MisConnector): MisConnector {
    const through = async <T>(ask: () => Promise<T>): Promise<T> => {
      if (!alive()) return never;
      this.heldBefore = new Set(this.held);
      const answer = await ask();
      return alive() ? answer : never;
    };
    return {
      kind: connector.kind,
      health: (signal) => through(() => connector.health(signal)),
      pupils: (signal) => through(() => connector.pupils(signal)),
      codes: (signal, maxAgeMs) => through(() => connector.codes(signal, maxAgeMs)),
      readMarks: (ask, signal) => through(() => connector.readMarks(ask, signal)),
      write: (rows, ...how) =>
        through(() => {
          this.unreachableWrites -= 1;
          return this.unreachableWrites < 0 ? connector.write(rows, ...how) : Promise.resolve(noConnection);
        }),
      writeback: (id, signal) => through(() => connector.writeback(id, signal)),
      writebacks: (since, signal) => through(() => connector.writebacks(since, signal)),
    };
  }

  today(): { readonly date: string; readonly session: SessionName | null } {
    const local = localTime(this.time.clock.now(), this.settings.school.timeZone);
    const { session } = sessionAt(local, null, this.settings);
    const swept = this.options.sweeps !== false && withinKioskHours(local, this.settings);
    return { date: local.date, session: swept ? session : null };
  }

  /** SIGKILL: whatever runs is gone, whatever the kernel was given stays. */
  async kill(): Promise<void> {
    this.running.alive = false;
    this.round = null;
    await turn();
  }

  async restart(): Promise<void> {
    const { disk } = this.box;
    if (this.running.alive) await this.kill();
    await this.begin(disk.copy());
  }

  /** Lets time pass; the outbox works meanwhile, a round every `stepMs`. Ends when a killed box is to be started again. */
  async pass(ms: number, stepMs = 500): Promise<void> {
    const until = this.time.clock.mono() + ms;
    while (this.time.clock.mono() < until && this.run?.alive === true) {
      this.round ??= this.begun(this.sender.work());
      await this.quiet();
      this.time.pass(Math.max(0, Math.min(stepMs, until - this.time.clock.mono())));
    }
    await this.quiet();
  }
  /** What breaks the round breaks the test. */
  private begun(work: Promise<void>): Promise<void> {
    const round = work
      .catch((error: unknown) => {
        this.broken = error;
      })
      .finally(() => {
        if (this.round === round) this.round = null;
      });
    return round;
  }
  minutes(count: number, stepMs = 5_000): Promise<void> {
    return this.pass(count * 60_000, stepMs);
  }

  /** Until the round under way is over, the clock standing still. */
  async idle(): Promise<void> {
    while (this.round !== null) await turn();
  }

  /** Until the round is over, or waits for the clock. */
  private async quiet(): Promise<void> {
    const waits = (): boolean => [...this.held].some((answer) => !this.heldBefore.has(answer));
    while (this.round !== null && !waits()) await turn();
    if (this.broken !== null) throw new Error('the round broke', { cause: this.broken });
  }

  async stop(): Promise<void> {
    if (this.run !== null) this.run.alive = false;
    await this.simulator.stop();
  }

  // ---- People ----

  pupil(index: number): Pupil {
    const pupil = this.roster[index];
    if (pupil === undefined) throw new Error(`there is no pupil ${String(index)}`);
    return pupil;
  }

  /** Signs in late; gives the movement. */
  async late(index: number, reason = 'bus'): Promise<string> {
    const input = { visit: this.visit(), pupil: this.pupil(index).key, reason, touchAgoMs: 0 };
    const result = await this.box.arrivals.late(this.box.command(input), input);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    this.visitOf.set(result.value.movement, input.visit);
    return result.value.movement;
  }

  async undo(movement: string): Promise<void> {
    const input = { movement, visit: this.visitOf.get(movement) ?? '' };
    expect(await this.box.arrivals.undo(this.box.command(input), input)).toMatchObject({ ok: true });
  }

  /** Staff undo it, whenever. */
  async undoByStaff(movement: string): Promise<void> {
    const input = { movement, correction: { how: 'undo' }, why: null, by: 'Ms Green' } as const;
    expect(await this.box.staff.correct(this.box.command(input), input)).toMatchObject({ ok: true });
  }

  /** Staff enter another time of the same day, `08:45`, or another reason. */
  async change(movement: string, what: { readonly time: string } | { readonly reason: string }): Promise<void> {
    const correction =
      'time' in what
        ? ({ how: 'time', minute: Number(what.time.slice(0, 2)) * 60 + Number(what.time.slice(3)) } as const)
        : ({ how: 'reason', ...what } as const);
    const input = { movement, correction, why: null, by: 'Ms Green' };
    expect(await this.box.staff.correct(this.box.command(input), input)).toMatchObject({ ok: true });
  }

  /** Signs out; gives the badge. */
  async leave(index: number, reason = 'medical'): Promise<string> {
    const pupil = this.pupil(index).key;
    const back = 'after-lunch';
    const input = { visit: this.visit(), pupil, reason, back, withWhom: null, photo: 'none', touchAgoMs: 0 } as const;
    const result = await this.box.departures.early(this.box.command(input), input);
    if (!result.ok || result.value.state !== 'departed') throw new Error(JSON.stringify(result));
    return result.value.badge;
  }

  async back(badge: string): Promise<void> {
    const input = { visit: this.visit(), by: 'typed', badge, touchAgoMs: 0 } as const;
    const result = await this.box.returns.back(this.box.command(input), input);
    expect(result).toMatchObject({ ok: true, value: { state: 'welcome-back' } });
  }

  async settle(key: string, verdict: VerdictBody['verdict']): Promise<void> {
    const input = { key, verdict, by: 'Ms Green' };
    expect(await this.box.staff.settle(this.box.command(input), input)).toMatchObject({ ok: true });
  }

  async teacher(index: number, code: string | null, session: SessionName = 'AM', date = monday): Promise<void> {
    await this.mis.teacher({ student: this.pupil(index).misId, date, session, code });
  }

  private visit(): string {
    return `visit-${String((this.visits += 1))}`;
  }

  // ---- What can be seen ----

  key(index: number, session: SessionName = 'AM', date = monday): string {
    return markKey(this.pupil(index).key, date, session);
  }
  mark(index: number, session: SessionName = 'AM', date = monday): Mark {
    const mark = this.ledger.mark(this.key(index, session, date));
    if (mark === undefined) throw new Error('there is no such mark');
    return mark;
  }
  state(index: number, session: SessionName = 'AM', date = monday): MarkStateName {
    return stateOf(this.mark(index, session, date));
  }
  /** How many marks are in each state. */
  states(): Readonly<Partial<Record<MarkStateName, number>>> {
    const counts: Partial<Record<MarkStateName, number>> = {};
    for (const mark of this.ledger.marks.values()) counts[stateOf(mark)] = (counts[stateOf(mark)] ?? 0) + 1;
    return counts;
  }
  notes(): readonly string[] {
    return [...this.ledger.notes.values()].map(({ kind, urgent }) => `${kind}${urgent ? ' (urgent)' : ''}`);
  }

  /** The mark as it stands in the MIS: `L 10, 1 write`; null where there never was one. */
  async standing(index: number, session: SessionName = 'AM', date = monday): Promise<SimMark | null> {
    const marks = await this.mis.marks({ date, session });
    return marks.find(({ upi }) => upi === this.pupil(index).key) ?? null;
  }
  async codeIn(index: number, session: SessionName = 'AM', date = monday): Promise<string | null> {
    return (await this.standing(index, session, date))?.code ?? null;
  }

  /** Requests since the last `forgetRequests`, by route, those for health and codes left out; `all` of them. */
  async requests(): Promise<{
    readonly read: number;
    readonly post: number;
    readonly polls: number;
    readonly all: number;
  }> {
    const { counts } = await this.mis.requests();
    const count = (route: string): number => counts[route] ?? 0;
    return {
      read: count('GET attendance/session'),
      post: count('POST attendance/session'),
      polls: count('GET writebacks/id') + count('GET writebacks'),
      all: Object.values(counts).reduce((sum, one) => sum + one, 0),
    };
  }
  /** Times between posts, and how many rows each had. */
  async posts(): Promise<readonly { readonly at: number; readonly rows: number; readonly status: number }[]> {
    const { log } = await this.mis.requests();
    return log
      .filter(({ method }) => method === 'POST')
      .map(({ at, rows, status }) => ({ at: Date.parse(at), rows, status }));
  }

  // ---- The boundary of the sum ----

  private check(records: readonly Recorded[]): void {
    for (const record of records) {
      this.records.push(record);
      this.bookkeeper.take(record);
    }
  }
}

function pupilOf(pupil: DemoPupil): Pupil {
  return {
    key: pupil.upi,
    misId: pupil.id,
    forename: pupil.forename,
    surname: pupil.surname ?? '',
    yearGroup: `Year ${pupil.yearCode ?? ''}`,
    registrationGroup: pupil.registration,
    birthMonth: 1,
    flags: [],
  };
}
