/**
 * Looks through registers now and then: who is marked absent or away, whether our marks still stand, and whether a write of ours
 * came late and again (durability.md 20 to 22). The present register for everybody; those before it for our marks only.
 */
import { wishOf } from '../domain/mark.ts';
import type { Mark } from '../domain/mark.ts';
import type { Ledger } from '../domain/ledger.ts';
import { bearsOurComment, isTouched, registerOf, stampOf } from '../domain/outbox.ts';
import type { ReportRow } from '../domain/record.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { SessionName } from '../domain/settings.ts';
import type { Clock } from '../system/ports.ts';
import type { SeenMark } from './connector.ts';
import type { Line } from './line.ts';
import type { Registers } from './registers.ts';
import { isRush, offsetOf } from './roster-schedule.ts';

const minute = 60_000;
/** The present register … */
const everyMs = 10 * minute;
/** … and while the MIS comes back to all schools at once, or refuses: marks that wait go first. */
const troubledEveryMs = 20 * minute;
/** What was read so lately for marks on their way is as good as a look. */
const latelyMs = 10_000;
/** Marks on their way are read back within seconds, mostly with the whole register. */
const readBackMs = minute;
/** Registers before it: one so often, not in the rush, and never while marks wait … */
const earlierEveryMs = 15 * minute;
/** … each of them so often … */
const againMs = 2 * 60 * minute;
/** … back to this many dates with marks of ours. */
const datesMax = 5;

interface Place {
  readonly date: string;
  readonly session: SessionName;
  readonly pupils: readonly Pupil[];
  /** Marks that went out and are settled. */
  readonly marks: readonly Mark[];
}

export interface SweepPorts {
  readonly line: Pick<Line, 'wasTroubledWithin'>;
  readonly registers: Registers;
  readonly clock: Clock;
  readonly ledger: () => Ledger;
  readonly roster: () => { readonly pupils: readonly Pupil[]; byKey(key: string): Pupil | undefined };
  readonly timeZone: () => string;
  /** Session null outside school hours: then nothing is read. */
  readonly today: () => { readonly date: string; readonly session: SessionName | null };
  readonly journalId: string;
}

export class Sweep {
  private presentAt = -Infinity;
  private wasSchool = true;
  private earlierAt: number;
  private readonly offset: number;
  /** When each earlier register was looked at last. */
  private readonly lookedAt = new Map<string, number>();
  /** By register: marks that were not as we left them, and what stood there. It may have been a stale read. */
  private readonly doubts = new Map<string, ReadonlyMap<string, string | null>>();
  private readonly ports: SweepPorts;

  constructor(ports: SweepPorts) {
    this.ports = ports;
    this.offset = offsetOf(ports.journalId);
    this.earlierAt = ports.clock.mono() + (this.offset % earlierEveryMs);
  }

  isDue(): boolean {
    return this.next() !== null;
  }

  async run(): Promise<readonly ReportRow[]> {
    const place = this.next();
    if (place === null) return [];
    const { date, session, marks, pupils } = place;
    const name = `${date} ${session}`;
    const now = this.ports.clock.mono();
    const seen = await this.ports.registers.readSince(now - latelyMs, date, session, pupils);
    if (!seen.ok) return [];
    if (this.isPresent(place)) this.presentAt = now;
    else {
      this.earlierAt = now + earlierEveryMs;
      this.lookedAt.set(name, now);
    }
    const before = this.doubts.get(name);
    const doubts = new Map<string, string | null>();
    const rows = marks.flatMap((mark) => {
      const standing = seen.value.marks.get(mark.pupil);
      if (standing === undefined) return []; // no longer on the roster
      const row = look(mark, standing);
      if (row !== 'doubt') return row ?? [];
      const code = standing?.code ?? null;
      if (before?.get(mark.key) === code) return changed(mark, code);
      doubts.set(mark.key, code);
      return [];
    });
    if (doubts.size > 0) this.doubts.set(name, doubts);
    else this.doubts.delete(name);
    return rows;
  }

  private next(): Place | null {
    const { clock, today, roster } = this.ports;
    const now = clock.mono();
    const { date, session } = today();
    // All boxes open at the same time: each begins at its own. One that was started in school hours begins at once.
    if (session !== null && !this.wasSchool) this.presentAt = now - everyMs + (this.offset % everyMs);
    this.wasSchool = session !== null;
    const { pupils } = roster();
    if (session === null || pupils.length === 0) return null;
    const restMs = everyMs - (now - this.presentAt);
    if (restMs > 0 || restMs + this.patienceMs(date, session, pupils) > 0) return this.earlier(now);
    const marks = this.watched().filter((mark) => mark.date === date && mark.session === session);
    return { date, session, pupils, marks };
  }

  /** How much longer the present register can wait; not at all where it has just been read for another purpose. */
  private patienceMs(date: string, session: SessionName, pupils: readonly Pupil[]): number {
    const { registers, line, ledger, clock } = this.ports;
    if (registers.seenSince(clock.mono() - latelyMs, date, session, pupils) !== null) return 0;
    if (line.wasTroubledWithin(troubledEveryMs)) return troubledEveryMs - everyMs;
    const flying = ledger()
      .unsettledMarks()
      .some(({ flight }) => flight !== null);
    return flying ? readBackMs : 0;
  }

  private earlier(now: number): Place | null {
    const { clock, ledger, roster, timeZone } = this.ports;
    if (now < this.earlierAt || ledger().unsettled.size > 0 || isRush(clock.now(), timeZone(), this.offset))
      return null;
    const marks = this.ofTheLastDates();
    const names = new Set(marks.map(registerOf));
    for (const map of [this.lookedAt, this.doubts])
      for (const name of map.keys()) if (!names.has(name) && name !== this.presentName()) map.delete(name);
    const lookedAt = (name: string): number => this.lookedAt.get(name) ?? -Infinity;
    const longestAgo = [...names].sort((a, b) => lookedAt(a) - lookedAt(b) || b.localeCompare(a));
    const name = longestAgo.find((one) => this.doubts.has(one)) ?? longestAgo[0];
    const isTooSoon = name === undefined || (!this.doubts.has(name) && now - lookedAt(name) < againMs);
    const there = isTooSoon ? [] : marks.filter((mark) => registerOf(mark) === name);
    const [first] = there;
    if (first === undefined) {
      this.earlierAt = now + earlierEveryMs;
      return null;
    }
    const pupils = there.flatMap(({ pupil }) => roster().byKey(pupil) ?? []);
    return { date: first.date, session: first.session, pupils, marks: there };
  }

  private ofTheLastDates(): readonly Mark[] {
    const { date: today } = this.ports.today();
    const marks = this.watched().filter((mark) => mark.date <= today && !this.isPresent(mark));
    const dates = new Set([...new Set(marks.map(({ date }) => date))].sort().slice(-datesMax));
    return marks.filter(({ date }) => dates.has(date));
  }

  private presentName(): string {
    const { date, session } = this.ports.today();
    return `${date} ${session ?? ''}`;
  }

  private isPresent({ date, session }: Pick<Place, 'date' | 'session'>): boolean {
    return `${date} ${session}` === this.presentName();
  }

  private watched(): readonly Mark[] {
    return [...this.ports.ledger().marks.values()].filter(({ flight, writes }) => flight === null && writes.length > 0);
  }
}

/** What a mark of ours that should stand there has become. Null: nothing new. `doubt`: it may be a stale read. */
function look(mark: Mark, standing: SeenMark | null): ReportRow | 'doubt' | null {
  const { key, ours, writes, schools } = mark;
  const code = standing?.code ?? null;
  if (code === (ours?.code ?? null)) return isTouched(mark, standing) && !schools ? changed(mark, code) : null;
  // The MIS has applied a write of ours once more.
  if (writes.some(({ item }) => bearsOurComment(item, standing)))
    return { key, event: 'seen', seen: code, ...stampOf(standing) };
  if (ours === null || wishOf(mark).kind === 'restore') return null;
  // "No mark" has no time, and some MIS tell none.
  if (ours.changedAt === null || !standing?.changedAt) return 'doubt';
  return standing.changedAt < ours.changedAt ? null : changed(mark, code);
}

const changed = ({ key }: Mark, seen: string | null): ReportRow => ({
  key,
  event: 'changed',
  seen,
  why: 'changed by school',
});
