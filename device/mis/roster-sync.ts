/**
 * Where the roster comes from and when: the school's file at start, the MIS every night. The last good one survives restarts and
 * offline starts; what is done with a new one is `roster-keeper.ts`.
 */
import type { Result } from '../contract/result.ts';
import { gateAfter, gateAfterRestart, openGate, waitToKeep } from '../domain/back-off.ts';
import type { Gate, GateEvent } from '../domain/back-off.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { Actor } from '../domain/record.ts';
import { localTime, schoolYearOf } from '../domain/school-day.ts';
import type { MinuteOfDay } from '../domain/settings.ts';
import type { Clock, Random, Timers } from '../system/ports.ts';
import { freezing } from './freeze.ts';
import { gateEvent } from './gate-event.ts';
import type { MisConnector, MisFailure, PulledRoster } from './connector.ts';
import type { KeptChanges, RosterChanges } from './roster-changes.ts';
import { RosterKeeper } from './roster-keeper.ts';
import type { KeeperPorts, RosterView, TakenOver } from './roster-keeper.ts';
import { rosterSchedule } from './roster-schedule.ts';
import type { Schedule } from './roster-schedule.ts';
import { hashOf } from './roster-table.ts';
import type { TakenRoster } from './roster-table.ts';

/** `csv` with a connector to an MIS: the file says who there is, the MIS under which id each is written. */
export type RosterSource =
  | { readonly kind: 'mis'; readonly connector: MisConnector }
  | {
      readonly kind: 'csv';
      /** Called once, at start. Null: the file has gone into storage already. */
      readonly read: () => Promise<CsvRoster | null>;
      readonly connector: MisConnector;
    };
export interface CsvRoster {
  readonly pupils: readonly Pupil[];
  /** Sentences with lines and counts, never with names. */
  readonly problems: readonly string[];
}

export interface RosterPorts extends KeeperPorts {
  readonly source: RosterSource;
  /** Names the MIS and the school (base URL and school id); not a secret. The roster of another one is replaced at once. */
  readonly origin: string;
  readonly journalId: string;
  /** See `hashOf`; the same for as long as the data folder lasts. */
  readonly hashKey: Uint8Array;
  readonly settings: { readonly timeZone: string; readonly refresh: MinuteOfDay };
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

export interface RosterStatus {
  /** A sentence for staff; null: nothing is held. */
  readonly held: string | null;
  readonly problems: readonly string[];
  /** Why the last pull, or the file, failed; null: it did not. */
  readonly failure: string | null;
}

export interface SeenChanges {
  /** How the roster came to differ from the one before, the last time it did. */
  readonly changes: KeptChanges | null;
  /** What accepting the held one would change. */
  readonly heldChanges: RosterChanges | null;
}

export interface RosterSync {
  /** Takes what the box had, reads the file where there is one, and then pulls by itself. The MIS is not waited for. */
  readonly start: () => Promise<void>;
  /** Ends what is under way. */
  readonly stop: () => void;
  readonly roster: () => RosterView;
  readonly status: () => RosterStatus;
  /** Names pupils: for who may see them. */
  readonly changes: () => SeenChanges;
  /** Told after the roster or its status has changed; the answer ends that. */
  readonly changed: (listener: () => void) => () => void;
  /** A person asks: also in the morning, also while it would wait. */
  readonly pull: () => Promise<TakenOver>;
  readonly acceptHeld: (by: Actor) => Promise<Result<null>>;
  readonly discardHeld: (by: Actor) => Promise<Result<null>>;
  /** See `RosterKeeper.forget`. */
  readonly forget: (keys: ReadonlySet<string>) => Promise<void>;
}

const minute = 60_000;
const day = 24 * 60 * minute;
/** For all pages of one pull. */
const pullMaxMs = 10 * minute;
/** After a start, before an old roster is renewed: not every box of a town that has power again in the same second. */
const startSpreadMs = 5 * minute;

export function createRosterSync(ports: RosterPorts): RosterSync {
  const keeper = new RosterKeeper(ports);
  const sync = new Sync(ports, keeper);
  return {
    start: () => sync.start(),
    stop: () => sync.stop(),
    roster: () => keeper.view,
    status: () => ({ held: keeper.heldWords(), problems: keeper.data.problems, failure: sync.failure }),
    changes: () => ({ changes: keeper.data.changes, heldChanges: keeper.heldChanges() }),
    changed: (listener) => keeper.changed(listener),
    pull: () => sync.pull(),
    acceptHeld: (by) => sync.acceptHeld(by),
    discardHeld: (by) => keeper.discardHeld(by),
    forget: (keys) => keeper.forget(keys),
  };
}

class Sync {
  failure: string | null = null;
  private readonly ports: RosterPorts;
  private readonly keeper: RosterKeeper;
  private readonly schedule: Schedule;
  private readonly origin: string;
  private readonly stopping = new AbortController();
  private gate: Gate;
  private pulling: Promise<TakenOver> | null = null;
  private cancelTimer = (): void => undefined;
  /** When this run started, by both clocks, and how long an old roster waits. */
  private started = { now: 0, mono: 0, spreadMs: 0 };
  /** Has the MIS given its pupils in this run? */
  private pulled = false;

  constructor(ports: RosterPorts, keeper: RosterKeeper) {
    const { journalId, settings, clock, source, origin } = ports;
    this.ports = ports;
    this.keeper = keeper;
    this.schedule = rosterSchedule(journalId, settings.refresh, settings.timeZone);
    this.origin = `${source.kind} ${source.kind === 'mis' ? origin : ''}`.trim();
    this.gate = openGate(clock.mono());
  }

  async start(): Promise<void> {
    const { clock, random, source, log } = this.ports;
    this.keeper.load();
    this.started = { now: clock.now(), mono: clock.mono(), spreadMs: random.uniform() * startSpreadMs };
    const waitMs = (this.keeper.data.waitUntil ?? 0) - clock.now();
    this.gate = gateAfterRestart(clock.mono(), waitMs);
    // Starting needs no disk that takes anything; without one nothing can be sent either.
    await this.noteSchool().catch(() => log.error('school-not-noted'));
    if (source.kind === 'csv') {
      await this.readFile(source.read);
      await this.forgetForeignIds();
    }
    this.plan();
  }

  /** The ids that are known belong to the MIS they came from: with another one in the settings nothing may go out by them. */
  private async noteSchool(): Promise<void> {
    const { origin, source, commit } = this.ports;
    if (source.connector.kind === 'none') return;
    const { misOrigin, accepted, csv } = this.keeper.data;
    const before = misOrigin ?? (accepted?.source === 'mis' ? accepted.origin.replace(/^mis /, '') : null);
    if (before === origin) return;
    if (before !== null) {
      await commit(freezing('other-school'));
      if (csv !== null) await this.keeper.keep({ csv: { ...csv, misIds: {}, notFound: [] }, pulledAt: null });
    }
    await this.keeper.keep({ misOrigin: origin });
  }

  stop(): void {
    this.stopping.abort();
    this.cancelTimer();
  }

  pull(): Promise<TakenOver> {
    this.pulling ??= this.pullOnce().finally(() => {
      this.pulling = null;
      this.plan();
      this.keeper.tell();
    });
    return this.pulling;
  }

  async acceptHeld(by: Actor): Promise<Result<null>> {
    const result = await this.keeper.acceptHeld(by);
    // The pupils of a file that was held have not been looked up in the MIS.
    if (result.ok && this.ports.source.kind === 'csv') await this.keeper.keep({ pulledAt: null });
    this.plan();
    return result;
  }

  // ---- When ----

  /** Looks at least once a minute whether a pull is due: the wall clock may jump. */
  private plan(): void {
    this.cancelTimer();
    if (this.stopping.signal.aborted || this.ports.source.connector.kind === 'none') return;
    this.cancelTimer = this.ports.timers.after(Math.min(this.dueInMs(), minute), () => {
      if (this.pulling === null && this.dueInMs() <= 0) void this.pull();
      else this.plan();
    });
  }

  private dueInMs(): number {
    const { clock, source } = this.ports;
    const { accepted, pulledAt } = this.keeper.data;
    const now = clock.now();
    const gateMs = Math.max(0, this.gate.nextAt - clock.mono());
    // Without pupils nobody can sign in, without their ids nothing can be written: at once, whatever the hour.
    if (accepted === null) return source.kind === 'mis' ? gateMs : minute;
    if (accepted.origin !== this.origin && !this.pulled) return gateMs;
    if (source.kind === 'csv' && pulledAt === null) return gateMs;
    if (pulledAt !== null && this.schoolYear(pulledAt) < this.schoolYear(now)) return gateMs;
    if (this.schedule.isQuiet(now)) return minute;
    // A pull of the future: the clock was wrong then, or is now.
    if (pulledAt === null || now - pulledAt >= day || pulledAt > now + minute) {
      return Math.max(gateMs, this.started.mono + this.started.spreadMs - clock.mono());
    }
    const slot = this.schedule.lastSlot(now);
    return slot > this.started.now && slot > pulledAt ? gateMs : minute;
  }

  private schoolYear(epochMs: number): number {
    return schoolYearOf(localTime(epochMs, this.ports.settings.timeZone).date);
  }

  // ---- Pulling ----

  private async pullOnce(): Promise<TakenOver> {
    const { timers, log, source } = this.ports;
    const deadline = new AbortController();
    const stop = (): void => deadline.abort();
    const cancel = timers.after(pullMaxMs, stop);
    this.stopping.signal.addEventListener('abort', stop);
    try {
      await this.noteSchool();
      const answer = await source.connector.pupils(deadline.signal);
      if (!answer.ok) return await this.failed(answer.failure);
      // Nobody at all is no answer to who of the file is there.
      const useless = source.kind === 'csv' || this.keeper.data.accepted === null;
      if (useless && answer.value.pupils.length === 0) return await this.failed(nobody);
      const result =
        source.kind === 'mis'
          ? await this.takeOver(answer.value)
          : await this.keeper.inTurn(() => this.lookUp(answer.value));
      this.pulled = true;
      this.failure = null;
      this.turn({ kind: 'answered' });
      return result;
    } catch (error) {
      // The journal did not take it: what was there stays.
      log.error('roster-not-kept', { error: error instanceof Error ? error.name : 'unknown' });
      this.failure = 'The new roster could not be stored.';
      this.turn({ kind: 'down' });
      return { ok: false, error: { code: 'storage_failed' } };
    } finally {
      cancel();
      this.stopping.signal.removeEventListener('abort', stop);
    }
  }

  private async failed(failure: MisFailure): Promise<TakenOver> {
    const { clock, log } = this.ports;
    this.failure = failure.words;
    this.turn(gateEvent(failure));
    log.warn('roster-pull-failed', { kind: failure.kind, waitMs: Math.round(this.gate.nextAt - clock.mono()) });
    const waitMs = waitToKeep(this.gate, clock.mono());
    const waitUntil = waitMs === null ? null : clock.now() + waitMs;
    if (waitUntil !== this.keeper.data.waitUntil) await this.keeper.keep({ waitUntil });
    return { ok: false, error: { code: 'internal', detail: failure.words } };
  }

  private async takeOver({ pupils, problems }: PulledRoster): Promise<TakenOver> {
    const result = await this.keeper.judge(this.taken(pupils, 'mis'), problems);
    await this.keeper.keep({ pulledAt: this.ports.clock.now(), waitUntil: null });
    return result;
  }

  /**
   * Finds the pupils of the file in the MIS: by its number of a pupil, by its id, or by what it knows them by for good. In one turn:
   * what a person decides meanwhile comes before it or after it.
   */
  private async lookUp({ pupils, misIds }: PulledRoster): Promise<TakenOver> {
    const { accepted, held, csv, problems } = this.keeper.data;
    const ids = new Set(pupils.map(({ misId }) => misId));
    const byKey = new Map(pupils.map(({ key, misId }) => [key, misId]));
    const idOf = (key: string): string | undefined =>
      misIds.get(key) ?? (ids.has(key) ? key : (byKey.get(key) ?? csv?.misIds[key]));
    const asked = (accepted?.pupils ?? []).map((pupil) => ({ ...pupil, misId: idOf(pupil.key) ?? '' }));
    const found = asked.filter(({ misId }) => misId !== '');
    const notFound = asked.filter(({ misId }) => misId === '').map(({ key }) => key);
    await this.keeper.keep({
      pulledAt: this.ports.clock.now(),
      waitUntil: null,
      csv: {
        hash: csv?.hash ?? '',
        misIds: Object.fromEntries(found.map(({ key, misId }) => [key, misId])),
        notFound,
      },
    });
    if (accepted === null) return { ok: true, value: { pupils: 0 } };
    const next = { ...this.taken(asked, 'csv'), takenAt: accepted.takenAt };
    if (held !== null) {
      // The same pupils with their ids are no answer to what is held: a person decides that.
      await this.keeper.keep({ accepted: next });
      return { ok: true, value: { pupils: asked.length } };
    }
    const others = problems.filter((problem) => !problem.endsWith(notInMis));
    return this.keeper.judgeInTurn(
      next,
      notFound.length === 0 ? others : [...others, `${notFound.length} pupils ${notInMis}`],
    );
  }

  private async readFile(read: () => Promise<CsvRoster | null>): Promise<void> {
    const { log } = this.ports;
    try {
      const file = await read();
      if (file === null) return;
      const hash = hashOf(file.pupils, this.ports.hashKey);
      const { csv, accepted } = this.keeper.data;
      // Read before: accepted, held or discarded then, and so it stays.
      if (csv?.hash === hash && accepted?.origin === this.origin) return;
      if (file.pupils.length === 0) {
        this.failure = 'The roster file has no pupils that can be used.';
        await this.keeper.report(file.problems);
        return;
      }
      const misIds = csv?.misIds ?? {};
      // Before anybody sees the new pupils: who was not found may be there by now.
      await this.keeper.keep({ csv: { hash: csv?.hash ?? '', misIds, notFound: [] }, pulledAt: null });
      await this.keeper.judge(this.taken(withIds(file.pupils, misIds), 'csv'), file.problems);
      await this.keeper.keep({ csv: { hash, misIds, notFound: [] } });
    } catch (error) {
      this.failure = 'The roster file cannot be read.';
      log.error('roster-file-unreadable', { error: error instanceof Error ? error.name : 'unknown' });
    }
  }

  /** A table of an older Porter has the file's own numbers for ids. */
  private async forgetForeignIds(): Promise<void> {
    const { accepted, held, csv } = this.keeper.data;
    const misIds = csv?.misIds ?? {};
    const own = <T extends TakenRoster>(roster: T | null): T | null =>
      roster?.source === 'csv' ? { ...roster, pupils: withIds(roster.pupils, misIds) } : roster;
    await this.keeper.keep({ accepted: own(accepted), held: own(held) });
  }

  private taken(pupils: readonly Pupil[], source: 'mis' | 'csv'): TakenRoster {
    const { clock, hashKey } = this.ports;
    const hash = hashOf(pupils, hashKey);
    return { pupils: [...pupils], takenAt: clock.now(), source, origin: this.origin, hash };
  }

  private turn(event: GateEvent): void {
    this.gate = gateAfter(this.gate, event, this.ports.clock.mono(), this.ports.random.uniform());
  }
}

/** The file's number of a pupil is not what a write wants: without the MIS's own id, none. */
const withIds = (pupils: readonly Pupil[], misIds: Readonly<Record<string, string>>): readonly Pupil[] =>
  pupils.map((pupil) => ({ ...pupil, misId: Object.hasOwn(misIds, pupil.key) ? (misIds[pupil.key] ?? '') : '' }));

const notInMis = 'of the roster file are not in the MIS: their marks cannot be written.';
const nobody: MisFailure = {
  kind: 'other',
  words: 'The MIS gave no pupils. The school must approve the permission for students in Wonde.',
};
