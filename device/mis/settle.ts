/**
 * Writes that left and are not settled: poll the write-back, read the mark back, and only then say confirmed
 * (durability.md 20, 21). A write without an answer is read back at once and often, and sent again only when it is sure that
 * it did not and will not land.
 */
import { stateOf } from '../domain/mark.ts';
import type { Flight, Mark } from '../domain/mark.ts';
import { bySession } from '../domain/outbox.ts';
import type { ReportRow } from '../domain/record.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { Clock } from '../system/ports.ts';
import type { MisConnector, SeenMark, WritebackState } from './connector.ts';
import type { Line } from './line.ts';
import type { Registers } from './registers.ts';

/** A write without an answer is given this long, MIS online, before it may be sent again (durability.md 20). */
const settleMinMs = 15 * 60_000;
/** `complete`, but the mark does not show: after this long, MIS online, a person looks (mis.md 10, row 28). */
const completeMaxMs = 30 * 60_000;
/** The MIS may hold an accepted write this long, MIS online (product.md 4). */
const acceptedMaxMs = 24 * 60 * 60_000;
const pollFirstMs = 1_500;
const pollMaxMs = 60_000;

/** What we know of one flight in this run. */
interface Watch {
  /** `line.onlineMs()` when we first saw it. */
  readonly since: number;
  readonly nextAt: number;
  readonly waitMs: number;
  readonly completeSince: number | null;
}

export interface SettlePorts {
  readonly connector: MisConnector;
  readonly line: Line;
  readonly registers: Registers;
  readonly clock: Clock;
  readonly pupil: (key: string) => Pupil | undefined;
  /** A batch that failed as a whole is sent again in halves. */
  readonly halve: (key: string, together: number) => void;
}

interface InFlight {
  readonly mark: Mark;
  readonly flight: Flight;
}

export class Settler {
  private readonly watches = new Map<string, Watch>();
  private longestDelayMs = 0;
  private readonly ports: SettlePorts;

  constructor(ports: SettlePorts) {
    this.ports = ports;
  }

  /** One round over everything in flight; gives what is now known. */
  async settle(marks: readonly Mark[]): Promise<readonly ReportRow[]> {
    const flying = marks.flatMap((mark) =>
      mark.flight === null || mark.flight.phase === 'sending' ? [] : [{ mark, flight: mark.flight }],
    );
    this.forget(flying);
    const due = flying.filter(({ mark }) => this.watch(mark).nextAt <= this.ports.clock.mono());
    if (due.length === 0) return [];
    const states = await this.writebackStates(due);
    const rows: ReportRow[] = [];
    const read: InFlight[] = [];
    for (const one of due) {
      const state = one.flight.phase === 'accepted' ? states.get(one.flight.writeback ?? '') : 'unknown';
      if (state === undefined) continue; // not asked: the line is down
      if (state === 'gone') rows.push({ key: one.mark.key, event: 'lost' });
      else if (state === 'pending') this.pending(one, rows);
      else read.push(one);
    }
    rows.push(...(await this.readBack(read, states)));
    return rows;
  }

  private async writebackStates(due: readonly InFlight[]): Promise<Map<string, WritebackState | 'gone'>> {
    const states = new Map<string, WritebackState | 'gone'>();
    if (due.some(({ flight }) => flight.phase === 'accepted' && flight.writeback === null)) states.set('', 'complete');
    const ids = new Set(due.flatMap(({ flight }) => flight.writeback ?? []));
    for (const id of ids) {
      const answer = await this.ports.line.ask((signal) => this.ports.connector.writeback(id, signal));
      if (answer.ok) states.set(id, answer.value);
      else if (answer.failure.kind === 'not-found') states.set(id, 'gone');
      else break;
    }
    return states;
  }

  private pending({ mark }: InFlight, rows: ReportRow[]): void {
    const watch = this.later(mark);
    if (this.ports.line.onlineMs() - watch.since > acceptedMaxMs) {
      rows.push({ key: mark.key, event: 'refused', why: 'The MIS took it a day ago and has not written it.' });
    }
  }

  private async readBack(
    flying: readonly InFlight[],
    states: ReadonlyMap<string, WritebackState | 'gone'>,
  ): Promise<readonly ReportRow[]> {
    const rows: ReportRow[] = [];
    const flights = new Map(flying.map(({ mark, flight }) => [mark.key, flight]));
    for (const group of bySession(flying.map(({ mark }) => mark)).values()) {
      const seen = await this.readGroup(group);
      if (seen === null) break;
      for (const mark of group) {
        const flight = flights.get(mark.key);
        if (flight === undefined) continue;
        const state = flight.phase === 'accepted' ? states.get(flight.writeback ?? '') : undefined;
        const row = await this.compare(mark, flight, seen.get(mark.pupil) ?? null, state);
        if (row !== null) rows.push(row);
      }
    }
    return rows;
  }

  private async readGroup(group: readonly Mark[]): Promise<ReadonlyMap<string, SeenMark | null> | null> {
    const [first] = group;
    if (first === undefined) return null;
    const pupils = group.flatMap((mark) => this.ports.pupil(mark.pupil) ?? []);
    if (pupils.length === 0) return new Map();
    const answer = await this.ports.registers.readNow(first.date, first.session, pupils);
    return answer.ok ? answer.value : null;
  }

  private async compare(
    mark: Mark,
    flight: Flight,
    seen: SeenMark | null,
    state: WritebackState | 'gone' | undefined,
  ): Promise<ReportRow | null> {
    const code = seen?.code ?? null;
    const watch = this.later(mark);
    const waited = this.ports.line.onlineMs() - watch.since;
    if (code === flight.item.code) {
      this.longestDelayMs = Math.max(this.longestDelayMs, waited);
      return { key: mark.key, event: 'seen', seen: code };
    }
    if (typeof state === 'object') return this.failed(mark, code);
    if (flight.phase === 'unknown') return this.withoutAnswer(mark, flight, code, waited);
    // `complete`. What stood before may still show for a while; another code means that somebody changed it since.
    if (code !== flight.item.before) return { key: mark.key, event: 'changed', seen: code, why: 'changed by school' };
    const completeSince = watch.completeSince ?? this.ports.line.onlineMs();
    this.watches.set(mark.key, { ...watch, completeSince });
    if (this.ports.line.onlineMs() - completeSince < completeMaxMs) return null;
    return { key: mark.key, event: 'refused', seen: code, why: 'The MIS said it was written, but it is not there.' };
  }

  /** The MIS could not write the batch. One row is the culprit's: the others are tried again in halves. */
  private failed(mark: Mark, seen: string | null): ReportRow {
    const batch = mark.flight?.writeback ?? null;
    const together = batch === null ? 1 : (this.sizes.get(batch) ?? 1);
    if (together === 1) return { key: mark.key, event: 'refused', seen, why: 'The MIS could not write it.' };
    this.ports.halve(mark.key, together);
    return { key: mark.key, event: 'not-there', seen };
  }

  /** How many rows a write-back carried, while it is watched. */
  private readonly sizes = new Map<string, number>();

  private async withoutAnswer(
    mark: Mark,
    flight: Flight,
    seen: string | null,
    waited: number,
  ): Promise<ReportRow | null> {
    if (waited < Math.max(settleMinMs, this.longestDelayMs)) return null;
    const since = flight.since.earliest - settleMinMs;
    const list = await this.ports.line.ask((signal) => this.ports.connector.writebacks(since, signal));
    if (!list.ok && list.failure.kind !== 'not-found') return null;
    if (list.ok && list.value.some((one) => one.state === 'pending')) return null; // may still be ours
    return { key: mark.key, event: 'not-there', seen };
  }

  private watch(mark: Mark): Watch {
    const known = this.watches.get(mark.key);
    if (known !== undefined) return known;
    const now = this.ports.clock.mono();
    const first = stateOf(mark) === 'unknown' ? now : now + pollFirstMs;
    const watch = { since: this.ports.line.onlineMs(), nextAt: first, waitMs: pollFirstMs, completeSince: null };
    this.watches.set(mark.key, watch);
    return watch;
  }

  private later(mark: Mark): Watch {
    const watch = this.watch(mark);
    const waitMs = Math.min(pollMaxMs, watch.waitMs * 1.5);
    const next = { ...watch, waitMs, nextAt: this.ports.clock.mono() + watch.waitMs };
    this.watches.set(mark.key, next);
    return next;
  }

  private forget(flying: readonly InFlight[]): void {
    const keys = new Set(flying.map(({ mark }) => mark.key));
    for (const key of this.watches.keys()) if (!keys.has(key)) this.watches.delete(key);
    this.sizes.clear();
    for (const { flight } of flying) {
      if (flight.writeback !== null) this.sizes.set(flight.writeback, (this.sizes.get(flight.writeback) ?? 0) + 1);
    }
  }
}
