/**
 * Brings the MIS up to date: takes the marks that wait, reads what stands, decides by the rules whether ours may go there,
 * makes `sending` durable, writes, and leaves the proof to `settle.ts`. One thing at a time (durability.md 19 to 24).
 */
import { writeWish } from '../domain/mark.ts';
import type { Mark } from '../domain/mark.ts';
import type { Ledger } from '../domain/ledger.ts';
import { batchMax, isDue, judge, nextBatch, putOff, stampOf } from '../domain/outbox.ts';
import type { Now } from '../domain/outbox.ts';
import type { Body, NoteBody, Recorded, ReportRow, SendingItem } from '../domain/record.ts';
import type { Pupil } from '../domain/pupil.ts';
import { localTime, schoolYearOf } from '../domain/school-day.ts';
import type { SessionName } from '../domain/settings.ts';
import { JournalError } from '../journal/error.ts';
import type { MarkWrite, MisFailure, MisHealth, SeenMark } from './connector.ts';
import { freezing } from './freeze.ts';
import { Line } from './line.ts';
import type { LinePorts, LineView } from './line.ts';
import { Registers } from './registers.ts';
import { Settler } from './settle.ts';
import { Sweep } from './sweep.ts';
import { Writebacks } from './writebacks.ts';

/** The loop looks for work this often; a round with nothing to do costs microseconds and no request. */
const roundEveryMs = 500;
/** A read is good for a minute (durability.md 21), of which the connection to the MIS may take 20 s. */
const readMaxMs = 40_000;
/** What is read in a round serves the batches of that round, and for so long after its last page: teachers write meanwhile. */
const sharedMaxMs = 3_000;
/** After a disk that was full: nothing is asked that could not be recorded. */
const fullDiskRestMs = 60_000;

export interface SenderRoster {
  readonly pupils: readonly Pupil[];
  byKey(key: string): Pupil | undefined;
  /** Looked up in the MIS and not found there. */
  readonly unmatched?: ReadonlySet<string>;
  /** When the MIS last gave its pupils, milliseconds since the epoch; null: never; not given: not asked. */
  readonly pulledAt?: number | null;
}

export interface SenderPorts extends LinePorts {
  readonly ledger: () => Ledger;
  readonly commit: (bodies: readonly Body[]) => Promise<readonly Recorded[]>;
  readonly roster: () => SenderRoster;
  readonly rules: () => SenderRules;
  /** Gives this box its own place in time among all others (durability.md 25). */
  readonly journalId: string;
  /** School-local date that has surely come, and the session whose register is the present one; null outside school hours. */
  readonly today: () => { readonly date: string; readonly session: SessionName | null };
}
export interface SenderRules {
  readonly writeBack: boolean;
  readonly holdMs: number;
  readonly timeZone: string;
}

/** One mark as the journal has it and as the MIS gets it. */
interface Write {
  readonly item: SendingItem;
  readonly row: MarkWrite;
}
/** What is to be done with one mark of a batch. */
interface Plan {
  readonly write?: Write;
  readonly report?: ReportRow;
  readonly note?: NoteBody;
}

export class Sender {
  readonly line: Line;
  readonly registers: Registers;
  private readonly settler: Settler;
  private readonly sweep: Sweep;
  /** Marks whose batch failed as a whole go in batches of so many, until the bad one is alone. */
  private readonly limits = new Map<string, number>();
  private turns = 0;
  private restUntil = -Infinity;
  private stopLoop: (() => void) | null = null;
  private round: Promise<void> | null = null;
  private readonly ports: SenderPorts;

  constructor(ports: SenderPorts) {
    const { connector, ledger, roster } = ports;
    this.ports = ports;
    this.line = new Line(ports);
    const { line } = this;
    this.registers = new Registers(connector, line, ports.clock, (date, session) => this.onlookers(date, session));
    const shared = { ...ports, line, registers: this.registers };
    this.settler = new Settler({
      ...shared,
      writebacks: new Writebacks(connector, line, ledger),
      pupil: (key) => roster().byKey(key),
      halve: (keys) => {
        this.halve(keys);
      },
    });
    this.sweep = new Sweep({ ...shared, roster, timeZone: () => ports.rules().timeZone });
  }

  /** `onBroken`: a bug or a journal that has failed; the caller ends the process. */
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

  /** Ends the request under way and records what that left open. */
  async stop(): Promise<void> {
    this.stopLoop?.();
    this.line.stop();
    await this.round;
  }

  view(): LineView {
    return this.line.view();
  }

  /** One round: settle what flies, send what waits, watch what stands. */
  async work(): Promise<void> {
    if (!this.line.mayAsk() || this.ports.clock.mono() < this.restUntil) return;
    try {
      await this.oneRound();
    } catch (error) {
      if (!(error instanceof JournalError) || (error.code !== 'refused' && error.code !== 'busy')) throw error;
      this.restUntil = this.ports.clock.mono() + fullDiskRestMs;
      this.ports.log.warn('outbox-not-recorded', { code: error.code });
    }
  }

  private async oneRound(): Promise<void> {
    // Without a roster nobody knows who has left the school; a frozen outbox may not know who is who.
    if (this.ports.roster().pupils.length === 0 || this.ports.ledger().frozen !== null) return;
    const mayWrite = this.line.mayWrite() && this.due().length > 0;
    // The MIS's answers say what time it is (durability.md 17).
    const wantsTime = !this.ports.clock.trusted();
    const asks = mayWrite || wantsTime || this.settler.isDue() || this.sweep.isDue();
    const health = asks ? await this.line.healthNow() : null;
    const roundAt = this.ports.clock.mono();
    if (health !== null) {
      if (await this.isAnotherMis(health)) return;
      const settled = await this.settler.settle();
      if (settled.some(({ event }) => event === 'seen')) this.line.wrote();
      await this.report(settled);
      await this.sendFor(roundAt);
      // The present register, and one before it.
      for (let looks = 0; looks < 2 && this.sweep.isDue(); looks += 1) await this.report(await this.sweep.run());
    }
    await this.putOff();
  }

  /** The school has changed its MIS: its pupils may have other numbers there (mis.md 2.8). */
  private async isAnotherMis({ mis }: MisHealth): Promise<boolean> {
    const { memory, commit } = this.ports;
    const before = memory.data.mis;
    if (mis === null || mis === before) return false;
    if (before !== null) await commit(freezing('mis-changed'));
    await this.line.remember({ mis });
    return before !== null;
  }

  /** In a new school year nothing is sent by the lists of the old one (mis.md 10, row 36). */
  private async listsAreOfThisYear(): Promise<boolean> {
    const { roster, rules, today, connector, memory } = this.ports;
    const year = schoolYearOf(today().date);
    const { pulledAt } = roster();
    if (pulledAt !== undefined) {
      if (pulledAt === null || schoolYearOf(localTime(pulledAt, rules().timeZone).date) < year) return false;
    }
    if (memory.data.codesYear === year) return true;
    const codes = await this.line.ask('codes', (signal) => connector.codes(signal, 0));
    if (codes.ok) await this.line.remember({ codesYear: year });
    return codes.ok;
  }

  // ---- Sending ----

  /** Of the present register everybody, as `Sweep` looks through it; of others those with a mark that is open. */
  private onlookers(date: string, session: SessionName): readonly Pupil[] {
    const { ledger, roster, today } = this.ports;
    const present = today();
    if (date === present.date && session === present.session) return roster().pupils;
    return ledger()
      .unsettledMarks()
      .filter((mark) => mark.date === date && mark.session === session)
      .flatMap(({ pupil }) => roster().byKey(pupil) ?? []);
  }

  private now(): Now {
    const { clock, rules, today } = this.ports;
    return { mono: clock.mono(), boot: clock.boot, today: today().date, holdMs: rules().holdMs };
  }

  private due(): readonly Mark[] {
    const ledger = this.ports.ledger();
    if (ledger.unsettled.size === 0 || !this.ports.rules().writeBack || !this.ports.clock.trusted()) return [];
    const now = this.now();
    return ledger.unsettledMarks().filter((mark) => isDue(mark, now) && !this.isUnmatched(mark.pupil));
  }

  /** On the school's own list, but not found in the MIS yet: there is no id to write to, so the mark waits. */
  private isUnmatched(pupil: string): boolean {
    const roster = this.ports.roster();
    return roster.byKey(pupil)?.misId === '' && roster.unmatched?.has(pupil) !== true;
  }

  /** Batch after batch, as long as what was read in this round serves: only the first may read. */
  private async sendFor(roundAt: number): Promise<void> {
    let isTaken = await this.send(roundAt, true);
    while (isTaken) isTaken = await this.send(roundAt, false);
  }

  private misIdOf(pupil: string): string | undefined {
    return this.ports.roster().byKey(pupil)?.misId;
  }

  /** One batch; `mayRead`: what stands there, where it was not read in this round. Did the MIS take it? */
  private async send(roundAt: number, mayRead: boolean): Promise<boolean> {
    // A line that has failed in this round may have been away for long.
    if (!this.line.mayWrite() || this.line.wasTroubledWithin(this.ports.clock.mono() - roundAt)) return false;
    const limitOf = (key: string): number | undefined => (this.line.isProbing() ? 1 : this.limits.get(key));
    const batch = nextBatch(this.due(), this.now(), this.turns, limitOf);
    const [first] = batch;
    if (first === undefined || !(await this.listsAreOfThisYear())) return false;
    const { date, session } = first;
    const pupils = batch.flatMap((mark) => this.ports.roster().byKey(mark.pupil) ?? []);
    const since = Math.max(roundAt, this.ports.clock.mono() - sharedMaxMs);
    if (!mayRead && this.registers.seenSince(since, date, session, pupils) === null) return false;
    this.turns += 1;
    const seen = await this.registers.readSince(since, date, session, pupils);
    if (!seen.ok) return false;
    const { marks, askedAt } = seen.value;
    // Staff may have changed meanwhile what is wished, and a roster by which number a pupil is known.
    const asked = new Map(pupils.map(({ key, misId }) => [key, misId]));
    const still = batch
      .flatMap(({ key }) => this.ports.ledger().mark(key) ?? [])
      .filter((mark) => isDue(mark, this.now()) && asked.get(mark.pupil) === this.misIdOf(mark.pupil));
    const plans = still.map((mark) => this.plan(mark, marks.get(mark.pupil) ?? null));
    const writes = await this.claim(plans);
    const items = writes.map(({ item }) => item);
    if (items.length === 0) return false;
    const rows = writes.map(({ row }) => row);
    const answer = await this.line.write((signal) => this.ports.connector.write(rows, signal, askedAt + readMaxMs));
    if (!answer.ok) {
      await this.failed(items, answer.failure);
      return false;
    }
    const writeback = answer.writeback === null ? {} : { writeback: answer.writeback };
    await this.report(items.map(({ key }) => ({ key, event: 'queued', ...writeback })));
    return true;
  }

  /** What stands decides (product.md 4, "Never overwrite"). The connector leaves out what this MIS cannot take. */
  private plan(mark: Mark, standing: SeenMark | null): Plan {
    const wish = writeWish(mark);
    if (wish === null) return {};
    const { key, date, session } = mark;
    const { code, minutes, comment } = wish;
    const seen = standing?.code ?? null;
    const misId = this.misIdOf(mark.pupil);
    if (misId === undefined) return { report: { key, event: 'refused', why: 'The pupil is no longer on the roster.' } };
    if (misId === '') return { report: { key, event: 'refused', why: 'The MIS does not know this pupil.' } };
    switch (judge(mark, wish, standing)) {
      case 'write':
        return {
          write: {
            item: { key, code, minutes, comment, before: seen },
            row: { misId, date, session, code, minutesLate: minutes, comment },
          },
        };
      case 'ours':
        return { report: { key, event: 'seen', seen, ...stampOf(standing) } };
      case 'theirs':
        return { report: { key, event: 'theirs', seen, why: 'not ours' } };
      case 'keep-theirs':
        return { report: { key, event: 'kept', seen, why: 'theirs kept' }, note: noteFor(mark, 'kept-theirs', false) };
      case 'changed':
        return { report: { key, event: 'changed', seen, why: 'changed by school' } };
      case 'conflict':
        return { report: { key, event: 'foreign', seen } };
      case 'conflict-urgent':
        return { report: { key, event: 'foreign', seen }, note: noteFor(mark, 'conflict', true) };
    }
  }

  /** Makes `sending` durable. Only what the journal shows in flight then is ours to send: an undo may have come first. */
  private async claim(plans: readonly Plan[]): Promise<readonly Write[]> {
    const writes = plans.flatMap(({ write }) => write ?? []);
    const items = writes.map(({ item }) => item);
    const bodies = [
      ...plans.flatMap(({ note }) => note ?? []),
      ...this.reports(plans.flatMap(({ report }) => report ?? [])),
    ];
    if (items.length > 0) bodies.push({ type: 'sending', v: 1, batch: this.ports.random.id(), items });
    if (bodies.length > 0) await this.ports.commit(bodies);
    return writes.filter(({ item }) => this.ports.ledger().mark(item.key)?.flight?.phase === 'sending');
  }

  // ---- What became of it ----

  private async failed(items: readonly SendingItem[], failure: MisFailure): Promise<void> {
    switch (failure.kind) {
      case 'unreachable':
      case 'refused-redirect':
      case 'throttled':
      case 'unauthorised':
      case 'forbidden':
      case 'not-found':
        return this.reportAll(items, 'held-back'); // `putOff` counts the day where the MIS answered
      case 'too-late':
        return this.tooOld(items);
      case 'no-such-code':
        return this.report(items.map((item) => withoutCode(item, failure.codes)));
      case 'invalid':
        return this.invalid(items, failure.body);
      case 'no-answer':
      case 'server':
      case 'too-big':
      case 'other':
        return this.reportAll(items, 'lost');
    }
  }

  /**
   * The MIS found something wrong in the batch. Alone, the mark goes to a person; together, they go again in halves as soon
   * as it is sure which of them were stored all the same.
   */
  private invalid(items: readonly SendingItem[], said: string): Promise<void> {
    const keys = items.map(({ key }) => key);
    const [only] = keys;
    if (only !== undefined && keys.length === 1) {
      return this.report([
        { key: only, event: 'refused', why: `The MIS does not accept this mark: ${said.slice(0, 200)}` },
      ]);
    }
    this.halve(keys);
    this.settler.refusedTogether(keys);
    return this.reportAll(items, 'lost');
  }

  /** Where a whole register takes so long, each is read alone: that is a single row. */
  private tooOld(items: readonly SendingItem[]): Promise<void> {
    for (const { key } of items) this.limits.set(key, 1);
    return this.reportAll(items, 'held-back');
  }

  private halve(keys: readonly string[]): void {
    for (const key of keys) this.limits.set(key, Math.ceil(keys.length / 2));
  }

  /** An MIS that answers, but takes nothing now: said once a school day for every mark that is due. */
  private async putOff(): Promise<void> {
    const why = this.line.refusal();
    if (why === null) return;
    const { date, session } = this.ports.today();
    if (session === null) return;
    await this.report(
      this.due().flatMap((mark) => {
        const event = putOff(mark, date);
        return event === null ? [] : [{ key: mark.key, event, why }];
      }),
    );
  }

  private reportAll(items: readonly SendingItem[], event: ReportRow['event']): Promise<void> {
    return this.report(items.map(({ key }) => ({ key, event })));
  }

  private async report(rows: readonly ReportRow[]): Promise<void> {
    // One at a time: a pupil's commit waits behind one batch at most (durability.md 19).
    for (const body of this.reports(rows)) await this.ports.commit([body]);
    const { unsettled } = this.ports.ledger();
    for (const key of this.limits.keys()) if (!unsettled.has(key)) this.limits.delete(key);
  }

  /** A record has a bound (`journal/frame.ts`): many rows make several. */
  private reports(rows: readonly ReportRow[]): Body[] {
    const { date } = this.ports.today();
    const parts = Array.from({ length: Math.ceil(rows.length / batchMax) }, (_, part) => part * batchMax);
    return parts.map((from) => ({ type: 'report', v: 1, date, rows: rows.slice(from, from + batchMax) }));
  }
}

/** No other code instead: that is for a person to choose. */
function withoutCode({ key, code }: SendingItem, missing: readonly string[]): ReportRow {
  if (!missing.includes(code)) return { key, event: 'held-back' };
  return { key, event: 'refused', why: `The MIS of this school has no code ${code}.` };
}

function noteFor(mark: Mark, kind: 'kept-theirs' | 'conflict', urgent: boolean): NoteBody {
  return { type: 'note', v: 1, kind, urgent, visit: null, pupil: mark.pupil, detail: `${mark.date} ${mark.session}` };
}
