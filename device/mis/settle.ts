/**
 * Writes that left and are not settled: read the mark back, and only then say confirmed; where it does not show, ask what became of
 * the write (durability.md 20, 21). A write without an answer is read back at once and often, and sent again only when it is sure that
 * it did not and will not land.
 */
import { isTrusted } from '../domain/clock-trust.ts';
import type { Flight, Mark } from '../domain/mark.ts';
import { grouped, registerOf, stampOf } from '../domain/outbox.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { ReportRow } from '../domain/record.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { Clock } from '../system/ports.ts';
import type { SeenMark } from './connector.ts';
import { isDatedAsWritten, isOurs, landing } from './landing.ts';
import type { Evidence } from './landing.ts';
import type { Line } from './line.ts';
import type { MemoryTable } from './memory.ts';
import type { Register, Registers } from './registers.ts';
import type { Writebacks } from './writebacks.ts';

const minute = 60_000;
/** A write without an answer is given this long, MIS online, before it may be sent again (durability.md 20). */
const settleMinMs = 15 * minute;
/** `complete`, but the mark does not show: after this long, MIS online, a person looks (mis.md 10, row 28). */
const completeMaxMs = 30 * minute;
/** The MIS may hold an accepted write this long, MIS online (product.md 4) … */
const acceptedMaxMs = 24 * 60 * minute;
/** … or, as a box that is off at night never sees that, this long by the calendar and an hour of it online. */
const acceptedMaxByCalendarMs = 5 * acceptedMaxMs;
const acceptedMinOnlineMs = 60 * minute;
/** A code that shows after ours was written may be a stale read: believed when it is still there after this long. */
const strangeMs = minute;
/** A quick MIS has written by then, and one poll is enough. */
const pollFirstMs = 3_000;
const pollMaxMs = minute;
/** Characters of the MIS's own text that are kept. */
const saidMax = 200;

interface InFlight {
  readonly mark: Mark;
  readonly flight: Flight;
}

/** What is known of one flight in this run. `since`, `completeSince` and `strange.since` count `line.onlineMs()`. */
interface Watch {
  readonly of: string;
  readonly since: number;
  readonly nextAt: number;
  readonly waitMs: number;
  /** When it was first said, or may be, that the MIS has written it. */
  readonly completeSince: number | null;
  /** A code that is neither ours nor the one before. `early`: seen before the MIS had written ours. */
  readonly strange: { readonly code: string | null; readonly since: number; readonly early: boolean } | null;
}

interface Asked extends InFlight {
  readonly evidence: Evidence;
  /** Keys of the marks that are asked about with the same question. */
  readonly together: readonly string[];
}

export interface SettlePorts {
  readonly line: Line;
  readonly registers: Registers;
  readonly writebacks: Writebacks;
  readonly memory: MemoryTable;
  readonly clock: Clock;
  readonly ledger: () => Ledger;
  readonly pupil: (key: string) => Pupil | undefined;
  /** A batch that failed as a whole is sent again in halves. */
  readonly halve: (keys: readonly string[]) => void;
}

export class Settler {
  private readonly watches = new Map<string, Watch>();
  /** Flights that were refused with an answer, by key: what has left no trace was not stored, and will not be. */
  private readonly answered = new Map<string, string>();
  private datesMarks = false;
  private readonly ports: SettlePorts;

  constructor(ports: SettlePorts) {
    this.ports = ports;
  }

  isDue(): boolean {
    return this.flying().some((one) => this.isDueNow(one));
  }

  /** The MIS has answered this batch with a no; a part of it may be stored all the same (mis.md 9.2, `partial`). */
  refusedTogether(keys: readonly string[]): void {
    for (const key of keys) {
      const flight = this.ports.ledger().mark(key)?.flight;
      if (flight) this.answered.set(key, nameOf(flight));
    }
  }

  private wasAnswered(key: string, flight: Flight): boolean {
    return this.answered.get(key) === nameOf(flight);
  }

  /** One round over everything in flight; gives what is now known. */
  async settle(): Promise<readonly ReportRow[]> {
    const flying = this.flying();
    this.forgetAllBut(new Set(flying.map(({ mark }) => mark.key)));
    const dueNow = new Set(flying.filter((one) => this.isDueNow(one)));
    const reads = await this.read([...dueNow]);
    // A read shows its whole register, also those that are not due yet: what came there meanwhile is looked at once.
    const looked = flying.filter(({ mark }) => standingIn(reads, mark) !== undefined);
    const due = flying.filter((one) => dueNow.has(one) || this.isStrange(one, standingIn(reads, one.mark)));
    const there = looked.flatMap((one) => this.there(one, reads) ?? []);
    const asked = await this.evidence(without(due, there));
    const told = asked.flatMap((one) => this.withoutReading(one) ?? []);
    // Those on their way are compared too: whether somebody marks the pupil before ours arrives.
    const found = await this.compareAll(without(asked, told), reads);
    const rows = [...there, ...told, ...found];
    await this.learn(flying, rows);
    for (const one of due) if (reads.has(registerOf(one.mark))) this.later(one);
    for (const one of looked) this.notBefore(one, pollFirstMs);
    return rows;
  }

  private flying(): readonly InFlight[] {
    const marks = this.ports.ledger().unsettledMarks();
    return marks.flatMap((mark) => (mark.flight === null ? [] : [{ mark, flight: mark.flight }]));
  }

  private isDueNow({ mark, flight }: InFlight): boolean {
    return this.watch(mark.key, flight).nextAt <= this.ports.clock.mono();
  }

  // ---- What the MIS says of the writes: asked once for all marks of a batch ----

  private async evidence(due: readonly InFlight[]): Promise<readonly Asked[]> {
    const asked: Asked[] = [];
    for (const [first, ...rest] of grouped(due, (one) => this.questionOf(one))) {
      const evidence = await this.ask(first);
      if (evidence === null) continue; // the line is down, or this question is not answered now
      const together = [first, ...rest].map(({ mark }) => mark.key);
      asked.push(...[first, ...rest].map((one) => ({ ...one, evidence, together })));
    }
    return asked;
  }

  private questionOf({ mark, flight }: InFlight): string {
    if (flight.phase === 'accepted') return `write-back ${flight.writeback ?? ''}`;
    const { key } = mark;
    const may = [this.mayRepeat(key, flight), this.mayRepeat(key, flight, 2), this.wasAnswered(key, flight)];
    return `${nameOf(flight)} ${may.join(' ')}`;
  }

  private async ask({ mark, flight }: InFlight): Promise<Evidence | null> {
    const { writebacks } = this.ports;
    if (flight.phase === 'accepted') return writebacks.poll(flight.writeback, flight.since);
    if (!this.mayRepeat(mark.key, flight)) return 'open';
    const trace = await writebacks.trace(flight.since);
    // Without its list the MIS is given twice the time.
    if (trace === 'untold') return this.mayRepeat(mark.key, flight, 2) ? 'nothing' : 'open';
    return trace === 'complete' && this.wasAnswered(mark.key, flight) ? 'nothing' : trace;
  }

  /** May it be sent again, if there is no trace of it? After `times` the settle time. */
  private mayRepeat(key: string, flight: Flight, times = 1): boolean {
    const settleMs = Math.max(settleMinMs, this.ports.memory.data.longestDelayMs);
    return this.wasAnswered(key, flight) || this.onlineSince(this.watch(key, flight).since) >= times * settleMs;
  }

  private withoutReading({ mark, flight, evidence }: Asked): ReportRow | null {
    const { key } = mark;
    if (evidence === 'gone') return { key, event: 'lost' };
    if (this.ports.pupil(mark.pupil) === undefined) return { key, event: 'refused', why: noPupil };
    const unsaid = evidence === 'pending' || (evidence === 'open' && flight.phase === 'accepted');
    return unsaid && this.isTooLong(key, flight) ? { key, event: 'refused', why: neverWritten } : null;
  }

  private isTooLong(key: string, flight: Flight): boolean {
    const online = this.onlineSince(this.watch(key, flight).since);
    const age = this.ports.clock.now() - flight.since.earliest;
    const byCalendar = this.ports.clock.trusted() && isTrusted(flight.since) && age > acceptedMaxByCalendarMs;
    return online > acceptedMaxMs || (byCalendar && online > acceptedMinOnlineMs);
  }

  // ---- What stands in the registers ----

  /** By name; those that are missing could not be read. */
  private async read(some: readonly InFlight[]): Promise<ReadonlyMap<string, Register>> {
    const reads = new Map<string, Register>();
    for (const group of grouped(some, ({ mark }) => registerOf(mark))) {
      const { date, session } = group[0].mark;
      const pupils = group.flatMap(({ mark }) => this.ports.pupil(mark.pupil) ?? []);
      const seen = await this.ports.registers.readNow(date, session, pupils);
      if (!seen.ok) break;
      reads.set(registerOf(group[0].mark), seen.value.marks);
    }
    return reads;
  }

  /** Somebody has marked the pupil since ours was read for. */
  private isStrange({ flight }: InFlight, standing: SeenMark | null | undefined): boolean {
    if (standing === undefined || (standing?.code ?? null) === flight.item.before) return false;
    return !isOurs(flight, 'pending', standing);
  }

  /** Just what we wrote stands there: what became of the write need not be asked. */
  private there(one: InFlight, reads: ReadonlyMap<string, Register>): ReportRow | null {
    const standing = standingIn(reads, one.mark);
    if (!standing || !isOurs(one.flight, 'pending', standing)) return null;
    return this.stands(one, this.watch(one.mark.key, one.flight), standing);
  }

  private async compareAll(
    asked: readonly Asked[],
    reads: ReadonlyMap<string, Register>,
  ): Promise<readonly ReportRow[]> {
    const again = new Set(asked.filter((one) => isToReadAgain(one, standingIn(reads, one.mark))));
    const anew = await this.read([...again]);
    return asked.flatMap((one) => {
      const standing = standingIn(again.has(one) ? anew : reads, one.mark);
      return standing === undefined ? [] : (this.compare(one, standing) ?? []);
    });
  }

  private compare(one: Asked, standing: SeenMark | null): ReportRow | null {
    const { mark, flight, evidence } = one;
    const { key } = mark;
    const seen = standing?.code ?? null;
    const watch = this.saw(one, standing);
    if (standing !== null && isOurs(flight, evidence, standing)) return this.stands(one, watch, standing);
    if (typeof evidence === 'object') return this.failed(one, seen, evidence.failed);
    if (evidence === 'nothing') return { key, event: 'not-there', seen };
    if (watch.completeSince === null) return null;
    const tooLate = this.onlineSince(watch.completeSince) >= completeMaxMs;
    const { strange } = watch;
    if (strange === null) {
      if (!tooLate) return null;
      // Only words or minutes were to change, and this MIS has its own.
      if (seen !== flight.item.code) return { key, event: 'refused', seen, why: notStored };
      return { key, event: 'seen', seen, ...stampOf(standing) };
    }
    // Set before ours was written, and still shown: ours may yet show. If not, it is decided anew from what stands there.
    if (strange.early || flight.phase !== 'accepted') return tooLate ? { key, event: 'not-there', seen } : null;
    if (this.onlineSince(strange.since) < strangeMs) return null;
    return { key, event: 'changed', seen, why: 'changed by school' };
  }

  private stands({ mark, flight }: InFlight, { strange }: Watch, standing: SeenMark): ReportRow {
    const { datesMarks } = this.ports.memory.data;
    this.datesMarks ||= isDatedAsWritten(flight, standing);
    return landing({ mark, flight, standing, between: strange?.code ?? null, datesMarks });
  }

  /** The MIS could not write the batch. One mark is the culprit: the others go again in halves. */
  private failed({ mark, together }: Asked, seen: string | null, said: string): ReportRow {
    const { key } = mark;
    if (together.length === 1)
      return { key, event: 'refused', seen, why: `The MIS could not write it: ${said.slice(0, saidMax)}` };
    this.ports.halve(together);
    return { key, event: 'not-there', seen };
  }

  // ---- How long, and how often ----

  private onlineSince(then: number): number {
    return this.ports.line.onlineMs() - then;
  }

  private watch(key: string, flight: Flight): Watch {
    const of = nameOf(flight);
    const known = this.watches.get(key);
    if (known?.of === of) return known;
    const now = this.ports.clock.mono();
    const nextAt = flight.phase === 'accepted' ? now + pollFirstMs : now;
    const since = this.ports.line.onlineMs();
    const watch = { of, since, nextAt, waitMs: pollFirstMs, completeSince: null, strange: null };
    this.watches.set(key, watch);
    return watch;
  }

  private saw({ mark, flight, evidence }: Asked, standing: SeenMark | null): Watch {
    const watch = this.watch(mark.key, flight);
    const now = this.ports.line.onlineMs();
    const mayBeDone = evidence === 'complete' || (evidence === 'open' && flight.phase === 'accepted');
    const completeSince = mayBeDone ? (watch.completeSince ?? now) : null;
    const code = standing?.code ?? null;
    const asBefore = code === flight.item.before;
    const anew = { code, since: now, early: evidence !== 'complete' };
    const strange = asBefore ? null : watch.strange?.code === code ? watch.strange : anew;
    const next = { ...watch, completeSince, strange: isOurs(flight, evidence, standing) ? watch.strange : strange };
    this.watches.set(mark.key, next);
    return next;
  }

  private later({ mark, flight }: InFlight): void {
    const watch = this.watch(mark.key, flight);
    const nextAt = this.ports.clock.mono() + watch.waitMs;
    this.watches.set(mark.key, { ...watch, nextAt, waitMs: Math.min(pollMaxMs, watch.waitMs * 1.5) });
  }

  private notBefore({ mark, flight }: InFlight, ms: number): void {
    const watch = this.watch(mark.key, flight);
    const nextAt = Math.max(watch.nextAt, this.ports.clock.mono() + ms);
    this.watches.set(mark.key, { ...watch, nextAt });
  }

  /** How slow a school is, where that is over the least anyway: it is given longer before anything is sent again. How it dates marks. */
  private async learn(flying: readonly InFlight[], rows: readonly ReportRow[]): Promise<void> {
    const seen = new Set(rows.filter(({ event }) => event === 'seen').map(({ key }) => key));
    const delays = flying
      .filter(({ mark }) => seen.has(mark.key))
      .map(({ mark, flight }) => this.onlineSince(this.watch(mark.key, flight).since));
    const known = this.ports.memory.data;
    const longest = Math.max(0, ...delays);
    const isLonger = longest > Math.max(settleMinMs, known.longestDelayMs);
    const dates = this.datesMarks && !known.datesMarks;
    if (!isLonger && !dates) return;
    await this.ports.line.remember({
      ...(isLonger ? { longestDelayMs: longest } : {}),
      ...(dates ? { datesMarks: true } : {}),
    });
  }

  private forgetAllBut(flying: ReadonlySet<string>): void {
    for (const key of this.watches.keys()) if (!flying.has(key)) this.watches.delete(key);
    for (const key of this.answered.keys()) if (!flying.has(key)) this.answered.delete(key);
  }
}

const without = <T extends InFlight>(all: readonly T[], rows: readonly ReportRow[]): readonly T[] => {
  const keys = new Set(rows.map(({ key }) => key));
  return all.filter(({ mark }) => !keys.has(mark.key));
};

/** Undefined: nobody has looked there. */
const standingIn = (reads: ReadonlyMap<string, Register>, mark: Mark): SeenMark | null | undefined =>
  reads.get(registerOf(mark))?.get(mark.pupil);

/** What the MIS has said since the first look may show by now, or be a stale look. */
function isToReadAgain({ flight, evidence }: Asked, standing: SeenMark | null | undefined): boolean {
  if (evidence === 'pending' || evidence === 'open') return false;
  return !standing || !isOurs(flight, evidence, standing);
}

const nameOf = ({ since }: Flight): string => `${since.boot} ${String(since.mono)}`;

const noPupil = 'The pupil is no longer on the roster, so the mark cannot be read back.';
const neverWritten = 'The MIS took it over a day ago and has not written it.';
const notStored = 'The MIS took the mark, but it is not there.';
