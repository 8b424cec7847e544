/** The service that all boxes share (`fleet.ts`): so many requests a second, and what it answers of each school. */
import type { Pupil } from '../../device/domain/pupil.ts';
import type { Asked, Connection, Exchange } from '../../device/mis/wonde/exchange.ts';
import type { SimulatedTime } from './simulated-time.ts';

const second = 1_000;
/** Of a request and its answer. */
const latencyMs = 100;
/** From a write to its mark in the register. */
const writeBackMs = 2 * second;
const pageRows = 200;

export interface ServiceOptions {
  /** From the first moment, in which everybody still asks what a box knows before it is cut off, until then nobody answers. */
  readonly outageMs: number;
  readonly requestsASecond: number;
  /** Counts are by so much. */
  readonly stepMs: number;
}

export class Service {
  readonly taken: number[] = [];
  readonly refused: number[] = [];
  private readonly time: SimulatedTime;
  private readonly options: ServiceOptions;
  private readonly seconds = new Map<number, number>();

  constructor(time: SimulatedTime, options: ServiceOptions) {
    this.time = time;
    this.options = options;
  }

  connection(school: FleetSchool): Connection {
    return { exchange: (asked) => this.exchange(asked, school), forget: () => undefined };
  }

  /** It refuses without saying when to come again: how soon that is, is for the box to find. */
  private async exchange(asked: Asked, school: FleetSchool): Promise<Exchange> {
    const now = this.time.mono();
    if (now === 0) return { kind: 'answered', status: 200, headers: {}, body: Buffer.from(school.answer(asked)) };
    await this.time.sleep(latencyMs);
    if (now < this.options.outageMs) return { kind: 'failed', left: false, reused: false, code: 'ECONNREFUSED' };
    const isTaken = this.takes(now);
    const [status, json] = isTaken ? [200, school.answer(asked)] : [429, '{}'];
    return { kind: 'answered', status, headers: {}, body: Buffer.from(json) };
  }

  private takes(now: number): boolean {
    const at = Math.floor(now / second);
    const sofar = this.seconds.get(at) ?? 0;
    const takes = sofar < this.options.requestsASecond;
    if (takes) this.seconds.set(at, sofar + 1);
    const counts = takes ? this.taken : this.refused;
    const step = Math.floor(now / this.options.stepMs);
    counts[step] = (counts[step] ?? 0) + 1;
    return takes;
  }
}

interface Written {
  readonly letter: string;
  readonly comment: string | null;
  readonly minutes: number | null;
  readonly at: number;
}

/** What the service knows of one school: a register that was taken this morning, everybody present but those who came late. */
export class FleetSchool {
  private readonly pupils: readonly Pupil[];
  private readonly missing: ReadonlySet<string>;
  private readonly date: string;
  private readonly taken: string;
  private readonly now: () => number;
  private readonly written = new Map<string, Written>();
  private writes = 0;

  /** `now`: milliseconds since the epoch. */
  constructor(pupils: readonly Pupil[], missing: readonly Pupil[], date: string, now: () => number) {
    this.pupils = pupils;
    this.missing = new Set(missing.map(({ misId }) => misId));
    this.date = date;
    this.taken = `${date} 08:45:00`;
    this.now = now;
  }

  /** JSON. */
  answer({ method, url, body }: Asked): string {
    const [, , ...path] = url.pathname.split('/');
    if (method === 'POST') return this.write(body ?? '{}');
    if (path[0] === 'meta') return '{"data":{"online":true}}';
    if (path[0] === 'writebacks' && path.length === 2) return '{"data":{"status":"complete"}}';
    if (path.at(-1) === 'attendance-codes') return codes;
    if (path.at(-1) === 'session') return this.register(url);
    if (path.length === 2) return '{"data":{"mis":"SIMS"}}';
    throw new Error(`the service of the fleet does not know ${method} ${url.pathname}`);
  }

  /** `cursor`: of the first row of a page; `student_id`: one row. */
  private register(url: URL): string {
    const only = url.searchParams.get('student_id');
    const from = Number(url.searchParams.get('cursor')) || 0;
    const some = only === null ? this.pupils.slice(from, from + pageRows) : [{ misId: only }];
    const isMore = only === null && from + pageRows < this.pupils.length;
    const next = new URL(url);
    next.searchParams.set('cursor', String(from + pageRows));
    const pagination = { more: isMore, next: isMore ? next.href : null };
    const rows = some.map(({ misId }) => this.row(misId));
    return `{"data":[${rows.join()}],"meta":{"pagination":${JSON.stringify(pagination)}}}`;
  }

  private row(misId: string): string {
    const written = this.written.get(misId);
    const isThere = written !== undefined && this.now() - written.at >= writeBackMs;
    const mark = isThere
      ? written
      : { letter: this.missing.has(misId) ? 'N' : '/', comment: null, minutes: null, at: null };
    const at = mark.at === null ? this.taken : timeText(mark.at);
    const text = (value: string | null): string => (value === null ? 'null' : JSON.stringify(value));
    return (
      `{"student_id":"${misId}","date":"${this.date}","session":"AM","attendance_code":"code ${mark.letter}",` +
      `"minutes_late":${String(mark.minutes)},"comment":${text(mark.comment)},"created_at":"${at}","updated_at":"${at}"}`
    );
  }

  private write(body: string): string {
    const { attendance } = JSON.parse(body) as { readonly attendance: readonly Row[] };
    for (const { student_id, attendance_code_id, comment = null, minutes_late = null } of attendance) {
      const letter = attendance_code_id.replace('code ', '');
      this.written.set(student_id, { letter, comment, minutes: minutes_late, at: this.now() });
    }
    this.writes += 1;
    return `{"writeback_id":"W${String(this.writes)}"}`;
  }
}

interface Row {
  readonly student_id: string;
  readonly attendance_code_id: string;
  readonly comment?: string;
  readonly minutes_late?: number;
}

const letters = ['/', 'N', 'L'];
const codes = JSON.stringify({
  data: letters.map((code) => ({ id: `code ${code}`, code, description: code })),
  meta: { pagination: { more: false, next: null } },
});

const timeText = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
