import { Temporal } from 'temporal-polyfill';
import type { MarkChange, MisMark, RolledPupil, SavedMis, Session, Writeback, WriteRow } from './mis-records.ts';
import { newId } from './school.ts';
import type { DemoDeletion, DemoSchool } from './school.ts';
import { seeded } from './random.ts';

const timeZone = 'Europe/London';
/** Finished write-backs beyond this many are forgotten, oldest first. */
const writebacksKept = 2000;
/** A mark keeps this many changes. */
const changesKept = 50;

/** Who signs the marks that teachers make. Writes are signed by whom they name, and by nobody otherwise. */
const teacherId = 'A4400017';

export type RosterMode = 'full' | 'empty' | 'third-smaller';

export interface SimulatedMisOptions {
  readonly school: DemoSchool;
  /** Unix ms; the only clock of the MIS. */
  readonly now: () => number;
  /** From a write to its mark, ms, 0 to 900,000. */
  readonly delayMs: number;
  /** Dates (`YYYY-MM-DD`) that are no school days, beside Saturdays and Sundays. */
  readonly closed: readonly string[];
  readonly saved: SavedMis | null;
}

/** How one write goes wrong after it was accepted. */
export interface WriteFate {
  readonly stores: boolean;
  readonly failure: string | null;
  readonly slower: boolean;
  readonly againAfterMs: number | null;
}

const keyOf = (mark: { upi: string; date: string; session: Session }): string =>
  `${mark.upi} ${mark.date} ${mark.session}`;

/**
 * What an MIS behind Wonde knows and does, with no HTTP in it: pupils, marks with their history, and writes that are
 * applied later. It works without timers: every question first applies what has become due (`settle`).
 */
export class SimulatedMis {
  readonly school: DemoSchool;
  readonly now: () => number;
  /** Grows with every change of what is saved. */
  revision = 0;
  roster: RosterMode = 'full';
  delayMs: number;
  closed: ReadonlySet<string>;
  readonly #pupils = new Map<string, RolledPupil>();
  readonly #marks = new Map<string, MisMark>();
  #deletions: DemoDeletion[];
  #writebacks: Writeback[];
  #counter: number;
  #offlineSince: number | null = null;

  constructor(options: SimulatedMisOptions) {
    const { school, saved } = options;
    this.school = school;
    this.now = options.now;
    this.delayMs = options.delayMs;
    this.closed = new Set(options.closed);
    const roll = saved?.pupils ?? school.pupils.map((pupil) => ({ ...pupil, onRoll: true }));
    for (const pupil of roll) this.#pupils.set(pupil.upi, pupil);
    for (const mark of saved?.marks ?? []) this.#marks.set(keyOf(mark), mark);
    this.#deletions = [...(saved?.deletions ?? school.deletions)];
    this.#writebacks = saved?.writebacks ?? [];
    this.#counter = saved?.counter ?? 100_000;
  }

  save(): SavedMis {
    return {
      version: 1,
      schoolId: this.school.id,
      seed: this.school.seed,
      counter: this.#counter,
      pupils: [...this.#pupils.values()],
      deletions: this.#deletions,
      marks: [...this.#marks.values()],
      writebacks: this.#writebacks,
    };
  }

  // The roll

  /** Those on roll, in the order of their ids, as `roster` lets them be seen. */
  listed(): readonly RolledPupil[] {
    const all = this.onRoll();
    // A little over a third goes, so that a client's rounding does not matter.
    const share = { full: 1, empty: 0, 'third-smaller': 0.66 }[this.roster];
    return all.slice(0, Math.floor(all.length * share));
  }

  onRoll(): readonly RolledPupil[] {
    const pupils = [...this.#pupils.values()].filter((pupil) => pupil.onRoll);
    return pupils.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  deletions(): readonly DemoDeletion[] {
    return this.#deletions;
  }

  /** The pupil on roll under this Wonde id: the old id of a pupil who came back is nobody. */
  withId(id: string): RolledPupil | undefined {
    return [...this.#pupils.values()].find((pupil) => pupil.onRoll && pupil.id === id);
  }

  withUpi(upi: string): RolledPupil | undefined {
    return this.#pupils.get(upi);
  }

  /** By id, upi, MIS id or full name, for people at a command line; leavers too. More than one where a name is shared. */
  search(text: string): readonly RolledPupil[] {
    const wanted = text.trim().toLowerCase();
    return [...this.#pupils.values()].filter(({ id, upi, misId, forename, surname }) =>
      [id, upi, misId, `${forename} ${surname ?? ''}`.trim()].some((known) => known.toLowerCase() === wanted),
    );
  }

  leave(pupil: RolledPupil): void {
    this.#change(pupil, { onRoll: false });
    this.#deletions.push({ id: pupil.id, misId: pupil.misId, deletedAt: this.now() });
  }

  /** Leaves, if that has not happened yet, and comes back under a new Wonde id with the same upi. */
  reEnrol(pupil: RolledPupil): RolledPupil {
    if (pupil.onRoll) this.leave(pupil);
    const taken = new Set([...[...this.#pupils.values()].map(({ id }) => id), ...this.#deletions.map(({ id }) => id)]);
    const id = newId(seeded(this.#next()), taken);
    return this.#change(pupil, { id, onRoll: true });
  }

  rename(pupil: RolledPupil, names: { readonly forename?: string; readonly surname?: string }): RolledPupil {
    return this.#change(pupil, names);
  }

  #change(pupil: RolledPupil, change: Partial<RolledPupil>): RolledPupil {
    const changed = { ...pupil, ...change, updatedAt: this.now() };
    this.#pupils.set(pupil.upi, changed);
    this.revision += 1;
    return changed;
  }

  // Days

  /** The date at the school. */
  today(): string {
    return Temporal.Instant.fromEpochMilliseconds(this.now()).toZonedDateTimeISO(timeZone).toPlainDate().toString();
  }

  /** @param date `YYYY-MM-DD`; a text that is no date is no school day */
  isSchoolDay(date: string): boolean {
    try {
      return Temporal.PlainDate.from(date).dayOfWeek <= 5 && !this.closed.has(date);
    } catch {
      return false;
    }
  }

  // Marks

  /** Every mark that ever was, the cleared ones too. */
  marks(): readonly MisMark[] {
    this.settle();
    return [...this.#marks.values()];
  }

  /** The newest moment that Wonde can know of: while the school is offline, that of its going. */
  seenUntil(): number {
    return this.#offlineSince ?? this.now();
  }

  markOf(upi: string, date: string, session: Session): MarkChange | undefined {
    return this.#marks.get(keyOf({ upi, date, session }))?.history.at(-1);
  }

  /** A teacher sets a mark, over whatever is there. `code` null clears it. */
  teach(mark: Omit<WriteRow, 'code' | 'employee'> & { readonly code: string | null }): void {
    this.settle();
    const { code, minutesLate, comment } = mark;
    this.#put(mark, { at: this.now(), by: 'teacher', code, minutesLate, comment, employee: teacherId });
  }

  #put(key: { upi: string; date: string; session: Session }, change: MarkChange): void {
    this.revision += 1;
    const name = keyOf(key);
    const known = this.#marks.get(name);
    if (known === undefined) {
      const { upi, date, session } = key;
      this.#marks.set(name, { id: `A5${String(this.#next())}`, upi, date, session, history: [change] });
      return;
    }
    known.history.push(change);
    if (known.history.length > changesKept) known.history.shift();
  }

  // Writes

  /** Queues a write, as Wonde does, and gives its id. */
  queue(rows: readonly WriteRow[], fate: WriteFate): string {
    this.revision += 1;
    const createdAt = this.now();
    const number = this.#next();
    const takes = fate.slower && number % 2 === 0 ? 4 * Math.max(this.delayMs, 500) : this.delayMs;
    const dueAt = createdAt + takes;
    this.#writebacks.push({
      id: `W${String(number)}`,
      createdAt,
      dueAt,
      takes,
      state: 'queued',
      finishedAt: null,
      failure: fate.failure,
      stores: fate.stores,
      againAt: fate.againAfterMs === null ? null : dueAt + fate.againAfterMs,
      rows: [...rows],
    });
    const finished = this.#writebacks.filter(({ state }) => state !== 'queued');
    const spare = new Set(finished.slice(0, Math.max(0, finished.length - writebacksKept)));
    if (spare.size > 0) this.#writebacks = this.#writebacks.filter((writeback) => !spare.has(writeback));
    this.settle();
    return `W${String(number)}`;
  }

  /** Oldest first. */
  writebacks(): readonly Writeback[] {
    this.settle();
    return this.#writebacks;
  }

  get schoolOnline(): boolean {
    return this.#offlineSince === null;
  }

  /** A school that is offline still takes writes; they wait, and what they had left to wait begins when it is back. */
  setSchoolOnline(online: boolean): void {
    const now = this.now();
    this.settle();
    if (online && this.#offlineSince !== null) {
      const since = this.#offlineSince;
      for (const writeback of this.#writebacks) {
        const away = now - Math.max(since, writeback.createdAt);
        if (writeback.state === 'queued') writeback.dueAt += away;
        if (writeback.againAt !== null) writeback.againAt += away;
      }
    }
    this.#offlineSince = online ? null : (this.#offlineSince ?? now);
    this.settle();
  }

  /** Applies all that still waits, duplicates too, without waiting. Nothing while the school is offline. */
  finish(): void {
    for (const writeback of this.#writebacks) {
      if (writeback.state === 'queued') writeback.dueAt = Math.min(writeback.dueAt, this.now());
      if (writeback.againAt !== null) writeback.againAt = Math.min(writeback.againAt, this.now());
    }
    this.settle();
  }

  /** Applies what has become due, in the order of its times. */
  settle(): void {
    if (!this.schoolOnline) return;
    const now = this.now();
    const due = this.#writebacks.flatMap((writeback) => [
      ...(writeback.state === 'queued' ? [{ at: writeback.dueAt, writeback, again: false }] : []),
      ...(writeback.againAt === null ? [] : [{ at: writeback.againAt, writeback, again: true }]),
    ]);
    const ready = due.filter(({ at }) => at <= now).sort((one, other) => one.at - other.at);
    this.revision += ready.length;
    for (const { at, writeback, again } of ready) {
      if (again) writeback.againAt = null;
      else {
        writeback.state = writeback.failure === null ? 'complete' : 'failed';
        writeback.finishedAt = at;
      }
      if (writeback.state === 'complete' && writeback.stores) this.#apply(writeback, at, again);
    }
  }

  #apply(writeback: Writeback, at: number, again: boolean): void {
    const rows = again ? [...writeback.rows].reverse() : writeback.rows;
    for (const { upi, date, session, ...mark } of rows) {
      this.#put({ upi, date, session }, { at, by: writeback.id, ...mark });
    }
  }

  #next(): number {
    this.#counter += 1;
    return this.#counter;
  }
}
