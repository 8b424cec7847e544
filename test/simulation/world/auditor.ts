/**
 * Sees every record that the card has, every request that leaves the box and every answer that people get, and throws as soon
 * as something is so that must never be so. Its own small fold says what is wished; its rules are the oracle's.
 */
import { letterOf, schoolCodes } from '../../../device/demo/codes.ts';
import type { Asked } from '../../../device/demo/answer.ts';
import type { SpoiltAnswer } from '../../../device/demo/spoilt-answer.ts';
import type { Instant, Recorded, SendingItem, VerdictBody } from '../../../device/domain/record.ts';
import type { Settings } from '../../../device/domain/settings.ts';
import type { Exchange } from '../../../device/mis/wonde/exchange.ts';
import { Bookkeeper } from '../../support/bookkeeper.ts';
import { Violation } from './history.ts';
import type { History } from './history.ts';
import type { Listener, Machine, Parts, Run } from './machine.ts';
import type { MisWorld, Watcher } from './mis.ts';
import * as oracle from './oracle.ts';
import type { Schedule } from './schedule.ts';

type Of<T extends Recorded['type']> = Extract<Recorded, { readonly type: T }>;

/** What a person or pupil really did, by the true time. */
export interface Deed {
  readonly pupil: string;
  readonly at: number;
  readonly reason: string | null;
}
/** The pupil of a deed where only the box knows whose badge it is. */
export const anybody = '*';
export interface Claim {
  readonly decided: Of<'decided'>;
  readonly movement: Of<'movement'>;
  readonly open: boolean;
}
interface Read {
  readonly at: number;
  readonly code: string | null;
  readonly changed: string;
}

/** A read is good for a minute (durability.md 21). */
const readMaxMs = 60_000;
/** A clock that is set may be off by this much in either direction. */
const clockErrorMs = 60;
const letters = new Map(schoolCodes('full').map((code) => [code.id, letterOf(code)]));

export interface AuditorPorts {
  readonly schedule: Schedule;
  readonly history: History;
  readonly settings: Settings;
  readonly yearOf: (pupil: string) => string | null;
  /** The MIS's id of a pupil, to its key. */
  readonly keyOf: (student: string) => string | undefined;
  /** Called whenever the MIS is asked: pupils may have got other numbers. */
  readonly noteRoll: () => void;
  readonly mis: MisWorld;
}

export class Auditor implements Listener, Watcher {
  machine: Machine | null = null;
  /** Every record that was ever said to be on the card, as text. */
  private mirror = new Map<number, string>();
  /** By number, what the fold has taken. */
  private last = 0;
  private books = new Bookkeeper();
  private run: Run | null = null;
  private journalId: string | null = null;
  /** True time at which each boot began. */
  readonly boots = new Map<string, number>();
  /** By visit: every true deed that may be a movement of it. */
  readonly deeds = new Map<string, Deed[]>();
  /** True times and reasons that staff have set for the pupils who come. */
  readonly holds: { readonly at: number; readonly reason: string }[] = [];
  /** Staff's "it was another pupil": by visit, the others. */
  readonly moved = new Map<string, Set<string>>();

  readonly movements = new Map<string, Of<'movement'>>();
  readonly cancelled = new Set<string>();
  readonly claims = new Map<string, Claim[]>();
  private readonly decidedBy = new Map<string, Of<'decided'>[]>();
  readonly verdicts = new Map<string, { readonly movement: string | null; readonly verdict: VerdictBody['verdict'] }>();
  /** Keys for which a person has ever chosen ours. */
  readonly overruled = new Set<string>();
  /** Keys for which a person has ever left what stands there to the school. */
  readonly kept = new Set<string>();
  /** Codes that left for a key, ever. */
  readonly written = new Map<string, Set<string>>();
  /** Durable as `sending` in this run, and not on the way yet. `restores`: puts back what stood before ours. */
  private sendable: (SendingItem & { readonly restores: boolean })[] = [];
  private reads = new Map<string, Read>();
  private misOnline = true;
  /** Jobs of this run, and what the card says of them. */
  private bytes = 0;
  private startedPrints = 0;
  private readonly returned = new Map<string, string>();
  private readonly badges = new Map<string, string>();
  private readonly ports: AuditorPorts;

  constructor(ports: AuditorPorts) {
    this.ports = ports;
  }

  log(line: string): void {
    this.ports.history.add(this.ports.schedule.now, line);
  }

  // ---- Runs of the daemon ----

  started(run: Run, parts: Parts, records: readonly Recorded[]): void {
    const texts = new Map(records.map((record) => [record.n, JSON.stringify(record)]));
    for (const [n, text] of this.mirror) {
      const now = texts.get(n);
      if (now === text) continue;
      throw new Violation('acknowledged records stay', `${text} is ${now ?? 'gone'} after a restart`);
    }
    this.intact(parts, records);
    const { id } = parts.journal;
    if (this.journalId !== null && this.journalId !== id && this.mirror.size > 0)
      throw new Violation('the journal keeps its identity', `${this.journalId} became ${id}`);
    this.journalId = id;
    this.run = run;
    this.mirror = new Map();
    this.last = 0;
    this.books = new Bookkeeper();
    for (const map of [this.movements, this.claims, this.decidedBy, this.verdicts, this.returned, this.badges])
      map.clear();
    this.cancelled.clear();
    this.reads = new Map();
    this.sendable = [];
    this.misOnline = true;
    for (const record of records) this.take(record, texts.get(record.n) ?? '');
    this.sendable = [];
    this.bytes = 0;
    this.startedPrints = 0;
  }

  /** Nothing here damages what is on the card, so none may be found; and numbers that were once written are used up. */
  private intact({ journal }: Parts, records: readonly Recorded[]): void {
    const damage = journal.opened.faults.find(({ kind }) => kind === 'damage' || kind === 'unreadable');
    if (damage !== undefined) throw new Violation('no damage is found where there is none', JSON.stringify(damage));
    const run = records.findLast(({ type }) => type === 'run');
    const stated = this.machine?.stated ?? 0;
    if (run !== undefined && run.n <= stated)
      throw new Violation('numbers are given once', `${run.n} is given, and ${stated} stood on the card`);
  }

  durable(run: Run, records: readonly Recorded[]): void {
    if (run !== this.run) throw new Violation('a dead run is silent', `run ${run.number} has stored something`);
    for (const record of records) {
      const text = JSON.stringify(record);
      this.log(text);
      this.take(record, text);
    }
  }

  ended(run: Run, how: 'stop' | 'kill' | 'cut'): void {
    this.log(`run ${run.number} ended: ${how}`);
  }

  booted(boot: string, began: number): void {
    this.boots.set(boot, began);
    this.log(`boot ${boot}`);
  }

  // ---- People ----

  acknowledged(movement: string): void {
    if (!this.movements.has(movement))
      throw new Violation('acknowledged records stay', `${movement} is not on the card`);
  }
  acknowledgedUndo(movement: string): void {
    if (!this.cancelled.has(movement))
      throw new Violation('acknowledged records stay', `the undo of ${movement} is not on the card`);
  }
  acknowledgedReturn(visit: string): void {
    for (const { kind, visit: own } of this.movements.values()) if (kind === 'return' && own === visit) return;
    throw new Violation('acknowledged records stay', `the return of ${visit} is not on the card`);
  }
  movedTo(visit: string, pupil: string): void {
    this.moved.set(visit, (this.moved.get(visit) ?? new Set()).add(pupil));
  }

  // ---- Records ----

  private take(record: Recorded, text: string): void {
    if (record.n <= this.last) throw new Violation('numbers are given once', `${record.n} came after ${this.last}`);
    this.last = record.n;
    this.mirror.set(record.n, text);
    try {
      this.books.take(record);
    } catch (error) {
      throw new Violation('the sum adds up', error instanceof Error ? error.message : 'no');
    }
    switch (record.type) {
      case 'movement':
        return this.moving(record);
      case 'decided':
        return this.decided(record);
      case 'correction':
        this.cancelled.add(record.movement);
        return this.undoneReturn(record.movement);
      case 'verdict':
        // Trying again and ticking off change nothing of what is wished.
        if (record.verdict.kind === 'retry' || record.verdict.kind === 'cleared') return;
        (record.verdict.kind === 'write' ? this.overruled : this.kept).add(record.key);
        this.verdicts.set(record.key, {
          movement: this.standing(record.key)?.movement.ref ?? null,
          verdict: record.verdict,
        });
        return;
      case 'sending':
        for (const item of record.items) this.sending(item, record.at);
        return;
      case 'roster':
        if (record.outcome === 'accepted' && record.by === null && record.pupils * 3 <= record.before * 2)
          throw new Violation('a roster that shrank waits for a person', JSON.stringify(record));
        return;
      case 'print':
        if (record.state === 'started') this.startedPrints += 1;
        return;
      case 'badge':
        return this.issued(record);
      default:
        return;
    }
  }

  /** The true time of an instant: elapsed time of a boot is exact. */
  trueOf({ boot, mono }: Instant): number {
    const began = this.boots.get(boot);
    if (began === undefined) throw new Violation('instants are of a boot', boot);
    return began + mono;
  }

  private moving(record: Of<'movement'>): void {
    this.movements.set(record.ref, record);
    const at = this.trueOf(record.touch);
    const deeds = this.deeds.get(record.visit) ?? [];
    const isDeed = deeds.some((deed) => Math.abs(deed.at - at) <= 2);
    const isHeld = record.kind === 'late-arrival' && this.holds.some((hold) => Math.abs(hold.at - at) <= 2);
    if (!isDeed && !isHeld)
      throw new Violation(
        'movements are as they happened',
        `${record.ref}: nobody did that at ${new Date(at).toISOString()}`,
      );
    if (record.pupil === null) return;
    const pupils = [...deeds.map(({ pupil }) => pupil), ...(this.moved.get(record.visit) ?? [])];
    if (!pupils.includes(record.pupil) && !pupils.includes(anybody))
      throw new Violation('movements are as they happened', `${record.ref}: another pupil`);
    const { latest, earliest } = record.touch;
    if (latest !== null && (earliest > at + clockErrorMs || latest < at - clockErrorMs))
      throw new Violation('a sure time is right', `${record.ref}: ${earliest} to ${latest}, and it was ${at}`);
    if (record.departure !== undefined) {
      const other = this.returned.get(record.departure);
      if (other !== undefined) throw new Violation('no badge is accepted twice', `${record.ref} and ${other}`);
      this.returned.set(record.departure, record.ref);
    }
  }

  private undoneReturn(ref: string): void {
    for (const [departure, back] of this.returned) if (back === ref) this.returned.delete(departure);
  }

  private issued({ id, date, ref }: Of<'badge'>): void {
    const other = this.badges.get(`${date} ${id}`);
    if (other !== undefined) throw new Violation('badge IDs are given once', `${ref} and ${other} are ${id}`);
    this.badges.set(`${date} ${id}`, ref);
  }

  /** What was decided is what the rules say of what really happened; near a boundary a clock may be a little off. */
  private decided(record: Of<'decided'>): void {
    const movement = this.movements.get(record.movement);
    if (movement === undefined) throw new Violation('decisions are of movements', record.movement);
    const at = this.trueOf(movement.touch);
    const rulings = [0, clockErrorMs, -clockErrorMs].flatMap((error) => this.rulings(record, movement, at + error));
    const { date, session, want } = record;
    const doubtMs = Math.max(0, at - movement.touch.earliest);
    const ruling = rulings.find((one) => one.date === date && sameWant(one, session, want, doubtMs));
    if (ruling === undefined) {
      const due = JSON.stringify(rulings);
      throw new Violation(
        'decisions are what the rules say',
        `${record.ref} ${JSON.stringify({ date, session, want })}, not ${due}`,
      );
    }
    const before = this.decidedBy.get(record.movement) ?? [];
    if (before.some((one) => one.outcome === record.outcome && one.session === session && one.date === date))
      throw new Violation('decided once', record.ref);
    this.decidedBy.set(record.movement, [...before, record]);
    if (session === null || want.kind === 'none') return;
    const key = `${record.pupil}|${date}|${session}`;
    const claims = [...(this.claims.get(key) ?? []), { decided: record, movement, open: ruling.open }];
    const rank = ({ decided }: Claim): number => (decided.outcome === 'still-out' ? 1 : 0);
    this.claims.set(
      key,
      claims.sort((one, other) => rank(one) - rank(other) || one.decided.n - other.decided.n),
    );
  }

  private rulings(record: Of<'decided'>, movement: Of<'movement'>, at: number): readonly oracle.Ruling[] {
    const { settings } = this.ports;
    const pupil = { yearGroup: this.ports.yearOf(record.pupil) };
    switch (movement.kind) {
      case 'late-arrival':
        return [oracle.arrival(at, pupil, movement.reason, movement.forRegistration ?? false, settings)];
      case 'early-departure': {
        if (record.outcome !== 'still-out')
          return [{ date: oracle.localOf(at).date, session: null, want: null, open: false }];
        const now = Math.min(this.ports.schedule.now + clockErrorMs, this.trueOf(record.at) + clockErrorMs);
        return oracle.missed(at, now, pupil, movement.reason, settings);
      }
      case 'return': {
        const departure = this.movements.get(movement.departure ?? '');
        if (departure === undefined) return [];
        const leftAt = this.trueOf(departure.touch);
        if (record.outcome === 'still-out') return oracle.missed(leftAt, at, pupil, departure.reason, settings);
        return [oracle.back(leftAt, at, pupil, departure.reason, movement.reason !== 'no-badge', settings)];
      }
    }
  }

  /** The claim that decides: the earliest movement that stands. */
  standing(key: string): Claim | null {
    return this.claims.get(key)?.find(({ movement }) => !this.cancelled.has(movement.ref)) ?? null;
  }

  /** What is wished for a key by now; null: nothing is. */
  wished(
    key: string,
  ): { readonly code: string; readonly minutes: number | null; readonly over: string | null | undefined } | null {
    const claim = this.standing(key);
    if (claim === null) return null;
    const said = this.verdicts.get(key);
    if (
      said?.movement === claim.movement.ref &&
      (said.verdict.kind === 'keep-theirs' || said.verdict.kind === 'withdraw')
    )
      return null;
    if (said?.movement === claim.movement.ref && said.verdict.kind === 'write') {
      const { code, minutes, seen } = said.verdict;
      return { code, minutes, over: seen };
    }
    const { want } = claim.decided;
    return want.kind === 'mark' ? { code: want.code, minutes: want.minutes, over: undefined } : null;
  }

  /** What was undone before it was claimed stays here; the write must leave it out. */
  private sending(item: SendingItem, at: Instant): void {
    const wish = this.wished(item.key);
    const written = this.written.get(item.key) ?? new Set();
    const restores = wish === null && ['N', '/', '\\', 'L'].includes(item.code) && written.size > 0;
    const wished = wish !== null && wish.code === item.code && wish.minutes === item.minutes;
    if (!restores && !wished) return;
    const decided = this.standing(item.key)?.decided.at;
    const holdMs = this.ports.settings.late.holdSeconds * 1000;
    if (wished && decided?.boot === at.boot && at.mono - decided.mono < holdMs)
      throw new Violation('a mark is held for an undo', `${item.key} after ${at.mono - decided.mono} ms`);
    this.written.set(item.key, written.add(item.code));
    this.sendable.push({ ...item, restores });
  }

  /** The first byte of a badge leaves for the printer. */
  byte(): void {
    this.bytes += 1;
    if (this.bytes > this.startedPrints)
      throw new Violation(
        'print started is on the card before the first byte',
        `${this.bytes} jobs, ${this.startedPrints} records`,
      );
  }

  // ---- The line ----

  leaves(method: string, path: string, body: string | null): void {
    this.log(`> ${method} ${path}${body === null ? '' : ` ${body}`}`);
    if (method !== 'POST' || body === null) return;
    if (!this.misOnline) throw new Violation('nothing is written while the MIS is offline', body);
    const rows = JSON.parse(body) as { attendance: PostedRow[] };
    if (rows.attendance.length > 50) throw new Violation('a batch is of fifty at most', String(rows.attendance.length));
    for (const row of rows.attendance) this.posted(row);
  }

  private posted(row: PostedRow): void {
    const pupil = this.ports.keyOf(row.student_id);
    const key = `${pupil ?? '?'}|${row.date}|${row.session}`;
    const code = letters.get(row.attendance_code_id) ?? '?';
    const told = `${key} ${code} ${row.minutes_late ?? '-'}`;
    const place = this.sendable.findIndex((item) => item.key === key && item.code === code);
    const [item] = place === -1 ? [] : this.sendable.splice(place, 1);
    if (item === undefined) throw new Violation('only what is wished, and on the card as such, is sent', told);
    if ((item.minutes ?? 0) !== (row.minutes_late ?? 0)) throw new Violation('what was decided is sent', told);
    if (row.date > oracle.localOf(this.ports.schedule.now).date) throw new Violation('no wrong date is sent', told);
    // Has left, or has another number, since the last roster: the MIS refuses it, whatever was read.
    if (this.ports.mis.mis.withId(row.student_id) === undefined) return;
    const read = this.reads.get(key);
    if (read === undefined) throw new Violation('no write against its latest read', `${told}: never read`);
    if (this.ports.schedule.now - read.at > readMaxMs)
      throw new Violation(
        'no write against its latest read',
        `${told}: read ${this.ports.schedule.now - read.at} ms ago`,
      );
    const wish = this.wished(key);
    const claim = this.standing(key);
    const ours = read.code !== null && (this.written.get(key)?.has(read.code) ?? false);
    const mayGo = oracle.mayReplace(read.code, claim?.open ?? false, ours, this.ports.settings);
    const byPerson = wish?.over !== undefined && wish.over === read.code;
    // Undone or changed since it was made durable: it still goes, and is put right after.
    const changed = !item.restores && wish?.code !== code;
    if (!(item.restores ? ours : mayGo) && !byPerson && !changed)
      throw new Violation('no write against its latest read', `${told}: ${read.code ?? '-'} stands there`);
  }

  arrived(asked: Asked, spoilt: SpoiltAnswer): void {
    this.ports.noteRoll();
    this.log(`@ ${asked.method} ${asked.path} ${spoilt.answer?.status ?? '-'} ${spoilt.ending} ${spoilt.waitMs}`);
  }

  answered(method: string, path: string, exchange: Exchange): void {
    const told = exchange.kind === 'answered' ? `${exchange.status} ${exchange.body.length}` : JSON.stringify(exchange);
    this.log(`< ${method} ${path} ${told}`);
    if (method !== 'GET' || exchange.kind !== 'answered' || exchange.status !== 200) return;
    const json = parsed(exchange.body);
    if (json === null) return;
    if (path.includes('/attendance/session')) this.read(path, json);
    if (path.includes('/meta/schools/'))
      this.misOnline = (json as { data?: { online?: boolean } }).data?.online !== false;
  }

  /** What the box has read last of each mark; it never believes an older one of two. */
  private read(path: string, json: unknown): void {
    const { data } = json as { data?: SeenRow[] };
    if (!Array.isArray(data)) return;
    const { searchParams } = new URL(path, 'https://x');
    const [date, session, only] = ['date', 'session', 'student_id'].map((name) => searchParams.get(name) ?? '');
    const rows = new Map(data.filter((row) => row.session === session).map((row) => [row.student, row]));
    for (const [student, key] of this.pupils()) {
      if (only !== '' && only !== student) continue;
      const row = rows.get(student);
      const name = `${key}|${date ?? ''}|${session ?? ''}`;
      const known = this.reads.get(name);
      const changed = row?.updated_at.date ?? '';
      const stale = known !== undefined && row !== undefined && changed < known.changed && known.changed !== '';
      const code = row === undefined ? null : (letters.get(row.attendance_code) ?? '?');
      this.reads.set(name, {
        at: this.ports.schedule.now,
        code: stale ? known.code : code,
        changed: stale ? known.changed : changed,
      });
    }
  }

  private *pupils(): Generator<readonly [string, string]> {
    for (const { id, upi } of this.ports.mis.mis.onRoll()) yield [id, upi];
  }
}

interface PostedRow {
  readonly date: string;
  readonly session: string;
  readonly student_id: string;
  readonly attendance_code_id: string;
  readonly minutes_late?: number;
}
interface SeenRow {
  readonly student: string;
  readonly session: string;
  readonly attendance_code: string;
  readonly updated_at: { readonly date: string };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

/** Minutes late count from the earlier end of what is known of the time: nobody is written later than they surely were. */
/** Minutes may be fewer by what the box could not know of the time: date, session and side are decided, minutes count from the earliest. */
function sameWant(
  ruling: oracle.Ruling,
  session: string | null,
  want: Of<'decided'>['want'],
  doubtMs: number,
): boolean {
  if (want.kind === 'none' || ruling.want === null) return want.kind === 'none' && ruling.want === null;
  const { kind, code, minutes } = ruling.want;
  const fewer = (minutes ?? 0) - (want.minutes ?? 0);
  const sameMinutes =
    (minutes === null) === (want.minutes === null) && fewer >= 0 && fewer * 60_000 <= doubtMs + 60_000;
  return ruling.session === session && kind === want.kind && code === want.code && sameMinutes;
}
