/**
 * Brings the MIS up to date: takes the marks that wait, reads what stands, decides by the rules whether ours may go there,
 * makes `sending` durable, writes, and leaves the proof to `settle.ts`. One thing at a time (durability.md 19 to 24).
 */
import { mayOverwrite } from '../domain/codes.ts';
import { wishOf } from '../domain/mark.ts';
import type { Mark, WriteWish } from '../domain/mark.ts';
import type { Ledger } from '../domain/ledger.ts';
import { bySession, nextBatch, writeWish } from '../domain/outbox.ts';
import type { Now } from '../domain/outbox.ts';
import type { Body, NoteBody, Recorded, ReportRow, SendingItem } from '../domain/record.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { SessionName } from '../domain/settings.ts';
import type { Clock, Log, Random, Timers } from '../system/ports.ts';
import type { MarkWrite, MisConnector, MisFailure, MisHealth, SeenMark } from './connector.ts';
import { Line } from './line.ts';
import type { LineView } from './line.ts';
import { Registers } from './registers.ts';
import { Settler } from './settle.ts';

/** The loop looks for work this often; a round with nothing to do costs microseconds. */
const roundEveryMs = 500;
/** The current session's register is read for everybody this often, in school hours. */
const sweepEveryMs = 10 * 60_000;
/** Days on which the MIS answered and did not take a mark, before it goes to a person (product.md 4). */
const putOffDaysMax = 5;

export interface SenderPorts {
  readonly connector: MisConnector;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly ledger: () => Ledger;
  readonly commit: (bodies: readonly Body[]) => Promise<readonly Recorded[]>;
  readonly roster: () => { readonly pupils: readonly Pupil[]; byKey(key: string): Pupil | undefined };
  readonly rules: () => SenderRules;
  /** School-local date, and the session whose register is the present one; null outside school hours. */
  readonly today: () => { readonly date: string; readonly session: SessionName | null };
}
export interface SenderRules {
  readonly writeBack: boolean;
  readonly holdMs: number;
  readonly replacePresent: boolean;
}

interface Judged {
  readonly items: readonly SendingItem[];
  readonly rows: readonly MarkWrite[];
  readonly reports: readonly ReportRow[];
  readonly notes: readonly NoteBody[];
}

export class Sender {
  readonly line: Line;
  readonly registers: Registers;
  private readonly settler: Settler;
  /** Marks whose batch failed as a whole go in smaller batches, until the culprit stands alone. */
  private readonly limits = new Map<string, number>();
  private turns = 0;
  private sweptAt = -Infinity;
  private stopLoop: (() => void) | null = null;
  private round: Promise<void> | null = null;
  private readonly ports: SenderPorts;

  constructor(ports: SenderPorts) {
    this.ports = ports;
    this.line = new Line(ports);
    this.registers = new Registers(ports.connector, this.line, ports.clock);
    this.settler = new Settler({
      connector: ports.connector,
      line: this.line,
      registers: this.registers,
      clock: ports.clock,
      pupil: (key) => ports.roster().byKey(key),
      halve: (key, together) => {
        this.halve([key], together);
      },
    });
  }

  /** `onBroken`: a bug or a journal that refuses; the caller ends the process. */
  start(onBroken: (error: unknown) => void): void {
    if (this.ports.connector.kind === 'none') return;
    this.stopLoop = this.ports.timers.every(roundEveryMs, () => {
      if (this.round !== null) return;
      this.round = this.work()
        .catch(onBroken)
        .finally(() => {
          this.round = null;
        });
    });
  }

  /** Stops after the request under way. */
  async stop(): Promise<void> {
    this.stopLoop?.();
    await this.round;
  }

  view(): LineView {
    return this.line.view();
  }

  /** One round: settle what flies, watch what stands, send what waits. */
  async work(): Promise<void> {
    if (!this.line.mayAsk()) return;
    await this.settle();
    const batch = this.batch();
    if (batch.length === 0 && !this.sweepIsDue()) return;
    const health = await this.line.healthNow();
    if (health === null || !health.online) return;
    if (batch.length > 0 && health.allowsWriteback) await this.send(batch, health);
    if (this.sweepIsDue()) await this.sweep();
  }

  private async settle(): Promise<void> {
    const ledger = this.ports.ledger();
    const marks = [...ledger.unsettled].flatMap((key) => ledger.mark(key) ?? []);
    const rows = await this.settler.settle(marks);
    await this.report(rows);
  }

  private batch(): readonly Mark[] {
    if (!this.ports.rules().writeBack) return [];
    const ledger = this.ports.ledger();
    const marks = [...ledger.unsettled].flatMap((key) => ledger.mark(key) ?? []);
    const batch = nextBatch(marks, this.now(), this.turns);
    const [first] = batch;
    if (first === undefined) return [];
    const limit = this.limits.get(first.key);
    if (limit === undefined) return batch.filter((mark) => !this.limits.has(mark.key));
    return batch.filter((mark) => this.limits.get(mark.key) === limit).slice(0, limit);
  }

  private now(): Now {
    const { clock, rules, today } = this.ports;
    return { mono: clock.mono(), boot: clock.boot, today: today().date, holdMs: rules().holdMs };
  }

  private async send(batch: readonly Mark[], health: MisHealth): Promise<void> {
    this.turns += 1;
    const judged = await this.readAndJudge(batch, health);
    await this.report(judged.reports, judged.notes);
    // Undone or changed while we read: the next round decides anew.
    const still = judged.items.filter((item) => this.stillWants(item));
    if (still.length === 0) return;
    const keys = new Set(still.map((item) => item.key));
    const rows = judged.rows.filter((_, index) => keys.has(judged.items[index]?.key ?? ''));
    await this.ports.commit([{ type: 'sending', v: 1, batch: this.ports.random.id(), items: still }]);
    const answer = await this.line.ask((signal) => this.ports.connector.write(rows, signal));
    if (answer.ok) {
      const { writeback } = answer;
      await this.report(
        still.map(({ key }) => ({ key, event: 'queued', ...(writeback === null ? {} : { writeback }) })),
      );
      return;
    }
    await this.failed(still, answer.failure);
  }

  private stillWants(item: SendingItem): boolean {
    const mark = this.ports.ledger().mark(item.key);
    const wish = mark === undefined ? null : writeWish(mark);
    return wish !== null && wish.code === item.code && wish.minutes === item.minutes;
  }

  private async readAndJudge(batch: readonly Mark[], health: MisHealth): Promise<Judged> {
    const all: Judged[] = [];
    for (const group of bySession(batch).values()) {
      const [first] = group;
      if (first === undefined) continue;
      const pupils = group.flatMap((mark) => this.ports.roster().byKey(mark.pupil) ?? []);
      const seen = await this.registers.readNow(first.date, first.session, pupils);
      if (!seen.ok) break;
      all.push(...group.map((mark) => this.judge(mark, seen.value.get(mark.pupil) ?? null, health)));
    }
    return {
      items: all.flatMap((one) => one.items),
      rows: all.flatMap((one) => one.rows),
      reports: all.flatMap((one) => one.reports),
      notes: all.flatMap((one) => one.notes),
    };
  }

  /** May ours go where this stands? (product.md 4, "Never overwrite") */
  private judge(mark: Mark, seen: SeenMark | null, health: MisHealth): Judged {
    const wish = writeWish(mark);
    const pupil = this.ports.roster().byKey(mark.pupil);
    const standing = seen?.code ?? null;
    const end = (row: Omit<ReportRow, 'key'>, notes: readonly NoteBody[] = []): Judged => ({
      items: [],
      rows: [],
      reports: [{ key: mark.key, seen: standing, ...row }],
      notes,
    });
    if (wish === null) return { items: [], rows: [], reports: [], notes: [] };
    if (pupil === undefined) return end({ event: 'refused', why: 'The pupil is no longer on the roster.' });
    if (mark.putOffOn.length >= putOffDaysMax) return end({ event: 'expired', why: 'Not taken on five school days.' });

    const verdict = this.verdict(mark, wish, seen);
    if (verdict === 'ours-already') return end({ event: 'seen' });
    if (verdict === 'theirs') return end({ event: 'theirs', why: 'not ours' });
    if (verdict === 'keep-theirs')
      return end({ event: 'kept', why: 'theirs kept' }, [noteFor(mark, 'kept-theirs', false)]);
    if (verdict === 'changed') return end({ event: 'changed', why: 'changed by school' });
    if (verdict !== 'write')
      return end({ event: 'foreign' }, verdict === 'conflict-urgent' ? [noteFor(mark, 'conflict', true)] : []);

    const { comment } = wish;
    const item = { key: mark.key, code: wish.code, minutes: wish.minutes, comment, before: standing };
    const row = {
      misId: pupil.misId,
      date: mark.date,
      session: mark.session,
      code: wish.code,
      minutesLate: health.capabilities.minutesLate ? wish.minutes : null,
      comment: health.capabilities.comment ? comment : null,
    };
    return { items: [item], rows: [row], reports: [], notes: [] };
  }

  private verdict(
    mark: Mark,
    wish: WriteWish,
    seen: SeenMark | null,
  ): 'write' | 'theirs' | 'keep-theirs' | 'conflict' | 'conflict-urgent' | 'changed' | 'ours-already' {
    const standing = seen?.code ?? null;
    const ours = mark.ours?.code ?? null;
    if (wish.kind === 'restore') return standing === ours ? 'write' : 'changed';
    if (standing === wish.code && ours === null && this.landedEarlier(mark, wish, seen)) return 'ours-already';
    if (standing === wish.code && ours === standing) return 'write'; // the same code with other minutes
    if (wish.over !== undefined && wish.over === standing) return standing === wish.code ? 'theirs' : 'write';
    return mayOverwrite({
      standing,
      wanted: wish.code,
      ours: ours !== null && ours === standing,
      mayReplacePresent: wish.mayReplacePresent && this.ports.rules().replacePresent,
      afterClose: wish.afterClose,
    });
  }

  /** An earlier try landed after all: our comment stands there, or our journal shows that we wrote just this. */
  private landedEarlier(mark: Mark, wish: WriteWish, seen: SeenMark | null): boolean {
    if (wish.comment !== null && seen?.comment === wish.comment) return true;
    return mark.history.some((row) => row.what === 'wrote' && row.code === wish.code);
  }

  private async failed(items: readonly SendingItem[], failure: MisFailure): Promise<void> {
    const each = (event: ReportRow['event'], why?: string): Promise<void> =>
      this.report(items.map(({ key }) => ({ key, event, ...(why === undefined ? {} : { why }) })));
    switch (failure.kind) {
      case 'unreachable':
      case 'refused-redirect':
        return each('held-back');
      case 'throttled':
      case 'unauthorised':
      case 'forbidden':
      case 'not-found':
        return each('put-off', failure.words);
      case 'no-such-code': {
        const missing = new Set(failure.codes);
        return this.report(
          items.map(({ key, code }) =>
            missing.has(code)
              ? { key, event: 'refused', why: `The MIS has no code ${code}.` }
              : { key, event: 'held-back' },
          ),
        );
      }
      case 'invalid':
        return this.invalid(items);
      case 'no-answer':
      case 'server':
      case 'too-big':
      case 'other':
        return each('lost', failure.words);
    }
  }

  /**
   * The MIS found something wrong in the batch. Alone, the mark goes to a person; together, they go again in halves, and
   * the read before each write finds those that were stored all the same.
   */
  private async invalid(items: readonly SendingItem[]): Promise<void> {
    if (items.length > 1) {
      this.halve(
        items.map((item) => item.key),
        items.length,
      );
      return this.report(items.map(({ key }) => ({ key, event: 'held-back' })));
    }
    await this.report(items.map(({ key }) => ({ key, event: 'refused', why: 'The MIS does not accept this mark.' })));
  }

  private halve(keys: readonly string[], together: number): void {
    for (const key of keys) this.limits.set(key, Math.max(1, Math.ceil(together / 2)));
  }

  private async report(rows: readonly ReportRow[], notes: readonly NoteBody[] = []): Promise<void> {
    for (const row of rows) {
      if (row.event === 'queued' || row.event === 'seen' || row.event === 'refused') this.limits.delete(row.key);
    }
    if (rows.length === 0 && notes.length === 0) return;
    const bodies: Body[] = [...notes];
    if (rows.length > 0) bodies.unshift({ type: 'report', v: 1, date: this.ports.today().date, rows });
    await this.ports.commit(bodies);
  }

  private sweepIsDue(): boolean {
    const { session } = this.ports.today();
    if (session === null || this.ports.roster().pupils.length === 0) return false;
    return this.ports.clock.mono() - this.sweptAt >= sweepEveryMs;
  }

  /** Reads the present register for everybody: who is marked absent or away, and whether ours still stand. */
  private async sweep(): Promise<void> {
    const { date, session } = this.ports.today();
    if (session === null) return;
    const seen = await this.registers.readNow(date, session, this.ports.roster().pupils);
    this.sweptAt = this.ports.clock.mono();
    if (!seen.ok) return;
    const rows: ReportRow[] = [];
    for (const mark of this.ports.ledger().marks.values()) {
      if (mark.date !== date || mark.session !== session || mark.ours === null || mark.flight !== null) continue;
      const standing = seen.value.get(mark.pupil)?.code ?? null;
      const undisturbed = standing === mark.ours.code || wishOf(mark).kind === 'restore';
      if (!undisturbed) rows.push({ key: mark.key, event: 'changed', seen: standing, why: 'changed by school' });
    }
    await this.report(rows);
  }
}

function noteFor(mark: Mark, kind: 'kept-theirs' | 'conflict', urgent: boolean): NoteBody {
  return { type: 'note', v: 1, kind, urgent, visit: null, pupil: mark.pupil, detail: `${mark.date} ${mark.session}` };
}
