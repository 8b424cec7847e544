/**
 * Takes a roster over, or holds it for a person: one that came back empty or a third smaller never replaces the old one by
 * itself (product.md 9). Each change is a record first; the table behind it is a cache (durability.md 3).
 */
import type { Result } from '../contract/result.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { Actor, Body, NoteBody, Recorded, RosterBody } from '../domain/record.ts';
import { Turns } from '../domain/turns.ts';
import type { Log } from '../system/ports.ts';
import { freezing, otherNumbers } from './freeze.ts';
import { changesBetween } from './roster-changes.ts';
import type { RosterChanges } from './roster-changes.ts';
import { emptyTable, readTable } from './roster-table.ts';
import type { HeldRoster, RosterData, RosterTable, TakenRoster } from './roster-table.ts';

export interface RosterView {
  readonly pupils: readonly Pupil[];
  readonly byKey: (key: string) => Pupil | undefined;
  /** When it was last read, milliseconds since the epoch; null: there has never been one. */
  readonly takenAt: number | null;
  readonly source: 'mis' | 'csv' | null;
  readonly hash: string | null;
  /** When the MIS last gave its pupils, milliseconds since the epoch; null: never. */
  readonly pulledAt: number | null;
  /**
   * Keys of the pupils of a roster file whom the MIS did not know when it was asked: their marks cannot be written. One with an
   * empty `misId` who is not among them has not been looked up yet, and waits.
   */
  readonly unmatched: ReadonlySet<string>;
}

export interface KeeperPorts {
  readonly table: RosterTable;
  /** Resolves with the records when they are on the disk. */
  readonly commit: (bodies: readonly Body[]) => Promise<readonly Recorded[]>;
  readonly log: Log;
}

/** The pupils on the roster afterwards. */
export type TakenOver = Result<{ readonly pupils: number }>;

const porter: Actor = 'porter';
/** Characters of a note. */
const detailMax = 300;

export class RosterKeeper {
  private current: RosterData = emptyTable;
  private shown: RosterView = viewOf(emptyTable);
  /** `heldChanges`, for as long as it is of these two. */
  private compared: {
    readonly held: HeldRoster;
    readonly accepted: TakenRoster | null;
    readonly changes: RosterChanges;
  } | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly turns = new Turns();
  private readonly ports: KeeperPorts;

  constructor(ports: KeeperPorts) {
    this.ports = ports;
  }

  get data(): RosterData {
    return this.current;
  }
  get view(): RosterView {
    return this.shown;
  }

  /** What the box had before it stopped. A damaged table is as good as none. */
  load(): void {
    const read = readTable(this.ports.table.data);
    if (read === null) this.ports.log.error('roster-table-unreadable');
    this.current = read ?? emptyTable;
    this.shown = viewOf(this.current);
  }

  changed(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  tell(): void {
    for (const listener of this.listeners) listener();
  }

  heldWords(): string | null {
    const { held, accepted } = this.current;
    return held === null ? null : wordsFor(held, accepted);
  }

  /** What accepting the held roster would change; null: none is held. */
  heldChanges(): RosterChanges | null {
    const { held, accepted } = this.current;
    if (held === null) return null;
    if (this.compared?.held !== held || this.compared.accepted !== accepted) {
      const changes = changesBetween(accepted?.pupils ?? [], held.pupils) ?? { joined: [], left: [], moved: [] };
      this.compared = { held, accepted, changes };
    }
    return this.compared.changes;
  }

  /** Accepts a roster that was just read, or holds it. Rejects when the journal does not take the record. */
  judge(next: TakenRoster, problems: readonly string[]): Promise<TakenOver> {
    return this.inTurn(() => this.judgeInTurn(next, problems));
  }

  /** The same for who has the turn (`inTurn`). */
  async judgeInTurn(next: TakenRoster, problems: readonly string[]): Promise<TakenOver> {
    const { accepted, held } = this.current;
    if (accepted !== null && (shrank(accepted, next) || isOfOthers(accepted, next))) {
      if (held?.hash !== next.hash) await this.hold(next, accepted, problems);
      return refuse(wordsFor(next, accepted));
    }
    const same = accepted?.hash === next.hash && accepted.origin === next.origin && held === null;
    if (same) {
      await this.noteNews(problems);
      await this.keep({ accepted: next, problems });
    } else await this.accept(next, problems, null);
    return { ok: true, value: { pupils: next.pupils.length } };
  }

  /** Says what is wrong with a roster that is not used at all. */
  report(problems: readonly string[]): Promise<void> {
    return this.inTurn(async () => {
      await this.noteNews(problems);
      await this.keep({ problems });
    });
  }

  acceptHeld(by: Actor): Promise<Result<null>> {
    return this.inTurn(async () => {
      const { held, problems } = this.current;
      if (held === null) return refuse('No roster is held.');
      if (held.pupils.length === 0) return refuse('The held roster is empty: it cannot be used.');
      await this.accept(held, problems, by);
      return { ok: true, value: null };
    });
  }

  discardHeld(by: Actor): Promise<Result<null>> {
    return this.inTurn(async () => {
      const { held } = this.current;
      if (held === null) return refuse('No roster is held.');
      await this.ports.commit([this.record('discarded', held, by), ...noteDone(held, by)]);
      await this.keep({ held: null });
      return { ok: true, value: null };
    });
  }

  /**
   * Who of these (erased) is not on the roster stays in nothing that is kept beside it: a held roster, ids of a roster file, the
   * list of who left.
   * Rejects where the card does not take that.
   */
  forget(keys: ReadonlySet<string>): Promise<void> {
    return this.inTurn(async () => {
      const { held, csv, changes } = this.current;
      const stays = (key: string): boolean => !keys.has(key) || this.shown.byKey(key) !== undefined;
      this.current = {
        ...this.current,
        held: held && { ...held, pupils: held.pupils.filter(({ key }) => stays(key)) },
        changes: changes && {
          at: changes.at,
          joined: changes.joined.filter(stays),
          left: changes.left.filter(({ key }) => stays(key)),
          moved: changes.moved.filter(({ key }) => stays(key)),
        },
        csv: csv && {
          ...csv,
          misIds: Object.fromEntries(Object.entries(csv.misIds).filter(([key]) => stays(key))),
          notFound: csv.notFound.filter(stays),
        },
      };
      await this.ports.table.write(this.current);
    });
  }

  /** In memory first: where the table cannot be written, it is rebuilt after the next start. */
  async keep(change: Partial<RosterData>): Promise<void> {
    const before = this.current;
    this.current = { ...before, ...change };
    const { accepted, csv, pulledAt } = this.current;
    if (accepted !== before.accepted || csv !== before.csv || pulledAt !== before.pulledAt)
      this.shown = viewOf(this.current);
    this.tell();
    await this.ports.table.write(this.current).catch(() => this.ports.log.error('roster-table-not-written'));
  }

  private async hold(next: TakenRoster, before: TakenRoster, problems: readonly string[]): Promise<void> {
    const old = this.current.held;
    const detail = `${next.pupils.length} pupils instead of ${before.pupils.length}`;
    const records = await this.ports.commit([
      ...(isOfOthers(before, next) ? freezing('mis-changed') : []),
      this.record('held', next, null),
      note('roster-held', detail),
      ...(old === null ? [] : noteDone(old, porter)),
    ]);
    this.ports.log.warn('roster-held', { pupils: next.pupils.length, before: before.pupils.length });
    await this.keep({
      held: { ...next, note: records.find((one) => one.type === 'note' && one.kind === 'roster-held')?.ref ?? null },
      problems,
    });
  }

  private async accept(next: TakenRoster, problems: readonly string[], by: Actor | null): Promise<void> {
    const { held, accepted: before, changes } = this.current;
    const { pupils, takenAt, source, origin, hash } = next;
    const changed = before === null ? null : changesBetween(before.pupils, pupils);
    await this.ports.commit([
      // A good roster after a held one settles that as well.
      ...(held === null || held.hash === hash ? [] : [this.record('discarded', held, by)]),
      this.record('accepted', next, by),
      ...(held === null ? [] : noteDone(held, by ?? porter)),
      ...(this.isNews(problems) ? [problemNote(problems)] : []),
    ]);
    this.ports.log.info('roster-accepted', { pupils: pupils.length, source });
    await this.keep({
      accepted: { pupils, takenAt, source, origin, hash },
      held: null,
      problems,
      changes: changed === null ? changes : { at: takenAt, ...changed },
    });
  }

  private async noteNews(problems: readonly string[]): Promise<void> {
    if (this.isNews(problems)) await this.ports.commit([problemNote(problems)]);
  }

  private isNews(problems: readonly string[]): boolean {
    return problems.length > 0 && problems.join('\n') !== this.current.problems.join('\n');
  }

  private record(outcome: RosterBody['outcome'], roster: TakenRoster, by: Actor | null): RosterBody {
    const { source, hash, pupils } = roster;
    const before = this.current.accepted?.pupils.length ?? 0;
    return { type: 'roster', v: 1, outcome, source, hash, pupils: pupils.length, before, by };
  }

  /** One change at a time: a person may decide while a pull comes in. */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    return this.turns.take(run);
  }
}

const refuse = (detail: string): Result<never> => ({ ok: false, error: { code: 'wrong_state', detail } });

/** Empty, or a third smaller. The first roster of another school or file is only held when it is empty. */
function shrank(before: TakenRoster, next: TakenRoster): boolean {
  if (next.pupils.length === 0) return true;
  return before.origin === next.origin && next.pupils.length * 3 <= before.pupils.length * 2;
}

/** The roster of another school, or of a file, is not measured by this. */
const isOfOthers = (before: TakenRoster, next: TakenRoster): boolean =>
  before.origin === next.origin && otherNumbers(before, next);

function wordsFor(held: TakenRoster, accepted: TakenRoster | null): string {
  if (accepted !== null && isOfOthers(accepted, held)) {
    return 'Many pupils have other numbers in the MIS now. No mark is sent, and the old roster stays, until somebody decides.';
  }
  const before = accepted?.pupils.length ?? 0;
  return `The new roster has ${held.pupils.length} pupils instead of ${before}. The old one stays until somebody decides.`;
}

const problemNote = (problems: readonly string[]): NoteBody =>
  note('roster-problems', problems.join(' ').slice(0, detailMax));

function note(kind: NoteBody['kind'], detail: string): NoteBody {
  return { type: 'note', v: 1, kind, urgent: false, visit: null, pupil: null, detail };
}

const noteDone = (held: HeldRoster, by: Actor): readonly Body[] =>
  held.note === null ? [] : [{ type: 'note-done', v: 1, note: held.note, by }];

function viewOf({ accepted: roster, csv, pulledAt }: RosterData): RosterView {
  const pupils = roster?.pupils ?? [];
  const byKey = new Map(pupils.map((pupil) => [pupil.key, pupil]));
  const notFound = new Set(csv?.notFound);
  return {
    pupils,
    byKey: (key) => byKey.get(key),
    takenAt: roster?.takenAt ?? null,
    source: roster?.source ?? null,
    hash: roster?.hash ?? null,
    pulledAt,
    unmatched: new Set(pupils.flatMap(({ key, misId }) => (misId === '' && notFound.has(key) ? [key] : []))),
  };
}
