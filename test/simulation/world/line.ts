/** What leaves the box for the MIS and what comes back: no write but what is wished, on the card and against its latest read. */
import { letterOf, schoolCodes } from '../../../device/demo/codes.ts';
import type { Instant, SendingItem } from '../../../device/domain/record.ts';
import type { Settings } from '../../../device/domain/settings.ts';
import type { Exchange } from '../../../device/mis/wonde/exchange.ts';
import { Violation } from './history.ts';
import type { MisWorld } from './mis.ts';
import * as oracle from './oracle.ts';
import type { Wishes } from './wishes.ts';

interface Read {
  readonly at: number;
  readonly code: string | null;
  readonly changed: string;
}

/** A read is good for a minute (durability.md 21). */
const readMaxMs = 60_000;
/** A write without an answer is not sent again before that, the MIS online (durability.md 20); clocks differ. */
const doubtMs = 14 * 60_000;
const letters = new Map(schoolCodes('full').map((code) => [code.id, letterOf(code)]));

export interface LinePorts {
  readonly now: () => number;
  readonly settings: Settings;
  /** The MIS's id of a pupil, to its key. */
  readonly keyOf: (student: string) => string | undefined;
  readonly mis: MisWorld;
}

export class Line {
  /** Codes that left for a key, ever. */
  readonly written = new Map<string, Set<string>>();
  /** Durable as `sending` in this run, and not on the way yet. `restores`: puts back what stood before ours. */
  private sendable: (SendingItem & { readonly restores: boolean })[] = [];
  private reads = new Map<string, Read>();
  /** The pages of a list of marks so far, and when the first of them came. */
  private pages: { readonly at: number; readonly rows: SeenRow[] } = { at: 0, rows: [] };
  /** Keys whose write may have landed and has not been seen, with the time of sending. Over restarts. */
  private readonly doubts = new Map<string, number>();
  /** Keys that are on the way. */
  private posting: readonly string[] = [];
  private misOnline = true;
  private flights = 0;
  private wishes: Wishes;
  private readonly ports: LinePorts;

  constructor(wishes: Wishes, ports: LinePorts) {
    this.wishes = wishes;
    this.ports = ports;
  }

  /** A run of the daemon has read its records: what was on the way before has gone with the run before. */
  begin(wishes: Wishes): void {
    this.wishes = wishes;
    this.reads = new Map();
    this.sendable = [];
    this.misOnline = true;
    this.flights = 0;
  }

  /** What was undone before it was claimed stays here; the write must leave it out. */
  sending(item: SendingItem, at: Instant): void {
    const wish = this.wishes.wished(item.key);
    const written = this.written.get(item.key) ?? new Set();
    const restores = wish === null && ['N', '/', '\\', 'L'].includes(item.code) && written.size > 0;
    const wished = wish !== null && wish.code === item.code && wish.minutes === item.minutes;
    if (!restores && !wished) return;
    const decided = this.wishes.standing(item.key)?.decided.at;
    const holdMs = this.ports.settings.late.holdSeconds * 1000;
    if (wished && decided?.boot === at.boot && at.mono - decided.mono < holdMs)
      throw new Violation('a mark is held for an undo', `${item.key} after ${at.mono - decided.mono} ms`);
    this.written.set(item.key, written.add(item.code));
    // One before it was held back.
    this.sendable = [...this.sendable.filter(({ key }) => key !== item.key), { ...item, restores }];
  }

  begins(): void {
    this.flights += 1;
    if (this.flights > 1) throw new Violation('one request is on its way at a time', String(this.flights));
  }

  leaves(method: string, body: string | null): void {
    if (method !== 'POST' || body === null) return;
    if (!this.misOnline) throw new Violation('nothing is written while the MIS is offline', body);
    const rows = JSON.parse(body) as { attendance: PostedRow[] };
    if (rows.attendance.length > 50) throw new Violation('a batch is of fifty at most', String(rows.attendance.length));
    this.posting = rows.attendance.map((row) => this.posted(row));
  }

  private posted(row: PostedRow): string {
    const pupil = this.ports.keyOf(row.student_id);
    const key = `${pupil ?? '?'}|${row.date}|${row.session}`;
    const code = letters.get(row.attendance_code_id) ?? '?';
    const told = `${key} ${code} ${row.minutes_late ?? '-'}`;
    const place = this.sendable.findIndex((item) => item.key === key && item.code === code);
    const [item] = place === -1 ? [] : this.sendable.splice(place, 1);
    if (item === undefined) throw new Violation('only what is wished, and on the card as such, is sent', told);
    if ((item.minutes ?? 0) !== (row.minutes_late ?? 0)) throw new Violation('what was decided is sent', told);
    if (row.date > oracle.localOf(this.ports.now()).date) throw new Violation('no wrong date is sent', told);
    const doubtAt = this.doubts.get(key) ?? -Infinity;
    if (this.ports.now() - doubtAt < doubtMs)
      throw new Violation('a write in doubt is not repeated', `${told}: after ${this.ports.now() - doubtAt} ms`);
    // Has left, or has another number, since the last roster: the MIS refuses it, whatever was read.
    if (this.ports.mis.mis.withId(row.student_id) === undefined) return key;
    const read = this.reads.get(key);
    if (read === undefined) throw new Violation('no write against its latest read', `${told}: never read`);
    if (this.ports.now() - read.at > readMaxMs)
      throw new Violation('no write against its latest read', `${told}: read ${this.ports.now() - read.at} ms ago`);
    const wish = this.wishes.wished(key);
    const claim = this.wishes.standing(key);
    const ours = read.code !== null && (this.written.get(key)?.has(read.code) ?? false);
    const mayGo = oracle.mayReplace(read.code, claim?.open ?? false, ours, this.ports.settings);
    const byPerson = wish?.over !== undefined && wish.over === read.code;
    // Undone or changed since it was made durable: it still goes, and is put right after.
    const changed = !item.restores && wish?.code !== code;
    if (!(item.restores ? ours : mayGo) && !byPerson && !changed)
      throw new Violation('no write against its latest read', `${told}: ${read.code ?? '-'} stands there`);
    return key;
  }

  answered(method: string, path: string, exchange: Exchange): void {
    this.flights -= 1;
    // The line was away, nobody knows how long: what was read before it is not what stands now.
    if (exchange.kind !== 'answered') this.reads = new Map();
    if (method === 'POST') for (const key of this.posting) this.ended(key, exchange);
    if (method !== 'GET' || exchange.kind !== 'answered' || exchange.status !== 200) return;
    const json = parsed(exchange.body);
    if (json === null) return;
    if (path.includes('/attendance/session')) this.page(new URL(path, 'https://x').searchParams, json as PageOfMarks);
    if (path.includes('/meta/schools/'))
      this.misOnline = (json as { data?: { online?: boolean } }).data?.online !== false;
  }

  private ended(key: string, exchange: Exchange): void {
    if (mayHaveLanded(exchange)) this.doubts.set(key, this.ports.now());
    else this.doubts.delete(key);
  }

  /** A list is read with the last of its pages, and is as old as the first. */
  private page(query: URLSearchParams, { data, meta }: PageOfMarks): void {
    if (!Array.isArray(data)) return;
    const isFirst = (query.get('cursor') ?? 'true') === 'true' && (query.get('page') ?? '1') === '1';
    if (isFirst) this.pages = { at: this.ports.now(), rows: [] };
    this.pages.rows.push(...(data as readonly SeenRow[]));
    if (!meta?.pagination?.next) this.read(query);
  }

  /** What the box has read last of each mark; it never believes an older one of two. */
  private read(query: URLSearchParams): void {
    const { at, rows: all } = this.pages;
    const [date, session, only] = ['date', 'session', 'student_id'].map((name) => query.get(name) ?? '');
    // A MIS may leave the filters out of account.
    const asked = all.filter((row) => row.session === session && dateOf(row) === date);
    const rows = new Map(asked.map((row) => [row.student, row]));
    for (const [student, key] of this.pupils()) {
      if (only !== '' && only !== student) continue;
      const row = rows.get(student);
      const name = `${key}|${date ?? ''}|${session ?? ''}`;
      const known = this.reads.get(name);
      const changed = row?.updated_at.date ?? '';
      const stale = known !== undefined && row !== undefined && changed < known.changed && known.changed !== '';
      const code = row === undefined ? null : (letters.get(row.attendance_code) ?? '?');
      if (code !== null && this.written.get(name)?.has(code) === true) this.doubts.delete(name);
      this.reads.set(name, {
        at,
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
interface PageOfMarks {
  readonly data?: readonly SeenRow[];
  readonly meta?: { readonly pagination?: { readonly next?: string | null } };
}
interface SeenRow {
  readonly date: string | { readonly date: string };
  readonly student: string;
  readonly session: string;
  readonly attendance_code: string;
  readonly updated_at: { readonly date: string };
}

/** Not known by its answer to have been left undone. */
function mayHaveLanded(exchange: Exchange): boolean {
  switch (exchange.kind) {
    case 'answered':
      return exchange.status >= 500 || exchange.status === 408 || (exchange.status === 200 && !isWhole(exchange.body));
    case 'failed':
      return exchange.left;
    case 'too-big':
      return true;
    case 'unsendable':
      return false;
  }
}
const isWhole = (body: Buffer): boolean => parsed(body) !== null;

const dateOf = ({ date }: SeenRow): string => (typeof date === 'string' ? date : date.date).slice(0, 10);

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
