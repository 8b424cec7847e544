/**
 * The MIS and the way to it, in this process: the simulator's own answers and faults (`device/demo`), behind a network with
 * latency and loss before and after the MIS acted. What reaches the MIS, and what of its answers reaches the box, is told to
 * whoever watches.
 */
import { Faults } from '../../../device/demo/faults.ts';
import type { Seeded } from '../../../device/demo/random.ts';
import { RequestLog } from '../../../device/demo/request-log.ts';
import { demoSchool } from '../../../device/demo/school.ts';
import type { DemoPupil } from '../../../device/demo/school.ts';
import type { Simulation } from '../../../device/demo/control.ts';
import { SimulatedMis } from '../../../device/demo/simulated-mis.ts';
import { spoiltAnswer } from '../../../device/demo/spoilt-answer.ts';
import type { SpoiltAnswer } from '../../../device/demo/spoilt-answer.ts';
import type { Asked } from '../../../device/demo/answer.ts';
import type { Connection, Exchange, Asked as Question } from '../../../device/mis/wonde/exchange.ts';
import type { Timers } from '../../../device/system/ports.ts';
import type { Schedule } from './schedule.ts';

export const token = 'a-made-up-token';
export const baseUrl = 'https://wonde.example/v1.0';
const host = 'wonde.example';

/** How the way to the MIS is. `refused`: nobody listens; `black-hole`: nothing comes back, and nothing arrives. */
export type Way = 'open' | 'refused' | 'black-hole';

export interface Watcher {
  /** The box asks, whether it gets through or not; `answered` ends it. */
  begins(): void;
  /** A request leaves the box. */
  leaves(method: string, path: string, body: string | null): void;
  /** A request has reached the MIS and been worked on. */
  arrived(asked: Asked, spoilt: SpoiltAnswer): void;
  /** An answer has reached the box. `exchange` may be a failure. */
  answered(method: string, path: string, exchange: Exchange): void;
}

export class MisWorld {
  readonly mis: SimulatedMis;
  readonly simulation: Simulation;
  way: Way = 'open';
  /** Milliseconds one way, at least and at most. */
  latency: readonly [number, number] = [5, 120];
  /** Shares of requests lost before they arrive, and of answers lost after. */
  loss = { before: 0, after: 0 };
  /** Of a page at most; null: as many as are asked for. */
  rowsMax: number | null = null;
  watcher: Watcher | null = null;
  /** Something of interest has happened: the box may look sooner. */
  onStir = (): void => undefined;
  private readonly schedule: Schedule;
  private readonly chance: Seeded;

  constructor(
    schedule: Schedule,
    chance: Seeded,
    pupils: readonly DemoPupil[],
    delayMs: number,
    closed: readonly string[],
  ) {
    this.schedule = schedule;
    this.chance = chance;
    const school = { ...madeUp(), pupils, deletions: [] };
    const now = (): number => schedule.now;
    this.mis = new SimulatedMis({ school, now, delayMs, closed, saved: null });
    this.simulation = {
      mis: this.mis,
      faults: new Faults(now),
      log: new RequestLog(),
      online: true,
      foreign: () => ({ requests: 0, with_token: 0 }),
    };
  }

  get schoolId(): string {
    return this.mis.school.id;
  }

  /** A line of one run of the daemon: a dead one asks nothing and hears nothing. */
  connection(alive: () => boolean, timers: Timers): Connection {
    return {
      exchange: (asked, signal) => this.exchange(asked, signal, alive, timers),
      forget: () => undefined,
    };
  }

  private exchange(asked: Question, signal: AbortSignal, alive: () => boolean, timers: Timers): Promise<Exchange> {
    return new Promise((resolve) => {
      const path = `${asked.url.pathname}${asked.url.search}`;
      this.watcher?.begins();
      let left = false;
      let settled = false;
      const settle = (end: Exchange): void => {
        if (settled || !alive()) return;
        settled = true;
        cancelDeadline();
        signal.removeEventListener('abort', stop);
        this.watcher?.answered(asked.method, path, end);
        this.onStir();
        resolve(end);
      };
      const fail = (code: string): void => settle({ kind: 'failed', left, reused: false, code });
      const stop = (): void => fail('stopped');
      const cancelDeadline = timers.after(asked.deadlineMs, () => fail('deadline'));
      signal.addEventListener('abort', stop);
      if (signal.aborted) return fail('stopped');
      if (this.way === 'refused') {
        this.schedule.after(this.travel(), () => fail('ECONNREFUSED'));
        return;
      }
      const blackHole = this.way === 'black-hole';
      left = !blackHole || this.chance.next() < 0.5;
      if (left) this.watcher?.leaves(asked.method, path, asked.body);
      if (blackHole || this.chance.next() < this.loss.before) return;
      this.schedule.after(this.travel(), () => this.arrive(asked, settle, fail));
    });
  }

  /** The MIS has it, whether the box still lives or not. */
  private arrive(asked: Question, settle: (end: Exchange) => void, fail: (code: string) => void): void {
    const wire = wireOf(asked, this.rowsMax);
    const spoilt = spoiltAnswer(this.simulation, { mis: this.mis, token, foreign: 'https://elsewhere.example' }, wire);
    this.simulation.log.end();
    this.watcher?.arrived(wire, spoilt);
    if (this.chance.next() < this.loss.after || this.way === 'black-hole') return;
    this.schedule.after(spoilt.waitMs + this.travel(), () => {
      const { answer, ending } = spoilt;
      if (answer === null || ending === 'reset') return fail('ECONNRESET');
      if (ending === 'half') return fail('cut off');
      if (ending === 'tls-alert') return fail('HPE_INVALID_CONSTANT');
      const headers = { date: new Date(this.schedule.now).toUTCString(), ...answer.headers };
      settle({ kind: 'answered', status: answer.status, headers, body: Buffer.from(answer.body) });
    });
  }

  private travel(): number {
    const [least, most] = this.latency;
    return least + this.chance.below(Math.max(1, most - least));
  }
}

/** A server may give fewer rows than it is asked for: then that is what its own links ask for. */
function wireOf({ method, url, headers, body }: Question, rowsMax: number | null): Asked {
  const query = new URLSearchParams(url.searchParams);
  if (rowsMax !== null && query.has('per_page')) query.set('per_page', String(rowsMax));
  return {
    method,
    path: `${url.pathname}${url.search}`,
    pathname: url.pathname.replace(/\/+$/, ''),
    query,
    host,
    headers,
    body: body ?? '',
  };
}

/** Made once: a school of 1,200, of which each world takes a few. */
let whole: ReturnType<typeof demoSchool> | null = null;
export const madeUp = (): ReturnType<typeof demoSchool> => (whole ??= demoSchool());
